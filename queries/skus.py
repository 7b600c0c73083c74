"""The SKU list: every volume band of the price lists valid in a month. The same for everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from peewee import ModelSelect, fn

from access import Actor
from licensing.terms import Month
from models import Price, PriceList, Product, Sku
from queries.listing import Listing, Sort
from queries.scope import visible


@dataclass(frozen=True, slots=True)
class SkuFilter:
    """code is any part of the SKU code, in any case."""

    code: str = ""


class SkuRow(NamedTuple):
    """One band: quantities in seats, the price of one seat for one month in cents."""

    id: int
    product: str
    code: str
    min_quantity: int
    max_quantity: int
    price_cents: int


_SORTS = {
    "product": Sort(Product.name_key),
    "code": Sort(Sku.code),
    "min_quantity": Sort(Price.min_quantity, is_text=False),
    "max_quantity": Sort(Price.max_quantity, is_text=False),
    "price": Sort(Price.price_cents, is_text=False),
}


def skus(wanted: SkuFilter, *, actor: Actor, month: Month) -> Listing[SkuRow]:
    """The bands valid in that month, product after product as the first price list had them, smallest band first."""
    ids = (
        visible(Price, Price.id, actor=actor)
        .join_from(Price, PriceList)
        .join_from(PriceList, Product)
        .join_from(Price, Sku)
        .where(PriceList.valid_from == _newest(month))
    )
    if wanted.code:
        ids = ids.where(Sku.code.contains(wanted.code))
    return Listing(
        ids=ids,
        rows_of=_rows,
        sorts=_SORTS,
        default_order=(Product.id, Price.min_quantity),
        is_filtered=bool(wanted.code),
    )


def _newest(month: Month) -> ModelSelect:
    """The first day of the newest price list of the same product that is valid in the month."""
    other = PriceList.alias()
    return other.select(fn.MAX(other.valid_from)).where(
        other.product == PriceList.product, other.valid_from <= month.first_day
    )


def _rows(ids: Sequence[int]) -> Mapping[int, SkuRow]:
    query = (
        Price.select(Price.id, Product.name, Sku.code, Price.min_quantity, Price.max_quantity, Price.price_cents)
        .join_from(Price, PriceList)
        .join_from(PriceList, Product)
        .join_from(Price, Sku)
        .where(Price.id.in_(ids))
    )
    return {row[0]: SkuRow(*row) for row in query.tuples()}
