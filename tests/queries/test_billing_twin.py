"""The two ways of charging a month agree to the cent: the rules of licensing/ and the statements of queries/billing.py.

The rules see what each licence was after the commands executed up to the as of instant, one replay a licence; the
statements see the tables as all commands left them. So this also proves that the tables lose nothing that an earlier
as of instant needs.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access import SYSTEM
from database import db
from licensing.report_lines import (
    BilledLicence,
    ResellerLine,
    SummaryLine,
    licence_months,
    reseller_lines,
    reseller_totals,
    summary_lines,
    summary_totals,
)
from licensing.terms import Month
from queries.billing import ReportFilter, ReportTotals, ResellerRow, SummaryRow, reseller_report, summary_report
from tests.queries.billing_worlds import CUSTOMERS, PRODUCTS, RESELLERS, World, store, worlds

MOST = 120  # licences in one world
_thoroughly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass(frozen=True)
class Criteria:
    reseller: int | None = None
    customer: int | None = None
    product: int | None = None

    def picks(self, licence: BilledLicence) -> bool:
        wanted = (self.reseller, licence.reseller), (self.customer, licence.customer), (self.product, licence.product)
        return all(key in {None, named.key} for key, named in wanted)


_criteria = st.builds(
    Criteria,
    reseller=st.none() | st.sampled_from(RESELLERS),
    customer=st.none() | st.sampled_from(sorted(CUSTOMERS)),
    product=st.none() | st.sampled_from(PRODUCTS),
)


def as_filter(world: World, criteria: Criteria) -> ReportFilter:
    return ReportFilter(world.as_of, criteria.reseller, criteria.customer, criteria.product)


def picked(world: World, criteria: Criteria) -> list[BilledLicence]:
    return [licence for licence in world.licences() if criteria.picks(licence)]


def reseller_figures(line: ResellerLine) -> tuple:
    rate = line.rate
    names = (line.reseller.name, line.product.name, rate.sku_code)
    return (*names, line.quantity, rate.price_cents, rate.discount_basis_points, line.end_user_cents, line.fee_cents)


def reseller_row_figures(row: ResellerRow) -> tuple:
    names = (row.reseller, row.product, row.sku)
    return (*names, row.quantity, row.price_cents, row.discount_basis_points, row.end_user_cents, row.fee_cents)


def summary_figures(line: SummaryLine) -> tuple:
    names = (line.reseller.name, line.customer.name, line.product.name, line.rate.sku_code)
    rate = (line.rate.price_cents, line.rate.discount_basis_points)
    return (*names, line.quantity, *rate, line.end_user_cents, line.fee_cents, len(line.months), line.total_cents)


def summary_row_figures(row: SummaryRow) -> tuple:
    names = (row.reseller, row.customer, row.product, row.sku)
    rate = (row.price_cents, row.discount_basis_points)
    return (*names, row.quantity, *rate, row.end_user_cents, row.fee_cents, row.months, row.total_cents)


def figures_of(totals: object, lines: Iterable[object]) -> tuple:
    kept = ("quantity", "end_user_cents", "fee_cents", "total_cents")
    return (len(list(lines)), *(getattr(totals, name) for name in kept))


def compare_reseller_reports(world: World, criteria: Criteria) -> None:
    licences = picked(world, criteria)
    for month in world.months:
        lines = reseller_lines(licence_months(licences, [month], now=world.as_of, zone=world.zone))
        rows, totals = reseller_report(month, as_filter(world, criteria), actor=SYSTEM, zone=world.zone)
        assert [reseller_row_figures(row) for row in rows] == [reseller_figures(line) for line in lines], month
        assert figures_of(totals, rows) == figures_of(reseller_totals(lines), lines), month


def compare_summary_reports(world: World, criteria: Criteria, months: list[Month]) -> None:
    licences = picked(world, criteria)
    lines = summary_lines(licence_months(licences, months, now=world.as_of, zone=world.zone))
    rows, totals = summary_report(months, as_filter(world, criteria), actor=SYSTEM, zone=world.zone)
    assert [summary_row_figures(row) for row in rows] == [summary_figures(line) for line in lines]
    assert figures_of(totals, rows) == figures_of(summary_totals(lines), lines)
    assert totals == ReportTotals(*figures_of(totals, rows))


@given(world=worlds(most=MOST), criteria=_criteria, cuts=st.tuples(st.integers(0, 24), st.integers(0, 24)))
@_thoroughly
def test_the_statements_charge_what_the_rules_charge(database, world, criteria, cuts):
    with db.atomic() as transaction:
        store(world)
        compare_reseller_reports(world, criteria)
        compare_summary_reports(world, criteria, list(world.months[min(cuts) : max(cuts) + 1] or world.months[:1]))
        transaction.rollback()
