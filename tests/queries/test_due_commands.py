"""What the clock process is told to wake."""

from datetime import datetime, timedelta

import pytest

from licensing.states import CommandState
from models import Command
from queries.due_commands import Due, commands_to_send, commands_to_settle
from tests.small_book import NOW, add_command, add_customer, add_product, add_reseller, add_subscription

SECOND = timedelta(seconds=1)


@pytest.fixture
def add(rolled_back: str):
    customer, product = add_customer("Tunel d.o.o.", reseller=add_reseller()), add_product()

    def command(state: CommandState, due_at: datetime, attempt: int = 0) -> Command:
        subscription = add_subscription(customer, product=product)
        return add_command(subscription, state=state, due_at=due_at, attempt=attempt)

    return command


def to_send(limit: int = 10) -> list[Due]:
    return commands_to_send(now=NOW, grace=3 * SECOND, limit=limit)


def test_what_is_queued_and_due_is_sent_oldest_first(add) -> None:
    late = add(CommandState.QUEUED, NOW - 5 * SECOND)
    first = add(CommandState.QUEUED, NOW - 9 * SECOND)
    just = add(CommandState.QUEUED, NOW - 3 * SECOND)
    assert to_send() == [Due(command.id, command.due_at) for command in (first, late, just)]
    assert to_send(limit=2) == to_send()[:2]


def test_a_new_command_is_left_to_its_screen_for_a_while_and_a_repeated_one_is_not(add) -> None:
    add(CommandState.QUEUED, NOW - 2 * SECOND)
    add(CommandState.QUEUED, NOW + SECOND, attempt=1)
    again = add(CommandState.QUEUED, NOW, attempt=1)
    assert to_send() == [Due(again.id, NOW)]


def test_what_is_unknown_and_due_is_settled(add) -> None:
    lost = add(CommandState.UNKNOWN, NOW)
    add(CommandState.UNKNOWN, NOW + SECOND)
    assert commands_to_settle(now=NOW, limit=10) == [Due(lost.id, NOW)]
    assert to_send() == []


@pytest.mark.parametrize("state", sorted(set(CommandState) - {CommandState.QUEUED, CommandState.UNKNOWN}))
def test_nothing_else_is_woken(add, state: CommandState) -> None:
    add(state, NOW - 9 * SECOND)
    assert to_send() == commands_to_settle(now=NOW, limit=10) == []
