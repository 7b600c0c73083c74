"""One command through claim, call and record, with a gateway that does what the test says."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from config import read_config
from jobs.room import Room
from jobs.sending import send, settle
from licensing.commands import Finding, Outcome, Unknown, Unreadable, VendorRequest
from licensing.states import CommandState
from models import Command, GatewayHold
from tests.desk import again, created, state_of
from tests.jobs.house import HouseDesk, results


class Gateway:
    """Answers with what a function gives, and remembers when it was asked for what."""

    def __init__(self, answer: Callable[[], Outcome], finding: Callable[[], Finding] | None = None) -> None:
        self._answer = answer
        self._finding = finding
        self.requests: list[VendorRequest] = []

    def execute(self, request: VendorRequest) -> Outcome:
        self.requests.append(request)
        return self._answer()

    def settle(self, _request: VendorRequest) -> Finding:
        assert self._finding is not None
        return self._finding()


@pytest.fixture
def desk(rolled_back: str) -> HouseDesk:
    return HouseDesk()


def room_with(gateway: Gateway) -> Room:
    return Room(config=read_config({"SEATDESK_ENV": "test", "SEATDESK_VENDOR_DEADLINE": "20"}), gateway=gateway)


def test_a_command_is_sent_and_its_answer_written_down(desk: HouseDesk) -> None:
    command, gateway = desk.order(), Gateway(created)
    assert send(room_with(gateway), command.id) is True
    assert [request.reference for request in gateway.requests] == [command.reference]
    assert state_of(command) == CommandState.CONFIRMED


def test_what_cannot_be_claimed_is_not_sent(desk: HouseDesk) -> None:
    command, gateway = desk.order(), Gateway(created)
    room = room_with(gateway)
    send(room, command.id)
    assert send(room, command.id) is False
    assert send(room, 987_654) is False
    assert len(gateway.requests) == 1


def test_a_gateway_that_breaks_leaves_an_unknown_outcome(desk: HouseDesk) -> None:
    def break_down() -> Outcome:
        raise RuntimeError("a mistake of ours after the first byte")

    command = desk.order()
    assert send(room_with(Gateway(break_down)), command.id) is True
    assert (state_of(command), results(command)) == (CommandState.UNKNOWN, ["execute Unknown"])


def test_the_deadline_counts_from_the_call_and_not_from_the_claim(desk: HouseDesk) -> None:
    command = desk.order()
    room = room_with(Gateway(lambda: Unknown(reason="The answer was lost")))

    @contextmanager
    def crowded_slot() -> Iterator[None]:
        time.sleep(0.3)
        called_at.append(room.moment().real_now)
        yield

    called_at = []
    send(room, command.id, slot=crowded_slot())
    assert again(command).deadline_at >= called_at[0] + room.deadline


def unknown_to(desk: HouseDesk, finding: Callable[[], Finding]) -> tuple[Room, Command]:
    """A command of unknown outcome, due to be read by a gateway that finds this."""
    gateway = Gateway(lambda: Unknown(reason="The answer was lost"), finding)
    command, room = desk.order(), room_with(gateway)
    send(room, command.id)
    Command.update(due_at=room.moment().real_now).where(Command.id == command.id).execute()
    return room, again(command)


def test_a_gateway_that_breaks_while_it_reads_has_found_out_nothing(desk: HouseDesk) -> None:
    def break_down() -> Finding:
        raise RuntimeError("an answer nobody thought of")

    room, command = unknown_to(desk, break_down)
    settle(room, command.id)
    assert (state_of(command), results(command)) == (CommandState.UNKNOWN, ["execute Unknown", "read Unreadable"])
    assert again(command).due_at > room.moment().real_now


def test_a_sign_in_that_is_refused_while_reading_holds_the_gateway(desk: HouseDesk) -> None:
    room, command = unknown_to(desk, lambda: Unreadable(reason="HTTP 401", holds_gateway=True))
    settle(room, command.id)
    assert state_of(command) == CommandState.UNKNOWN
    assert GatewayHold.get().reason == "HTTP 401"
    later = desk.order()
    assert send(room, later.id) is False
