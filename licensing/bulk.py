"""A bulk command: one command for many licences, and what it asks of each of them. Its plan is in bulk_plan.py."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from licensing.commands import CustomerDetails, Licence
from licensing.impact import Proposal
from licensing.money import round_half_up_div
from licensing.states import CommandKind
from licensing.terms import Month
from licensing.wording import Sentence

BULK_KINDS = (
    CommandKind.SOFT_CANCEL,
    CommandKind.HARD_CANCEL,
    CommandKind.MODIFY_ATTRIBUTES,
    CommandKind.MODIFY_QUANTITY,
    CommandKind.REDUCE,
    CommandKind.RENEW,
)
LISTED_KINDS = frozenset({CommandKind.MODIFY_QUANTITY, CommandKind.REDUCE, CommandKind.RENEW})
# One name for many customers is no change of details but a mistake.
BULK_FIELDS = tuple(field.name for field in fields(CustomerDetails) if field.name != "company_name")
LARGEST_AMOUNT = 1_000_000


class QuantityChange(StrEnum):
    """How a bulk ModifyQuantity makes each licence's new quantity out of its present one.

    PERCENT gives so many percent of the present quantity, rounded half up: 110 makes 10 seats 11, 15 seats 17.
    """

    SET_TO = "set to"
    INCREASE_BY = "increase by"
    DECREASE_BY = "decrease by"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class BulkCommand:
    """What the form of a bulk command asks for; what its kind does not use is left alone.

    ModifyQuantity: change and amount. Renew: month, or is_unlimited with no month; Reduce: month; use ends on the 1st
    of it. ModifyAttributes: one field of the customer's details and its new value.

    listed, in the place of all that, has a value of its own for each licence, by the key of its row: seats, or the
    month in which use ends (None: unlimited). It comes from a sheet and not from the form.
    """

    kind: CommandKind
    change: QuantityChange | None = None
    amount: int | None = None
    month: Month | None = None
    is_unlimited: bool = False
    field_name: str = ""
    value: str = ""
    listed: Mapping[int, int | Month | None] | None = None

    def of_licence(self, subscription_pk: int) -> "BulkCommand":
        """The command with the values of one licence. Raises KeyError for one that is not listed."""
        if self.listed is None:
            return self
        asked = self.listed[subscription_pk]
        if isinstance(asked, int):
            return replace(self, listed=None, change=QuantityChange.SET_TO, amount=asked)
        return replace(self, listed=None, month=asked, is_unlimited=asked is None)

    def without_licences(self) -> "BulkCommand":
        """The command as a batch remembers it: that the values were listed, and not each of them."""
        return self if self.listed is None else replace(self, listed={})

    def problems(self) -> dict[str, Sentence]:
        """Why this cannot be planned for any licence: the form's field names and the reasons, none where it can."""
        if self.listed is not None and self.kind in LISTED_KINDS:
            return {}
        match self.kind:
            case CommandKind.MODIFY_QUANTITY:
                return _quantity_problems(self)
            case CommandKind.RENEW | CommandKind.REDUCE:
                return _month_problems(self)
            case CommandKind.MODIFY_ATTRIBUTES:
                is_known = self.field_name in BULK_FIELDS
                return {} if is_known else {"field_name": Sentence("Choose a field of the customer's details.")}
            case CommandKind.SOFT_CANCEL | CommandKind.HARD_CANCEL:
                return {}
        return {"kind": Sentence("%(command)s is done for one subscription at a time.", {"command": str(self.kind)})}

    def proposal(self, licence: Licence, *, quantity: int | None = None) -> Proposal:
        """What one licence is asked for; quantity replaces the computed one, as when a cheaper one is taken."""
        if self.kind is CommandKind.MODIFY_QUANTITY:
            return Proposal(self.kind, quantity=self.new_quantity(licence.quantity) if quantity is None else quantity)
        return Proposal(self.kind, expires_on=None if self.month is None else self.month.first_day)

    def new_quantity(self, quantity: int) -> int:
        """The quantity that ModifyQuantity sets for a licence of so many seats; it may lie outside every band."""
        amount = self.amount or 0
        match self.change:
            case QuantityChange.INCREASE_BY:
                return quantity + amount
            case QuantityChange.DECREASE_BY:
                return quantity - amount
            case QuantityChange.PERCENT:
                return round_half_up_div(quantity * amount, 100)
        return amount

    def details(self, wanted: CustomerDetails) -> CustomerDetails:
        """The customer's record as ModifyAttributes leaves it."""
        return CustomerDetails.from_dict({**wanted.as_dict(), self.field_name: self.value})

    def as_dict(self) -> dict[str, Any]:
        """The parameters without the kind, as stored: only what the kind uses."""
        if self.listed is not None:
            return {"listed": {str(pk): _stored(asked) for pk, asked in self.listed.items()}}
        match self.kind:
            case CommandKind.MODIFY_QUANTITY:
                return {"change": self.change, "amount": self.amount}
            case CommandKind.RENEW | CommandKind.REDUCE:
                return {"month": None if self.month is None else str(self.month)}
            case CommandKind.MODIFY_ATTRIBUTES:
                return {"field_name": self.field_name, "value": self.value}
        return {}

    @classmethod
    def from_dict(cls, kind: str, parameters: Mapping[str, Any]) -> "BulkCommand":
        """Read back what as_dict gave."""
        if "listed" in parameters:
            listed = {int(pk): _asked(stored) for pk, stored in parameters["listed"].items()}
            return cls(kind=CommandKind(kind), listed=listed)
        change, month = parameters.get("change"), parameters.get("month")
        return cls(
            kind=CommandKind(kind),
            change=None if change is None else QuantityChange(change),
            amount=parameters.get("amount"),
            month=None if month is None else Month.parse(month),
            is_unlimited="month" in parameters and month is None,
            field_name=parameters.get("field_name", ""),
            value=parameters.get("value", ""),
        )


def _stored(asked: int | Month | None) -> int | str | None:
    return str(asked) if isinstance(asked, Month) else asked


def _asked(stored: int | str | None) -> int | Month | None:
    return Month.parse(stored) if isinstance(stored, str) else stored


def _quantity_problems(command: BulkCommand) -> dict[str, Sentence]:
    if command.change is None:
        return {"change": Sentence("Choose how the quantity changes.")}
    if command.amount is None or not 1 <= command.amount <= LARGEST_AMOUNT:
        values = {"largest": f"{LARGEST_AMOUNT:,}"}
        return {"amount": Sentence("Enter a whole number from 1 to %(largest)s.", values)}
    return {}


def _month_problems(command: BulkCommand) -> dict[str, Sentence]:
    if command.kind is CommandKind.REDUCE:
        return {"month": Sentence("Choose a month.")} if command.month is None else {}
    if command.month is None and not command.is_unlimited:
        return {"month": Sentence("Choose a month, or tick unlimited.")}
    if command.month is not None and command.is_unlimited:
        return {"month": Sentence("Choose a month or tick unlimited, not both.")}
    return {}
