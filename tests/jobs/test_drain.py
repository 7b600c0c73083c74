"""The draining job against a real vendor, in this process: slots, single clicks first, time, holds, refusals."""

import os
import threading
import time
from collections.abc import Iterator
from datetime import date

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from config import ConfigError, read_config
from database import db
from gateways.select import gateway_of
from jobs.dispatch import DRAIN, DRAIN_SECONDS, QUEUE, SEND, wake, wake_drain
from jobs.drain import Drain
from jobs.room import GATEWAY, Room
from jobs.timer import Timer
from licensing.states import CommandState
from models import Batch, Command, GatewayHold, Subscription
from operations.start_batch import start_batch
from tests.bulk_desk import PLUS_2, BulkDesk, commands_of, many_licences
from tests.desk import again, state_of
from tests.jobs.house import HouseDesk, results
from tests.services.valkey import ValkeyServer
from tests.simulator.process import SimulatorProcess
from tests.small_book import add_command

LATENCY = 0.1


class DrainDesk(HouseDesk, BulkDesk):
    """A bulk desk in real time, with what the vendor sells."""


@pytest.fixture(scope="module")
def vendor_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    process = SimulatorProcess(tmp_path_factory.mktemp("vendor"))
    yield process
    process.stop()


@pytest.fixture
def vendor(vendor_process: SimulatorProcess) -> SimulatorProcess:
    vendor_process.reset()
    return vendor_process


@pytest.fixture
def desk(database: str, vendor: SimulatorProcess) -> DrainDesk:
    return DrainDesk()


def room(vendor: SimulatorProcess, *, slots: int = 4) -> Room:
    config = read_config(
        {
            "SEATDESK_ENV": "test",
            "SEATDESK_VENDOR_URL": vendor.vendor_url,
            "SEATDESK_VENDOR_DEADLINE": "5",
            "SEATDESK_SLOTS": str(slots),
        }
    )
    return Room(config=config, gateway=gateway_of(config.vendor, zone=config.zone))


def drain(vendor: SimulatorProcess, *, slots: int = 4, seconds: float = 30) -> bool:
    return Drain(room(vendor, slots=slots), seconds=seconds).work()


def live(desk: DrainDesk, vendor: SimulatorProcess, count: int) -> list[Subscription]:
    """Licences that the vendor has made."""
    orders = [desk.order(quantity=12) for _ in range(count)]
    drain(vendor)
    return [again(again(order).subscription) for order in orders]


def batch_of(desk: DrainDesk, vendor: SimulatorProcess, count: int) -> Batch:
    return desk.batch(live(desk, vendor, count))


def states(batch: Batch) -> set[str]:
    return {command.state for command in commands_of(batch)}


def in_background(work: Drain) -> threading.Thread:
    def run() -> None:
        with db.connection_context():
            work.work()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_everything_due_is_sent_once(desk: DrainDesk, vendor: SimulatorProcess) -> None:
    batch = batch_of(desk, vendor, 12)
    order = desk.order()
    assert drain(vendor) is False
    for command in (*commands_of(batch), order):
        assert state_of(command) == CommandState.CONFIRMED
        assert vendor.effects(command.reference) == 1
        assert results(command) == ["execute Confirmed"]
    assert {vendor.licences()[again(row.subscription).subscription_id]["quantity"] for row in commands_of(batch)} == {
        14
    }


@pytest.mark.parametrize("slots", [1, 3])
def test_no_more_calls_at_once_than_slots(desk: DrainDesk, vendor: SimulatorProcess, slots: int) -> None:
    batch = batch_of(desk, vendor, 9)
    vendor.settings(latency_ms=LATENCY * 1000)
    began = time.monotonic()
    drain(vendor, slots=slots)
    assert time.monotonic() - began >= 9 * LATENCY / slots
    assert states(batch) == {"confirmed"}


def test_a_single_click_does_not_wait_for_a_batch(desk: DrainDesk, vendor: SimulatorProcess) -> None:
    batch = batch_of(desk, vendor, 25)
    vendor.settings(latency_ms=LATENCY * 1000)
    thread = in_background(Drain(room(vendor, slots=1), seconds=60))
    time.sleep(3 * LATENCY)
    order = desk.order()
    thread.join()
    assert states(batch) == {"confirmed"}
    settled = sorted(again(command).settled_at for command in commands_of(batch))
    assert again(order).state == CommandState.CONFIRMED
    assert again(order).settled_at < settled[-5]


def test_a_drain_ends_when_its_time_is_up_and_another_goes_on(desk: DrainDesk, vendor: SimulatorProcess) -> None:
    batch = batch_of(desk, vendor, 20)
    vendor.settings(latency_ms=LATENCY * 1000)
    assert drain(vendor, slots=1, seconds=4 * LATENCY) is True
    assert states(batch) == {"confirmed", "queued"}
    vendor.reset()
    assert drain(vendor) is False
    assert states(batch) == {"confirmed"}


def test_a_drain_that_is_asked_to_stop_finishes_what_is_being_sent(desk: DrainDesk, vendor: SimulatorProcess) -> None:
    batch = batch_of(desk, vendor, 20)
    vendor.settings(latency_ms=LATENCY * 1000)
    work = Drain(room(vendor, slots=2), seconds=60)
    thread = in_background(work)
    time.sleep(3 * LATENCY)
    work.stop()
    thread.join()
    assert states(batch) == {"confirmed", "queued"}


def test_a_held_gateway_ends_the_drain_and_sends_nothing(desk: DrainDesk, vendor: SimulatorProcess) -> None:
    batch = batch_of(desk, vendor, 10)
    GatewayHold.create(gateway=GATEWAY, reason="HTTP 401", held_at=desk.moment.now)
    assert drain(vendor) is False
    assert states(batch) == {"queued"}
    assert [row for command in commands_of(batch) for row in vendor.ledger(command.reference)] == []


def test_a_refused_sign_in_stops_the_batch_where_it_is(desk: DrainDesk, vendor: SimulatorProcess) -> None:
    batch = batch_of(desk, vendor, 10)
    vendor.fault("fail", operation="modifyquantity", status=401, times=None)
    assert drain(vendor, slots=1) is False
    assert states(batch) == {"queued"}
    assert sum(command.attempt for command in commands_of(batch)) < 10


def test_rows_that_our_rules_refuse_now_do_not_hold_up_the_others(desk: DrainDesk, vendor: SimulatorProcess) -> None:
    batch = batch_of(desk, vendor, 6)
    ended = [command.subscription_id for command in commands_of(batch)[:3]]
    day = date(2017, 1, 1)
    Subscription.update(expires_on=day, ended_on=day).where(Subscription.id.in_(ended)).execute()
    assert drain(vendor, slots=1) is False
    assert [command.state for command in commands_of(batch)] == ["rejected"] * 3 + ["confirmed"] * 3


def test_an_unknown_outcome_is_asked_about_while_the_batch_goes_on(desk: DrainDesk, vendor: SimulatorProcess) -> None:
    batch = batch_of(desk, vendor, 30)
    vendor.settings(latency_ms=LATENCY * 1000)
    vendor.fault("drop", operation="modifyquantity", executes="at_once")
    drain(vendor, slots=1)
    assert states(batch) == {"confirmed"}
    (dropped,) = [command for command in commands_of(batch) if results(command) != ["execute Confirmed"]]
    assert results(dropped) == ["execute Unknown", "read Confirmed"]
    assert vendor.effects(dropped.reference) == 1


def test_two_drains_at_once_send_each_row_once(desk: DrainDesk, vendor: SimulatorProcess) -> None:
    batch = batch_of(desk, vendor, 20)
    threads = [in_background(Drain(room(vendor, slots=2), seconds=60)) for _ in range(2)]
    for thread in threads:
        thread.join()
    assert states(batch) == {"confirmed"}
    assert [vendor.effects(command.reference) for command in commands_of(batch)] == [1] * 20


def test_a_drain_of_many_rows_reads_them_some_at_a_time(desk: DrainDesk, vendor: SimulatorProcess) -> None:
    ids = many_licences(desk, 250)
    day = date(2017, 1, 1)
    selection = desk.plan([Subscription(id=pk) for pk in ids], PLUS_2)
    batch = start_batch(selection.id, version=selection.version, typed_rows=250, actor=desk.actor, moment=desk.moment)
    Subscription.update(expires_on=day, ended_on=day).execute()
    assert drain(vendor) is False
    assert states(batch) == {"rejected"}


@pytest.mark.parametrize("slots", ["0", "25", "1.5", "nan", "inf", "four"])
def test_slots_are_a_whole_number_that_fits_the_connections(slots: str) -> None:
    with pytest.raises(ConfigError, match="SEATDESK_SLOTS"):
        read_config({**os.environ, "SEATDESK_ENV": "test", "SEATDESK_SLOTS": slots})


@pytest.fixture
def queue(valkey_server: ValkeyServer, empty_valkey_url: str) -> Iterator[Queue]:
    with valkey_server.connect() as connection:
        yield Queue(QUEUE, connection=connection, serializer=JSONSerializer)


@pytest.mark.valkey
def test_one_drain_at_most_waits_in_the_queue(queue: Queue, empty_valkey_url: str) -> None:
    assert wake(7, redis_url=empty_valkey_url)
    assert wake_drain(redis_url=empty_valkey_url)
    assert wake_drain(redis_url=empty_valkey_url)
    assert [(job.func_name, job.args) for job in queue.jobs] == [(SEND, [7]), (DRAIN, [DRAIN_SECONDS])]


def test_without_a_queue_nobody_is_woken_and_nothing_breaks() -> None:
    assert wake_drain(redis_url="") is False
    assert wake_drain(redis_url="unix:///nowhere/valkey.sock") is False


@pytest.mark.valkey
@pytest.mark.parametrize(("due", "woken"), [(5, [SEND] * 5), (6, [DRAIN])])
def test_the_clock_wakes_one_drain_for_more_than_a_few(
    sqlite_database: str, queue: Queue, empty_valkey_url: str, due: int, woken: list[str]
) -> None:
    desk = BulkDesk()
    for licence in desk.licences(*[12] * due):
        add_command(licence, state=CommandState.QUEUED, due_at=desk.real_now.replace(year=2020))
    config = read_config({"SEATDESK_ENV": "test", "DATABASE_URL": sqlite_database, "REDIS_URL": empty_valkey_url})
    timer = Timer(config)
    timer.tick()
    timer.tick()
    assert [job.func_name for job in queue.jobs] == woken
    assert Command.select().where(Command.state == CommandState.QUEUED).count() == due
