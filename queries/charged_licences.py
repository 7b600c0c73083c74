"""Which licences are charged in which month, by set-based SQL: what both reports and their explanations begin with.

The statements here are the twin of licensing/billing.py. The rules are written twice on purpose, once to be read and
once for a million licences; a property test holds both together to the cent.
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
from models import Customer, Sku, Subscription, Term
from queries.listing import key_contains
from queries.scope import visible
from queries.settings import FIRST_MONTH, RESTART_MONTH, month_settings


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """What a report is limited to; None means everything the actor may see. as_of is an aware instant.

    customer is any part of the company's name, whatever its case and accents; sku any part of the code, in any case.
    """

    as_of: datetime
    reseller_id: int | None = None
    customer_id: int | None = None
    product_id: int | None = None
    sku_id: int | None = None
    customer: str = ""
    sku: str = ""


# month: the months asked for. licence: those the actor may see and the filter wants. held: what was held in them.
# charged: without the free months. rate, agreed: prices and discounts of each month. priced: charges, one a licence
# and month.
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
    {skus}
)
"""

# Half up in whole numbers: the product is never negative, and 5000 of 10000 is the half cent.
_FEE_CENTS = "CAST((line.quantity * line.price_cents * (10000 - line.basis_points) + 5000) / 10000 AS BIGINT)"
_END_USER_CENTS = "CAST(line.quantity * line.price_cents AS BIGINT)"


def read_charged(
    statement: str,
    months: Sequence[Month],
    wanted: ReportFilter,
    *,
    actor: Actor,
    zone: ZoneInfo,
    parameters: Iterable[Any] = (),
) -> list[tuple[Any, ...]]:
    """The rows of a statement that goes on after the common tables above.

    In it {p} marks a parameter, {c} orders a name by its bytes, {end_user} and {fee} are the cents of a row named line.

    Raises MonthNotBegun for a month that begins after the as of instant.
    """
    for month in months:
        require_begun(month, now=wanted.as_of, zone=zone)
    month_values, month_parameters = _month_values(months, zone=zone)
    licences, licence_parameters = _licences(wanted, actor=actor).sql()
    skus, sku_parameters = _sku_condition(wanted)
    text = (_CHARGED + statement).format(
        months=month_values,
        licences=licences,
        skus=skus,
        p=db.param,
        end_user=_END_USER_CENTS,
        fee=_FEE_CENTS,
        # So that both databases give the same order.
        c="" if is_sqlite() else 'COLLATE "C"',
    )
    as_of = Term.starts_at.db_value(wanted.as_of)
    bound = [*month_parameters, *licence_parameters, as_of, *sku_parameters, *parameters]
    return list(db.execute_sql(text, bound).fetchall())


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
    for condition in _conditions(wanted, actor=actor):
        query = query.where(condition)
    return query


def _conditions(wanted: ReportFilter, *, actor: Actor) -> Iterator[Any]:
    choices = (
        (Subscription.reseller, wanted.reseller_id),
        (Subscription.customer, wanted.customer_id),
        (Subscription.product, wanted.product_id),
    )
    yield from (column == value for column, value in choices if value is not None)
    if wanted.customer:
        named = visible(Customer, Customer.id, actor=actor).where(key_contains(Customer.name_key, wanted.customer))
        yield Subscription.customer.in_(named)


def _sku_condition(wanted: ReportFilter) -> tuple[str, list[int]]:
    """The SKUs wanted as a condition on the rate, which a licence has by its quantity in that month."""
    if wanted.sku_id is None and not wanted.sku:
        return "", []
    query = Sku.select(Sku.id)
    if wanted.sku_id is not None:
        query = query.where(Sku.id == wanted.sku_id)
    if wanted.sku:
        query = query.where(Sku.code.contains(wanted.sku))
    ids = [key for (key,) in query.tuples()] or [0]
    return f"WHERE rate.sku_id IN ({', '.join([db.param] * len(ids))})", ids
