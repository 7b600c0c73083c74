"""The case table of domain.md (What a month costs), row by row, and what must hold for any commands."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licensing.billing import (
    ChargeReason,
    MonthCharge,
    MonthNotBegun,
    MonthRule,
    MonthSetting,
    Tariff,
    month_charge,
    month_use,
    require_begun,
)
from licensing.commands import TermSpan
from licensing.effects import terms_as_of
from licensing.pricing import Band, Discount, PriceTable
from licensing.states import CommandKind
from licensing.terms import Month, month_of, month_start, months_between
from tests.licensing import demo_book
from tests.licensing.commands_drawn import ZONES, drawn_commands, held_spans, run
from tests.licensing.demo_book import ZONE, Executed, local, replay

BASIC = demo_book.bands("4864")
BLUTH = Tariff((PriceTable(Month(2017, 1), BASIC),), (Discount(Month(2017, 1), 2200),))
JULY, AUGUST = Month(2017, 7), Month(2017, 8)


def ordered(quantity: int, at: str = "2017-03-23 18:03:27") -> Executed:
    return Executed(1, CommandKind.CREATE, local(at), quantity, None)


def to(quantity: int, at: str) -> Executed:
    return Executed(1, CommandKind.MODIFY_QUANTITY, local(at), quantity, None)


def cancel(at: str) -> Executed:
    return Executed(1, CommandKind.SOFT_CANCEL, local(at), None, None)


def renew(at: str) -> Executed:
    return Executed(1, CommandKind.RENEW, local(at), None, None)


def recreate(quantity: int, at: str) -> Executed:
    return Executed(1, CommandKind.RECREATE, local(at), quantity, None)


def charge(month: Month, *commands: Executed, tariff: Tariff = BLUTH) -> MonthCharge:
    return month_charge(replay(list(commands))[1], month, tariff=tariff, zone=ZONE)


def charged(month: Month, *commands: Executed, tariff: Tariff = BLUTH) -> tuple[int, int]:
    """Quantity and price of one seat in cents; (0, 0) for a month that is not charged."""
    found = charge(month, *commands, tariff=tariff)
    if not found.use.is_charged or found.rate is None:
        return (0, 0)
    return found.use.quantity, found.rate.price_cents


def test_a_decrease_counts_from_the_next_month():
    commands = ordered(12), to(8, "2017-07-23 14:43:49")
    assert charged(JULY, *commands) == (12, 770)
    assert charged(AUGUST, *commands) == (8, 1000)


def test_down_and_up_in_one_month_is_charged_by_the_highest():
    commands = ordered(12), to(8, "2017-07-10 10:00:00"), to(10, "2017-07-20 10:00:00")
    assert charged(JULY, *commands) == (12, 770)
    assert charged(AUGUST, *commands) == (10, 770)


def test_the_highest_quantity_counts_though_a_smaller_one_costs_more():
    assert charged(JULY, ordered(24), to(25, "2017-07-23 10:00:00")) == (25, 285)


def test_an_increase_counts_in_the_current_month():
    assert charged(JULY, ordered(30), to(55, "2017-07-31 23:59:59")) == (55, 256)


def test_a_change_at_the_first_instant_belongs_to_that_month():
    commands = ordered(12), to(8, "2017-08-01 00:00:00")
    assert charged(JULY, *commands) == (12, 770)
    assert charged(AUGUST, *commands) == (8, 1000)


def test_a_change_in_the_last_second_belongs_to_the_month_that_ends():
    assert charged(AUGUST, ordered(12), to(8, "2017-08-01 00:00:01")) == (12, 770)
    assert charged(JULY, ordered(8), to(12, "2017-07-31 23:59:59")) == (12, 770)


def test_created_and_cancelled_in_one_month_is_never_charged_and_is_left_out_with_a_reason():
    commands = ordered(10, "2017-07-23 13:34:34"), cancel("2017-07-23 13:43:56")
    assert charge(JULY, *commands).use.reason is ChargeReason.FIRST_MONTH_FREE
    assert charge(AUGUST, *commands).use.reason is ChargeReason.ENDED
    assert [charged(month, *commands) for month in (JULY, AUGUST)] == [(0, 0), (0, 0)]


def test_created_at_the_first_instant_of_a_month_makes_that_month_the_free_one():
    commands = (ordered(12, "2017-07-01 00:00:00"),)
    assert charge(JULY, *commands).use.reason is ChargeReason.FIRST_MONTH_FREE
    assert charged(AUGUST, *commands) == (12, 770)


def test_an_increase_in_the_free_month_is_free():
    commands = ordered(12, "2017-07-05 10:00:00"), to(60, "2017-07-06 10:00:00"), to(12, "2017-07-07 10:00:00")
    assert charged(JULY, *commands) == (0, 0)
    assert charged(AUGUST, *commands) == (12, 770)


@pytest.mark.parametrize("back", [renew("2017-07-31 23:59:59"), recreate(12, "2017-07-31 23:59:59")])
def test_cancelled_and_taken_back_before_the_1st_leaves_no_gap(back):
    commands = ordered(12), cancel("2017-07-05 10:00:00"), back
    assert charge(AUGUST, *commands).use.reason is ChargeReason.CHARGED
    assert charged(JULY, *commands) == (12, 770)
    assert charged(AUGUST, *commands) == (12, 770)


def test_recreated_with_fewer_seats_before_the_1st_is_charged_by_the_highest():
    commands = ordered(12), cancel("2017-07-05 10:00:00"), recreate(8, "2017-07-20 10:00:00")
    assert charged(JULY, *commands) == (12, 770)
    assert charged(AUGUST, *commands) == (8, 1000)


RESTART_FREE = Tariff(BLUTH.price_tables, restart_month=(MonthSetting(Month(2017, 1), MonthRule.FREE),))


def test_recreated_at_the_very_instant_of_the_end_is_no_restart():
    commands = ordered(12), cancel("2017-07-05 10:00:00"), recreate(8, "2017-08-01 00:00:00")
    assert charged(AUGUST, *commands, tariff=RESTART_FREE) == (8, 1000)
    assert charge(AUGUST, *commands).use.reason is ChargeReason.CHARGED


def test_of_two_changes_in_the_same_second_the_one_in_between_counts_nothing():
    commands = ordered(12), to(60, "2017-07-20 10:00:00"), to(8, "2017-07-20 10:00:00")
    assert charged(JULY, *commands) == (12, 770)
    assert charged(AUGUST, *commands) == (8, 1000)


def test_each_month_has_its_own_prices_bands_and_discount():
    tables = PriceTable(JULY, (Band("OLD", 5, 99, 900),)), PriceTable(AUGUST, (Band("NEW", 5, 99, 950),))
    tariff = Tariff(tables, (Discount(JULY, 1000), Discount(AUGUST, 2000)))
    terms = replay([ordered(10)])[1]
    july, august = (month_charge(terms, month, tariff=tariff, zone=ZONE) for month in (JULY, AUGUST))
    assert (july.rate.sku_code, july.end_user_cents, july.fee_cents) == ("OLD", 9000, 8100)
    assert (august.rate.sku_code, august.end_user_cents, august.fee_cents) == ("NEW", 9500, 7600)


def test_a_month_that_has_not_begun_is_refused():
    last_second = local("2017-07-31 23:59:59")
    with pytest.raises(MonthNotBegun, match="2017-08 has not begun"):
        require_begun(AUGUST, now=last_second, zone=ZONE)
    require_begun(AUGUST, now=local("2017-08-01 00:00:00"), zone=ZONE)


def test_the_month_of_a_restart_after_a_gap_is_charged_in_full():
    commands = ordered(12), cancel("2017-05-05 10:00:00"), recreate(10, "2017-07-23 14:36:23")
    assert charge(Month(2017, 6), *commands).use.reason is ChargeReason.ENDED
    assert charge(JULY, *commands).use.reason is ChargeReason.RESTARTED
    assert charge(JULY, *commands).use.since == local("2017-07-23 14:36:23")
    assert charged(JULY, *commands) == (10, 770)


def test_a_gap_of_one_second_makes_a_restart():
    commands = ordered(12), cancel("2017-07-05 10:00:00"), renew("2017-08-01 00:00:01")
    assert charge(AUGUST, *commands, tariff=RESTART_FREE).use.reason is ChargeReason.RESTART_MONTH_FREE
    assert charge(AUGUST, *commands).use.reason is ChargeReason.RESTARTED


def test_a_restart_at_the_first_instant_of_a_later_month_is_a_restart():
    commands = ordered(12), cancel("2017-05-05 10:00:00"), renew("2017-07-01 00:00:00")
    assert charge(JULY, *commands).use.reason is ChargeReason.RESTARTED


def test_a_free_restart_month_is_free_whatever_happens_in_it():
    commands = ordered(12), cancel("2017-05-05 10:00:00"), renew("2017-07-02 10:00:00"), to(60, "2017-07-03 10:00:00")
    assert charge(JULY, *commands, tariff=RESTART_FREE).use.reason is ChargeReason.RESTART_MONTH_FREE
    assert charged(AUGUST, *commands, tariff=RESTART_FREE) == (60, 256)


def test_settings_are_valid_from_a_month():
    settings_from_august = Tariff(
        BLUTH.price_tables,
        first_month=(MonthSetting(AUGUST, MonthRule.FULL),),
        restart_month=(MonthSetting(AUGUST, MonthRule.FREE),),
    )
    new = {month: (ordered(12, f"{month}-10 10:00:00"),) for month in (JULY, AUGUST)}
    assert charged(JULY, *new[JULY], tariff=settings_from_august) == (0, 0)
    assert charged(AUGUST, *new[AUGUST], tariff=settings_from_august) == (12, 770)
    again = {
        month: (ordered(12), cancel("2017-05-05 10:00:00"), renew(f"{month}-10 10:00:00")) for month in (JULY, AUGUST)
    }
    assert charged(JULY, *again[JULY], tariff=settings_from_august) == (12, 770)
    assert charged(AUGUST, *again[AUGUST], tariff=settings_from_august) == (0, 0)


def test_a_licence_is_charged_to_the_end_of_the_month_of_its_cancel():
    commands = ordered(12), cancel("2017-07-01 00:00:00")
    assert charged(JULY, *commands) == (12, 770)
    assert charge(AUGUST, *commands).use.since == local("2017-08-01 00:00:00")


def test_before_its_creation_a_licence_is_left_out():
    use = charge(Month(2017, 6), ordered(12, "2017-07-01 00:00:00")).use
    assert (use.reason, use.quantity, use.since) == (ChargeReason.NOT_CREATED, 0, local("2017-07-01 00:00:00"))


def test_what_was_never_created_is_left_out():
    use = month_use((), JULY, tariff=BLUTH, zone=ZONE)
    assert (use.reason, use.quantity, use.is_charged) == (ChargeReason.NOT_CREATED, 0, False)


@pytest.mark.parametrize("quantity", [4, 10000])
def test_a_quantity_without_a_price_is_left_out_and_says_so(quantity):
    found = charge(JULY, ordered(quantity))
    assert (found.use.reason, found.fee_cents, found.end_user_cents) == (ChargeReason.NO_PRICE, 0, 0)


def test_a_free_month_without_a_price_is_free():
    found = charge(JULY, ordered(4, "2017-07-05 10:00:00"))
    assert (found.use.reason, found.fee_cents) == (ChargeReason.FIRST_MONTH_FREE, 0)


def test_a_month_before_the_first_price_list_is_left_out_and_says_so():
    tariff = Tariff((PriceTable(AUGUST, BASIC),))
    assert charge(JULY, ordered(12), tariff=tariff).use.reason is ChargeReason.NO_PRICE


def test_a_charge_names_the_terms_that_set_its_quantity():
    up, down, up_again = "2017-07-02 10:00:00", "2017-07-03 10:00:00", "2017-07-04 10:00:00"
    use = charge(JULY, ordered(12), to(25, up), to(12, down), to(25, up_again)).use
    assert use.terms == (TermSpan(25, local(up), local(down)), TermSpan(25, local(up_again)))
    assert use.quantity == 25


def test_amounts_of_a_charge():
    found = charge(JULY, ordered(12))
    assert (found.end_user_cents, found.fee_cents) == (9240, 7207)


FREE_FIRST = Tariff((PriceTable(Month(2016, 1), BASIC),))


def expected_quantity(spans: Sequence[tuple], month: Month, zone: ZoneInfo) -> int:
    """The rule read aloud: the highest quantity held on any instant of the month; the month of creation is free."""
    if not spans or month_of(spans[0][0], zone) == month:
        return 0
    begin, end = month_start(month, zone), month_start(month.next(), zone)
    held = [quantity for start, stop, quantity in spans if start < end and (stop is None or stop > begin)]
    return max(held, default=0)


@settings(deadline=None)
@given(st.sampled_from(ZONES), st.data())
def test_billing_from_terms_is_billing_from_the_commands(zone, data):
    steps = run(data.draw(drawn_commands(edge_zone=zone)), zone)
    spans = held_spans(steps, zone)
    for month in months_between(Month(2017, 2), Month(2019, 3)):
        use = month_use(steps[-1].terms, month, tariff=FREE_FIRST, zone=zone)
        charged_quantity = use.quantity if use.is_charged else 0
        assert charged_quantity == expected_quantity(spans, month, zone), month


@settings(deadline=None)
@given(st.sampled_from(ZONES), st.data(), st.integers(0, 86400 * 500))
def test_a_begun_month_costs_the_same_by_terms_as_of_an_instant_and_by_the_commands_up_to_it(zone, data, seconds):
    commands = data.draw(drawn_commands(edge_zone=zone))
    as_of = datetime.fromtimestamp(commands[0].executed_at.timestamp() + seconds, tz=UTC)
    steps = run(commands, zone)
    earlier = [step for step in steps if step.command.executed_at <= as_of]
    begun = terms_as_of(steps[-1].terms, as_of)
    for month in months_between(Month(2017, 2), month_of(as_of, zone)):
        now = month_use(begun, month, tariff=FREE_FIRST, zone=zone)
        then = month_use(earlier[-1].terms, month, tariff=FREE_FIRST, zone=zone)
        assert (now.reason, now.quantity, now.since) == (then.reason, then.quantity, then.since)
