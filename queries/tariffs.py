"""By what licences are charged: all price lists, discounts and settings of many products and resellers at once."""

from collections.abc import Collection, Mapping
from datetime import date

from access import Actor
from licensing.billing import Tariff
from licensing.pricing import Band, Discount, PriceTable
from licensing.terms import Month
from models import Price, PriceList, ResellerDiscount, Sku
from queries.scope import visible
from queries.settings import FIRST_MONTH, RESTART_MONTH, month_settings

ProductAndReseller = tuple[int, int]


def tariffs_of(pairs: Collection[ProductAndReseller], *, actor: Actor) -> Mapping[ProductAndReseller, Tariff]:
    """The tariff of each product and reseller, in four statements however many there are.

    A reseller that the actor cannot know of has no discount here.
    """
    tables = _price_tables({product for product, _ in pairs})
    discounts = _discounts({reseller for _, reseller in pairs}, actor=actor)
    first_month, restart_month = month_settings(FIRST_MONTH), month_settings(RESTART_MONTH)
    return {
        (product, reseller): Tariff(tables.get(product, ()), discounts.get(reseller, ()), first_month, restart_month)
        for product, reseller in pairs
    }


def _price_tables(products: Collection[int]) -> dict[int, tuple[PriceTable, ...]]:
    band = (Sku.code, Price.min_quantity, Price.max_quantity, Price.price_cents)
    rows = (
        Price.select(PriceList.product, PriceList.valid_from, *band)
        .join_from(Price, PriceList)
        .join_from(Price, Sku)
        .where(PriceList.product.in_(list(products)))
        .order_by(PriceList.valid_from, Price.min_quantity)
    )
    bands: dict[int, dict[date, list[Band]]] = {}
    for product, valid_from, *values in rows.tuples():
        bands.setdefault(product, {}).setdefault(valid_from, []).append(Band(*values))
    return {
        product: tuple(PriceTable(Month.of(day), tuple(listed)) for day, listed in by_day.items())
        for product, by_day in bands.items()
    }


def _discounts(resellers: Collection[int], *, actor: Actor) -> dict[int, tuple[Discount, ...]]:
    columns = (ResellerDiscount.reseller, ResellerDiscount.valid_from, ResellerDiscount.basis_points)
    rows = visible(ResellerDiscount, *columns, actor=actor).where(ResellerDiscount.reseller.in_(list(resellers)))
    found: dict[int, tuple[Discount, ...]] = {}
    for reseller, valid_from, basis_points in rows.tuples():
        found[reseller] = (*found.get(reseller, ()), Discount(Month.of(valid_from), basis_points))
    return found
