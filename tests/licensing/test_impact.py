"""The plan of one command, checked against the demo book at 23.07.2017 14:40 and against what then really happened."""

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licensing.billing import MonthRule, MonthSetting, Tariff, month_charge
from licensing.impact import Holding, Impact, Proposal, plan_command, standing
from licensing.month_impact import MonthNote
from licensing.pricing import PriceTable
from licensing.refusals import OpenCommand, Refusal, RefusalCode
from licensing.states import CommandKind, LicenceState
from licensing.terms import Month, month_of, months_between
from tests.licensing import demo_book
from tests.licensing.commands_drawn import ZONES, drawn_commands, run
from tests.licensing.demo_book import PENDING, ZONE, local, replay

NOW = local("2017-07-23 14:40:00")
JULY, AUGUST = Month(2017, 7), Month(2017, 8)
BASIC = demo_book.tariff("4864", "Bluth Company")
PRERADA, TUNEL, SRCE, LIMITED_IN_FREE_MONTH, CANCELLED_IN_FREE_MONTH = 6, 1, 5, 10, 11


def holding(number: int, until: datetime = NOW, open_command: OpenCommand | None = None) -> Holding:
    commands = [c for c in demo_book.history() if c.subscription == number and c.executed_at <= until]
    licence, terms = replay(commands)
    return Holding(licence, terms, BASIC, open_command)


def plan(kind: CommandKind, number: int, *, now: datetime = NOW, **values) -> Impact:
    found = plan_command(Proposal(kind, **values), holding(number, now), now=now, zone=ZONE)
    assert isinstance(found, Impact), str(found)
    return found


def reasons(impact: Impact) -> tuple[str, str]:
    return str(impact.this_month.reason), str(impact.next_month.reason)


def test_a_decrease_as_the_dialog_shows_it():
    impact = plan(CommandKind.MODIFY_QUANTITY, PRERADA, quantity=8)
    before, after = impact.before, impact.after
    assert (before.quantity, before.rate.sku_code, before.rate.price_cents) == (12, "KL4864XIKMG", 770)
    assert (before.end_user_cents, before.rate.discount_basis_points, before.fee_cents) == (9240, 2200, 7207)
    assert (after.quantity, after.rate.sku_code, after.rate.price_cents) == (8, "KL4864XIEMG", 1000)
    assert (after.end_user_cents, after.rate.discount_basis_points, after.fee_cents) == (8000, 2200, 6240)
    assert (after.use_ends_on, impact.charged_from) == (None, AUGUST)
    assert reasons(impact) == (
        "July stays 72.07: a decrease counts from August, 62.40.",
        "August becomes 62.40 instead of 72.07.",
    )
    assert (impact.this_month.difference_cents, impact.next_month.difference_cents) == (0, -967)


def test_a_larger_quantity_that_costs_less_is_hinted_at_with_both_amounts():
    hint = plan(CommandKind.MODIFY_QUANTITY, PRERADA, quantity=8).cheaper
    assert (hint.quantity, hint.rate.price_cents, hint.end_user_cents, hint.fee_cents) == (10, 770, 7700, 6006)
    assert plan(CommandKind.MODIFY_QUANTITY, PRERADA, quantity=25).cheaper is None


def test_an_increase_counts_in_the_current_month():
    impact = plan(CommandKind.MODIFY_QUANTITY, PRERADA, quantity=14)
    assert impact.charged_from == JULY
    assert reasons(impact) == (
        "July becomes 84.08 instead of 72.07: an increase counts in the current month.",
        "August becomes 84.08 instead of 72.07.",
    )


def test_a_hard_cancel_as_the_dialog_shows_it():
    impact = plan(CommandKind.HARD_CANCEL, PRERADA)
    assert (impact.before.state, impact.after.state) == (LicenceState.ACTIVE, LicenceState.HARD_CANCELLED)
    assert (impact.before.cancelled_on, impact.after.cancelled_on) == (None, date(2017, 8, 1))
    assert (impact.after.expires_on, impact.after.use_ends_on) == (None, date(2017, 8, 1))
    assert (impact.undo_until_on, impact.charged_from) == (date(2017, 7, 31), AUGUST)
    assert reasons(impact) == (
        "July stays 72.07: use ends on 01.08.2017.",
        "August is not charged: use ends on 01.08.2017.",
    )
    assert impact.cheaper is None


def test_reduce_to_a_later_month_changes_neither_of_the_two_shown_but_names_its_own():
    impact = plan(CommandKind.REDUCE, PRERADA, expires_on=date(2017, 12, 1))
    assert reasons(impact) == ("July stays 72.07.", "August stays 72.07.")
    assert (impact.charged_from, impact.after.use_ends_on) == (Month(2017, 12), date(2017, 12, 1))


def test_a_longer_expiration_is_charged_from_the_former_one():
    impact = plan(CommandKind.RENEW, LIMITED_IN_FREE_MONTH, expires_on=date(2018, 3, 1))
    assert reasons(impact) == ("July is free: the first month.", "August stays 46.80.")
    assert (impact.charged_from, impact.former_expiration) == (Month(2017, 12), None)


def test_the_undo_of_a_cancel_in_the_free_month():
    impact = plan(CommandKind.RENEW, CANCELLED_IN_FREE_MONTH, expires_on=date(2018, 12, 1))
    assert impact.former_expiration == Month(2018, 12)
    assert reasons(impact) == ("July is free: the first month.", "August is charged: 60.06.")


def test_a_restart_is_charged_in_full_where_the_setting_says_so():
    impact = plan(CommandKind.RECREATE, SRCE, quantity=20)
    assert reasons(impact) == (
        "July is charged in full, 49.61: the licence starts again.",
        "August is charged: 49.61.",
    )
    free = Tariff(BASIC.price_tables, BASIC.discounts, restart_month=(MonthSetting(JULY, MonthRule.FREE),))
    srce = holding(SRCE)
    found = plan_command(Proposal(CommandKind.RENEW), Holding(srce.licence, srce.terms, free), now=NOW, zone=ZONE)
    assert str(found.this_month.reason) == "July is free: the licence starts again."


def test_a_new_order_has_nothing_before_it():
    order = Holding(PENDING, (), BASIC)
    impact = plan_command(Proposal(CommandKind.CREATE, quantity=10), order, now=NOW, zone=ZONE)
    assert impact.before is None
    assert (impact.after.end_user_cents, impact.after.fee_cents) == (7700, 6006)
    assert reasons(impact) == ("July is free: the first month.", "August is charged: 60.06.")
    assert (impact.cheaper.quantity, impact.cheaper.end_user_cents, impact.cheaper.fee_cents) == (15, 5310, 4142)


def test_modify_attributes_costs_nothing():
    impact = plan(CommandKind.MODIFY_ATTRIBUTES, PRERADA)
    assert impact.before == impact.after
    assert impact.charged_from is None
    running = plan(CommandKind.MODIFY_ATTRIBUTES, CANCELLED_IN_FREE_MONTH)
    assert str(running.next_month.reason) == "August is not charged: use ends on 01.08.2017."


def test_next_month_has_its_own_price():
    dearer = PriceTable(AUGUST, tuple(demo_book.bands("4863")))
    tariff = Tariff((*BASIC.price_tables, dearer), BASIC.discounts)
    prerada = holding(PRERADA)
    found = plan_command(
        Proposal(CommandKind.MODIFY_QUANTITY, quantity=8),
        Holding(prerada.licence, prerada.terms, tariff),
        now=NOW,
        zone=ZONE,
    )
    # 8 × 14.50 × 0.78 = 90.48 instead of 12 × 11.17 × 0.78 = 104.5512
    assert reasons(found) == (
        "July stays 72.07: a decrease counts from August, 90.48.",
        "August becomes 90.48 instead of 104.55.",
    )


def test_a_month_without_a_price_says_so():
    prerada = holding(PRERADA)
    narrow = PriceTable(AUGUST, tuple(band for band in demo_book.bands("4864") if band.min_quantity >= 10))
    tariff = Tariff((*BASIC.price_tables, narrow), BASIC.discounts)
    found = plan_command(
        Proposal(CommandKind.MODIFY_QUANTITY, quantity=8),
        Holding(prerada.licence, prerada.terms, tariff),
        now=NOW,
        zone=ZONE,
    )
    assert found.next_month.note is MonthNote.NO_PRICE
    assert str(found.next_month.reason) == "August has no price for 8 seats."


@pytest.mark.parametrize(("now", "is_last"), [("2017-07-31 23:29:59", False), ("2017-07-31 23:30:00", True)])
def test_the_last_half_hour_of_a_month_is_told(now, is_last):
    assert plan(CommandKind.SOFT_CANCEL, PRERADA, now=local(now)).is_in_last_half_hour is is_last


@pytest.mark.parametrize(
    ("kind", "values", "code"),
    [
        (CommandKind.RENEW, {}, RefusalCode.UNLIMITED),
        (CommandKind.MODIFY_QUANTITY, {"quantity": 12}, RefusalCode.SAME_QUANTITY),
        (CommandKind.MODIFY_QUANTITY, {"quantity": 4}, RefusalCode.QUANTITY_OUTSIDE_BANDS),
        (CommandKind.REDUCE, {}, RefusalCode.DATE_MISSING),
    ],
)
def test_what_our_rules_refuse_has_no_impact(kind, values, code):
    found = plan_command(Proposal(kind, **values), holding(PRERADA), now=NOW, zone=ZONE)
    assert isinstance(found, Refusal)
    assert found.code is code


def test_an_open_command_refuses_the_plan():
    waiting = OpenCommand(CommandKind.RENEW, NOW)
    found = plan_command(Proposal(CommandKind.SOFT_CANCEL), holding(PRERADA, open_command=waiting), now=NOW, zone=ZONE)
    assert str(found) == "Renew of 14:40:00 is on its way."


def test_without_a_price_list_a_licence_can_still_be_cancelled():
    prerada = holding(PRERADA)
    unpriced = Holding(prerada.licence, prerada.terms, Tariff(()))
    found = plan_command(Proposal(CommandKind.SOFT_CANCEL), unpriced, now=NOW, zone=ZONE)
    assert isinstance(found, Impact)
    assert (found.before.rate, found.before.fee_cents, found.before.end_user_cents) == (None, None, None)
    refused = plan_command(Proposal(CommandKind.MODIFY_QUANTITY, quantity=8), unpriced, now=NOW, zone=ZONE)
    assert refused.code is RefusalCode.NO_PRICE


def test_planning_changes_nothing():
    tunel = holding(TUNEL)
    terms = tunel.terms
    plan_command(Proposal(CommandKind.MODIFY_QUANTITY, quantity=8), tunel, now=NOW, zone=ZONE)
    assert tunel.terms == terms
    assert tunel.licence == holding(TUNEL).licence


def test_a_standing_shows_a_licence_that_has_ended():
    found = standing(holding(SRCE).licence, tariff=BASIC, now=NOW, zone=ZONE)
    assert (found.state, found.use_ends_on, found.fee_cents) == (
        LicenceState.CANCELLED_ENDED,
        date(2017, 6, 1),
        7020,
    )


@settings(deadline=None)
@given(st.sampled_from(ZONES), st.data())
def test_a_plan_tells_what_executing_the_command_then_costs(zone, data):
    licence, terms = PENDING, ()
    for step in run(data.draw(drawn_commands(edge_zone=zone)), zone):
        command, now = step.command, step.command.executed_at
        proposal = Proposal(command.kind, command.quantity, command.expires_on)
        impact = plan_command(proposal, Holding(licence, terms, BASIC), now=now, zone=zone)
        assert isinstance(impact, Impact)
        month = month_of(now, zone)
        costs = [month_charge(step.terms, each, tariff=BASIC, zone=zone) for each in (month, month.next())]
        assert [impact.this_month.after, impact.next_month.after] == costs
        assert impact.after == standing(step.licence, tariff=BASIC, now=now, zone=zone)
        assert impact.charged_from == first_difference(terms, step.terms, month, zone)
        licence, terms = step.licence, step.terms


def first_difference(before, after, month: Month, zone) -> Month | None:
    for each in months_between(month, month.plus(12)):
        paid = [month_charge(terms, each, tariff=BASIC, zone=zone) for terms in (before, after)]
        seats = [charge.use.quantity if charge.use.is_charged else 0 for charge in paid]
        if seats[0] != seats[1]:
            return each
    return None
