"""Cancel while queued: never sent; a cancelled order is a failed one."""

import pytest

from access import AccessDenied, Role
from licensing.commands import NotExecuted
from licensing.states import CommandKind, CommandState, OrderState
from operations.cancel_command import cancel_command
from operations.decision_refusals import AlreadyDecided, DecisionRefused
from operations.refusals import NotFound
from tests.desk import Desk, again, at_once, audited, created, state_of
from tests.small_book import actor, add_reseller


def test_a_queued_command_is_cancelled_and_never_sent(desk: Desk) -> None:
    subscription = desk.live(quantity=12)
    command = desk.ask(CommandKind.MODIFY_QUANTITY, subscription, quantity=8)
    assert cancel_command(command.id, actor=desk.actor, moment=desk.moment).state == CommandState.CANCELLED
    assert again(command).settled_at == desk.now
    assert desk.claim(command) is None
    assert again(subscription).quantity == 12
    assert audited("command", command.id)[-1] == "subscription.command.cancelled"


def test_a_cancelled_order_is_failed(desk: Desk) -> None:
    command = desk.order()
    cancel_command(command.id, actor=desk.actor, moment=desk.moment)
    assert again(command.subscription).order_state == OrderState.FAILED


def test_one_that_came_back_proved_not_executed_can_be_cancelled(desk: Desk) -> None:
    command = desk.send(desk.order(), NotExecuted(reason="Connection refused"))
    assert cancel_command(command.id, actor=desk.actor, moment=desk.moment).state == CommandState.CANCELLED


def test_what_is_being_sent_or_done_is_not_cancelled(desk: Desk) -> None:
    command = desk.order()
    claim = desk.claim(command)
    for state in (CommandState.SENDING, CommandState.CONFIRMED):
        with pytest.raises(AlreadyDecided) as refused:
            cancel_command(command.id, actor=desk.actor, moment=desk.moment)
        assert refused.value.current.state == state
        if state is CommandState.SENDING:
            desk.answer(claim, created())


def test_a_half_done_command_is_not_cancelled(desk: Desk) -> None:
    subscription = desk.live()
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    command = desk.ask(CommandKind.RENEW, subscription)
    desk.send(command, NotExecuted(reason="HTTP 429", completed_steps=1))
    with pytest.raises(DecisionRefused, match="first part"):
        cancel_command(command.id, actor=desk.actor, moment=desk.moment)
    assert state_of(command) == CommandState.QUEUED


def test_an_auditor_and_a_stranger_cancel_nothing(desk: Desk) -> None:
    command = desk.order()
    with pytest.raises(AccessDenied):
        cancel_command(command.id, actor=actor(Role.AUDITOR), moment=desk.moment)
    stranger = actor(Role.RESELLER_ADMIN, reseller=add_reseller("Sitwell Enterprises"))
    for command_id in (command.id, 987_654_321):
        with pytest.raises(NotFound):
            cancel_command(command_id, actor=stranger, moment=desk.moment)
    assert state_of(command) == CommandState.QUEUED


def test_cancelling_and_claiming_at_once_ends_in_one_of_both(database: str) -> None:
    desk = Desk()
    commands = [desk.order() for _ in range(5)]
    for command in commands:
        cancelled, claim = at_once(
            lambda command=command: cancel_command(command.id, actor=desk.actor, moment=desk.moment),
            lambda command=command: desk.claim(command),
        )
        assert (claim is None) != isinstance(cancelled, AlreadyDecided)
        assert state_of(command) == (CommandState.CANCELLED if claim is None else CommandState.SENDING)
