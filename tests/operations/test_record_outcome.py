"""What the vendor's answer, or its absence, does to a command that is being sent."""

from datetime import date, timedelta

import pytest

from licensing.commands import Confirmed, Evidence, NotExecuted, Outcome, Rejected, Unknown
from licensing.states import CommandKind, CommandState, OrderState
from models import Attempt, AuditEntry, Command, GatewayHold, Subscription
from operations.settle_command import expire_leases
from tests.desk import DEADLINE, GATEWAY, Desk, again, audited, created, local, spans, state_of

SECOND = timedelta(seconds=1)
EVIDENCE = Evidence(request="POST create", response='{"Status": 1}', http_status=200, was_written=True)
OUTCOMES = [created(), Rejected("409", "Busy"), NotExecuted("Connection refused"), Unknown("The answer was lost")]


def last_attempt(command: Command) -> Attempt:
    return Attempt.select().where(Attempt.command == command.id).order_by(Attempt.id.desc()).first()


def test_a_confirmed_create_makes_the_licence(desk: Desk) -> None:
    desk.at("2017-07-23T14:43:49")
    answer = created(executed_at=local("2017-07-23T14:43:50"), evidence=EVIDENCE)
    command = desk.send(desk.order(quantity=12), answer)
    licence = again(command.subscription)
    assert (licence.subscription_id, licence.activation_code) == (answer.subscription_id, answer.activation_code)
    assert (licence.order_state, licence.activated_at) == (OrderState.LIVE, answer.executed_at)
    assert (licence.last_request, licence.version) == ("Create", 2)
    assert licence.confirmed_details["company_name"] == "Tunel d.o.o."
    assert spans(licence) == [(12, "2017-07-23 14:43:50", None)]
    assert (command.executed_at, command.settled_at, command.lease) == (answer.executed_at, desk.now, None)
    assert audited("command", command.id) == ["subscription.ordered", "subscription.command.confirmed"]


def test_the_attempt_keeps_the_evidence(desk: Desk) -> None:
    command = desk.send(desk.order(), created(evidence=EVIDENCE))
    attempt = last_attempt(command)
    assert (attempt.result, attempt.http_status) == ("Confirmed", 200)
    assert (attempt.request, attempt.response) == (EVIDENCE.request, EVIDENCE.response)
    assert attempt.finished_at == desk.now


def test_without_a_time_of_the_vendor_the_command_counts_from_its_answer(desk: Desk) -> None:
    command = desk.order()
    claim = desk.claim(command)
    desk.wait(7)
    desk.answer(claim, created(executed_at=None))
    assert again(command).executed_at == desk.now


def test_an_instant_that_no_clock_can_mean_is_not_taken_for_the_time_of_execution(desk: Desk) -> None:
    for stated in ("1970-01-01T00:00:00", "2017-07-21T00:00:00", "2017-07-25T00:00:00", "3017-07-23T00:00:00"):
        command = desk.send(desk.order(), created(executed_at=local(stated)))
        assert command.executed_at == desk.now


def test_a_refused_create_is_a_failed_order_and_nothing_else(desk: Desk) -> None:
    refused = Rejected(code="SkuUnknown", message="No such SKU", error_reference="GUID", evidence=EVIDENCE)
    command = desk.send(desk.order(), refused)
    assert (command.state, command.error_code, command.error_message) == (
        CommandState.REJECTED,
        "SkuUnknown",
        "No such SKU",
    )
    assert (command.error_reference, command.executed_at) == ("GUID", None)
    licence = again(command.subscription)
    assert (licence.order_state, licence.subscription_id, spans(licence)) == (OrderState.FAILED, None, [])


def test_a_refused_change_changes_nothing(desk: Desk) -> None:
    subscription = desk.live(quantity=12)
    command = desk.send(desk.ask(CommandKind.MODIFY_QUANTITY, subscription, quantity=8), Rejected("409", "Busy"))
    assert command.state == CommandState.REJECTED
    assert again(subscription).__data__ == subscription.__data__
    assert audited("command", command.id)[-1] == "subscription.command.rejected"


def test_proved_not_executed_is_queued_again_after_a_growing_wait(desk: Desk) -> None:
    command = desk.order()
    waits = []
    for _ in range(10):
        desk.send(command, NotExecuted(reason="Connection refused"))
        waiting = again(command)
        assert waiting.state == CommandState.QUEUED
        waits.append((waiting.due_at - desk.real_now) / SECOND)
        desk.real_now = waiting.due_at
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_the_wait_does_not_fail_after_days_of_a_vendor_that_is_down(desk: Desk) -> None:
    command = desk.order()
    Command.update(attempt=5000).where(Command.id == command.id).execute()
    desk.send(command, NotExecuted(reason="Connection refused"))
    assert again(command).due_at == desk.real_now + 300 * SECOND


@pytest.mark.parametrize(("seconds", "wait"), [(40.0, 40), (0.0, 0), (-5.0, 0)])
def test_a_throttle_is_obeyed(desk: Desk, seconds: float, wait: int) -> None:
    command = desk.send(desk.order(), NotExecuted(reason="HTTP 429", retry_after_seconds=seconds))
    assert command.due_at == desk.real_now + wait * SECOND


def test_a_refused_sign_in_holds_the_gateway_and_keeps_the_command(desk: Desk) -> None:
    first, second = desk.order(), desk.order()
    one, two = desk.claim(first), desk.claim(second)
    desk.answer(one, NotExecuted(reason="HTTP 401", holds_gateway=True))
    desk.answer(two, NotExecuted(reason="HTTP 403", holds_gateway=True))
    assert (state_of(first), state_of(second)) == (CommandState.QUEUED, CommandState.QUEUED)
    (hold,) = GatewayHold.select()
    assert (hold.gateway, hold.reason, hold.held_at) == (GATEWAY, "HTTP 401", desk.now)


def test_an_unknown_outcome_is_asked_about_soon_and_shows_why(desk: Desk) -> None:
    command = desk.order()
    claim = desk.claim(command)
    desk.wait(10)
    desk.answer(claim, Unknown(reason="The answer was lost", evidence=EVIDENCE))
    lost = again(command)
    assert (lost.state, lost.lease, lost.error_message) == (CommandState.UNKNOWN, None, "The answer was lost")
    assert (lost.deadline_at, lost.due_at) == (claim.deadline_at, desk.real_now + SECOND)
    assert audited("command", command.id)[-1] == "subscription.command.unknown"
    assert again(command.subscription).order_state == OrderState.PENDING


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: type(outcome).__name__)
def test_a_late_answer_is_kept_as_evidence_and_moves_nothing(desk: Desk, outcome: Outcome) -> None:
    command = desk.order()
    claim = desk.claim(command)
    desk.wait(3 * DEADLINE)
    expire_leases(moment=desk.moment)
    stands = (again(command).__data__, again(command.subscription).__data__, AuditEntry.select().count())
    assert desk.answer(claim, outcome) is False
    assert (again(command).__data__, again(command.subscription).__data__, AuditEntry.select().count()) == stands
    assert last_attempt(command).result == "late"


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: type(outcome).__name__)
def test_the_answer_to_an_earlier_attempt_does_not_settle_a_later_one(desk: Desk, outcome: Outcome) -> None:
    command = desk.order()
    first = desk.claim(command)
    desk.answer(first, NotExecuted(reason="Connection refused"))
    desk.wait(60)
    second = desk.claim(command)
    assert desk.answer(first, outcome) is False
    assert (state_of(command), again(command).lease) == (CommandState.SENDING, second.lease)
    assert desk.answer(second, created()) is True


def test_an_answer_counts_once(desk: Desk) -> None:
    command = desk.order()
    claim = desk.claim(command)
    assert [desk.answer(claim, created()), desk.answer(claim, created())] == [True, False]
    assert len(spans(command.subscription)) == 1


def test_the_second_call_alone_is_continued_and_the_command_counts_from_the_first(desk: Desk) -> None:
    subscription = desk.live(at="2017-05-10T10:00:00", quantity=12)
    desk.done(CommandKind.SOFT_CANCEL, subscription, at="2017-06-10T10:00:00")
    desk.at("2017-07-31T23:59:50")
    command = desk.ask(CommandKind.RENEW, subscription)
    begun_at = local("2017-07-31T23:59:52")
    desk.send(command, NotExecuted(reason="HTTP 429", completed_steps=1, begun_at=begun_at))
    assert (again(command).completed_steps, again(command).executed_at) == (1, begun_at)
    desk.wait(60)
    desk.send(command, Confirmed(executed_at=local("2017-08-01T00:00:50")))
    assert again(command).executed_at == begun_at
    assert spans(subscription)[-1] == (12, "2017-07-31 23:59:52", None)


def test_a_first_call_without_a_stated_time_counts_from_its_answer(desk: Desk) -> None:
    subscription = desk.live()
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    command = desk.ask(CommandKind.RENEW, subscription)
    answered_at = desk.now
    desk.send(command, NotExecuted(reason="HTTP 429", completed_steps=1))
    desk.wait(60)
    desk.send(command, Confirmed())
    assert again(command).executed_at == answered_at


def test_a_refused_second_call_is_left_to_a_person(desk: Desk) -> None:
    subscription = desk.live()
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    command = desk.ask(CommandKind.RENEW, subscription)
    desk.send(command, Rejected(code="TermTooLong", message="At most a year", completed_steps=1))
    held = again(command)
    assert (held.state, held.completed_steps, held.error_code) == (CommandState.PARKED, 1, "TermTooLong")
    assert held.error_message == "TermTooLong At most a year"
    assert again(subscription).cancelled_on is not None
    assert audited("command", command.id)[-1] == "subscription.command.parked"


@pytest.mark.parametrize("subscription_id", ["taken", None])
def test_an_answer_without_an_id_of_its_own_is_not_believed(desk: Desk, subscription_id: str | None) -> None:
    taken = desk.live().subscription_id
    answer = created(subscription_id=taken if subscription_id else None)
    command = desk.send(desk.order(), answer)
    assert command.state == CommandState.UNKNOWN
    assert Subscription.select().where(Subscription.subscription_id == taken).count() == 1


def test_an_answer_with_characters_that_no_database_takes_is_recorded_all_the_same(desk: Desk) -> None:
    hostile = "a\x00b\ud800c\u202ed" + "x" * 5000
    evidence = Evidence(request=hostile, response=hostile)
    for outcome, state in (
        (Rejected(hostile, hostile, error_reference=hostile, evidence=evidence), CommandState.REJECTED),
        (Unknown(hostile, evidence=evidence), CommandState.UNKNOWN),
        (NotExecuted(hostile, evidence=evidence), CommandState.QUEUED),
    ):
        command = desk.send(desk.order(), outcome)
        assert command.state == state
        assert command.error_message.startswith("a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c")
        assert len(last_attempt(command).response) == 4000


def test_a_refusal_of_a_half_done_command_is_never_a_refusal_of_the_whole(desk: Desk) -> None:
    """Whatever an adapter says of the steps: the vendor has done the first call, so something took effect there."""
    licence = desk.live(expires_on=date(2017, 12, 1))
    command = desk.ask(CommandKind.RENEW, licence, expires_on=None)
    desk.send(command, NotExecuted("Busy", completed_steps=1, begun_at=desk.now))
    desk.wait(10)
    command = desk.send(command, Rejected(code="NotOffered", message="No such command"))
    assert (command.state, command.completed_steps, command.error_code) == (CommandState.PARKED, 1, "NotOffered")


def test_what_a_command_has_done_at_the_vendor_is_never_forgotten(desk: Desk) -> None:
    licence = desk.live(expires_on=date(2017, 12, 1))
    command = desk.ask(CommandKind.RENEW, licence, expires_on=None)
    begun_at = desk.now
    desk.send(command, NotExecuted("Busy", completed_steps=1, begun_at=begun_at))
    desk.wait(10)
    command = desk.send(command, Unknown("The answer was lost"))
    assert (command.completed_steps, command.executed_at) == (1, begun_at)
