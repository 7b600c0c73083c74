"""How far a batch is, its rows tab by tab, its result sheet, and the list of batches."""

from datetime import timedelta

import pytest

from access import Role
from licensing.commands import Confirmed, NotExecuted, Rejected, Unknown
from licensing.states import CommandKind
from operations.adjust_plan import tick_rows
from operations.stop_batch import stop_batch
from queries.batch import (
    BatchRow,
    RowStanding,
    batch_command,
    batch_page,
    batch_progress,
    batches,
    result_rows,
    running_batches,
)
from queries.listing import PageRequest
from tests.bulk_desk import PLUS_2, SOFT_CANCEL, BulkDesk, commands_of, set_to
from tests.desk import again
from tests.small_book import actor, add_customer, add_reseller, add_user, statements

REFUSED = Rejected(code="LicenseBusy", message="The license is being processed.")


@pytest.fixture
def desk(rolled_back: str) -> BulkDesk:
    return BulkDesk()


@pytest.fixture
def mixed(desk: BulkDesk):
    """A batch with a row in every standing: set aside, confirmed twice, refused, unknown, being sent, waiting."""
    licences = desk.licences(5, 6, 7, 10, 11, 12, 13, 24)
    selection = desk.plan(licences, PLUS_2)
    desk.done(CommandKind.MODIFY_QUANTITY, licences[0], quantity=20)
    batch = desk.start(selection)
    for number, outcome in enumerate([Confirmed(), REFUSED, Confirmed(), Unknown(reason="No answer")]):
        desk.wait(1)
        desk.send(commands_of(batch)[number], outcome)
    desk.wait(1)
    desk.claim(commands_of(batch)[4])
    return batch


def page(batch, standing: RowStanding | None = None) -> list[BatchRow]:
    return batch_page(batch, standing, page=PageRequest()).rows


def test_progress_counts_each_row_once(desk: BulkDesk, mixed) -> None:
    progress = batch_progress(mixed, moment=desk.moment)
    assert progress.counts == {
        RowStanding.CONFIRMED: 2,
        RowStanding.FAILED: 2,
        RowStanding.UNKNOWN: 1,
        RowStanding.SENDING: 1,
        RowStanding.WAITING: 1,
        RowStanding.STOPPED: 0,
    }
    assert (progress.rows, progress.done, progress.failed) == (7, 5, 2)
    assert (progress.is_running, progress.can_stop) == (True, True)


def test_progress_says_how_long_it_will_take(desk: BulkDesk) -> None:
    batch = desk.batch(desk.licences(*range(5, 15)))
    assert batch_progress(batch, moment=desk.moment).seconds_left is None
    for command in commands_of(batch)[:4]:
        desk.wait(1)
        desk.send(command, Confirmed())
    progress = batch_progress(batch, moment=desk.moment)
    assert (progress.per_second, progress.seconds_left) == (1.0, 6)
    desk.wait(60)
    late = batch_progress(batch, moment=desk.moment)
    assert (late.per_second, late.seconds_left) == (0.0, None)


def test_a_finished_batch_runs_no_more(desk: BulkDesk) -> None:
    batch = desk.batch(desk.licences(12, 11))
    desk.answer_all(batch)
    progress = batch_progress(batch, moment=desk.moment)
    assert (progress.done, progress.is_running, progress.can_stop, progress.seconds_left) == (2, False, False, None)


def test_what_needs_attention_comes_first_and_what_waits_last(desk: BulkDesk, mixed) -> None:
    rows = page(mixed)
    assert [(row.position, row.standing) for row in rows] == [
        (5, RowStanding.UNKNOWN),
        (3, RowStanding.FAILED),
        (1, RowStanding.FAILED),
        (6, RowStanding.SENDING),
        (4, RowStanding.CONFIRMED),
        (2, RowStanding.CONFIRMED),
        (7, RowStanding.WAITING),
    ]


@pytest.mark.parametrize(
    ("standing", "positions"),
    [
        (None, {1, 2, 3, 4, 5, 6, 7}),
        (RowStanding.CONFIRMED, {2, 4}),
        (RowStanding.FAILED, {1, 3}),
        (RowStanding.UNKNOWN, {5}),
        (RowStanding.SENDING, {6}),
        (RowStanding.WAITING, {7}),
        (RowStanding.STOPPED, set()),
    ],
)
def test_a_tab_has_the_rows_that_stand_there(mixed, standing, positions) -> None:
    found = batch_page(mixed, standing, page=PageRequest())
    assert {row.position for row in found.rows} == positions
    assert found.total == len(positions)


def test_a_row_tells_what_was_asked_and_what_came_of_it(desk: BulkDesk, mixed) -> None:
    aside, done, refused, *_others = sorted(page(mixed), key=lambda row: row.position)
    assert (done.quantity, done.new_quantity, done.sku, done.new_sku) == (6, 8, "KL4864X5", "KL4864X5")
    assert (done.company_name, done.reseller, done.subscription_id) == (
        "Tunel d.o.o.",
        "Bluth Company",
        again(commands_of(mixed)[0].subscription).subscription_id,
    )
    assert done.settled_at == done.executed_at == mixed.started_at + timedelta(seconds=1)
    assert (refused.error_code, refused.error_message) == ("LicenseBusy", "The license is being processed.")
    assert (aside.command_id, aside.state, aside.standing) == (None, None, RowStanding.FAILED)
    assert str(aside.reason) == "Not sent: changed by somebody else since the plan."
    assert (done.reason, refused.reason) == (None, None)


def test_a_row_sent_several_times_stands_once_with_its_last_attempt(desk: BulkDesk) -> None:
    batch = desk.batch(desk.licences(12))
    (command,) = commands_of(batch)
    desk.answer(desk.claim(command), NotExecuted(reason="Connection refused"))
    desk.wait(60)
    desk.claim(command)
    (row,) = page(batch)
    assert (row.standing, row.started_at) == (RowStanding.SENDING, desk.now)


def test_another_command_of_the_licence_is_not_the_batchs(desk: BulkDesk) -> None:
    licence = desk.licence(12)
    desk.done(CommandKind.MODIFY_QUANTITY, licence, quantity=14)
    batch = desk.batch([licence], set_to(8))
    desk.answer_all(batch)
    desk.done(CommandKind.SOFT_CANCEL, licence)
    (row,) = page(batch)
    assert (row.quantity, row.new_quantity, row.state) == (14, 8, "confirmed")
    assert batch_progress(batch, moment=desk.moment).rows == 1


def test_the_result_sheet_has_every_chosen_row_with_its_outcome(desk: BulkDesk, mixed) -> None:
    rows = list(result_rows(mixed))
    assert [row.position for row in rows] == list(range(1, 9))
    assert rows[7].standing is None
    assert (rows[7].is_ticked, rows[7].reason_code) == (False, "quantity_outside_bands")
    assert "outside the volume bands" in str(rows[7].reason)


def test_an_unticked_row_is_in_the_sheet_and_in_no_tab(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(12, 11), PLUS_2)
    batch = desk.start(tick_rows(selection.id, [1], is_ticked=False, actor=desk.actor))
    assert [row.position for row in page(batch)] == [2]
    assert [(row.position, row.standing) for row in result_rows(batch)] == [(1, None), (2, RowStanding.WAITING)]


def test_stopped_rows_have_a_tab_of_their_own(desk: BulkDesk) -> None:
    batch = desk.batch(desk.licences(12, 11))
    desk.send(commands_of(batch)[0], Confirmed())
    stop_batch(batch.id, actor=desk.actor, moment=desk.moment)
    progress = batch_progress(batch, moment=desk.moment)
    assert (progress.counts[RowStanding.STOPPED], progress.counts[RowStanding.FAILED]) == (1, 0)
    assert (progress.is_running, progress.can_stop) == (False, False)
    assert [row.position for row in page(batch, RowStanding.STOPPED)] == [2]


def test_a_page_costs_the_same_statements_however_many_rows(desk: BulkDesk, mixed) -> None:
    small = desk.batch(desk.licences(12))
    counts = []
    for batch in (small, mixed):
        with statements() as seen:
            batch_progress(batch, moment=desk.moment)
            page(batch)
        counts.append(len(seen))
    assert counts == [4, 4]


def test_the_heading_says_what_the_batch_does(desk: BulkDesk, mixed) -> None:
    assert batch_command(again(mixed)) == PLUS_2


def test_running_batches_are_those_with_rows_on_their_way(desk: BulkDesk) -> None:
    done, running = desk.batch(desk.licences(12)), desk.batch(desk.licences(12, 11), SOFT_CANCEL)
    desk.answer_all(done)
    (line,) = running_batches(actor=desk.actor)
    assert (line.id, line.kind, line.rows, line.waiting) == (running.id, "SoftCancel", 2, 2)
    assert (line.name, line.reseller, line.left_out) == ("Blake", "Bluth Company", 0)
    desk.answer_all(running)
    assert running_batches(actor=desk.actor) == []


def test_the_list_has_every_batch_the_actor_sees_newest_first(desk: BulkDesk) -> None:
    first, second = desk.batch(desk.licences(12)), desk.batch(desk.licences(12))
    sitwell = add_reseller("Sitwell Enterprises")
    operator = actor(Role.DISTRIBUTOR_OPERATOR, user=add_user("radomir", role=Role.DISTRIBUTOR_OPERATOR))
    bingo = add_customer("Bingo promet d.o.o.", reseller=sitwell)
    both = desk.start(desk.plan([desk.licence(12), desk.licence(12, customer=bingo)], by=operator), by=operator)
    sally = actor(Role.RESELLER_USER, reseller=sitwell, user=add_user("sally", reseller=sitwell))
    seen = [
        [line.id for line in batches(actor=seer).page(PageRequest()).rows] for seer in (desk.actor, operator, sally)
    ]
    assert seen == [[second.id, first.id], [both.id, second.id, first.id], []]
    assert [line.id for line in running_batches(actor=operator)] == [both.id, second.id, first.id]
    assert running_batches(actor=sally) == []
