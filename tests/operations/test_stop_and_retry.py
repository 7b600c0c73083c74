"""Stopping a batch, and trying again what failed or was stopped."""

import pytest

from access import AccessDenied, Role
from licensing.bulk import BulkCommand
from licensing.commands import Confirmed, NotExecuted, Rejected, Unknown
from licensing.commands import NotFound as Absent
from licensing.states import CommandKind, CommandState
from licensing.terms import Month
from models import Batch, Command
from operations.bulk_refusals import NothingSelected
from operations.refusals import NotFound
from operations.retry_rows import retry_rows
from operations.stop_batch import stop_batch
from queries.batch import RowStanding
from queries.selection import command_of
from tests.bulk_desk import PLUS_2, BulkDesk, commands_of, plan_of
from tests.desk import LATENESS, again, audited, state_of
from tests.small_book import actor, add_reseller, add_user

REFUSED = Rejected(code="LicenseBusy", message="The license is being processed.")


@pytest.fixture
def desk(rolled_back: str) -> BulkDesk:
    return BulkDesk()


def states(batch: Batch) -> list[str]:
    return [command.state for command in commands_of(batch)]


def stop(desk: BulkDesk, batch: Batch, *, by=None) -> Batch:
    return stop_batch(batch.id, actor=by or desk.actor, moment=desk.moment)


def retry(desk: BulkDesk, batch: Batch, *, by=None, **values: object):
    return retry_rows(batch.id, actor=by or desk.actor, moment=desk.moment, **values)


def test_a_stop_cancels_what_waits_and_lets_what_is_being_sent_finish(desk: BulkDesk) -> None:
    batch = desk.batch(desk.licences(12, 11, 10))
    first, second, third = commands_of(batch)
    desk.send(first, Confirmed())
    claim = desk.claim(second)
    stopped = stop(desk, batch)
    assert states(batch) == ["confirmed", "sending", "cancelled"]
    assert (stopped.stopped_at, stopped.stopped_by_id) == (desk.now, desk.user.id)
    assert again(third).settled_at == desk.now
    assert audited("command", third.id)[-1] == "subscription.command.cancelled"
    assert audited("batch", batch.id) == ["batch.started", "batch.stopped"]
    assert desk.answer(claim, Confirmed())
    assert states(batch) == ["confirmed", "confirmed", "cancelled"]
    assert desk.claim(third) is None


def test_a_stopped_row_is_free_for_another_command(desk: BulkDesk) -> None:
    licence = desk.licence(12)
    stop(desk, desk.batch([licence]))
    assert desk.ask(CommandKind.SOFT_CANCEL, licence).state == CommandState.QUEUED


def test_a_second_stop_changes_nothing(desk: BulkDesk) -> None:
    batch = desk.batch(desk.licences(12))
    first = stop(desk, batch)
    desk.wait(60)
    assert stop(desk, batch).stopped_at == first.stopped_at
    assert audited("batch", batch.id) == ["batch.started", "batch.stopped"]


def test_a_finished_batch_is_not_stopped(desk: BulkDesk) -> None:
    batch = desk.batch(desk.licences(12))
    desk.answer_all(batch)
    assert stop(desk, batch).stopped_at is None


def test_a_command_that_comes_back_after_the_stop_is_not_sent_again(desk: BulkDesk) -> None:
    batch = desk.batch(desk.licences(12))
    (command,) = commands_of(batch)
    claim = desk.claim(command)
    stop(desk, batch)
    desk.answer(claim, NotExecuted(reason="Connection refused"))
    assert state_of(command) == CommandState.QUEUED
    desk.wait(60)
    assert desk.claim(command) is None
    assert state_of(command) == CommandState.CANCELLED
    assert audited("command", command.id)[-1] == "subscription.command.cancelled"


def test_an_unknown_outcome_that_proves_absent_after_the_stop_is_not_sent_again(desk: BulkDesk) -> None:
    batch = desk.batch(desk.licences(12))
    (command,) = commands_of(batch)
    desk.answer(desk.claim(command), Unknown(reason="No answer"))
    stop(desk, batch)
    desk.wait(60)
    desk.read(command, Absent())
    for _ in range(int(LATENESS.total_seconds() // 60) + 1):
        desk.wait(60)
        if desk.question(command) is not None:
            desk.read(command, Absent())
    assert state_of(command) == CommandState.QUEUED
    assert desk.claim(command) is None
    assert state_of(command) == CommandState.CANCELLED


def test_a_half_done_renewal_goes_on_after_the_stop(desk: BulkDesk) -> None:
    licences = [desk.licence(12, expires_on=Month(2017, 12).first_day) for _ in range(2)]
    batch = desk.batch(licences, BulkCommand(CommandKind.RENEW, month=Month(2018, 3)))
    first = commands_of(batch)[0]
    desk.answer(desk.claim(first), NotExecuted(reason="Connection refused", completed_steps=1))
    stop(desk, batch)
    assert states(batch) == ["queued", "cancelled"]
    desk.wait(60)
    assert desk.claim(first).request.completed_steps == 1


def test_whoever_sees_the_batch_and_may_run_commands_stops_it(desk: BulkDesk) -> None:
    batch = desk.batch(desk.licences(12))
    sitwell = add_reseller("Sitwell Enterprises")
    stranger = actor(Role.RESELLER_ADMIN, reseller=sitwell, user=add_user("sally", reseller=sitwell))
    for batch_id in (batch.id, 987_654):
        with pytest.raises(NotFound):
            stop_batch(batch_id, actor=stranger, moment=desk.moment)
    with pytest.raises(AccessDenied):
        stop(desk, batch, by=actor(Role.AUDITOR, user=add_user("lupe", role=Role.AUDITOR)))
    assert states(batch) == ["queued"]
    colleague = desk.colleague()
    assert stop(desk, batch, by=colleague).stopped_by_id == colleague.user_id


def test_the_failed_rows_are_chosen_again_with_the_same_command(desk: BulkDesk) -> None:
    fine, refused, changed, top = desk.licences(12, 11, 10, 24)
    selection = desk.plan([fine, refused, changed, top], PLUS_2)
    desk.done(CommandKind.MODIFY_QUANTITY, changed, quantity=16)
    batch = desk.start(selection)
    first, second = commands_of(batch)
    desk.send(first, Confirmed())
    desk.send(second, REFUSED)
    again_chosen = retry(desk, batch)
    assert (again_chosen.origin, again_chosen.retried_batch, again_chosen.rows) == ("retry", batch.id, 2)
    assert command_of(again_chosen) == PLUS_2
    assert again_chosen.planned_at is None
    rows = plan_of(desk.plan_again(again_chosen, command_of(again_chosen)))
    assert [(row.subscription_pk, row.before.quantity, row.after.quantity) for row in rows] == [
        (refused.id, 11, 13),
        (changed.id, 16, 18),
    ]
    assert Command.select().where(Command.batch == batch.id).count() == 2


def test_the_retried_rows_run_as_a_batch_of_their_own(desk: BulkDesk) -> None:
    batch = desk.batch(desk.licences(12))
    desk.answer_all(batch, REFUSED)
    second = desk.start(desk.plan_again(retry(desk, batch), PLUS_2))
    desk.answer_all(second)
    assert (second.id > batch.id, states(second), states(batch)) == (True, ["confirmed"], ["rejected"])
    with pytest.raises(NothingSelected):
        retry(desk, second)


def test_some_failed_rows_can_be_chosen_alone(desk: BulkDesk) -> None:
    batch = desk.batch(desk.licences(12, 11, 10))
    desk.answer_all(batch, REFUSED)
    chosen = retry(desk, batch, positions=[2, 3, 99])
    assert [row.subscription_pk for row in plan_of(desk.plan_again(chosen, PLUS_2))] == [
        command.subscription_id for command in commands_of(batch)[1:]
    ]


def test_stopped_rows_can_be_chosen_again_and_others_not(desk: BulkDesk) -> None:
    batch = desk.batch(desk.licences(12, 11))
    desk.send(commands_of(batch)[0], Confirmed())
    stop(desk, batch)
    with pytest.raises(NothingSelected):
        retry(desk, batch)
    assert retry(desk, batch, standing=RowStanding.STOPPED).rows == 1
    with pytest.raises(ValueError, match="cannot be tried again"):
        retry(desk, batch, standing=RowStanding.CONFIRMED)


def test_only_who_sees_the_batch_and_may_run_commands_retries(desk: BulkDesk) -> None:
    batch = desk.batch(desk.licences(12))
    desk.answer_all(batch, REFUSED)
    sitwell = add_reseller("Sitwell Enterprises")
    stranger = actor(Role.RESELLER_ADMIN, reseller=sitwell, user=add_user("sally", reseller=sitwell))
    with pytest.raises(NotFound):
        retry(desk, batch, by=stranger)
    with pytest.raises(AccessDenied):
        retry(desk, batch, by=actor(Role.AUDITOR, user=add_user("lupe", role=Role.AUDITOR)))
    colleague = desk.colleague()
    assert retry(desk, batch, by=colleague).owner_id == colleague.user_id
