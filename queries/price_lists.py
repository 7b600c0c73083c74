"""Price lists: every list of every product, its volume bands, and the licences that will be charged by it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from peewee import ModelSelect, fn

from access import Actor
from licensing.pricing import Band, NoPriceList
from licensing.states import OPEN_STATES, OrderState
from licensing.terms import Month
from models import Command, Price, PriceList, Product, Sku, Subscription
from queries.listing import Listing, Sort
from queries.prices import bands_of_product
from queries.scope import visible


class Standing(StrEnum):
    """How a price list stands in a month: a later one holds, it holds, or its month has not begun."""

    PAST = "past"
    HOLDS = "now"
    TO_COME = "to come"


@dataclass(frozen=True, slots=True)
class PriceListFilter:
    """What the list is limited to; None means everything."""

    product_id: int | None = None
    standing: Standing | None = None


class PriceListRow(NamedTuple):
    """One price list: how many bands, from which to which quantity, the lowest and highest price in cents."""

    id: int
    product: str
    product_code: str
    valid_from: date
    bands: int
    min_quantity: int
    max_quantity: int
    lowest_cents: int
    highest_cents: int
    standing: Standing


class PriceRowNow(NamedTuple):
    """One volume band as a price sheet has it; the price of a seat and month in cents."""

    product: str
    product_code: str
    sku: str
    min_quantity: int
    max_quantity: int
    price_cents: int


@dataclass(frozen=True, slots=True)
class ShownPriceList:
    """A price list, its bands, and what each SKU costs before: this month, or in the month before a list to come."""

    id: int
    product_id: int
    product: str
    product_code: str
    valid_from: Month
    standing: Standing
    bands: tuple[Band, ...]
    before: Mapping[str, int]


_SORTS = {
    "product": Sort(Product.name_key),
    "product_code": Sort(Product.code),
    "valid_from": Sort(PriceList.valid_from, is_text=False),
}


def price_lists(wanted: PriceListFilter, *, actor: Actor, month: Month) -> Listing[PriceListRow]:
    """The price lists that match, product by product, the newest first."""
    ids = visible(PriceList, PriceList.id, actor=actor).join_from(PriceList, Product)
    if wanted.product_id is not None:
        ids = ids.where(PriceList.product == wanted.product_id)
    if wanted.standing is not None:
        ids = ids.where(_stands(wanted.standing, month))
    return Listing(
        ids=ids,
        rows_of=lambda keys: _rows(keys, month=month),
        sorts=_SORTS,
        default_order=(Product.id, PriceList.valid_from.desc()),
        is_filtered=wanted != PriceListFilter(),
    )


def shown_price_list(price_list_id: int, *, actor: Actor, month: Month) -> ShownPriceList | None:
    """One price list with its bands, None where there is none."""
    row = _rows([price_list_id], month=month).get(price_list_id)
    found = visible(PriceList, actor=actor).where(PriceList.id == price_list_id).first()
    if row is None or found is None:
        return None
    valid_from = Month.of(row.valid_from)
    month_before = valid_from.previous() if row.standing is Standing.TO_COME else month
    return ShownPriceList(
        id=row.id,
        product_id=found.product_id,
        product=row.product,
        product_code=row.product_code,
        valid_from=valid_from,
        standing=row.standing,
        bands=bands_of_product(found.product_id, month=valid_from),
        before=_prices_of(found.product_id, month=month_before),
    )


def price_rows(*, actor: Actor, month: Month) -> list[PriceRowNow]:
    """Every band by which that month is charged, product by product: what a price sheet begins with."""
    newest = _newest(month)
    query = (
        visible(
            Price,
            Product.name,
            Product.code,
            Sku.code,
            Price.min_quantity,
            Price.max_quantity,
            Price.price_cents,
            actor=actor,
        )
        .join_from(Price, PriceList)
        .join_from(PriceList, Product)
        .join_from(Price, Sku)
        .where(PriceList.valid_from == newest)
        .order_by(Product.id, Price.min_quantity)
    )
    return [PriceRowNow._make(row) for row in query.tuples()]


def running_quantities(products: Iterable[int], *, month: Month) -> dict[int, set[int]]:
    """By product, the quantities that licences hold, or are about to, when that month begins (domain.md, Bands)."""
    keys = list(products)
    runs_on = Subscription.ended_on.is_null() | (Subscription.ended_on > month.first_day)
    of_products = Subscription.product.in_(keys) & (Subscription.order_state != OrderState.FAILED)
    held = Subscription.select(Subscription.product, Subscription.quantity).where(of_products, runs_on).distinct()
    asked = (
        Command.select(Subscription.product, Command.quantity)
        .join(Subscription)
        .where(of_products, Command.state.in_(OPEN_STATES), Command.quantity.is_null(is_null=False))
        .distinct()
    )
    found: dict[int, set[int]] = {key: set() for key in keys}
    for query in (held, asked):
        for product_id, quantity in query.tuples():
            found[product_id].add(quantity)
    return found


def _prices_of(product_id: int, *, month: Month) -> dict[str, int]:
    try:
        return {band.sku_code: band.price_cents for band in bands_of_product(product_id, month=month)}
    except NoPriceList:
        return {}


def _newest(month: Month) -> ModelSelect:
    """The first day of the newest price list of the same product that is valid in the month."""
    other = PriceList.alias()
    return other.select(fn.MAX(other.valid_from)).where(
        other.product == PriceList.product, other.valid_from <= month.first_day
    )


def _stands(standing: Standing, month: Month) -> Any:
    match standing:
        case Standing.TO_COME:
            return PriceList.valid_from > month.first_day
        case Standing.HOLDS:
            return PriceList.valid_from == _newest(month)
        case Standing.PAST:
            return PriceList.valid_from < _newest(month)


def _rows(keys: Sequence[int], *, month: Month) -> dict[int, PriceListRow]:
    query = (
        PriceList.select(
            PriceList.id,
            Product.name,
            Product.code,
            PriceList.valid_from,
            fn.COUNT(Price.id),
            fn.MIN(Price.min_quantity),
            fn.MAX(Price.max_quantity),
            fn.MIN(Price.price_cents),
            fn.MAX(Price.price_cents),
            _newest(month).alias("newest"),
        )
        .join_from(PriceList, Product)
        .join_from(PriceList, Price)
        .where(PriceList.id.in_(list(keys)))
        .group_by(PriceList.id, Product.name, Product.code, PriceList.valid_from)
    )
    return {
        row[0]: PriceListRow._make((*row[:9], _standing(row[3], row[9], month)))  # the last column is the newest month
        for row in query.tuples()
    }


def _standing(valid_from: date, newest: Any, month: Month) -> Standing:
    if valid_from > month.first_day:
        return Standing.TO_COME
    # An expression has no type of ours: SQLite gives the newest month as text.
    return Standing.HOLDS if str(newest)[:10] == valid_from.isoformat() else Standing.PAST
