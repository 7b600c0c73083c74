"""On random histories, explanations agree with the lines they explain and with the rules, in both databases."""

from hypothesis import HealthCheck, given, settings

from access import SYSTEM
from database import db
from licensing.billing import month_charge
from licensing.terms import Month
from queries.billing import reseller_report, summary_report
from queries.charged_licences import ReportFilter
from queries.report_parts import charged_seats
from reports.explanations import LineKey, explain_reseller_line, explain_summary_line, left_out_page
from tests.queries.billing_worlds import World, store, worlds


def counted_or_left_out(world: World, month: Month) -> None:
    """Every licence that existed is either counted with the seats of the rules or left out for their reason."""
    wanted = ReportFilter(world.as_of)
    counted = {
        part.subscription_pk: part.quantity for part in charged_seats([month], wanted, actor=SYSTEM, zone=world.zone)
    }
    left_out, _ = left_out_page([month], wanted, actor=SYSTEM, zone=world.zone, limit=1000)
    reasons = {part.history.billed.key: (part.use.reason, part.use.quantity) for part in left_out}
    uses = {
        licence.key: month_charge(licence.terms, month, tariff=licence.tariff, zone=world.zone).use
        for licence in world.licences()
        if licence.terms
    }
    assert counted == {key: use.quantity for key, use in uses.items() if use.is_charged}
    assert reasons == {key: (use.reason, use.quantity) for key, use in uses.items() if not use.is_charged}


def reseller_lines_explained(world: World, month: Month) -> None:
    """Each line's explanation comes to the figures of the line."""
    lines, _ = reseller_report(month, ReportFilter(world.as_of), actor=SYSTEM, zone=world.zone)
    for line in lines[:4]:
        key = LineKey(line.reseller_id, line.product_id, line.sku_id)
        found = explain_reseller_line(key, month, as_of=world.as_of, actor=SYSTEM, zone=world.zone)
        assert (found.quantity, found.rate.price_cents) == (line.quantity, line.price_cents)
        assert found.rate.fee_cents(found.quantity) == line.fee_cents
        assert sum(part.use.quantity for part in found.counted) == line.quantity


def summary_lines_explained(world: World) -> None:
    months = world.months[-6:]
    lines, _ = summary_report(months, ReportFilter(world.as_of), actor=SYSTEM, zone=world.zone)
    for line in lines[:6]:
        ids = (line.reseller_id, line.product_id, line.sku_id, line.customer_id)
        key = LineKey(*ids, line.quantity, line.price_cents, line.discount_basis_points)
        found = explain_summary_line(key, months, as_of=world.as_of, actor=SYSTEM, zone=world.zone)
        assert (found.quantity, len(found.months)) == (line.quantity, line.months)
        assert sum(part.use.quantity for part in found.counted) == line.quantity * line.months


@given(world=worlds(most=40))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_explanations_agree_with_the_lines_and_with_the_rules(database, world):
    with db.atomic() as transaction:
        store(world)
        for month in world.months[:: max(1, len(world.months) // 4)]:
            counted_or_left_out(world, month)
            reseller_lines_explained(world, month)
        summary_lines_explained(world)
        transaction.rollback()
