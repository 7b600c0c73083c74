"""Worker, clock and queue as processes: many at once, lost hints, a queue that is down, jobs that are not ours."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Callback, Queue, Repeat, Retry
from rq.job import Job
from rq.serializers import JSONSerializer

from database import db
from jobs.dispatch import QUEUE, SEND, wake
from licensing.states import CommandState, OrderState
from models import AuditEntry, Command, GatewayHold
from tests.desk import again, state_of
from tests.jobs.house import House, horse_of, results, wait_for

pytestmark = pytest.mark.valkey
on_postgres = pytest.mark.parametrize(
    "running_house", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
TRIPWIRE = "tests.jobs.tripwire.spring"


def assert_confirmed_once(house: House, command: Command) -> None:
    settled = house.settled(command)
    assert settled.state == CommandState.CONFIRMED, house.story(command)
    assert house.vendor.effects(command.reference) == 1


@pytest.fixture
def queue(house: House) -> Iterator[Queue]:
    with house.valkey.connect() as connection:
        yield Queue(QUEUE, connection=connection, serializer=JSONSerializer)


def jobs_kept(connection: Redis) -> list[bytes]:
    return [key for key in connection.keys("rq:job:*") if connection.type(key) == b"hash"]


def test_a_click_comes_back_as_a_licence(house: House) -> None:
    command = house.order(quantity=12)
    assert_confirmed_once(house, command)
    licence = again(command.subscription)
    assert licence.order_state == OrderState.LIVE
    assert house.vendor.licences()[licence.subscription_id]["activation_code"] == licence.activation_code
    assert results(command) == ["execute Confirmed"]


def test_a_job_that_runs_many_times_at_once_sends_once(house: House) -> None:
    second = house.start("worker")
    house.vendor.settings(latency_ms=200)
    command = house.desk.order()
    for _ in range(8):
        house.click(command)
    assert_confirmed_once(house, command)
    house.vendor.reset()
    assert len(house.vendor.ledger(command.reference)) == 1
    assert again(command).attempt == 1
    second.terminate()


def test_a_refused_order_is_a_failed_order(house: House) -> None:
    house.vendor.fault("refuse", operation="create", code="SkuUnknown", message="No such SKU")
    command = house.settled(house.order())
    assert (command.state, command.error_code) == (CommandState.REJECTED, "SkuUnknown")
    assert again(command.subscription).order_state == OrderState.FAILED
    assert house.vendor.effects(command.reference) == 0


def test_a_refused_sign_in_holds_everything_until_it_is_released(house: House) -> None:
    house.vendor.fault("fail", operation="create", status=401)
    first = house.order()
    wait_for(lambda: GatewayHold.select().exists())
    second = house.order()
    time.sleep(0.5)
    assert (state_of(first), state_of(second)) == (CommandState.QUEUED, CommandState.QUEUED)
    assert house.vendor.ledger(second.reference) == []
    GatewayHold.delete().execute()
    for command in (first, second):
        assert_confirmed_once(house, house.click(command))


def test_a_click_whose_wake_is_lost_is_woken_by_the_clock(house: House) -> None:
    with house.pause(house.worker), house.valkey.connect() as connection:
        command = house.order()
        connection.flushall()
    assert_confirmed_once(house, command)


def test_with_valkey_down_a_click_is_kept_and_answered_at_once(house: House) -> None:
    house.valkey.kill()
    command = house.desk.order()
    started = time.monotonic()
    assert wake(command.id, redis_url=house.valkey.url) is False
    assert time.monotonic() - started < 1
    house.valkey.start()
    assert_confirmed_once(house, command)


def test_a_job_carries_nothing_but_an_id(house: House, queue: Queue) -> None:
    with house.pause(house.worker):
        command = house.order()
        jobs = [queue.fetch_job(key.decode().removeprefix("rq:job:")) for key in jobs_kept(queue.connection)]
        (job,) = [job for job in jobs if job.args == [command.id]]
        kept = b" ".join(queue.connection.hvals(job.key))
    assert (job.func_name, job.kwargs) == (SEND, {})
    assert command.reference.encode() not in kept
    assert b"Tunel" not in kept
    assert_confirmed_once(house, command)


def test_jobs_that_are_not_ours_are_dropped_and_the_worker_goes_on(house: House, queue: Queue) -> None:
    held = house.desk.order()
    Command.update(state=CommandState.SCHEDULED).where(Command.id == held.id).execute()
    with house.pause(house.worker):
        foreign = [job.key for job in foreign_jobs(queue, held.id)]
    assert_confirmed_once(house, house.order())
    wait_for(lambda: not queue.connection.exists(*foreign))
    assert not (house.folder / "sprung").exists()
    assert house.worker.poll() is None
    assert queue.connection.llen(queue.intermediate_queue_key) == 0


def foreign_jobs(queue: Queue, number: int) -> Iterator[Job]:
    """Jobs that nobody of ours made: other functions, other arguments, callbacks, repetitions, broken data."""
    trip = Callback(TRIPWIRE)
    yield queue.enqueue(TRIPWIRE)
    yield queue.enqueue(TRIPWIRE, number)
    yield queue.enqueue(SEND, number, on_success=trip)
    yield queue.enqueue(SEND, number, on_failure=trip)
    yield queue.enqueue(SEND, number, on_stopped=trip)
    yield queue.enqueue(SEND, number, retry=Retry(max=3))
    yield queue.enqueue(SEND, number, repeat=Repeat(times=2))
    yield queue.enqueue(SEND, command_id=number)
    for arguments in ((str(number),), (True,), (None,), ([number],), ({"id": number},), (number, 2), ()):
        yield queue.enqueue(SEND, *arguments)
    for data in ('"text"', "[1, 2]", "{}", f"[[], null, [{number}], {{}}]", "not JSON", f'["{SEND}", "x", [1], {{}}]'):
        job = queue.enqueue(SEND, number)
        queue.connection.hset(job.key, "data", data)
        yield job


def test_an_idle_worker_holds_no_database_open(house: House) -> None:
    """Each job opens its own after the fork: a shared connection would mix the answers of two processes."""
    assert_confirmed_once(house, house.order())
    wait_for(lambda: horse_of(house.worker) is None)
    opened = [str(entry.readlink()) for entry in Path(f"/proc/{house.worker.pid}/fd").iterdir()]
    assert not [path for path in opened if ".db" in path]
    assert house.sessions("worker") == []


@on_postgres
def test_a_clock_thrown_out_by_its_database_goes_on(house: House) -> None:
    (session,) = house.sessions("dispatch")
    db.execute_sql("SELECT pg_terminate_backend(%s)", [session])
    assert_confirmed_once(house, house.desk.order())
    assert house.clock.poll() is None
    assert session not in house.sessions("dispatch")


def test_the_clock_seals_the_audit_trail(house: House) -> None:
    assert_confirmed_once(house, house.order())
    wait_for(lambda: not AuditEntry.select().where(AuditEntry.seal.is_null()).exists(), seconds=5)
