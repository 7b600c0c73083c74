"""Why a selection, a plan or a batch was not made. Each leaves everything as it was; reason is for the person."""

from licensing.wording import Sentence


class BulkRefused(Exception):
    """What was asked for cannot be done with these rows."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(str(reason))
        self.reason = reason


class NothingSelected(BulkRefused):
    """There is no row to do anything with."""


class TooManyRows(BulkRefused):
    """A batch has a limit, which the reason names."""


class PlanOutdated(BulkRefused):
    """What the page showed is no longer what would be done: the plan must be shown, or calculated, again."""
