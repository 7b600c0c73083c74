"""Prices, discounts and settings of one month, read whole: what licensing/billing.py charges that month by."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from licensing.billing import MonthRule, MonthSetting, Tariff
from licensing.pricing import Band, Discount, PriceTable
from licensing.terms import Month
from models import Price, PriceList, ResellerDiscount, Setting, Sku


class Tariffs:
    """The tariff of every product and reseller in one month."""

    def __init__(self, month: Month) -> None:
        self._tables = _price_tables(month)
        self._discounts = _discounts(month)
        self._first_month = _settings("first_month", month)
        self._restart_month = _settings("restart_month", month)

    def tariff(self, *, product_id: int, reseller_id: int) -> Tariff:
        """The tariff of a product for a reseller; without a price list it has no price table."""
        return Tariff(
            price_tables=self._tables.get(product_id, ()),
            discounts=self._discounts.get(reseller_id, ()),
            first_month=self._first_month,
            restart_month=self._restart_month,
        )


def _price_tables(month: Month) -> dict[int, tuple[PriceTable, ...]]:
    rows = (
        Price.select(
            PriceList.product, PriceList.valid_from, Sku.code, Price.min_quantity, Price.max_quantity, Price.price_cents
        )
        .join_from(Price, PriceList)
        .join_from(Price, Sku)
        .where(PriceList.valid_from <= month.first_day)
        .order_by(PriceList.product, PriceList.valid_from, Price.min_quantity)
        .tuples()
    )
    # Of each product the last list stands last and replaces those before it.
    lists = groupby(rows, key=lambda row: (row[0], row[1]))
    return {product: (_table(valid_from, bands),) for (product, valid_from), bands in lists}


def _table(valid_from: date, rows: Iterable[tuple[Any, ...]]) -> PriceTable:
    return PriceTable(Month.of(valid_from), tuple(Band(*row[2:]) for row in rows))


def _discounts(month: Month) -> dict[int, tuple[Discount, ...]]:
    rows = (
        ResellerDiscount.select(ResellerDiscount.reseller, ResellerDiscount.valid_from, ResellerDiscount.basis_points)
        .where(ResellerDiscount.valid_from <= month.first_day)
        .order_by(ResellerDiscount.valid_from)
        .tuples()
    )
    return {reseller: (Discount(Month.of(valid_from), points),) for reseller, valid_from, points in rows}


def _settings(name: str, month: Month) -> tuple[MonthSetting, ...]:
    query = Setting.select(Setting.valid_from, Setting.value).where(
        Setting.name == name, Setting.valid_from <= month.first_day
    )
    return tuple(MonthSetting(Month.of(valid_from), MonthRule(value)) for valid_from, value in query.tuples())
