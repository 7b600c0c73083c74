"""What months cost: the lines of the Reseller Report and of the Summary Report, one statement each.

The set-based twin of licensing/report_lines.py; who is charged for what is decided in charged_licences.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from access import Actor
from database import db
from licensing.terms import Month
from queries.charged_licences import Grain, ReportFilter, read_charged

__all__ = ["ReportFilter", "ReportTotals", "ResellerRow", "SummaryRow", "reseller_report", "summary_report"]


class ResellerRow(NamedTuple):
    """A line of the Reseller Report; money in cents, discount in basis points."""

    reseller_id: int
    reseller: str
    product_id: int
    product: str
    sku_id: int
    sku: str
    quantity: int
    price_cents: int
    discount_basis_points: int
    end_user_cents: int
    fee_cents: int


class SummaryRow(NamedTuple):
    """A line of the Summary Report: the fees of one month, and their total over so many equal months."""

    reseller_id: int
    reseller: str
    customer_id: int
    customer: str
    product_id: int
    product: str
    sku_id: int
    sku: str
    quantity: int
    price_cents: int
    discount_basis_points: int
    end_user_cents: int
    fee_cents: int
    months: int
    total_cents: int


@dataclass(frozen=True, slots=True)
class ReportTotals:
    """The TOTAL row over all lines, whatever page is shown; total_cents is 0 in the Reseller Report."""

    lines: int
    quantity: int
    end_user_cents: int
    fee_cents: int
    total_cents: int = 0


_NO_TOTALS = ReportTotals(lines=0, quantity=0, end_user_cents=0, fee_cents=0)

_RESELLER_LINES = """
, line AS (
    SELECT reseller_id, product_id, sku_id, price_cents, basis_points, CAST(sum(quantity) AS BIGINT) AS quantity
    FROM priced
    GROUP BY reseller_id, product_id, sku_id, price_cents, basis_points
),
amount AS (SELECT line.*, {end_user} AS end_user_cents, {fee} AS fee_cents FROM line)
SELECT reseller.id, reseller.name, product.id, product.name, sku.id, sku.code, amount.quantity, amount.price_cents,
       amount.basis_points, amount.end_user_cents, amount.fee_cents,
       count(*) OVER (), CAST(sum(amount.quantity) OVER () AS BIGINT),
       CAST(sum(amount.end_user_cents) OVER () AS BIGINT), CAST(sum(amount.fee_cents) OVER () AS BIGINT)
FROM amount
JOIN reseller ON reseller.id = amount.reseller_id
JOIN product ON product.id = amount.product_id
JOIN sku ON sku.id = amount.sku_id
ORDER BY reseller.name_key {c}, product.name_key {c}, sku.code {c}, amount.price_cents, amount.basis_points
"""

_SUMMARY_LINES = """
, monthly AS (
    SELECT number, reseller_id, customer_id, product_id, sku_id, price_cents, basis_points,
           CAST(sum(quantity) AS BIGINT) AS quantity
    FROM priced
    GROUP BY number, reseller_id, customer_id, product_id, sku_id, price_cents, basis_points
),
line AS (
    SELECT reseller_id, customer_id, product_id, sku_id, price_cents, basis_points, quantity, count(*) AS months,
           min(number) AS first_month
    FROM monthly
    GROUP BY reseller_id, customer_id, product_id, sku_id, price_cents, basis_points, quantity
),
amount AS (SELECT line.*, {end_user} AS end_user_cents, {fee} AS fee_cents FROM line)
SELECT reseller.id, reseller.name, customer.id, customer.company_name, product.id, product.name, sku.id, sku.code,
       amount.quantity, amount.price_cents, amount.basis_points, amount.end_user_cents, amount.fee_cents,
       amount.months, amount.months * amount.fee_cents,
       count(*) OVER (), CAST(sum(amount.quantity) OVER () AS BIGINT),
       CAST(sum(amount.end_user_cents) OVER () AS BIGINT), CAST(sum(amount.fee_cents) OVER () AS BIGINT),
       CAST(sum(amount.months * amount.fee_cents) OVER () AS BIGINT)
FROM amount
JOIN reseller ON reseller.id = amount.reseller_id
JOIN customer ON customer.id = amount.customer_id
JOIN product ON product.id = amount.product_id
JOIN sku ON sku.id = amount.sku_id
ORDER BY reseller.name_key {c}, product.name_key {c}, sku.code {c}, customer.name_key {c}, amount.quantity,
         amount.first_month, amount.price_cents, amount.basis_points, customer.id
"""


def reseller_report(
    month: Month,
    wanted: ReportFilter,
    *,
    actor: Actor,
    zone: ZoneInfo,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[list[ResellerRow], ReportTotals]:
    """The lines of one month in report order, or a page of them, and the totals of all the lines.

    A page beyond the last has neither. Raises MonthNotBegun.
    """
    rows = _run(
        _RESELLER_LINES, [month], wanted, grain=Grain.RESELLER, actor=actor, zone=zone, limit=limit, offset=offset
    )
    totals = ReportTotals(*rows[0][11:15]) if rows else _NO_TOTALS
    return [ResellerRow._make(row[:11]) for row in rows], totals


def summary_report(
    months: Sequence[Month],
    wanted: ReportFilter,
    *,
    actor: Actor,
    zone: ZoneInfo,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[list[SummaryRow], ReportTotals]:
    """The lines of the months in report order, or a page of them, and the totals of all the lines.

    A page beyond the last has neither. Raises MonthNotBegun.
    """
    rows = _run(
        _SUMMARY_LINES, months, wanted, grain=Grain.CUSTOMER, actor=actor, zone=zone, limit=limit, offset=offset
    )
    totals = ReportTotals(*rows[0][15:20]) if rows else _NO_TOTALS
    return [SummaryRow._make(row[:15]) for row in rows], totals


def _run(
    lines: str,
    months: Sequence[Month],
    wanted: ReportFilter,
    *,
    grain: Grain,
    actor: Actor,
    zone: ZoneInfo,
    limit: int | None,
    offset: int,
) -> list[tuple[Any, ...]]:
    if limit is None:
        return read_charged(lines, months, wanted, actor=actor, zone=zone, grain=grain)
    page = f"{lines} LIMIT {db.param} OFFSET {db.param}"
    return read_charged(page, months, wanted, actor=actor, zone=zone, grain=grain, parameters=(limit, offset))
