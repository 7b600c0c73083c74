"""Why a write was not done: each names what cannot be done, in words for the person who asked."""

from models import Customer, Subscription


class NotFound(LookupError):
    """No such row exists for the actor: a foreign row and a missing one are the same."""


class FieldRefused(ValueError):
    """A value cannot be taken: field names the form's field, the message says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


class CommandRefused(Exception):
    """Our own rules forbid the command; nothing was sent and nothing changed. field is the form's field at fault."""

    def __init__(self, reason: str, *, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


class VersionConflict(Exception):
    """Somebody else changed the subscription since the form was shown; current is how it stands now."""

    def __init__(self, current: Subscription) -> None:
        super().__init__("changed by somebody else meanwhile")
        self.current = current


class CustomerTwin(Exception):
    """A new customer's name equals an existing one's but for case and accents: the person must say which is meant."""

    def __init__(self, twin: Customer) -> None:
        super().__init__(twin.company_name)
        self.twin = twin
