"""Both reports against SQL written by hand for the same rule: one month after another, no settings, no filters.

The hand-written statements know what a report must find out: that the first month is free and a restart is charged in
those months, and which price lists and discounts are valid in them. Their lines are compared with ours first.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from access import SYSTEM
from bench.book import MONTH, NOW, ZONE
from bench.ratio import Figure, measure
from database import db, is_sqlite
from licensing.terms import Month, month_start, months_between
from models import Reseller, Subscription, Term
from queries.billing import reseller_report, summary_report
from queries.charged_licences import ReportFilter

LIMIT = 1.5

_SEATS = """
SELECT term.subscription_id AS id, max(term.quantity) AS quantity
FROM term
WHERE term.starts_at < {ends_at} AND (term.ends_at IS NULL OR term.ends_at > {starts_at}) {licences}
GROUP BY term.subscription_id
"""

_PRICED = """
SELECT subscription.reseller_id, subscription.customer_id, subscription.product_id, price.sku_id, price.price_cents,
       discount.basis_points, seats.quantity
FROM ({seats}) AS seats
JOIN subscription ON subscription.id = seats.id
JOIN price_list ON price_list.product_id = subscription.product_id AND price_list.valid_from = '2017-01-01'
JOIN price ON price.price_list_id = price_list.id AND seats.quantity BETWEEN price.min_quantity AND price.max_quantity
JOIN reseller_discount AS discount ON discount.reseller_id = subscription.reseller_id
     AND discount.valid_from = (SELECT max(newest.valid_from) FROM reseller_discount AS newest
                                WHERE newest.reseller_id = discount.reseller_id AND newest.valid_from <= {first_day})
WHERE subscription.order_state = 'live' AND subscription.activated_at < {starts_at} {reseller}
"""

_OF_RESELLER = "AND subscription.reseller_id = {:d}"
_TERMS_OF_RESELLER = "AND term.subscription_id IN (SELECT id FROM subscription WHERE reseller_id = {:d})"
_NUMBERED = "SELECT {number} AS month, part.* FROM ({priced}) AS part"

_RESELLER = """
SELECT reseller.name, product.name, sku.code, sum(priced.quantity), priced.price_cents,
       (sum(priced.quantity) * priced.price_cents * (10000 - priced.basis_points) + 5000) / 10000
FROM ({priced}) AS priced
JOIN reseller ON reseller.id = priced.reseller_id
JOIN product ON product.id = priced.product_id
JOIN sku ON sku.id = priced.sku_id
GROUP BY reseller.name, reseller.name_key, product.name, product.name_key, sku.code, priced.price_cents,
         priced.basis_points
ORDER BY reseller.name_key {c}, product.name_key {c}, sku.code {c}
"""

_SUMMARY = """
SELECT reseller.name, customer.company_name, product.name, sku.code, line.quantity, line.price_cents,
       line.basis_points, count(*)
FROM (SELECT reseller_id, customer_id, product_id, sku_id, price_cents, basis_points, sum(quantity) AS quantity
      FROM ({priced}) AS priced
      GROUP BY month, reseller_id, customer_id, product_id, sku_id, price_cents, basis_points) AS line
JOIN reseller ON reseller.id = line.reseller_id
JOIN customer ON customer.id = line.customer_id
JOIN product ON product.id = line.product_id
JOIN sku ON sku.id = line.sku_id
GROUP BY reseller.name, reseller.name_key, customer.id, customer.company_name, customer.name_key, product.name,
         product.name_key, sku.code, line.quantity, line.price_cents, line.basis_points
ORDER BY reseller.name_key {c}, product.name_key {c}, sku.code {c}, customer.name_key {c}, line.quantity
"""


def figures() -> Iterator[Figure]:
    """The reports of a month and of a year, of all resellers and of one."""
    everything = ReportFilter(NOW)
    one = ReportFilter(NOW, reseller_id=_a_large_reseller())
    year = months_between(MONTH.plus(-11), MONTH)
    yield _reseller_figure("Reseller Report, a month, all resellers", everything)
    yield _reseller_figure("Reseller Report, a month, one reseller", one)
    yield _summary_figure("Summary Report, a month, all resellers", [MONTH], everything)
    yield _summary_figure("Summary Report, a month, one reseller", [MONTH], one)
    yield _summary_figure("Summary Report, twelve months, one reseller", year, one)


def _a_large_reseller() -> int:
    licences = Subscription.select(Subscription.reseller).group_by(Subscription.reseller)
    names = licences.join(Reseller).where(Reseller.name.contains("Distribucija")).order_by(Subscription.reseller)
    return int(names.tuples().first()[0])


def _reseller_figure(name: str, wanted: ReportFilter) -> Figure:
    def ours() -> list[Any]:
        return reseller_report(MONTH, wanted, actor=SYSTEM, zone=ZONE)[0]

    def by_hand() -> list[Any]:
        return _run(_RESELLER, [MONTH], wanted)

    mine = [(row.reseller, row.product, row.sku, row.quantity, row.price_cents, row.fee_cents) for row in ours()]
    _require_equal(name, mine, by_hand())
    return measure(name, ours, by_hand, limit=LIMIT)


def _summary_figure(name: str, months: Sequence[Month], wanted: ReportFilter) -> Figure:
    def ours() -> list[Any]:
        return summary_report(months, wanted, actor=SYSTEM, zone=ZONE)[0]

    def by_hand() -> list[Any]:
        return _run(_SUMMARY, months, wanted)

    rates = [(row.price_cents, row.discount_basis_points, row.months) for row in ours()]
    names = [(row.reseller, row.customer, row.product, row.sku, row.quantity) for row in ours()]
    _require_equal(name, [(*line, *rate) for line, rate in zip(names, rates, strict=True)], by_hand())
    return measure(name, ours, by_hand, limit=LIMIT)


def _require_equal(name: str, mine: list[Any], theirs: list[Any]) -> None:
    if sorted(mine) != sorted(tuple(row) for row in theirs):
        raise SystemExit(f"{name}: the two statements do not give the same lines, so their times say nothing")


def _run(report: str, months: Sequence[Month], wanted: ReportFilter) -> list[Any]:
    parts = [_part(number, month, wanted.reseller_id) for number, month in enumerate(months)]
    statement = report.format(priced=" UNION ALL ".join(parts), c="" if is_sqlite() else 'COLLATE "C"')
    return list(db.execute_sql(statement).fetchall())


def _part(number: int, month: Month, reseller_id: int | None) -> str:
    bounds = {"starts_at": _literal(month), "ends_at": _literal(month.next()), "first_day": f"'{month.first_day}'"}
    chosen, licences = "", ""
    if reseller_id is not None:
        chosen, licences = _OF_RESELLER.format(reseller_id), _TERMS_OF_RESELLER.format(reseller_id)
    priced = _PRICED.format(seats=_SEATS.format(licences=licences, **bounds), reseller=chosen, **bounds)
    return _NUMBERED.format(number=number, priced=priced)


def _literal(month: Month) -> str:
    instant = Term.starts_at.db_value(month_start(month, ZONE))
    return f"'{instant}'"
