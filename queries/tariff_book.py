"""The tariffs of many licences at once: every price list, discount and month setting, in four statements."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from access import Actor
from licensing.billing import MonthSetting, Tariff
from licensing.pricing import Band, Discount, PriceTable
from licensing.terms import Month
from models import Price, PriceList, ResellerDiscount, Sku
from queries.scope import visible
from queries.settings import FIRST_MONTH, RESTART_MONTH, month_settings


class TariffBook:
    """The tariff of any product and any reseller whom the actor may know of, as it stood when the book was opened."""

    def __init__(self, *, actor: Actor) -> None:
        self._tables = _price_tables()
        self._discounts = _discounts(actor)
        self._first_month: tuple[MonthSetting, ...] = month_settings(FIRST_MONTH)
        self._restart_month: tuple[MonthSetting, ...] = month_settings(RESTART_MONTH)
        self._tariffs: dict[tuple[int, int], Tariff] = {}

    def tariff(self, product_id: int, *, reseller_id: int) -> Tariff:
        """What quote.tariff_of gives, without asking the database."""
        key = (product_id, reseller_id)
        if key not in self._tariffs:
            self._tariffs[key] = Tariff(
                price_tables=self._tables.get(product_id, ()),
                discounts=self._discounts.get(reseller_id, ()),
                first_month=self._first_month,
                restart_month=self._restart_month,
            )
        return self._tariffs[key]


def _price_tables() -> dict[int, tuple[PriceTable, ...]]:
    rows = (
        Price.select(
            PriceList.product,
            PriceList.valid_from,
            Sku.code,
            Price.min_quantity,
            Price.max_quantity,
            Price.price_cents,
        )
        .join_from(Price, PriceList)
        .join_from(Price, Sku)
        .order_by(PriceList.product, PriceList.valid_from, Price.min_quantity)
        .tuples()
    )
    bands: dict[tuple[int, date], list[Band]] = defaultdict(list)
    for product_id, valid_from, *band in rows:
        bands[product_id, valid_from].append(Band(*band))
    tables: dict[int, list[PriceTable]] = defaultdict(list)
    for (product_id, valid_from), listed in bands.items():
        tables[product_id].append(PriceTable(Month.of(valid_from), tuple(listed)))
    return {product_id: tuple(listed) for product_id, listed in tables.items()}


def _discounts(actor: Actor) -> dict[int, tuple[Discount, ...]]:
    rows: Iterable[tuple[int, date, int]] = visible(
        ResellerDiscount,
        ResellerDiscount.reseller,
        ResellerDiscount.valid_from,
        ResellerDiscount.basis_points,
        actor=actor,
    ).tuples()
    discounts: dict[int, list[Discount]] = defaultdict(list)
    for reseller_id, valid_from, basis_points in rows:
        discounts[reseller_id].append(Discount(Month.of(valid_from), basis_points))
    return {reseller_id: tuple(listed) for reseller_id, listed in discounts.items()}
