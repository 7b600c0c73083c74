"""Why rows of a plan are left out, in words for a whole group of rows, and what a person can do instead."""

from enum import StrEnum

from licensing.refusals import RefusalCode
from licensing.states import CommandKind
from licensing.wording import Sentence, translatable


class BulkReason(StrEnum):
    """Reasons beside those of RefusalCode: why a row is not eligible, or was set aside when the batch started."""

    SAME_DETAILS = "same_details"
    OUTCOME_UNKNOWN = "outcome_unknown"
    CHANGED = "changed"
    DETAILS_CHANGED = "details_changed"


# What stands in the table of reasons, and what a person can do instead; by code, for the whole group of rows.
_LABELS: dict[str, str] = {
    RefusalCode.PENDING: translatable("Pending: the order is not answered yet"),
    RefusalCode.FAILED: translatable("Failed: nothing exists at the vendor"),
    RefusalCode.OPEN_COMMAND: translatable("A command is on its way"),
    BulkReason.OUTCOME_UNKNOWN: translatable("Outcome of an earlier command is unknown"),
    RefusalCode.ALREADY_CANCELLED: translatable("Already cancelled, use has not ended yet"),
    RefusalCode.CANCELLED: translatable("Cancelled, use has not ended yet"),
    RefusalCode.ENDED: translatable("Ended after a cancellation"),
    RefusalCode.EXPIRED: translatable("Expired"),
    RefusalCode.UNLIMITED: translatable("Unlimited: nothing to renew"),
    RefusalCode.NO_LEGAL_DATE: translatable("No earlier date is possible"),
    RefusalCode.NO_PRICE: translatable("No prices this month"),
    RefusalCode.QUANTITY_OUTSIDE_BANDS: translatable("Outside the volume bands"),
    RefusalCode.SAME_QUANTITY: translatable("Has this quantity already"),
    RefusalCode.DATE_TOO_EARLY: translatable("The month is too early"),
    RefusalCode.DATE_TOO_LATE: translatable("The month is too late"),
    BulkReason.SAME_DETAILS: translatable("Has these details already"),
    BulkReason.CHANGED: translatable("Changed since the plan"),
    BulkReason.DETAILS_CHANGED: translatable("The customer's details changed since the plan"),
}
_WAIT = translatable("Wait for the answer")
_RECREATE = translatable("Recreate with the new quantity")
_OTHER_MONTH = translatable("Another month")
_INSTEAD: dict[str, str] = {
    RefusalCode.PENDING: _WAIT,
    RefusalCode.OPEN_COMMAND: _WAIT,
    BulkReason.OUTCOME_UNKNOWN: translatable("Settle it under Requests"),
    RefusalCode.FAILED: translatable("Order again"),
    RefusalCode.UNLIMITED: translatable("Reduce sets a date"),
    RefusalCode.QUANTITY_OUTSIDE_BANDS: translatable("Another quantity"),
    RefusalCode.DATE_TOO_EARLY: _OTHER_MONTH,
    RefusalCode.DATE_TOO_LATE: _OTHER_MONTH,
    BulkReason.CHANGED: translatable("Retry plans it again"),
    BulkReason.DETAILS_CHANGED: translatable("Retry plans it again"),
}
_INSTEAD_OF: dict[tuple[CommandKind, str], str] = {
    (CommandKind.MODIFY_QUANTITY, RefusalCode.CANCELLED): _RECREATE,
    (CommandKind.MODIFY_QUANTITY, RefusalCode.ENDED): _RECREATE,
    (CommandKind.MODIFY_QUANTITY, RefusalCode.EXPIRED): translatable("Recreate or Renew"),
    (CommandKind.MODIFY_ATTRIBUTES, RefusalCode.ENDED): translatable("Recreate"),
    (CommandKind.MODIFY_ATTRIBUTES, RefusalCode.EXPIRED): translatable("Recreate"),
    (CommandKind.REDUCE, RefusalCode.CANCELLED): translatable("Renew with the new date"),
    (CommandKind.REDUCE, RefusalCode.ENDED): translatable("Renew with the new date"),
    (CommandKind.REDUCE, RefusalCode.EXPIRED): translatable("Renew with the new date"),
}


def reason_label(code: str) -> Sentence:
    """A whole group of rows in a few words, without the values of one row."""
    return Sentence(_LABELS.get(code, code))


def use_instead(kind: CommandKind, code: str) -> Sentence | None:
    """What a person can do for rows left out for that reason; None where nothing is to be done."""
    template = _INSTEAD_OF.get((kind, code)) or _INSTEAD.get(code)
    return None if template is None else Sentence(template)
