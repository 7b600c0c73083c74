"""Why a command is refused, in words: the table of domain.md (Life cycle), cell by cell.

Which cell applies is decided in lifecycle.py; here are the reasons only.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from licensing.states import CommandKind, LicenceState
from licensing.wording import Sentence, translatable


class RefusalCode(StrEnum):
    """The reasons, for counting and for tests; the sentence says the same in words."""

    PENDING = "pending"
    FAILED = "failed"
    ORDERED_ALREADY = "ordered_already"
    OPEN_COMMAND = "open_command"
    ALREADY_CANCELLED = "already_cancelled"
    CANCELLED = "cancelled"
    ENDED = "ended"
    EXPIRED = "expired"
    ACTIVE = "active"
    UNLIMITED = "unlimited"
    NO_LEGAL_DATE = "no_legal_date"
    NO_PRICE = "no_price"
    QUANTITY_MISSING = "quantity_missing"
    QUANTITY_OUTSIDE_BANDS = "quantity_outside_bands"
    SAME_QUANTITY = "same_quantity"
    DATE_MISSING = "date_missing"
    DATE_NOT_FIRST = "date_not_first"
    DATE_TOO_EARLY = "date_too_early"
    DATE_TOO_LATE = "date_too_late"
    DETAILS_MISSING = "details_missing"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command may not be sent. field_name is the form field at fault, empty where no value can help."""

    code: RefusalCode
    reason: Sentence
    field_name: str = ""

    def __str__(self) -> str:
        return str(self.reason)


@dataclass(frozen=True, slots=True)
class OpenCommand:
    """The command of the same licence whose outcome is not settled yet; requested_at is when a person asked for it."""

    kind: CommandKind
    requested_at: datetime


_Cell = tuple[RefusalCode, str]

_RUNNING_CANCEL: _Cell = (
    RefusalCode.ALREADY_CANCELLED,
    translatable("%(command)s: already cancelled, use ends on %(ends_on)s."),
)
_CANCEL_ENDED: _Cell = (
    RefusalCode.ENDED,
    translatable("%(command)s: the licence ended on %(ends_on)s after a cancellation."),
)
_CANCEL_EXPIRED: _Cell = (RefusalCode.EXPIRED, translatable("%(command)s: the licence expired on %(ends_on)s."))
_RECREATE_ACTIVE: _Cell = (
    RefusalCode.ACTIVE,
    translatable("%(command)s is for a cancelled or expired subscription."),
)
_ATTRIBUTES_ENDED: _Cell = (
    RefusalCode.ENDED,
    translatable("%(command)s: the licence ended on %(ends_on)s after a cancellation, use Recreate."),
)
_ATTRIBUTES_EXPIRED: _Cell = (
    RefusalCode.EXPIRED,
    translatable("%(command)s: the licence expired on %(ends_on)s, use Recreate."),
)
_QUANTITY_CANCELLED: _Cell = (
    RefusalCode.CANCELLED,
    translatable("%(command)s: cancelled, use ends on %(ends_on)s; use Recreate with the new quantity."),
)
_QUANTITY_ENDED: _Cell = (
    RefusalCode.ENDED,
    translatable(
        "%(command)s: the licence ended on %(ends_on)s after a cancellation, use Recreate with the new quantity."
    ),
)
_QUANTITY_EXPIRED: _Cell = (
    RefusalCode.EXPIRED,
    translatable("%(command)s: the licence expired on %(ends_on)s, use Recreate with the new quantity."),
)
_REDUCE_CANCELLED: _Cell = (
    RefusalCode.CANCELLED,
    translatable("%(command)s is for an active licence; this one is cancelled, use ends on %(ends_on)s."),
)
_REDUCE_ENDED: _Cell = (
    RefusalCode.ENDED,
    translatable("%(command)s is for an active licence; this one ended on %(ends_on)s after a cancellation."),
)
_REDUCE_EXPIRED: _Cell = (
    RefusalCode.EXPIRED,
    translatable("%(command)s is for an active licence; this one expired on %(ends_on)s."),
)

# A pair that is not listed is allowed as far as the state goes.
FORBIDDEN: dict[tuple[CommandKind, LicenceState], _Cell] = {
    (CommandKind.SOFT_CANCEL, LicenceState.SOFT_CANCELLED): _RUNNING_CANCEL,
    (CommandKind.SOFT_CANCEL, LicenceState.HARD_CANCELLED): _RUNNING_CANCEL,
    (CommandKind.SOFT_CANCEL, LicenceState.CANCELLED_ENDED): _CANCEL_ENDED,
    (CommandKind.SOFT_CANCEL, LicenceState.EXPIRED): _CANCEL_EXPIRED,
    (CommandKind.HARD_CANCEL, LicenceState.HARD_CANCELLED): _RUNNING_CANCEL,
    (CommandKind.HARD_CANCEL, LicenceState.CANCELLED_ENDED): _CANCEL_ENDED,
    (CommandKind.HARD_CANCEL, LicenceState.EXPIRED): _CANCEL_EXPIRED,
    (CommandKind.RECREATE, LicenceState.ACTIVE): _RECREATE_ACTIVE,
    (CommandKind.MODIFY_ATTRIBUTES, LicenceState.CANCELLED_ENDED): _ATTRIBUTES_ENDED,
    (CommandKind.MODIFY_ATTRIBUTES, LicenceState.EXPIRED): _ATTRIBUTES_EXPIRED,
    (CommandKind.MODIFY_QUANTITY, LicenceState.SOFT_CANCELLED): _QUANTITY_CANCELLED,
    (CommandKind.MODIFY_QUANTITY, LicenceState.HARD_CANCELLED): _QUANTITY_CANCELLED,
    (CommandKind.MODIFY_QUANTITY, LicenceState.CANCELLED_ENDED): _QUANTITY_ENDED,
    (CommandKind.MODIFY_QUANTITY, LicenceState.EXPIRED): _QUANTITY_EXPIRED,
    (CommandKind.REDUCE, LicenceState.SOFT_CANCELLED): _REDUCE_CANCELLED,
    (CommandKind.REDUCE, LicenceState.HARD_CANCELLED): _REDUCE_CANCELLED,
    (CommandKind.REDUCE, LicenceState.CANCELLED_ENDED): _REDUCE_ENDED,
    (CommandKind.REDUCE, LicenceState.EXPIRED): _REDUCE_EXPIRED,
}
