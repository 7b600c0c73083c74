"""Which licences are charged in which month, by set-based SQL: what both reports and their explanations begin with.

The statements here are the twin of licensing/billing.py. The rules are written twice on purpose, once to be read and
once for a million licences; a property test holds both together to the cent.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
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


class Grain(Enum):
    """What a row of the table priced stands for in a month: one licence, or all that are added before rounding.

    Licences of one band and quantity are added before they are priced: a few hundred rows instead of a million.
    """

    LICENCE = ("id", "reseller_id", "customer_id", "product_id")
    CUSTOMER = ("reseller_id", "customer_id", "product_id")
    RESELLER = ("reseller_id", "product_id")

    @property
    def columns(self) -> str:
        """The keys, the quantity that picks the band, and the seats."""
        seats = "held.quantity" if self is Grain.LICENCE else "CAST(sum(held.quantity) AS BIGINT)"
        return f"{self._keys}, held.quantity AS held, {seats} AS quantity"

    @property
    def grouped(self) -> str:
        """What adds the licences up; nothing for single ones."""
        return "" if self is Grain.LICENCE else f"GROUP BY {self._keys}, held.quantity"

    @property
    def _keys(self) -> str:
        return ", ".join(f"licence.{key}" for key in self.value)


# What is charged in one month: what each licence held, without the free months, at the price and discount of the
# month. Months are put together one after another: a month as a table of its own hides from the planner of PostgreSQL
# how many rows it has, and a million licences are then priced one by one.
_MONTH = """
SELECT {number} AS number, seats.*, price.sku_id, price.price_cents, coalesce(agreed.basis_points, 0) AS basis_points
FROM (
    SELECT {columns}
    FROM (
        SELECT term.subscription_id AS id, max(term.quantity) AS quantity, min(term.starts_at) AS first_held_at
        FROM term
        WHERE term.starts_at < {p} AND (term.ends_at IS NULL OR term.ends_at > {p}) AND term.starts_at <= {p} {narrowed}
        GROUP BY term.subscription_id
    ) AS held
    JOIN licence ON licence.id = held.id
    WHERE 1 = 1 {first_month} {restart_month}
    {grouped}
) AS seats
JOIN (
    SELECT product_id, max(valid_from) AS valid_from FROM price_list WHERE valid_from <= {p} GROUP BY product_id
) AS valid ON valid.product_id = seats.product_id
JOIN price_list ON price_list.product_id = valid.product_id AND price_list.valid_from = valid.valid_from
JOIN price ON price.price_list_id = price_list.id AND seats.held BETWEEN price.min_quantity AND price.max_quantity
LEFT JOIN (
    SELECT discount.reseller_id, discount.basis_points
    FROM reseller_discount AS discount
    JOIN (
        SELECT reseller_id, max(valid_from) AS valid_from FROM reseller_discount WHERE valid_from <= {p}
        GROUP BY reseller_id
    ) AS newest ON newest.reseller_id = discount.reseller_id AND newest.valid_from = discount.valid_from
) AS agreed ON agreed.reseller_id = seats.reseller_id
WHERE 1 = 1 {skus}
"""
_WITHOUT_FIRST_MONTH = "AND licence.activated_at < {p}"
_WITHOUT_RESTART_MONTH = """
  AND (licence.activated_at >= {p} OR held.first_held_at < {p}
       OR EXISTS (SELECT 1 FROM term AS former
                  WHERE former.subscription_id = held.id AND former.ends_at = held.first_held_at))
"""
# For this statement alone. Compiling it takes PostgreSQL longer than running it; and its usual price of a page out of
# order is that of a spinning disk, by which it reads the terms of all licences to charge those of one reseller.
_PLAN_WELL = "SET LOCAL jit = off; SET LOCAL random_page_cost = 1.1"
# Without this the terms of all licences are added up before those of a few are picked; with all, it is only work.
_NARROWED = "AND term.subscription_id IN (SELECT id FROM licence)"

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
    grain: Grain = Grain.LICENCE,
    parameters: Iterable[Any] = (),
) -> list[tuple[Any, ...]]:
    """The rows of a statement that goes on after the common tables licence and priced, a row a grain and month.

    In it {p} marks a parameter, {c} orders a name by its bytes, {end_user} and {fee} are the cents of a row named line.
    Raises MonthNotBegun for a month that begins after the as of instant.
    """
    for month in months:
        require_begun(month, now=wanted.as_of, zone=zone)
    licences, bound = _licences(wanted, actor=actor).sql()
    parts = _months(months, wanted, grain=grain, is_narrowed=_is_narrowed(wanted, actor), zone=zone)
    priced = " UNION ALL ".join(part for part, _ in parts)
    hint = "" if is_sqlite() else "NOT MATERIALIZED"
    text = f"WITH licence AS {hint} ({licences}), priced AS ({priced}) " + statement.format(
        p=db.param,
        end_user=_END_USER_CENTS,
        fee=_FEE_CENTS,
        # So that both databases give the same order.
        c="" if is_sqlite() else 'COLLATE "C"',
    )
    values = [*bound, *(value for _, values in parts for value in values), *parameters]
    with db.atomic():
        if not is_sqlite():
            db.execute_sql(_PLAN_WELL)
        return list(db.execute_sql(text, values).fetchall())


def _months(
    months: Sequence[Month], wanted: ReportFilter, *, grain: Grain, is_narrowed: bool, zone: ZoneInfo
) -> list[tuple[str, list[Any]]]:
    """The statement of each month with its parameters."""
    rules = Tariff(
        price_tables=(), first_month=month_settings(FIRST_MONTH), restart_month=month_settings(RESTART_MONTH)
    )
    skus, sku_ids = _sku_condition(wanted)
    as_of = _stored(wanted.as_of)
    parts = []
    for number, month in enumerate(months):
        starts_at, ends_at = _stored(month_start(month, zone)), _stored(month_start(month.next(), zone))
        is_first_free = rules.first_month_rule(month) is MonthRule.FREE
        is_restart_free = rules.restart_month_rule(month) is MonthRule.FREE
        text = _MONTH.format(
            number=number,
            p=db.param,
            columns=grain.columns,
            grouped=grain.grouped,
            narrowed=_NARROWED if is_narrowed else "",
            first_month=_WITHOUT_FIRST_MONTH.format(p=db.param) if is_first_free else "",
            restart_month=_WITHOUT_RESTART_MONTH.format(p=db.param) if is_restart_free else "",
            skus=skus,
        )
        free = [starts_at] * is_first_free + [starts_at] * 2 * is_restart_free
        parts.append((text, [ends_at, starts_at, as_of, *free, month.first_day, month.first_day, *sku_ids]))
    return parts


def _stored(instant: datetime) -> Any:
    return Term.starts_at.db_value(instant)


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


def _is_narrowed(wanted: ReportFilter, actor: Actor) -> bool:
    chosen = (actor.reseller_id, wanted.reseller_id, wanted.customer_id, wanted.product_id)
    return bool(wanted.customer) or any(key is not None for key in chosen)


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
    """The SKUs wanted as a condition on the price, which a licence has by its quantity in that month."""
    if wanted.sku_id is None and not wanted.sku:
        return "", []
    query = Sku.select(Sku.id)
    if wanted.sku_id is not None:
        query = query.where(Sku.id == wanted.sku_id)
    if wanted.sku:
        query = query.where(Sku.code.contains(wanted.sku))
    ids = [key for (key,) in query.tuples()] or [0]
    return f"AND price.sku_id IN ({', '.join([db.param] * len(ids))})", ids
