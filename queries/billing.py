"""What months cost, in one statement a report: the set-based twin of licensing/billing.py and report_lines.py.

The rules are written twice on purpose, once to be read and once for a million licences; a property test holds both
together to the cent. Names are ordered by their bytes, so that both databases give the same order.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from access import Actor
from database import db, is_sqlite
from licensing.billing import MonthRule, Tariff, require_begun
from licensing.states import OrderState
from licensing.terms import Month, month_start
from models import Subscription, Term
from queries.scope import visible
from queries.settings import FIRST_MONTH, RESTART_MONTH, month_settings


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """What a report is limited to; None means everything the actor may see. as_of is an aware instant."""

    as_of: datetime
    reseller_id: int | None = None
    customer_id: int | None = None
    product_id: int | None = None
    sku_id: int | None = None


@dataclass(frozen=True, slots=True)
class ResellerRow:
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


@dataclass(frozen=True, slots=True)
class SummaryRow:
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

_CHARGED = """
WITH month (number, starts_at, ends_at, first_day, is_first_free, is_restart_free) AS (VALUES {months}),
licence AS ({licences}),
held AS (
    SELECT licence.id, licence.reseller_id, licence.customer_id, licence.product_id, licence.activated_at,
           month.number, max(term.quantity) AS quantity, min(term.starts_at) AS first_held_at
    FROM month
    JOIN term ON term.starts_at < month.ends_at AND (term.ends_at IS NULL OR term.ends_at > month.starts_at)
             AND term.starts_at <= {p}
    JOIN licence ON licence.id = term.subscription_id
    GROUP BY licence.id, licence.reseller_id, licence.customer_id, licence.product_id, licence.activated_at,
             month.number
),
charged AS (
    SELECT held.*
    FROM held
    JOIN month ON month.number = held.number
    WHERE (held.activated_at < month.starts_at OR month.is_first_free = 0)
      AND (month.is_restart_free = 0 OR held.activated_at >= month.starts_at
           OR held.first_held_at < month.starts_at
           OR EXISTS (SELECT 1 FROM term AS former
                      WHERE former.subscription_id = held.id AND former.ends_at = held.first_held_at))
),
rate AS (
    SELECT month.number, price_list.product_id, price.sku_id, price.min_quantity, price.max_quantity,
           price.price_cents
    FROM month
    JOIN price_list ON price_list.valid_from = (
        SELECT max(newest.valid_from) FROM price_list AS newest
        WHERE newest.product_id = price_list.product_id AND newest.valid_from <= month.first_day)
    JOIN price ON price.price_list_id = price_list.id
),
agreed AS (
    SELECT month.number, reseller_discount.reseller_id, reseller_discount.basis_points
    FROM month
    JOIN reseller_discount ON reseller_discount.valid_from = (
        SELECT max(newest.valid_from) FROM reseller_discount AS newest
        WHERE newest.reseller_id = reseller_discount.reseller_id AND newest.valid_from <= month.first_day)
),
priced AS (
    SELECT charged.id, charged.number, charged.reseller_id, charged.customer_id, charged.product_id, charged.quantity,
           rate.sku_id, rate.price_cents, coalesce(agreed.basis_points, 0) AS basis_points
    FROM charged
    JOIN rate ON rate.number = charged.number AND rate.product_id = charged.product_id
             AND charged.quantity BETWEEN rate.min_quantity AND rate.max_quantity
    LEFT JOIN agreed ON agreed.number = charged.number AND agreed.reseller_id = charged.reseller_id
    {sku}
)
"""

# Half up in whole numbers: the product is never negative, and 5000 of 10000 is the half cent.
_AMOUNTS = """
           CAST(line.quantity * line.price_cents AS BIGINT) AS end_user_cents,
           CAST((line.quantity * line.price_cents * (10000 - line.basis_points) + 5000) / 10000 AS BIGINT)
               AS fee_cents
"""

_RESELLER_LINES = """
, line AS (
    SELECT reseller_id, product_id, sku_id, price_cents, basis_points, CAST(sum(quantity) AS BIGINT) AS quantity
    FROM priced
    GROUP BY reseller_id, product_id, sku_id, price_cents, basis_points
),
amount AS (SELECT line.*, {amounts} FROM line)
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
amount AS (SELECT line.*, {amounts} FROM line)
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
    """The lines of one month in report order, a page of them, and the totals of all. Raises MonthNotBegun."""
    rows = _run(_RESELLER_LINES, [month], wanted, actor=actor, zone=zone, limit=limit, offset=offset)
    totals = ReportTotals(*rows[0][11:15]) if rows else _NO_TOTALS
    return [ResellerRow(*row[:11]) for row in rows], totals


def summary_report(
    months: Sequence[Month],
    wanted: ReportFilter,
    *,
    actor: Actor,
    zone: ZoneInfo,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[list[SummaryRow], ReportTotals]:
    """The lines of the months in report order, a page of them, and the totals of all. Raises MonthNotBegun."""
    rows = _run(_SUMMARY_LINES, months, wanted, actor=actor, zone=zone, limit=limit, offset=offset)
    totals = ReportTotals(*rows[0][15:20]) if rows else _NO_TOTALS
    return [SummaryRow(*row[:15]) for row in rows], totals


def _run(
    lines: str,
    months: Sequence[Month],
    wanted: ReportFilter,
    *,
    actor: Actor,
    zone: ZoneInfo,
    limit: int | None,
    offset: int,
) -> list[tuple[Any, ...]]:
    for month in months:
        require_begun(month, now=wanted.as_of, zone=zone)
    mark = db.param
    month_values, month_parameters = _month_values(months, zone=zone)
    licences, licence_parameters = _licences(wanted, actor=actor).sql()
    sku_filter, sku_parameters = ("", []) if wanted.sku_id is None else (f"WHERE rate.sku_id = {mark}", [wanted.sku_id])
    statement = (_CHARGED + lines).format(
        months=month_values,
        licences=licences,
        p=mark,
        sku=sku_filter,
        amounts=_AMOUNTS,
        c="" if is_sqlite() else 'COLLATE "C"',
    )
    parameters = [*month_parameters, *licence_parameters, Term.starts_at.db_value(wanted.as_of), *sku_parameters]
    if limit is not None:
        statement += f" LIMIT {mark} OFFSET {mark}"
        parameters += [limit, offset]
    return list(db.execute_sql(statement, parameters).fetchall())


def _month_values(months: Iterable[Month], *, zone: ZoneInfo) -> tuple[str, list[Any]]:
    """One row a month for VALUES: its number, both instants, its first day and whether its exceptions are free."""
    rules = Tariff(
        price_tables=(), first_month=month_settings(FIRST_MONTH), restart_month=month_settings(RESTART_MONTH)
    )
    rows = [
        [
            number,
            Term.starts_at.db_value(month_start(month, zone)),
            Term.starts_at.db_value(month_start(month.next(), zone)),
            month.first_day,
            int(rules.first_month_rule(month) is MonthRule.FREE),
            int(rules.restart_month_rule(month) is MonthRule.FREE),
        ]
        for number, month in enumerate(months)
    ]
    places = ", ".join(["(" + ", ".join([db.param] * 6) + ")"] * len(rows))
    return places, [value for row in rows for value in row]


def _licences(wanted: ReportFilter, *, actor: Actor) -> Any:
    query = visible(
        Subscription,
        Subscription.id,
        Subscription.reseller,
        Subscription.customer,
        Subscription.product,
        Subscription.activated_at,
        actor=actor,
    ).where(Subscription.order_state == OrderState.LIVE)
    for column, value in _criteria(wanted):
        query = query.where(column == value)
    return query


def _criteria(wanted: ReportFilter) -> Iterator[tuple[Any, int]]:
    choices = (
        (Subscription.reseller, wanted.reseller_id),
        (Subscription.customer, wanted.customer_id),
        (Subscription.product, wanted.product_id),
    )
    return ((column, value) for column, value in choices if value is not None)
