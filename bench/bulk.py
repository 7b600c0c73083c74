"""Bulk figures: ten thousand rows planned and accepted, and how near a draining job comes to what its slots allow.

One run each: a batch starts once. The baselines are the rules alone, the same rows copied by SQL alone, and the same
calls to the same vendor with nothing written down.
"""

import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from access import Actor, Role
from bench.book import MOMENT, ZONE
from config import read_config
from database import db, is_sqlite
from gateways.base import LicensingGateway
from gateways.select import gateway_of
from licensing.bulk import BulkCommand, QuantityChange
from licensing.bulk_plan import plan_row
from licensing.commands import VendorRequest
from licensing.moment import Moment
from licensing.states import CommandKind, CommandState
from models import Batch, Command, Selection, Subscription, User
from operations.plan_selection import plan_selection
from operations.select_rows import LARGEST_SELECTION, select_ticked
from operations.start_batch import start_batch
from operations.stop_batch import stop_batch
from queries.plan_subjects import plan_subjects
from queries.tariff_book import TariffBook
from tests.simulator.process import SimulatorProcess

ROOT = Path(__file__).resolve().parents[1]
SLOTS = (1, 2, 4)
LATENCY_SECONDS = 0.05
DRAIN_SECONDS_PLANNED = 15
_STATUS = Path("/proc/self/status")
PLAN_SECONDS, ACCEPT_SECONDS, SHARE_OF_SLOTS = 10.0, 5.0, 0.85
PLUS_1 = BulkCommand(CommandKind.MODIFY_QUANTITY, change=QuantityChange.INCREASE_BY, amount=1)
_COPIED = (
    "kind, subscription_id, reseller_id, batch_id, requested_by_id, requested_at, quantity, change, attempt, "
    "completed_steps, due_at, error_code, error_message, error_reference"
)


@dataclass(frozen=True, slots=True)
class Timed:
    """Work that must be done within a limit, and how long its baseline took."""

    name: str
    seconds: float
    limit: float
    baseline: float
    grown_megabytes: float

    def __str__(self) -> str:
        verdict = "ok" if self.seconds <= self.limit else "MISSED"
        times = f"{self.seconds * 1000:9,.0f} ms  baseline {self.baseline * 1000:9,.0f} ms"
        ratio = f"ratio {self.seconds / self.baseline:5.2f}, {self.seconds / self.limit:4.0%} of {self.limit:.0f} s"
        return f"{self.name:58} {times}  {ratio}, memory +{max(self.grown_megabytes, 0):.0f} MB  {verdict}"


@dataclass(frozen=True, slots=True)
class Throughput:
    """Rows a second against what the slots allow, and against the calls alone."""

    slots: int
    per_second: float
    alone: float

    def __str__(self) -> str:
        share = self.per_second * LATENCY_SECONDS / self.slots
        verdict = "ok" if share >= SHARE_OF_SLOTS else "MISSED"
        rates = f"{self.per_second:7.1f} a second  calls alone {self.alone:7.1f} a second"
        name = f"batch through {self.slots} slots, vendor of {LATENCY_SECONDS * 1000:.0f} ms"
        ratio = f"{share:.2f} of slots / latency (at least {SHARE_OF_SLOTS:.2f}), {self.per_second / self.alone:.2f}"
        return f"{name:58} {rates}  {ratio} of the calls alone  {verdict}"


def figures() -> Iterator[Timed | Throughput]:
    actor = _operator()
    ids = _active(LARGEST_SELECTION)
    selection, planned = _planned(ids, actor=actor)
    yield planned
    yield _accepted(selection, actor=actor)
    with tempfile.TemporaryDirectory() as folder:
        vendor = SimulatorProcess(Path(folder), SEATDESK_CLOCK_OFFSET=str(_offset()))
        _know_licences(Path(folder) / "vendor.db")
        vendor.settings(latency_ms=LATENCY_SECONDS * 1000)
        for slots in SLOTS:
            yield _drained(slots, ids, vendor=vendor, actor=actor)
        vendor.stop()


def _operator() -> Actor:
    user = User.select().where(User.role == Role.DISTRIBUTOR_ADMIN).first()
    return Actor(user_id=user.id, name=str(user), role=Role.DISTRIBUTOR_ADMIN, reseller_id=None)


def _active(count: int) -> list[int]:
    """Licences that can take some seats more."""
    query = Subscription.select(Subscription.id).where(
        Subscription.order_state == "live",
        Subscription.cancelled_on.is_null(),
        Subscription.ended_on.is_null() | (Subscription.ended_on > MOMENT.month.plus(2).first_day),
        Subscription.quantity.between(5, 900),
    )
    ids = [pk for (pk,) in query.order_by(Subscription.id).limit(count).tuples()]
    if len(ids) < count:
        raise SystemExit(f"the book has only {len(ids):,} licences to plan; try --subscriptions 50000")
    return ids


def _planned(ids: list[int], *, actor: Actor) -> tuple[Selection, Timed]:
    selection = select_ticked(ids, actor=actor, moment=MOMENT)
    before = _memory()
    seconds = _seconds(lambda: plan_selection(selection.id, PLUS_1, actor=actor, moment=MOMENT))
    grown = _peak() - before
    subjects = plan_subjects(
        selection.id, range(1, len(ids) + 1), book=TariffBook(actor=actor), actor=actor, has_details=False
    )
    alone = _seconds(lambda: [plan_row(PLUS_1, row.subject, now=MOMENT.now, zone=ZONE) for row in subjects])
    return Selection.get_by_id(selection.id), Timed(
        f"bulk plan, {len(ids):,} rows", seconds, PLAN_SECONDS, alone, grown
    )


def _accepted(selection: Selection, *, actor: Actor) -> Timed:
    before = _memory()
    seconds = _seconds(lambda: _start(selection, actor=actor, moment=MOMENT))
    grown = _peak() - before
    batch = Batch.get(Batch.selection == selection)
    stop_batch(batch.id, actor=actor, moment=MOMENT)
    alone = _seconds(lambda: _copy(batch))
    return Timed(f"bulk accepted, {batch.rows:,} rows", seconds, ACCEPT_SECONDS, alone, grown)


def _start(selection: Selection, *, actor: Actor, moment: Moment) -> Batch:
    rows = selection.chosen.where(selection.chosen.model.is_ticked).count()
    return start_batch(selection.id, version=selection.version, typed_rows=rows, actor=actor, moment=moment)


def _copy(batch: Batch) -> None:
    """The batch's commands and audit entries once more, by SQL alone."""
    reference = "lower(hex(randomblob(16)))" if is_sqlite() else "CAST(gen_random_uuid() AS text)"
    with db.atomic():
        db.execute_sql(
            f"INSERT INTO command (reference, state, {_COPIED}) "  # noqa: S608 - our own column names
            f"SELECT {reference}, 'cancelled', {_COPIED} FROM command WHERE batch_id = {batch.id}"
        )
        columns = "at, action, actor_id, actor_name, reseller_id, subject, subject_id, details"
        db.execute_sql(
            f"INSERT INTO audit_entry ({columns}) SELECT {columns} FROM audit_entry "  # noqa: S608
            f"WHERE action = 'subscription.command.requested' AND subject = 'command' AND subject_id IN "
            f"(SELECT id FROM command WHERE batch_id = {batch.id})"
        )


def _drained(slots: int, ids: list[int], *, vendor: SimulatorProcess, actor: Actor) -> Throughput:
    count = int(DRAIN_SECONDS_PLANNED * slots / LATENCY_SECONDS)
    offset = sum(SLOTS[: SLOTS.index(slots)]) * int(DRAIN_SECONDS_PLANNED / LATENCY_SECONDS)
    moment = _now()
    selection = select_ticked(ids[offset : offset + count], actor=actor, moment=moment)
    selection = plan_selection(selection.id, PLUS_1, actor=actor, moment=moment)
    batch = _start(selection, actor=actor, moment=moment)
    requests = [_request_alone(command) for command in Command.select().where(Command.batch == batch).limit(count)]
    alone = _calls_alone(requests, slots=slots, vendor=vendor)
    return Throughput(slots, _rate(batch, slots=slots, vendor=vendor), alone)


def _rate(batch: Batch, *, slots: int, vendor: SimulatorProcess) -> float:
    """Rows a second between the first tenth and the last, by a drain in a process of its own."""
    program = [sys.executable, "-c", "from jobs.commands import drain; drain(600)"]
    child = subprocess.Popen(program, cwd=ROOT, env=_environ(vendor, slots=slots))
    low = _wait_until_settled(batch, batch.rows // 10, child)
    high = _wait_until_settled(batch, batch.rows * 9 // 10, child)
    child.wait()
    return (high[1] - low[1]) / (high[0] - low[0])


def _wait_until_settled(batch: Batch, count: int, child: subprocess.Popen) -> tuple[float, int]:
    done = Command.select().where(Command.batch == batch, Command.state == CommandState.CONFIRMED)
    while (settled := done.count()) < count:
        if child.poll() is not None:
            raise SystemExit(f"the drain ended after {settled} rows")
        time.sleep(0.1)
    return time.perf_counter(), settled


def _calls_alone(requests: list[VendorRequest], *, slots: int, vendor: SimulatorProcess) -> float:
    """The vendor is asked as often, by as many threads, and nothing is claimed or written down."""
    waiting, gateway = list(requests), _gateway(vendor)

    def call() -> None:
        while waiting:
            gateway.execute(waiting.pop())

    threads = [threading.Thread(target=call) for _ in range(slots)]
    seconds = _seconds(lambda: _run(threads))
    return len(requests) / seconds


def _run(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _request_alone(command: Command) -> VendorRequest:
    """A request of the same kind under a reference of its own, for a quantity that the batch does not ask for."""
    return VendorRequest(
        kind=CommandKind.MODIFY_QUANTITY,
        reference=f"alone-{command.reference[:30]}",
        vendor_pin="PIN",
        subscription_id=command.subscription.subscription_id,
        quantity=command.change["quantity"] + 2,
        requested_at=command.requested_at,
    )


def _gateway(vendor: SimulatorProcess) -> LicensingGateway:
    config = read_config({"SEATDESK_ENV": "test", "SEATDESK_VENDOR_URL": vendor.vendor_url})
    return gateway_of(config.vendor, zone=config.zone)


def _environ(vendor: SimulatorProcess, *, slots: int) -> dict[str, str]:
    address = f"sqlite:///{db.obj.database}" if is_sqlite() else db.obj.database
    return {
        **os.environ,
        "SEATDESK_ENV": "test",
        "DATABASE_URL": address,
        "SEATDESK_VENDOR_URL": vendor.vendor_url,
        "SEATDESK_CLOCK_OFFSET": str(_offset()),
        "SEATDESK_SLOTS": str(slots),
    }


def _offset() -> int:
    return int((MOMENT.now - datetime.now(UTC)).total_seconds())


def _now() -> Moment:
    now = datetime.now(UTC)
    return replace(MOMENT, real_now=now)


def _know_licences(path: Path) -> None:
    """The vendor has the book's licences, too."""
    columns = (
        "subscription_id, activation_code, sku, quantity, customer, partner, reseller, created_at, modified_at, "
        "is_hard_cancelled"
    )
    rows = (
        (*row[:4], json.dumps({}), "SEATDESK", "PIN", row[4].isoformat(), row[4].isoformat(), 0)
        for row in _book_licences()
    )
    with sqlite3.connect(path) as connection:
        connection.executemany(
            f"INSERT OR IGNORE INTO licences ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            rows,
        )


def _book_licences() -> Iterator[tuple]:
    query = Subscription.select(
        Subscription.subscription_id,
        Subscription.activation_code,
        Subscription.sku,
        Subscription.quantity,
        Subscription.activated_at,
    ).where(Subscription.id.in_(_active(LARGEST_SELECTION)))
    codes = {}
    for row in query.tuples().iterator():
        yield (*row[:2], codes.setdefault(row[2], _sku_code(row[2])), *row[3:])


def _sku_code(sku_id: int) -> str:
    return Subscription.sku.rel_model.get_by_id(sku_id).code


def _memory() -> float:
    """Megabytes of this process now, from which its peak is counted anew; Linux alone knows the peak since."""
    if _STATUS.exists():
        Path("/proc/self/clear_refs").write_text("5")
        return _status("VmRSS")
    return _peak()


def _peak() -> float:
    if _STATUS.exists():
        return _status("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _status(name: str) -> float:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
