"""A house at work: a database, a Valkey, a vendor, and the worker and the clock as the Procfile starts them.

Deadline and lateness are short by configuration, so that what takes minutes in production takes seconds here.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from clock import Clock
from database import db, is_sqlite
from jobs.dispatch import wake
from launcher.children import Child
from launcher.children import stop as stop_child
from licensing.moment import Moment
from licensing.states import CommandKind
from models import Attempt, Command, Sku, Subscription
from tests.desk import Desk, again
from tests.services import children
from tests.services.valkey import ValkeyServer
from tests.simulator.process import ROOT, SimulatorProcess
from tests.small_book import ZONE

DEADLINE_SECONDS, LATENESS_SECONDS = 1.0, 1.5
# As the vendor's catalogue has them.
SKUS = {"KL4864X5": "KL4864XIEMG", "KL4864X10": "KL4864XIKMG", "KL4864X15": "KL4864XINMG"}


class HouseDesk(Desk):
    """A desk in real time, with SKUs that the vendor sells."""

    def __init__(self) -> None:
        super().__init__()
        for ours, theirs in SKUS.items():
            Sku.update(code=theirs).where(Sku.code == ours).execute()

    @property
    def moment(self) -> Moment:
        return Clock().moment(ZONE)


class House:
    """Start and stop its processes; click as a screen does."""

    def __init__(self, folder: Path, *, database_url: str) -> None:
        self.folder = folder
        self.database_url = database_url
        self.valkey = ValkeyServer()
        self.vendor = SimulatorProcess(folder)
        self.desk = HouseDesk()
        self._children: list[Child] = []
        self.worker = self.start("worker")
        self.clock = self.start("dispatch")

    @property
    def environ(self) -> dict[str, str]:
        return {
            "FLASK_APP": "app:create_app",
            "SEATDESK_ENV": "test",
            "SECRET_KEY": "k" * 32,
            "SEATDESK_INSTANCE": str(self.folder),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.valkey.url,
            "SEATDESK_VENDOR_URL": self.vendor.vendor_url,
            "SEATDESK_VENDOR_DEADLINE": str(DEADLINE_SECONDS),
            "SEATDESK_LATENESS": str(LATENESS_SECONDS),
        }

    def start(self, command: str, *options: str) -> Child:
        """Start `flask` with that command."""
        child = children.start(
            [sys.executable, "-m", "flask", command, *options],
            log=self.folder / f"{command}.log",
            cwd=ROOT,
            env={**os.environ, **self.environ, "PGAPPNAME": command},
        )
        self._children.append(child)
        return child

    def click(self, command: Command) -> Command:
        """Wake a worker for a command, as the screen does after it wrote it."""
        assert wake(command.id, redis_url=self.valkey.url)
        return command

    def order(self, **values: object) -> Command:
        return self.click(self.desk.order(**values))

    def ask(self, kind: CommandKind, subscription: Subscription, **values: object) -> Command:
        return self.click(self.desk.ask(kind, subscription, **values))

    def settled(self, command: Command, *, seconds: float = 25) -> Command:
        """The command once nothing is on its way any more."""

        def is_settled() -> object:
            self.keep_worker()
            return again(command).settled_at

        wait_for(is_settled, seconds=seconds, said=lambda: self.story(command))
        return again(command)

    def arrived(self, command: Command) -> Command:
        """The command once the vendor has received it."""
        wait_for(lambda: self.vendor.ledger(command.reference), said=lambda: self.story(command))
        return command

    def licences(self, count: int) -> list[Subscription]:
        """Licences that the vendor has made."""
        orders = [self.order() for _ in range(count)]
        return [again(self.settled(order).subscription) for order in orders]

    @contextmanager
    def pause(self, child: Child) -> Iterator[None]:
        """That process stands still meanwhile."""
        child.send_signal(signal.SIGSTOP)
        yield
        child.send_signal(signal.SIGCONT)

    def end(self, child: Child) -> None:
        """Kill that process, and the one that runs its present job, without a word."""
        horse = horse_of(child)
        child.kill()
        if horse is not None:
            os.kill(horse, signal.SIGKILL)
        child.wait()

    def keep_worker(self) -> None:
        """Start the worker again where it ended, as whoever runs it does."""
        if self.worker.poll() is not None:
            self.worker = self.start("worker")

    def sessions(self, command: str) -> list[int]:
        """The sessions that processes of that name hold at the database's server; SQLite has none."""
        if is_sqlite():
            return []
        rows = db.execute_sql("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [command])
        return [pid for (pid,) in rows]

    def story(self, command: Command) -> str:
        """What happened to a command, for the message of a test that fails."""
        stands = again(command)
        attempts = Attempt.select().where(Attempt.command == command.id).order_by(Attempt.id)
        lines = [f"{a.number} {a.purpose} {a.result} {a.note}" for a in attempts]
        logs = [f"{path.name}: {path.read_text()[-1500:]}" for path in self.folder.glob("*.log")]
        return "\n".join([f"{stands.kind} {stands.state} {stands.error_message}", *lines, *logs])

    def stop(self) -> None:
        for child in self._children:
            child.send_signal(signal.SIGCONT)
            stop_child(child)
        self.vendor.stop()
        self.valkey.stop()


def wait_for(
    condition: Callable[[], object], *, seconds: float = 15, said: Callable[[], str] = lambda: "waited in vain"
) -> None:
    """Look every 20 ms until it holds."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, said()
        time.sleep(0.02)


def results(command: Command) -> list[str]:
    """What each exchange with the vendor came to, oldest first."""
    rows = Attempt.select(Attempt.purpose, Attempt.result).where(Attempt.command == command.id).order_by(Attempt.id)
    return [f"{purpose} {result}" for purpose, result in rows.tuples()]


def horse_of(worker: Child) -> int | None:
    """The process that runs the worker's present job."""
    pids = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    return int(pids[0]) if pids else None
