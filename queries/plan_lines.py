"""The sums of a plan, added up as the Reseller Report adds them, and the hints of cheaper quantities by group."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from peewee import Case, fn

from licensing.money import end_user_cents, fee_cents
from models import Product, SelectionRow, Subscription

_GROUPS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class MonthSum:
    """What all licences of a selection cost in one month without the command and with it, in cents."""

    end_user_cents: int
    new_end_user_cents: int
    fee_cents: int
    new_fee_cents: int

    @property
    def difference_cents(self) -> int:
        """What the reseller pays more (negative: less), in cents."""
        return self.new_fee_cents - self.fee_cents


@dataclass(frozen=True, slots=True)
class HintedGroup:
    """Rows of one product that would have the same quantity: a larger one costs less; amounts are of one licence."""

    product: str
    quantity: int
    end_user_cents: int
    cheaper_quantity: int
    cheaper_end_user_cents: int
    rows: int


@dataclass(frozen=True, slots=True)
class Hints:
    """How many ticked rows would cost less with a larger quantity, what that saves a month, the largest groups."""

    rows: int
    saves_fee_cents: int
    groups: tuple[HintedGroup, ...]


def month_sums(selection_id: int) -> tuple[MonthSum, MonthSum]:
    """This month and the next: rows that are not ticked stay as they are.

    Licences of the same reseller, product, SKU, price and discount are added before rounding, as in the Reseller
    Report (domain.md, What a month costs).
    """
    row = SelectionRow
    this = _lines(selection_id, row.this_quantity, row.this_sku, row.this_price_cents, row.this_discount)
    following = _lines(selection_id, row.next_quantity, row.next_sku, row.next_price_cents, row.next_discount)
    new_this = _lines(
        selection_id,
        _if_ticked(row.this_new_quantity, row.this_quantity),
        _if_ticked(row.this_new_sku, row.this_sku),
        _if_ticked(row.this_new_price_cents, row.this_price_cents),
        row.this_discount,
    )
    new_following = _lines(
        selection_id,
        _if_ticked(row.next_new_quantity, row.next_quantity),
        _if_ticked(row.next_new_sku, row.next_sku),
        _if_ticked(row.next_new_price_cents, row.next_price_cents),
        row.next_discount,
    )
    return MonthSum(*_interleaved(this, new_this)), MonthSum(*_interleaved(following, new_following))


def hints_of(selection_id: int) -> Hints:
    """The hints of the ticked rows; the groups that save the end users most come first."""
    rows = list(_hinted(selection_id))
    saves = 0
    grouped: dict[HintedGroup, int] = defaultdict(int)
    for product, quantity, price, cheaper, cheaper_price, discount, count in rows:
        planned = fee_cents(quantity=quantity, price_cents=price, discount_basis_points=discount)
        taken = fee_cents(quantity=cheaper, price_cents=cheaper_price, discount_basis_points=discount)
        saves += count * (planned - taken)
        amounts = (end_user_cents(quantity, price), cheaper, end_user_cents(cheaper, cheaper_price))
        grouped[HintedGroup(product, quantity, *amounts, rows=0)] += count
    groups = [replace(group, rows=count) for group, count in grouped.items()]
    largest = sorted(groups, key=_saving, reverse=True)[:_GROUPS_SHOWN]
    return Hints(rows=sum(row[-1] for row in rows), saves_fee_cents=saves, groups=tuple(largest))


def _lines(selection_id: int, quantity: Any, sku: Any, price: Any, discount: Any) -> tuple[int, int]:
    """End user and reseller amount of all lines, each line rounded once."""
    lines: Iterable[tuple[int, int, int]] = (
        SelectionRow.select(fn.SUM(quantity), price, discount)
        .join(Subscription)
        .where(SelectionRow.selection == selection_id, quantity > 0)
        .group_by(Subscription.reseller, Subscription.product, sku, price, discount)
        .tuples()
    )
    end_users = fees = 0
    for seats, price_cents, basis_points in lines:
        end_users += end_user_cents(int(seats), price_cents)
        fees += fee_cents(quantity=int(seats), price_cents=price_cents, discount_basis_points=basis_points)
    return end_users, fees


def _if_ticked(new: Any, old: Any) -> Any:
    return Case(None, [(SelectionRow.is_ticked, new)], old)


def _interleaved(old: tuple[int, int], new: tuple[int, int]) -> tuple[int, int, int, int]:
    return old[0], new[0], old[1], new[1]


def _hinted(selection_id: int) -> Iterable[tuple[Any, ...]]:
    row = SelectionRow
    columns = (
        *(Product.name, row.new_quantity, row.new_price_cents, row.cheaper_quantity, row.cheaper_price_cents),
        row.this_discount,
    )
    return (  # type: ignore[no-any-return]
        row.select(*columns, fn.COUNT(row.id))
        .join_from(row, Subscription)
        .join_from(Subscription, Product)
        .where(row.selection == selection_id, row.is_ticked, row.cheaper_quantity.is_null(is_null=False))
        .group_by(*columns)
        .tuples()
    )


def _saving(group: HintedGroup) -> tuple[int, int, str]:
    saved = group.rows * (group.end_user_cents - group.cheaper_end_user_cents)
    return saved, group.quantity, group.product
