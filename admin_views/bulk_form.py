"""The form of a bulk command: what can be chosen, what was typed, and the command in the product's words."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.customer_fields import detail_label
from admin_views.figures import number
from admin_views.typed_values import typed_month, typed_quantity
from licensing.bulk import BULK_FIELDS, BULK_KINDS, BulkCommand, QuantityChange
from licensing.states import CommandKind
from operations.countries import countries

CHANGE_LABELS = {
    QuantityChange.SET_TO: _l("Set to"),
    QuantityChange.INCREASE_BY: _l("Increase by"),
    QuantityChange.DECREASE_BY: _l("Decrease by"),
    QuantityChange.PERCENT: _l("percent"),
}
QUESTIONS = {
    CommandKind.SOFT_CANCEL: _l("Are you sure you want to do Soft Cancel?"),
    CommandKind.HARD_CANCEL: _l("Are you sure you want to do Hard Cancel?"),
    CommandKind.RENEW: _l("Are you sure you want to do Renew product?"),
    CommandKind.REDUCE: _l("Are you sure you want to do Reduce Expiration Date?"),
    CommandKind.MODIFY_QUANTITY: _l("Are you sure you want to do Modify Quantity?"),
    CommandKind.MODIFY_ATTRIBUTES: _l("Are you sure you want to do Modify Attributes?"),
}
HINTS = {
    CommandKind.SOFT_CANCEL: _l("* License will be active until the end of the month."),
    CommandKind.HARD_CANCEL: _l("* License will be active until the end of the month."),
    CommandKind.RENEW: _l("* For Unlimited ExpirationDate leave blank Date field."),
    CommandKind.REDUCE: _l("* The new expiration date must be before the current exp.date."),
}
WITHOUT_VALUES = frozenset({CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL})


def kind_of(text: str | None) -> CommandKind | None:
    """The bulk command of that word, None for any other."""
    return next((kind for kind in BULK_KINDS if kind == text), None)


def read_command(kind: CommandKind, form: Mapping[str, str]) -> BulkCommand:
    """What the form says. Raises WrongValue where a figure or a month cannot be read; its field is in field_of()."""
    change = form.get("change", "")
    return BulkCommand(
        kind=kind,
        change=QuantityChange(change) if change in set(QuantityChange) else None,
        amount=typed_quantity(form.get("amount")) if kind is CommandKind.MODIFY_QUANTITY else None,
        month=typed_month(form.get("month")) if kind in {CommandKind.RENEW, CommandKind.REDUCE} else None,
        is_unlimited=kind is CommandKind.RENEW and form.get("is_unlimited") == "y",
        field_name=form.get("field_name", ""),
        value=form.get("value", ""),
    )


def field_of(kind: CommandKind) -> str:
    """The field of a command's form that is typed by hand."""
    return {CommandKind.MODIFY_QUANTITY: "amount", CommandKind.MODIFY_ATTRIBUTES: "value"}.get(kind, "month")


def typed_values(command: BulkCommand | None) -> dict[str, str]:
    """The form as the last plan left it."""
    if command is None:
        return {}
    return {
        "change": command.change or "",
        "amount": "" if command.amount is None else str(command.amount),
        "month": "" if command.month is None else str(command.month),
        "is_unlimited": "y" if command.is_unlimited else "",
        "field_name": command.field_name,
        "value": command.value,
    }


def form_choices() -> dict[str, Any]:
    """What the selects offer."""
    return {
        "changes": [(str(change), str(label)) for change, label in CHANGE_LABELS.items()],
        "detail_fields": [(name, detail_label(name)) for name in BULK_FIELDS],
        "countries": list(countries().items()),
    }


def command_words(command: BulkCommand) -> str:
    """ModifyQuantity, increase by 2."""
    return ", ".join([str(command.kind), *_parameter_words(command)])


def _parameter_words(command: BulkCommand) -> list[str]:
    if command.listed is not None:
        return [_("as in the sheet")]
    match command.kind:
        case CommandKind.MODIFY_QUANTITY if command.change is not None:
            return [f"{str(CHANGE_LABELS[command.change]).lower()} {number(command.amount or 0)}"]
        case CommandKind.RENEW | CommandKind.REDUCE:
            return [_("to %(month)s", month=command.month) if command.month else _("unlimited")]
        case CommandKind.MODIFY_ATTRIBUTES if command.field_name:
            return [f"{detail_label(command.field_name)}: {command.value or '—'}"]
    return []
