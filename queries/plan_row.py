"""One row of a plan with the names of its licence and every figure that the pages and the sheet show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from licensing.commands import Licence
from licensing.money import end_user_cents, fee_cents
from licensing.states import CancelKind, OrderState
from licensing.wording import Sentence
from models import Customer, Product, Reseller, SelectionRow, Subscription


@dataclass(frozen=True, slots=True)
class Charge:
    """What one licence costs the reseller in one month; 0 seats where the month is not charged."""

    quantity: int
    sku: str | None
    price_cents: int
    discount_basis_points: int

    @property
    def is_charged(self) -> bool:
        """Whether anything is to be paid for."""
        return self.quantity > 0

    @property
    def end_user_cents(self) -> int:
        """End user amount, in cents."""
        return end_user_cents(self.quantity, self.price_cents)

    @property
    def fee_cents(self) -> int:
        """Reseller amount, in cents, rounded for this licence alone."""
        return fee_cents(
            quantity=self.quantity,
            price_cents=self.price_cents,
            discount_basis_points=self.discount_basis_points,
        )


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """One month without the command and with it; note is a code of MonthNote, empty for a row left out."""

    old: Charge
    new: Charge
    note: str

    @property
    def difference_cents(self) -> int:
        """What the reseller pays more (negative: less), in cents."""
        return self.new.fee_cents - self.old.fee_cents


@dataclass(frozen=True, slots=True)
class Rate:
    """A quantity, its SKU and today's price of one seat; None where today has none for it."""

    quantity: int
    sku: str | None
    price_cents: int | None


@dataclass(frozen=True, slots=True)
class Cheaper:
    """A larger quantity that costs less in all, and what it saves a month at today's prices, in cents."""

    quantity: int
    sku: str
    price_cents: int
    saves_end_user_cents: int
    saves_fee_cents: int


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One row. after is None where the row is left out or the command leaves the quantity alone."""

    id: int
    position: int
    is_added: bool
    is_eligible: bool
    is_ticked: bool
    takes_cheaper: bool
    subscription_pk: int
    company_name: str
    reseller: str
    product: str
    subscription_id: str | None
    licence: Licence
    open_state: str | None
    reason_code: str
    reason: Sentence | None
    before: Rate
    after: Rate | None
    expires_on: date | None
    new_expires_on: date | None
    this_month: MonthFigures
    next_month: MonthFigures
    cheaper: Cheaper | None


def plan_rows(ids: Sequence[int]) -> Mapping[int, PlanRow]:
    """The rows of these ids. The caller has seen to it that they are of the actor's own selection."""
    query = (
        SelectionRow.select(
            SelectionRow,
            Subscription.subscription_id.alias("vendor_id"),
            Customer.company_name,
            Reseller.name.alias("reseller_name"),
            Product.name.alias("product_name"),
        )
        .join_from(SelectionRow, Subscription)
        .join_from(Subscription, Customer)
        .join_from(Subscription, Reseller)
        .join_from(Subscription, Product)
        .where(SelectionRow.id.in_(ids))
        .objects()
    )
    return {row.id: _plan_row(row) for row in query}


def sentence_of(stored: Mapping[str, Any] | None) -> Sentence | None:
    """A sentence as operations/plan_rows.py stores it."""
    return None if stored is None else Sentence(stored["template"], stored["values"])


def _plan_row(row: Any) -> PlanRow:
    return PlanRow(
        id=row.id,
        position=row.position,
        is_added=row.is_added,
        is_eligible=row.is_eligible,
        is_ticked=row.is_ticked,
        takes_cheaper=row.takes_cheaper,
        subscription_pk=row.subscription_id,
        company_name=row.company_name,
        reseller=row.reseller_name,
        product=row.product_name,
        subscription_id=row.vendor_id,
        licence=_licence(row),
        open_state=row.open_state,
        reason_code=row.reason_code,
        reason=sentence_of(row.reason),
        before=Rate(row.quantity, row.sku, row.price_cents),
        after=_after(row),
        expires_on=row.expires_on,
        new_expires_on=row.new_expires_on,
        this_month=_month(row, "this"),
        next_month=_month(row, "next"),
        cheaper=_cheaper(row),
    )


def _licence(row: Any) -> Licence:
    """The licence as it stood when planned, as far as its status needs it."""
    return Licence(
        is_live=row.order_state == OrderState.LIVE,
        is_failed=row.order_state == OrderState.FAILED,
        quantity=row.quantity,
        expires_on=row.expires_on,
        cancelled_on=row.cancelled_on,
        is_hard_cancelled=row.cancel_kind == CancelKind.HARD,
    )


def _after(row: Any) -> Rate | None:
    return None if row.new_quantity is None else Rate(row.new_quantity, row.new_sku, row.new_price_cents)


def _month(row: Any, month: str) -> MonthFigures:
    def charge(which: str) -> Charge:
        return Charge(
            getattr(row, f"{which}_quantity") or 0,
            getattr(row, f"{which}_sku"),
            getattr(row, f"{which}_price_cents") or 0,
            getattr(row, f"{month}_discount") or 0,
        )

    return MonthFigures(charge(month), charge(f"{month}_new"), getattr(row, f"{month}_note") or "")


def _cheaper(row: Any) -> Cheaper | None:
    if row.cheaper_quantity is None:
        return None
    planned = Charge(row.new_quantity, row.new_sku, row.new_price_cents, row.this_discount)
    cheaper = Charge(row.cheaper_quantity, row.cheaper_sku, row.cheaper_price_cents, row.this_discount)
    return Cheaper(
        quantity=row.cheaper_quantity,
        sku=row.cheaper_sku,
        price_cents=row.cheaper_price_cents,
        saves_end_user_cents=planned.end_user_cents - cheaper.end_user_cents,
        saves_fee_cents=planned.fee_cents - cheaper.fee_cents,
    )
