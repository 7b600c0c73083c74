"""Outcomes that nobody knows: leases that ran out, what the vendor is read to say, the proof that nothing happened."""

from datetime import timedelta

from licensing.commands import Confirmed, Evidence, NotFound, Rejected, Unknown, Unreadable
from licensing.states import CommandKind, CommandState, OrderState
from models import Attempt, Command
from operations.settle_command import expire_leases, settle_command
from tests.desk import DEADLINE, LATENESS, Desk, again, audited, created, local, spans, state_of

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def lost(desk: Desk, command: Command) -> Command:
    """The command after its answer was lost at once, so that its deadline is still to come."""
    sent = desk.send(command, Unknown(reason="The answer was lost", evidence=Evidence(request="POST create")))
    desk.wait(2)
    return sent


def when_due(desk: Desk, command: Command) -> None:
    """Move on to the next read."""
    due_at = again(command).due_at
    desk.wait(max(due_at - desk.real_now, timedelta()))


def after_deadline(desk: Desk, command: Command) -> None:
    desk.wait(again(command).deadline_at - desk.real_now + SECOND)


def reads_of(command: Command) -> list[str]:
    rows = Attempt.select(Attempt.result).where(Attempt.command == command.id, Attempt.purpose == "read")
    return [result for (result,) in rows.order_by(Attempt.id).tuples()]


def test_a_sender_that_does_not_come_back_leaves_an_unknown_outcome(desk: Desk) -> None:
    command = desk.order()
    claim = desk.claim(command)
    desk.real_now = claim.lease_until
    assert expire_leases(moment=desk.moment) == []
    desk.wait(SECOND)
    assert expire_leases(moment=desk.moment) == [command.id]
    held = again(command)
    assert (held.state, held.lease, held.due_at) == (CommandState.UNKNOWN, None, desk.real_now + SECOND)
    assert audited("command", command.id)[-1] == "subscription.command.unknown"
    assert expire_leases(moment=desk.moment) == []


def test_the_business_clock_ends_no_lease(desk: Desk) -> None:
    command = desk.order()
    desk.claim(command)
    desk.at("2035-01-01T00:00:00")
    assert expire_leases(moment=desk.moment) == []


def test_only_an_unknown_command_that_is_due_is_asked_about(desk: Desk) -> None:
    command = desk.order()
    assert desk.question(command) is None
    claim = desk.claim(command)
    assert desk.question(command) is None
    desk.answer(claim, Unknown(reason="The answer was lost"))
    assert desk.question(command) is None
    when_due(desk, command)
    assert desk.question(command).request == claim.request
    Command.update(state=CommandState.PARKED).where(Command.id == command.id).execute()
    assert desk.question(command) is None


def test_found_is_confirmed_with_what_the_vendor_says(desk: Desk) -> None:
    command = lost(desk, desk.order())
    evidence = Evidence(request="GET find", response="{}", http_status=200)
    finding = created(executed_at=local("2017-07-23T14:46:36"), evidence=evidence)
    assert desk.read(command, finding) is True
    licence = again(command.subscription)
    assert (licence.order_state, licence.subscription_id) == (OrderState.LIVE, finding.subscription_id)
    assert again(command).executed_at == finding.executed_at
    read = Attempt.get(Attempt.purpose == "read", Attempt.command == command.id)
    assert (read.number, read.result, read.request, read.http_status) == (1, "Confirmed", "GET find", 200)


def test_found_refused_is_rejected(desk: Desk) -> None:
    command = lost(desk, desk.order())
    assert desk.read(command, Rejected(code="SkuUnknown", message="No such SKU")) is True
    assert again(command).error_code == "SkuUnknown"
    assert again(command.subscription).order_state == OrderState.FAILED


def test_one_that_is_settled_twice_at_once_takes_effect_once(desk: Desk) -> None:
    subscription = desk.live(quantity=12)
    command = lost(desk, desk.ask(CommandKind.MODIFY_QUANTITY, subscription, quantity=8))
    questions = [desk.question(command), desk.question(command)]
    settled = [settle_command(q, Confirmed(), moment=desk.moment, lateness=LATENESS) for q in questions]
    assert settled == [True, False]
    assert again(subscription).version == subscription.version + 1


def test_a_negative_read_before_the_deadline_proves_nothing(desk: Desk) -> None:
    command = lost(desk, desk.order())
    assert desk.read(command, NotFound()) is False
    asked = again(command)
    assert (asked.state, asked.absent_at) == (CommandState.UNKNOWN, None)
    assert SECOND <= asked.due_at - desk.real_now <= 5 * SECOND


def test_the_deadline_itself_is_not_after_the_deadline(desk: Desk) -> None:
    command = lost(desk, desk.order())
    desk.wait(again(command).deadline_at - desk.real_now)
    desk.read(command, NotFound())
    assert again(command).absent_at is None


def test_one_negative_read_after_the_deadline_is_no_proof(desk: Desk) -> None:
    command = lost(desk, desk.order())
    after_deadline(desk, command)
    assert desk.read(command, NotFound()) is False
    asked = again(command)
    assert (asked.state, asked.absent_at) == (CommandState.UNKNOWN, desk.real_now)
    assert asked.due_at == desk.real_now + MINUTE


def test_two_negative_reads_closer_than_the_lateness_are_no_proof(desk: Desk) -> None:
    command = lost(desk, desk.order())
    after_deadline(desk, command)
    desk.read(command, NotFound())
    first = desk.real_now
    desk.wait(LATENESS - SECOND)
    assert desk.read(command, NotFound()) is False
    asked = again(command)
    assert (asked.state, asked.absent_at, asked.due_at) == (CommandState.UNKNOWN, first, desk.real_now + SECOND)


def test_two_negative_reads_the_lateness_apart_prove_it_and_the_same_request_is_sent_again(desk: Desk) -> None:
    command = desk.order()
    first = desk.claim(command)
    desk.answer(first, Unknown(reason="The answer was lost"))
    after_deadline(desk, command)
    desk.read(command, NotFound())
    desk.wait(LATENESS)
    assert desk.read(command, NotFound()) is True
    assert (state_of(command), again(command).due_at) == (CommandState.QUEUED, desk.real_now)
    second = desk.claim(command)
    assert second.request == first.request
    assert (again(command).absent_at, again(command).attempt) == (None, 2)


def test_an_expired_lease_is_proved_absent_only_after_the_whole_lease(desk: Desk) -> None:
    command = desk.order()
    claim = desk.claim(command)
    desk.wait(3 * DEADLINE)
    expire_leases(moment=desk.moment)
    assert again(command).deadline_at == claim.lease_until
    when_due(desk, command)
    desk.read(command, NotFound())
    assert again(command).absent_at == desk.real_now


def test_a_read_that_fails_neither_proves_nor_forgets(desk: Desk) -> None:
    command = lost(desk, desk.order())
    after_deadline(desk, command)
    desk.read(command, NotFound())
    first = desk.real_now
    desk.wait(MINUTE)
    assert desk.read(command, Unreadable(reason="HTTP 500")) is False
    asked = again(command)
    assert (asked.state, asked.absent_at) == (CommandState.UNKNOWN, first)
    assert reads_of(command) == ["NotFound", "Unreadable"]


def test_a_vendor_that_cannot_be_read_is_asked_again_after_twice_the_time_up_to_a_minute(desk: Desk) -> None:
    command = lost(desk, desk.order())
    waits = []
    for _ in range(8):
        when_due(desk, command)
        assert desk.read(command, Unreadable(reason="HTTP 500")) is False
        waits.append((again(command).due_at - desk.real_now).total_seconds())
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]


def test_what_is_found_after_a_negative_read_is_confirmed(desk: Desk) -> None:
    command = lost(desk, desk.order())
    after_deadline(desk, command)
    desk.read(command, NotFound())
    desk.wait(LATENESS)
    assert desk.read(command, created()) is True
    assert state_of(command) == CommandState.CONFIRMED


def test_the_reads_of_one_attempt_prove_nothing_about_the_next(desk: Desk) -> None:
    command = lost(desk, desk.order())
    after_deadline(desk, command)
    desk.read(command, NotFound())
    desk.wait(LATENESS)
    stale = desk.question(command)
    desk.read(command, NotFound())
    lost(desk, command)
    assert settle_command(stale, NotFound(), moment=desk.moment, lateness=LATENESS) is False
    assert settle_command(stale, created(), moment=desk.moment, lateness=LATENESS) is False
    assert (state_of(command), again(command).absent_at) == (CommandState.UNKNOWN, None)


def test_a_refusal_may_be_that_of_an_earlier_attempt_while_the_last_can_still_be_executed(desk: Desk) -> None:
    command = lost(desk, desk.order())
    after_deadline(desk, command)
    desk.read(command, NotFound())
    desk.wait(LATENESS)
    desk.read(command, NotFound())
    lost(desk, command)
    refused = Rejected(code="Full", message="No codes left")
    when_due(desk, command)
    assert desk.read(command, refused) is False
    assert state_of(command) == CommandState.UNKNOWN
    desk.wait(DEADLINE + LATENESS)
    assert desk.read(command, refused) is True
    assert state_of(command) == CommandState.REJECTED


def test_what_cannot_be_read_for_a_day_is_left_to_a_person(desk: Desk) -> None:
    command = lost(desk, desk.order())
    desk.wait(timedelta(hours=23))
    assert desk.read(command, Unreadable(reason="HTTP 500")) is False
    desk.wait(timedelta(hours=2))
    assert desk.read(command, Unreadable(reason="HTTP 500")) is True
    assert state_of(command) == CommandState.PARKED
    assert again(command).error_message == "HTTP 500"


def test_a_service_that_can_never_be_asked_leaves_it_to_a_person(desk: Desk) -> None:
    command = lost(desk, desk.order())
    assert desk.read(command, Unreadable(reason="The service cannot be asked.", is_permanent=True)) is True
    parked = again(command)
    assert (parked.state, parked.error_message) == (CommandState.PARKED, "The service cannot be asked.")
    assert audited("command", command.id)[-1] == "subscription.command.parked"
    desk.wait(MINUTE)
    assert desk.question(command) is None


def test_a_first_call_that_the_vendor_knows_is_not_sent_again_and_the_second_goes_at_once(desk: Desk) -> None:
    subscription = desk.live(at="2017-05-10T10:00:00")
    desk.done(CommandKind.SOFT_CANCEL, subscription, at="2017-07-31T23:00:00")
    desk.at("2017-07-31T23:59:50")
    command = lost(desk, desk.ask(CommandKind.RENEW, subscription))
    begun_at = local("2017-07-31T23:59:51")
    desk.read(command, NotFound(completed_steps=1, begun_at=begun_at))
    claim = desk.claim(command)
    assert claim.request.completed_steps == 1
    desk.answer(claim, Confirmed(executed_at=desk.now))
    assert again(command).executed_at == begun_at
    assert spans(subscription) == [(12, "2017-05-10 10:00:00", None)]


def test_how_far_a_dead_sender_came_is_not_guessed(desk: Desk) -> None:
    subscription = desk.live()
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    command = desk.ask(CommandKind.RENEW, subscription)
    claim = desk.claim(command)
    desk.real_now = claim.lease_until + SECOND
    assert expire_leases(moment=desk.moment) == [command.id]
    desk.wait(2)
    assert not desk.read(command, NotFound(completed_steps=1))
    assert state_of(command) == CommandState.UNKNOWN


def test_how_far_a_sender_came_that_broke_is_not_guessed(desk: Desk) -> None:
    subscription = desk.live()
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    command = desk.send(desk.ask(CommandKind.RENEW, subscription), Unknown(reason="The connection failed"))
    desk.wait(2)
    assert not desk.read(command, NotFound(completed_steps=1))
    assert state_of(command) == CommandState.UNKNOWN


def test_a_known_first_call_is_not_forgotten_by_a_read_that_does_not_mention_it(desk: Desk) -> None:
    subscription = desk.live()
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    command = desk.ask(CommandKind.RENEW, subscription)
    desk.send(command, Unknown(reason="The answer was lost", completed_steps=1))
    after_deadline(desk, command)
    for _ in range(2):
        desk.read(command, NotFound())
        desk.wait(LATENESS)
    assert desk.claim(command).request.completed_steps == 1


def test_a_second_call_that_is_found_refused_is_left_to_a_person(desk: Desk) -> None:
    subscription = desk.live()
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    command = lost(desk, desk.ask(CommandKind.RENEW, subscription))
    assert desk.read(command, Rejected(code="TermTooLong", message="", completed_steps=1)) is True
    parked = again(command)
    assert (parked.state, parked.completed_steps, parked.error_code) == (CommandState.PARKED, 1, "TermTooLong")


def test_a_found_create_with_the_id_of_another_licence_is_left_to_a_person(desk: Desk) -> None:
    taken = desk.live().subscription_id
    command = lost(desk, desk.order())
    assert desk.read(command, created(subscription_id=taken)) is True
    assert state_of(command) == CommandState.PARKED
    assert again(command.subscription).subscription_id is None


def test_a_reason_that_no_database_takes_is_recorded_all_the_same(desk: Desk) -> None:
    command = lost(desk, desk.order())
    assert desk.read(command, Unreadable(reason="a\x00b\udfff", is_permanent=True)) is True
    assert again(command).error_message == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"
