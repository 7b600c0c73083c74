"""The words of the eight commands, exactly as the product has them (product.md, Dialogs and messages)."""

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from licensing.states import CommandKind

_YES = _l("Yes")
_NO = _l("No")
_CANCEL = _l("Cancel")
_ACTIVE_UNTIL = _l("* License will be active until the end of the month.")


@dataclass(frozen=True, slots=True)
class Words:
    """What a command's dialog says. do sends it and leave closes; mark is the class of the button that sends."""

    title: LazyString
    success: LazyString
    question: LazyString | str = ""
    hint: LazyString | str = ""
    do: LazyString = _YES
    leave: LazyString = _NO
    mark: str = "primary"


WORDS = {
    CommandKind.CREATE: Words(title=_l("Create"), success=_l("Successfully Create License.")),
    CommandKind.SOFT_CANCEL: Words(
        title=_l("Soft Cancel"),
        question=_l("Are you sure you want to do Soft Cancel?"),
        hint=_ACTIVE_UNTIL,
        success=_l("Successfully Soft Cancel License."),
    ),
    CommandKind.HARD_CANCEL: Words(
        title=_l("Hard Cancel"),
        question=_l("Are you sure you want to do Hard Cancel?"),
        hint=_ACTIVE_UNTIL,
        success=_l("Successfully Hard Cancel License."),
        mark="solid-red",
    ),
    CommandKind.RENEW: Words(
        title=_l("Renew Product"),
        question=_l("Are you sure you want to do Renew product?"),
        hint=_l("* For Unlimited ExpirationDate leave blank Date field."),
        success=_l("Successfully Renew Product License."),
    ),
    CommandKind.RECREATE: Words(
        title=_l("Recreate"), success=_l("Successfully Recreate."), do=_l("Recreate"), leave=_CANCEL
    ),
    CommandKind.MODIFY_ATTRIBUTES: Words(
        title=_l("Modify Attributes"),
        success=_l("Successfully Modify Attributes."),
        do=_l("Modify Attributes"),
        leave=_CANCEL,
    ),
    CommandKind.MODIFY_QUANTITY: Words(
        title=_l("Modify Quantity"),
        success=_l("Successfully Modify Quantity."),
        do=_l("ModifyQuantity"),
        leave=_CANCEL,
    ),
    CommandKind.REDUCE: Words(
        title=_l("Reduce Expiration Date"),
        question=_l("Are you sure you want to do Reduce Expiration Date?"),
        hint=_l("* The new expiration date must be before the current exp.date."),
        success=_l("Successfully Reduce License Expiration Date."),
    ),
}

# These unlock the page's own panels; the others ask in a dialog.
UNLOCKING = frozenset({CommandKind.RECREATE, CommandKind.MODIFY_ATTRIBUTES})
BUTTON_MARKS = {CommandKind.HARD_CANCEL: "red", CommandKind.RENEW: "green"}
