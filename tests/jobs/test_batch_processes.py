"""A batch at work in real processes, and whatever dies in the middle: nothing is lost and nothing is sent twice."""

import os
import signal

import pytest

from jobs.dispatch import wake_drain
from licensing.states import CommandState
from models import Batch, Command, Subscription
from operations.plan_selection import plan_selection
from operations.select_rows import select_ticked
from operations.start_batch import start_batch
from operations.stop_batch import stop_batch
from queries.batch import batch_progress, running_batches
from tests.bulk_desk import PLUS_2, commands_of
from tests.desk import again
from tests.jobs.house import House, HouseDesk, horse_of, wait_for

pytestmark = [pytest.mark.valkey, pytest.mark.slow]
ROWS = 24


def _start(desk: HouseDesk, licences: list[Subscription]) -> Batch:
    who = {"actor": desk.actor, "moment": desk.moment}
    selection = select_ticked([licence.id for licence in licences], **who)
    selection = plan_selection(selection.id, PLUS_2, **who)
    return start_batch(selection.id, version=selection.version, **who)


def _drain(house: House) -> None:
    assert wake_drain(redis_url=house.valkey.url)


def _settled(commands: list[Command]) -> bool:
    return all(again(command).settled_at for command in commands)


@pytest.fixture
def licences(house: House) -> list[Subscription]:
    orders = [house.desk.order(quantity=12) for _ in range(ROWS)]
    _drain(house)
    wait_for(lambda: _settled(orders), seconds=40)
    return [again(order.subscription) for order in orders]


@pytest.fixture
def batch(house: House, licences: list[Subscription]) -> Batch:
    """A batch that takes a second or more, begun, not finished."""
    house.vendor.settings(latency_ms=200)
    started = _start(house.desk, licences)
    _drain(house)
    wait_for(lambda: _confirmed(started) >= ROWS // 4, said=lambda: house.story(commands_of(started)[0]))
    assert _confirmed(started) < ROWS
    return started


def _confirmed(batch: Batch) -> int:
    return Command.select().where(Command.batch == batch.id, Command.state == CommandState.CONFIRMED).count()


def assert_each_row_once(house: House, batch: Batch) -> None:
    """Every row is confirmed, took effect once, and stands here as it stands at the vendor."""
    house.vendor.settings(latency_ms=0)
    commands = commands_of(batch)
    wait_for(lambda: _settled(commands), seconds=60, said=lambda: house.story(_open(batch)))
    assert {again(command).state for command in commands} == {CommandState.CONFIRMED}
    assert [house.vendor.effects(command.reference) for command in commands] == [1] * ROWS
    held = house.vendor.licences()
    for command in commands:
        licence = again(command.subscription)
        assert licence.quantity == held[licence.subscription_id]["quantity"] == 14
    progress = batch_progress(batch, moment=house.desk.moment)
    assert (progress.done, progress.is_running) == (ROWS, False)
    assert running_batches(actor=house.desk.actor) == []


def _open(batch: Batch) -> Command:
    return Command.select().where(Command.batch == batch.id, Command.settled_at.is_null()).first()


def test_a_batch_runs_to_its_end_by_itself(house: House, batch: Batch) -> None:
    assert_each_row_once(house, batch)


def test_a_killed_drain_loses_nothing(house: House, batch: Batch) -> None:
    horse = horse_of(house.worker)
    assert horse is not None
    os.kill(horse, signal.SIGKILL)
    assert_each_row_once(house, batch)


def test_a_killed_worker_loses_nothing(house: House, batch: Batch) -> None:
    horse = horse_of(house.worker)
    house.worker.kill()
    if horse is not None:
        os.kill(horse, signal.SIGKILL)
    house.worker.wait()
    house.keep_worker()
    assert_each_row_once(house, batch)


def test_a_killed_queue_loses_nothing(house: House, batch: Batch) -> None:
    house.valkey.kill()
    with house.pause(house.worker):
        house.valkey.start()
        with house.valkey.connect() as connection:
            connection.flushall()
    house.keep_worker()
    assert_each_row_once(house, batch)


def test_a_worker_that_is_asked_to_end_finishes_what_is_being_sent(house: House, batch: Batch) -> None:
    house.worker.terminate()
    house.worker.wait(timeout=10)
    states = {command.state for command in commands_of(batch)}
    assert states <= {CommandState.CONFIRMED, CommandState.QUEUED}
    house.keep_worker()
    assert_each_row_once(house, batch)


def test_a_stop_in_the_middle_keeps_the_rest_back(house: House, batch: Batch) -> None:
    stop_batch(batch.id, actor=house.desk.actor, moment=house.desk.moment)
    commands = commands_of(batch)
    wait_for(lambda: _settled(commands), seconds=40)
    house.vendor.settings(latency_ms=0)
    for command in commands_of(batch):
        assert command.state in {CommandState.CONFIRMED, CommandState.CANCELLED}
        assert house.vendor.effects(command.reference) == (command.state == CommandState.CONFIRMED)
    assert 0 < _confirmed(batch) < ROWS
