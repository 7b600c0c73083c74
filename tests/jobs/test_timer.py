"""One round of the clock at a time, with a real queue and no worker."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from access import SYSTEM
from config import Config, read_config
from jobs.dispatch import FILES, QUEUE, SEND, SERVE_SHEET, SETTLE
from jobs.timer import Timer
from licensing.states import CommandState
from models import AuditEntry, Command, Upload
from operations.audit import AuditAction, record
from tests.desk import again
from tests.services.valkey import ValkeyServer
from tests.small_book import NOW, add_command, add_customer, add_product, add_reseller, add_subscription, add_user

pytestmark = pytest.mark.valkey
SECOND = timedelta(seconds=1)
Add = Callable[..., Command]


def config_for(database_url: str, redis_url: str) -> Config:
    return read_config({"SEATDESK_ENV": "test", "DATABASE_URL": database_url, "REDIS_URL": redis_url})


@pytest.fixture
def timer(database: str, empty_valkey_url: str) -> Timer:
    return Timer(config_for(database, empty_valkey_url))


@pytest.fixture
def queue(valkey_server: ValkeyServer) -> Iterator[Queue]:
    with valkey_server.connect() as connection:
        yield Queue(QUEUE, connection=connection, serializer=JSONSerializer)


@pytest.fixture
def add(database: str) -> Add:
    customer, product = add_customer("Tunel d.o.o.", reseller=add_reseller()), add_product()

    def due_since(seconds: int, state: CommandState, **columns: object) -> Command:
        subscription = add_subscription(customer, product=product)
        due_at = datetime.now(UTC) - seconds * SECOND
        return add_command(subscription, state=state, due_at=due_at, **columns)

    return due_since


def woken(queue: Queue) -> list[tuple[str, int]]:
    return [(job.func_name, job.args[0]) for job in queue.jobs]


def test_what_is_due_is_woken_by_its_id(timer: Timer, queue: Queue, add: Add) -> None:
    waiting, lost = add(10, CommandState.QUEUED), add(10, CommandState.UNKNOWN)
    add(-60, CommandState.QUEUED)
    add(10, CommandState.PARKED)
    timer.tick()
    assert woken(queue) == [(SEND, waiting.id), (SETTLE, lost.id)]


def test_a_command_that_a_slow_worker_has_not_taken_yet_is_not_woken_every_second(
    timer: Timer, queue: Queue, add: Add
) -> None:
    add(10, CommandState.QUEUED)
    for _ in range(3):
        timer.tick()
    assert len(woken(queue)) == 1


def test_a_command_that_is_due_anew_is_woken_anew(timer: Timer, queue: Queue, add: Add) -> None:
    lost = add(10, CommandState.UNKNOWN)
    timer.tick()
    Command.update(due_at=datetime.now(UTC) - SECOND).where(Command.id == lost.id).execute()
    timer.tick()
    assert woken(queue) == [(SETTLE, lost.id)] * 2


def test_a_queue_that_nobody_serves_does_not_grow_without_end(timer: Timer, queue: Queue, add: Add) -> None:
    for _ in range(205):
        add(10, CommandState.UNKNOWN)
    for _ in range(2):
        timer.tick()
        Command.update(due_at=datetime.now(UTC) - SECOND).execute()
    assert queue.count == 200


def test_a_clock_that_starts_anew_wakes_what_the_queue_lost(timer: Timer, queue: Queue, add: Add) -> None:
    waiting = add(10, CommandState.QUEUED)
    timer.tick()
    queue.connection.flushall()
    Timer(timer.config).tick()
    assert woken(queue) == [(SEND, waiting.id)]


def test_a_sheet_that_waits_is_woken_in_the_queue_of_files_and_a_read_one_is_not(timer: Timer, queue: Queue) -> None:
    sent = {"owner": add_user("ops"), "purpose": "orders", "file_name": "list.csv", "content": b"x", "result": {}}
    waiting, _read = (Upload.create(state=state, created_at=NOW, **sent) for state in ("waiting", "read"))
    for _ in range(3):
        timer.tick()
    files = Queue(FILES, connection=queue.connection, serializer=JSONSerializer)
    assert (woken(files), woken(queue)) == ([(SERVE_SHEET, waiting.id)], [])


def test_a_dead_lease_is_taken_back_and_asked_about(timer: Timer, queue: Queue, add: Add) -> None:
    sending = add(60, CommandState.SENDING, lease="a lease", lease_until=datetime.now(UTC) - SECOND)
    timer.tick()
    assert (again(sending).state, again(sending).lease) == (CommandState.UNKNOWN, None)
    Command.update(due_at=datetime.now(UTC) - SECOND).execute()
    timer.tick()
    assert woken(queue) == [(SETTLE, sending.id)]


def test_without_a_queue_the_rest_of_the_round_is_done(database: str, add: Add) -> None:
    sending = add(60, CommandState.SENDING, lease="a lease", lease_until=datetime.now(UTC) - SECOND)
    add(10, CommandState.QUEUED)
    record(AuditAction.CUSTOMER_CHANGED, actor=SYSTEM, now=NOW, subject="customer")
    Timer(config_for(database, "unix:///nowhere/valkey.sock")).tick()
    assert again(sending).state == CommandState.UNKNOWN
    assert not AuditEntry.select().where(AuditEntry.seal.is_null()).exists()
