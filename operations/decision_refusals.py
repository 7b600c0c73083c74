"""Why a person's decision about a parked or queued command, a hold or a case was not carried out."""

from licensing.wording import Sentence
from models import Command


class DecisionRefused(Exception):
    """The decision cannot be taken as things stand; nothing changed. reason is for the person who decided."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(str(reason))
        self.reason = reason


class AlreadyDecided(Exception):
    """The command has moved on since the page was shown, by somebody else or by a second click; current is it now."""

    def __init__(self, current: Command) -> None:
        super().__init__(current.state)
        self.current = current
