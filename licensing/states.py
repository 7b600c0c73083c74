"""The words of the life cycle: command kinds, command states and the moves between them.

Nothing here decides anything about a licence; that is lifecycle.py.
"""

from enum import StrEnum


class CommandKind(StrEnum):
    """The eight commands of the product; the value is the word shown and exported."""

    CREATE = "Create"
    SOFT_CANCEL = "SoftCancel"
    HARD_CANCEL = "HardCancel"
    RENEW = "Renew"
    RECREATE = "Recreate"
    MODIFY_ATTRIBUTES = "ModifyAttributes"
    MODIFY_QUANTITY = "ModifyQuantity"
    REDUCE = "Reduce"


class CommandState(StrEnum):
    """Where one request to the vendor stands."""

    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    PARKED = "parked"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    CLOSED = "closed"


OPEN_STATES = (CommandState.QUEUED, CommandState.SENDING, CommandState.UNKNOWN, CommandState.PARKED)

# Architecture, "The path of a command", 4: a command moves along these edges only.
TRANSITIONS: dict[CommandState, frozenset[CommandState]] = {
    CommandState.SCHEDULED: frozenset({CommandState.QUEUED, CommandState.CANCELLED}),
    CommandState.QUEUED: frozenset({CommandState.SENDING, CommandState.CANCELLED, CommandState.REJECTED}),
    CommandState.SENDING: frozenset(
        {CommandState.CONFIRMED, CommandState.REJECTED, CommandState.UNKNOWN, CommandState.QUEUED}
    ),
    CommandState.UNKNOWN: frozenset(
        {CommandState.CONFIRMED, CommandState.REJECTED, CommandState.QUEUED, CommandState.PARKED}
    ),
    CommandState.PARKED: frozenset({CommandState.CONFIRMED, CommandState.QUEUED, CommandState.CLOSED}),
    CommandState.CONFIRMED: frozenset(),
    CommandState.REJECTED: frozenset(),
    CommandState.CANCELLED: frozenset(),
    CommandState.CLOSED: frozenset(),
}


class OrderState(StrEnum):
    """What became of the Create of a subscription."""

    PENDING = "pending"
    LIVE = "live"
    FAILED = "failed"


class CancelKind(StrEnum):
    """Which cancel set the cancellation date."""

    SOFT = "soft"
    HARD = "hard"


class LicenceState(StrEnum):
    """The derived state of a licence at one instant (domain.md, Life cycle)."""

    PENDING = "pending"
    FAILED = "failed"
    ACTIVE = "active"
    SOFT_CANCELLED = "soft_cancelled"
    HARD_CANCELLED = "hard_cancelled"
    CANCELLED_ENDED = "cancelled_ended"
    EXPIRED = "expired"


class DriftKind(StrEnum):
    """In what a licence here and the vendor's state of it differ."""

    MISSING_HERE = "missing here"
    MISSING_THERE = "missing there"
    QUANTITY = "quantity"
    EXPIRATION = "expiration"
    CANCELLATION = "cancellation"
    STATUS = "status"
    DETAILS = "details"
