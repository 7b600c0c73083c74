"""The plan of a bulk command: who is eligible, why not, what it costs; it writes the selection and nothing else."""

from datetime import date

import pytest

from access import AccessDenied, Role
from licensing.bulk import BulkCommand, QuantityChange
from licensing.bulk_reasons import BulkReason
from licensing.commands import Unknown
from licensing.refusals import RefusalCode
from licensing.states import CommandKind, OrderState
from licensing.terms import Month
from models import AuditEntry, Command, Customer, ResellerDiscount, SelectionRow, Subscription
from operations.adjust_plan import take_cheaper, tick_rows
from operations.bulk_refusals import NothingSelected, PlanOutdated, TooManyRows
from operations.plan_rows import RowPlanner
from operations.record_refusals import FieldsRefused
from operations.refusals import NotFound
from operations.select_rows import LARGEST_SELECTION, select_ticked
from queries.listing import PageRequest
from queries.selection import PlanFilter, command_of, plan_page, plan_summary
from tests.bulk_desk import (
    PLUS_2,
    SOFT_CANCEL,
    BulkDesk,
    city,
    many_licences,
    plan_of,
    reasons_of,
    set_to,
)
from tests.desk import again
from tests.small_book import actor, add_customer, add_price_list, add_user, statements


@pytest.fixture
def desk(rolled_back: str) -> BulkDesk:
    return BulkDesk()


def positions(rows) -> list[int]:
    return [row.position for row in rows]


def test_eligible_rows_are_ticked_and_show_both_sides(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(8), PLUS_2)
    (row,) = plan_of(selection)
    assert (row.is_eligible, row.is_ticked, row.reason_code, row.reason) == (True, True, "", None)
    assert (row.before.quantity, row.before.sku, row.before.price_cents) == (8, "KL4864X5", 1000)
    assert (row.after.quantity, row.after.sku, row.after.price_cents) == (10, "KL4864X10", 770)
    # 22% discount: 8 x 10.00 -> 62.40, 10 x 7.70 -> 60.06; the increase counts in this month
    assert (row.this_month.old.fee_cents, row.this_month.new.fee_cents) == (6240, 6006)
    assert (row.next_month.old.fee_cents, row.next_month.new.fee_cents) == (6240, 6006)
    assert (row.company_name, row.reseller, row.product) == ("Tunel d.o.o.", "Bluth Company", "Endpoint - Basic")


def test_a_decrease_counts_from_the_next_month(desk: BulkDesk) -> None:
    (row,) = plan_of(desk.plan(desk.licences(12), set_to(8)))
    assert (row.this_month.old.fee_cents, row.this_month.new.fee_cents) == (7207, 7207)
    assert (row.next_month.old.fee_cents, row.next_month.new.fee_cents) == (7207, 6240)
    assert (row.this_month.note, row.next_month.note) == ("stays_decrease_later", "becomes")


def test_a_cancel_ends_the_charges_after_this_month(desk: BulkDesk) -> None:
    (row,) = plan_of(desk.plan(desk.licences(12), SOFT_CANCEL))
    assert (row.this_month.new.fee_cents, row.next_month.new.fee_cents) == (7207, 0)
    assert not row.next_month.new.is_charged


def test_rows_left_out_stand_by_reason_on_the_same_page(desk: BulkDesk) -> None:
    fine = desk.licence(12)
    cancelled = desk.licence(12, cancelled_on=date(2017, 8, 1))
    expired = desk.licence(12, expires_on=date(2017, 6, 1))
    ended = desk.licence(12, cancelled_on=date(2017, 7, 1))
    pending = desk.licence(12, state=OrderState.PENDING)
    failed = desk.licence(12, state=OrderState.FAILED)
    at_top = desk.licence(24)
    selection = desk.plan([fine, cancelled, expired, ended, pending, failed, at_top], PLUS_2)
    summary = plan_summary(selection)
    assert (summary.chosen, summary.eligible, summary.ticked, summary.left_out) == (7, 1, 1, 6)
    assert {group.code: group.rows for group in summary.reasons} == {
        RefusalCode.CANCELLED: 1,
        RefusalCode.EXPIRED: 1,
        RefusalCode.ENDED: 1,
        RefusalCode.PENDING: 1,
        RefusalCode.FAILED: 1,
        RefusalCode.QUANTITY_OUTSIDE_BANDS: 1,
    }
    page = plan_page(selection, PlanFilter(is_eligible=False), page=PageRequest())
    assert [row.reason_code for row in page.rows] == sorted(reasons_of(selection)[1:])
    (outside,) = plan_page(
        selection,
        PlanFilter(is_eligible=False, reason_code=RefusalCode.QUANTITY_OUTSIDE_BANDS),
        page=PageRequest(),
    ).rows
    assert str(outside.reason) == "26 is outside the volume bands, which go from 5 to 24."
    assert (outside.licence.quantity, outside.after) == (24, None)


def test_the_page_of_rows_left_out_has_fifty_rows(desk: BulkDesk) -> None:
    ids = many_licences(desk, 60)
    Subscription.update(expires_on=date(2017, 6, 1), ended_on=date(2017, 6, 1)).execute()
    selection = desk.plan_again(select_ticked(ids, actor=desk.actor, moment=desk.moment), PLUS_2)
    page = plan_page(selection, PlanFilter(is_eligible=False), page=PageRequest(number=2))
    assert (len(page.rows), page.total, page.pages) == (10, 60, 2)


def test_a_licence_with_an_open_command_is_left_out_naming_it(desk: BulkDesk) -> None:
    first, second = desk.licences(12, 12)
    desk.ask(CommandKind.MODIFY_QUANTITY, first, quantity=14)
    desk.answer(desk.claim(desk.ask(CommandKind.SOFT_CANCEL, second)), Unknown(reason="No answer"))
    waiting, unknown = plan_of(desk.plan([first, second], PLUS_2))
    assert str(waiting.reason) == "ModifyQuantity of 14:46:35 is on its way."
    assert (waiting.reason_code, waiting.open_state) == (RefusalCode.OPEN_COMMAND, "queued")
    assert (unknown.reason_code, unknown.open_state) == (BulkReason.OUTCOME_UNKNOWN, "unknown")


@pytest.mark.parametrize(
    ("command", "reasons"),
    [
        (SOFT_CANCEL, ["", "", RefusalCode.ALREADY_CANCELLED, RefusalCode.EXPIRED]),
        (BulkCommand(CommandKind.HARD_CANCEL), ["", "", "", RefusalCode.EXPIRED]),
        (BulkCommand(CommandKind.RENEW, month=Month(2018, 1)), [RefusalCode.UNLIMITED, "", "", ""]),
        (BulkCommand(CommandKind.RENEW, is_unlimited=True), [RefusalCode.UNLIMITED, "", "", ""]),
        (
            BulkCommand(CommandKind.RENEW, month=Month(2017, 9)),
            [RefusalCode.UNLIMITED, RefusalCode.DATE_TOO_EARLY, "", ""],
        ),
        (
            BulkCommand(CommandKind.REDUCE, month=Month(2017, 8)),
            ["", "", RefusalCode.CANCELLED, RefusalCode.EXPIRED],
        ),
        (
            BulkCommand(CommandKind.REDUCE, month=Month(2017, 12)),
            ["", RefusalCode.DATE_TOO_LATE, RefusalCode.CANCELLED, RefusalCode.EXPIRED],
        ),
        (
            BulkCommand(CommandKind.REDUCE, month=Month(2017, 7)),
            [RefusalCode.DATE_TOO_EARLY] * 2 + [RefusalCode.CANCELLED, RefusalCode.EXPIRED],
        ),
        (set_to(12), [RefusalCode.SAME_QUANTITY] * 2 + [RefusalCode.CANCELLED, RefusalCode.EXPIRED]),
        (city("Split"), ["", "", "", RefusalCode.EXPIRED]),
    ],
    ids=str,
)
def test_each_command_asks_the_rules_for_each_row(desk: BulkDesk, command, reasons) -> None:
    rows = [
        desk.licence(12),
        desk.licence(12, expires_on=date(2017, 10, 1)),
        desk.licence(12, cancelled_on=date(2017, 8, 1)),
        desk.licence(12, expires_on=date(2017, 6, 1)),
    ]
    assert reasons_of(desk.plan(rows, command)) == reasons


def test_a_renewal_shows_the_date_before_and_after(desk: BulkDesk) -> None:
    licence = desk.licence(12, expires_on=date(2017, 8, 1))
    (row,) = plan_of(desk.plan([licence], BulkCommand(CommandKind.RENEW, month=Month(2018, 1))))
    assert (row.expires_on, row.new_expires_on) == (date(2017, 8, 1), date(2018, 1, 1))
    assert (row.next_month.old.fee_cents, row.next_month.new.fee_cents) == (0, 7207)


def test_a_plan_writes_the_selection_and_nothing_else(desk: BulkDesk) -> None:
    def elsewhere():
        tables = (Command, AuditEntry, Customer, Subscription)
        return [list(table.select().order_by(table.id).tuples()) for table in tables]

    selection = desk.select(desk.licences(12, 8))
    before = elsewhere()
    for command in (PLUS_2, city("Split")):
        tick_rows(desk.plan_again(selection, command).id, [1], is_ticked=False, actor=desk.actor)
    assert elsewhere() == before


def test_the_number_of_statements_does_not_grow_with_the_rows(desk: BulkDesk) -> None:
    few, many = desk.select(desk.licences(12, 13)), desk.select(desk.licences(*range(5, 24)))
    counts = []
    for selection in (few, many):
        with statements() as seen:
            desk.plan_again(selection, PLUS_2)
        counts.append(len(seen))
    assert counts[0] == counts[1] < 25


def test_planning_again_replaces_the_plan_and_keeps_the_rows(desk: BulkDesk) -> None:
    licences = desk.licences(12, 24)
    selection = desk.plan(licences, PLUS_2)
    planned = desk.plan_again(selection, SOFT_CANCEL)
    assert [row.subscription_pk for row in plan_of(planned)] == [licence.id for licence in licences]
    assert reasons_of(planned) == ["", ""]
    assert planned.version > selection.version
    assert command_of(planned) == SOFT_CANCEL
    assert SelectionRow.select().count() == 2


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (BulkCommand(CommandKind.RECREATE), "kind"),
        (BulkCommand(CommandKind.MODIFY_QUANTITY, change=QuantityChange.SET_TO, amount=0), "amount"),
        (BulkCommand(CommandKind.RENEW), "month"),
        (BulkCommand(CommandKind.MODIFY_ATTRIBUTES, field_name="country", value="Narnia"), "value"),
        (BulkCommand(CommandKind.MODIFY_ATTRIBUTES, field_name="country", value=""), "value"),
        (BulkCommand(CommandKind.MODIFY_ATTRIBUTES, field_name="email", value="nobody"), "value"),
        (BulkCommand(CommandKind.MODIFY_ATTRIBUTES, field_name="city", value="x" * 101), "value"),
        (BulkCommand(CommandKind.MODIFY_ATTRIBUTES, field_name="city", value="a\x00b"), "value"),
    ],
    ids=str,
)
def test_a_form_that_cannot_be_planned_leaves_the_last_plan(desk: BulkDesk, command, field) -> None:
    selection = desk.plan(desk.licences(12), PLUS_2)
    with pytest.raises(FieldsRefused) as refused:
        desk.plan_again(selection, command)
    assert list(refused.value.problems) == [field]
    assert again(selection).version == selection.version
    assert command_of(again(selection)) == PLUS_2


def test_a_value_is_tidied_as_in_the_register(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(12), city("  Banja   Luka "))
    assert command_of(selection) == city("Banja Luka")


def test_only_the_owner_who_may_run_commands_plans(desk: BulkDesk) -> None:
    selection = desk.select(desk.licences(12))
    with pytest.raises(NotFound):
        desk.plan_again(selection, PLUS_2, by=desk.colleague())
    with pytest.raises(NotFound):
        desk.plan_again(selection, PLUS_2, by=actor(user=add_user("radomir", role=Role.DISTRIBUTOR_ADMIN)))
    with pytest.raises(AccessDenied):
        desk.plan_again(selection, PLUS_2, by=actor(Role.AUDITOR, user=add_user("lupe", role=Role.AUDITOR)))


def test_a_plan_that_another_window_overtook_is_given_up(desk: BulkDesk) -> None:
    older = desk.plan(desk.licences(12), PLUS_2)
    newer = desk.plan_again(older, SOFT_CANCEL)
    with pytest.raises(PlanOutdated):
        RowPlanner(older, PLUS_2, actor=desk.actor, moment=desk.moment).plan([1])
    assert [row.after.quantity for row in plan_of(newer)] == [12]


def test_a_plan_that_was_cut_off_is_no_plan(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(12), PLUS_2)
    many_licences(desk, LARGEST_SELECTION)
    with pytest.raises(TooManyRows, match="With the customers' other licences these are 10,001 rows"):
        desk.plan_again(selection, city("Split"))
    with pytest.raises(PlanOutdated):
        desk.start(again(selection))


def test_details_reach_the_customers_other_usable_licences_visibly(desk: BulkDesk) -> None:
    chosen, other = desk.licence(12), desk.licence(8)
    ended = desk.licence(8, cancelled_on=date(2017, 7, 1))
    waiting = desk.licence(8)
    desk.ask(CommandKind.SOFT_CANCEL, waiting)
    neighbour = desk.licence(8, customer=add_customer("Hotel Adriatic", reseller=desk.reseller))
    selection = desk.plan([chosen], city("Split"))
    rows = plan_of(selection)
    assert [(row.subscription_pk, row.is_added, row.reason_code) for row in rows] == [
        (chosen.id, False, ""),
        (other.id, True, ""),
        (waiting.id, True, RefusalCode.OPEN_COMMAND),
    ]
    assert {ended.id, neighbour.id}.isdisjoint(row.subscription_pk for row in rows)
    summary = plan_summary(selection)
    assert (summary.chosen, summary.added, summary.ticked) == (1, 2, 2)


def test_a_record_that_does_not_change_reaches_no_other_licence(desk: BulkDesk) -> None:
    chosen = desk.licence(12)
    desk.licence(8)
    assert len(plan_of(desk.plan([chosen], city("Sarajevo")))) == 1


def test_a_row_that_is_left_out_changes_no_record(desk: BulkDesk) -> None:
    ended = desk.licence(8, cancelled_on=date(2017, 7, 1))
    desk.licence(8)
    assert reasons_of(desk.plan([ended], city("Split"))) == [RefusalCode.ENDED]


def test_added_rows_go_away_with_the_next_plan(desk: BulkDesk) -> None:
    chosen = desk.licence(12)
    desk.licence(8)
    selection = desk.plan([chosen], city("Split"))
    assert len(plan_of(selection)) == 2
    assert len(plan_of(desk.plan_again(selection, city("Zadar")))) == 2
    assert [row.subscription_pk for row in plan_of(desk.plan_again(selection, PLUS_2))] == [chosen.id]


def test_rows_are_left_out_and_taken_in_again(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(12, 8, 24), PLUS_2)
    unticked = tick_rows(selection.id, [1, 3, 99], is_ticked=False, actor=desk.actor)
    assert [row.is_ticked for row in plan_of(unticked)] == [False, True, False]
    assert unticked.version == selection.version + 1
    everything = tick_rows(selection.id, None, is_ticked=True, actor=desk.actor)
    assert [row.is_ticked for row in plan_of(everything)] == [True, True, False]


def test_sums_follow_the_ticks_and_hold_what_stays(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(8, 8), PLUS_2)
    # added before rounding: 16 x 10.00 x 0.78 = 124.80; 20 x 7.70 x 0.78 = 120.12
    month = plan_summary(selection).this_month
    assert (month.fee_cents, month.new_fee_cents, month.difference_cents) == (12480, 12012, -468)
    assert (month.end_user_cents, month.new_end_user_cents) == (16000, 15400)
    unticked = tick_rows(selection.id, [2], is_ticked=False, actor=desk.actor)
    month = plan_summary(unticked).this_month
    assert (month.fee_cents, month.new_fee_cents) == (12480, 6240 + 6006)


def test_a_hint_names_the_cheaper_quantity_and_what_it_saves(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(12, 11, 8), PLUS_2)
    first, second, third = plan_of(selection)
    # 14 x 7.70 = 107.80, 15 x 3.54 = 53.10; with 22%: 84.08 and 41.42
    assert (first.cheaper.quantity, first.cheaper.sku, first.cheaper.saves_end_user_cents) == (15, "KL4864X15", 5470)
    assert first.cheaper.saves_fee_cents == 8408 - 4142
    assert (second.cheaper.quantity, third.cheaper.quantity) == (15, 15)
    hints = plan_summary(selection).hints
    assert (hints.rows, hints.groups[0].rows) == (3, 1)
    assert (hints.groups[0].quantity, hints.groups[0].end_user_cents) == (14, 10780)
    assert (hints.groups[0].cheaper_quantity, hints.groups[0].cheaper_end_user_cents) == (15, 5310)
    assert hints.saves_fee_cents == sum(row.cheaper.saves_fee_cents for row in (first, second, third))
    assert positions(plan_page(selection, PlanFilter(is_hinted=True), page=PageRequest()).rows) == [1, 2, 3]


def test_the_cheaper_quantity_is_taken_for_one_row(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(12, 11), PLUS_2)
    taken = take_cheaper(selection.id, [2], actor=desk.actor, moment=desk.moment)
    first, second = plan_of(taken)
    assert (first.after.quantity, first.takes_cheaper) == (14, False)
    assert (second.after.quantity, second.takes_cheaper, second.cheaper) == (15, True, None)
    assert second.this_month.new.fee_cents == 4142
    assert plan_summary(taken).hints.rows == 1


def test_the_cheaper_quantity_is_taken_for_every_ticked_row_with_a_hint(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(12, 11, 10, 16), PLUS_2)
    tick_rows(selection.id, [2], is_ticked=False, actor=desk.actor)
    taken = take_cheaper(selection.id, None, actor=desk.actor, moment=desk.moment)
    assert [row.after.quantity for row in plan_of(taken)] == [15, 13, 15, 18]
    with pytest.raises(NothingSelected):
        take_cheaper(selection.id, [4], actor=desk.actor, moment=desk.moment)


def test_a_cheaper_quantity_that_the_licence_has_already_needs_no_command(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(15), set_to(14))
    taken = take_cheaper(selection.id, None, actor=desk.actor, moment=desk.moment)
    assert reasons_of(taken) == [RefusalCode.SAME_QUANTITY]


def test_a_plan_of_last_month_takes_no_cheaper_quantity(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(12), PLUS_2)
    desk.at("2017-08-01T00:00:00")
    with pytest.raises(PlanOutdated, match="A new month"):
        take_cheaper(selection.id, None, actor=desk.actor, moment=desk.moment)


def test_nobody_else_ticks_or_takes(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(12), PLUS_2)
    other = desk.colleague()
    with pytest.raises(NotFound):
        tick_rows(selection.id, None, is_ticked=False, actor=other)
    with pytest.raises(NotFound):
        take_cheaper(selection.id, None, actor=other, moment=desk.moment)
    assert [row.is_ticked for row in plan_of(selection)] == [True]


def test_each_months_prices_and_discount_are_its_own(desk: BulkDesk) -> None:
    add_price_list(desk.product, valid_from=date(2017, 8, 1), bands=((5, 14, 900), (15, 24, 300)))
    ResellerDiscount.create(reseller=desk.reseller, valid_from=date(2017, 8, 1), basis_points=1000)
    selection = desk.plan(desk.licences(12), set_to(14))
    (row,) = plan_of(selection)
    assert row.this_month.new.fee_cents == 8408
    assert (row.next_month.old.fee_cents, row.next_month.new.fee_cents) == (9720, 11340)
    following = plan_summary(selection).next_month
    assert (following.fee_cents, following.new_fee_cents) == (9720, 11340)
