"""Real processes killed with SIGKILL: `python -m tests.chaos.kills --engine sqlite --kills 200 --seed 1`.

All are forked from this warmed process. On SQLite each job is a process, killed at a labelled point or at random. On
PostgreSQL jobs come through Valkey to workers, the clock wakes what was lost, Valkey is wiped and PostgreSQL restarted.
"""

import argparse
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from peewee import InterfaceError, OperationalError

from database import db
from jobs.commands import send_command, settle_unknown
from jobs.dispatch import run_worker, wake
from jobs.timer import Timer
from launcher.children import stop as stop_child
from licensing.states import CommandState
from models import Command
from operations.settle_command import expire_leases
from queries.due_commands import commands_to_send, commands_to_settle
from tests.chaos.forks import Fork
from tests.chaos.yard import Yard
from tests.services import schema
from tests.services.postgres import PostgresServer
from tests.services.valkey import ValkeyServer

POINTS = ("claimed", "executed by the vendor", "at random")
AT_ONCE = 4
MOST_OPEN = 120
QUIET_WITHIN = 240.0
HURRY_EVERY = 2.0
# How often a look at the jobs is preceded by a click: jobs must be looked at often, to be killed at their points.
CLICKS = 0.3


@dataclass(slots=True)
class Job:
    """A forked job, and the point at which it is to be killed: so many seconds after the point is reached."""

    fork: Fork
    command_id: int
    reference: str
    point: str | None
    after: float
    reached_at: float | None = None


class Jobs:
    """On SQLite: each wake is a process, and so is each one that comes twice."""

    def __init__(self, yard: Yard) -> None:
        self.yard = yard
        self._running: list[Job] = []
        self._hurries_at = 0.0

    def run(self) -> None:
        """Until enough are killed and everything has come to rest."""
        given_up_at = None
        while self.yard.is_wild or self._running or not self.yard.is_quiet():
            if self.yard.is_wild and self.yard.chance.random() < CLICKS and self.yard.open_commands() < MOST_OPEN:
                self.yard.click()
            self._hurry()
            self._start_due()
            self._look()
            if not self.yard.is_wild:
                if given_up_at is None:
                    self.yard.calm()
                    given_up_at = time.monotonic() + QUIET_WITHIN
                if time.monotonic() > given_up_at:
                    return
            time.sleep(0.003 if self._running else 0.05)

    def _hurry(self) -> None:
        if time.monotonic() >= self._hurries_at:
            self._hurries_at = time.monotonic() + HURRY_EVERY
            self.yard.hurry()

    def _start_due(self) -> None:
        if len(self._running) >= AT_ONCE:
            return
        moment = self.yard.desk.moment
        with db.connection_context():
            expire_leases(moment=moment)
            senders = commands_to_send(now=moment.real_now, grace=timedelta(), limit=20)
            readers = commands_to_settle(now=moment.real_now, limit=20)
            wanted = [due.command_id for due in (*senders, *readers)]
            query = Command.select(Command.id, Command.reference).where(Command.id.in_(wanted))
            references = dict(query.tuples())
        wakes = [(send_command, due.command_id) for due in senders]
        wakes += [(settle_unknown, due.command_id) for due in readers]
        self.yard.chance.shuffle(wakes)
        for work, command_id in wakes:
            is_twin = any(job.command_id == command_id for job in self._running)
            if len(self._running) < AT_ONCE and (not is_twin or self.yard.chance.random() < 0.05):
                self._start(work, command_id, references[command_id])

    def _start(self, work: object, command_id: int, reference: str) -> None:
        chance = self.yard.chance
        is_doomed = self.yard.is_wild and chance.random() < 0.7
        point = chance.choice(POINTS if work is send_command else ("at random",)) if is_doomed else None
        after = chance.uniform(0, 0.12) if point == "at random" else chance.choice((0, 0, chance.uniform(0, 0.02)))
        fork = self.yard.fork(lambda: work(command_id))
        self._running.append(Job(fork, command_id, reference, point, after))

    def _look(self) -> None:
        """Kill what has reached its point, and see off what has ended."""
        now = time.monotonic()
        for job in list(self._running):
            if job.fork.is_over():
                self._running.remove(job)
                continue
            if job.point is not None and job.reached_at is None and self._is_reached(job):
                job.reached_at = now
            if job.reached_at is not None and now >= job.reached_at + job.after:
                self.yard.killed[f"job {job.point}"] += job.fork.kill()
                self._running.remove(job)

    def _is_reached(self, job: Job) -> bool:
        if job.point == "at random":
            return True
        if job.point == "claimed":
            with db.connection_context():
                return Command.get_by_id(job.command_id).state == CommandState.SENDING
        ledger = sqlite3.connect(f"file:{self.yard.folder / 'vendor.db'}?mode=ro", uri=True)
        try:
            row = ledger.execute("SELECT 1 FROM effects WHERE reference = ?", [job.reference]).fetchone()
        finally:
            ledger.close()
        return row is not None


class Crew:
    """On PostgreSQL and Valkey: workers and a clock, each started again when it was killed."""

    def __init__(self, yard: Yard, *, postgres: PostgresServer, valkey: ValkeyServer) -> None:
        self.yard, self.postgres, self.valkey = yard, postgres, valkey
        self._work = {"worker": self._serve, "second worker": self._serve, "clock": self._tick}
        self._forks: dict[str, Fork] = {}

    def _serve(self) -> None:
        run_worker(self.valkey.url)

    def _tick(self) -> None:
        Timer(self.yard.config).run(threading.Event())

    def _keep(self) -> None:
        for name, work in self._work.items():
            fork = self._forks.get(name)
            if fork is None or fork.is_over():
                self._forks[name] = self.yard.fork(work)

    def run(self) -> None:
        """Until enough are killed and everything has come to rest."""
        quiet_by = None
        while self.yard.is_wild or not self._is_quiet():
            self._keep()
            if self.yard.is_wild:
                with suppress(OperationalError, InterfaceError):
                    self._click()
                time.sleep(self.yard.chance.uniform(0.05, 0.3))
                self._harm()
            else:
                if quiet_by is None:
                    self.yard.calm()
                    quiet_by = time.monotonic() + QUIET_WITHIN
                if time.monotonic() > quiet_by:
                    break
                with suppress(OperationalError, InterfaceError):
                    self.yard.hurry()
                time.sleep(0.5)
        for fork in self._forks.values():
            fork.kill()

    def _is_quiet(self) -> bool:
        with suppress(OperationalError, InterfaceError):
            return self.yard.is_quiet()
        return False

    def _click(self) -> None:
        for _ in range(self.yard.chance.randint(1, 4)):
            command = self.yard.click()
            if command is not None:
                wake(command.id, redis_url=self.valkey.url)

    def _harm(self) -> None:
        """One of the things that happen to servers."""
        drawn = self.yard.chance.random()
        if drawn < 0.7:
            name = self.yard.chance.choice(list(self._work))
            self.yard.killed[name] += self._forks.pop(name).kill()
        elif drawn < 0.85:
            with self.valkey.connect() as connection:
                connection.flushall()
            self.yard.killed["Valkey wiped"] += 1
        elif drawn < 0.92:
            self.valkey.kill()
            self.valkey.start()
            self.yard.killed["Valkey"] += 1
        else:
            db.obj.close_all()
            # Its own emergency exit: SIGKILL would leave its shared memory to whoever comes next.
            stop_child(self.postgres.process, signal.SIGQUIT)
            self.postgres.start()
            self.yard.killed["PostgreSQL"] += 1


@dataclass(frozen=True, slots=True)
class Toll:
    """Who was killed how often, how many commands were accepted meanwhile, and what the checker found."""

    killed: dict[str, int]
    accepted: int
    parked: int
    violations: list[str]


def play(engine: str, *, kills: int, seed: int, wire: str = "rest") -> Toll:
    """Kill so many processes on that engine, wait until nothing moves, and check."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if engine == "sqlite":
            with schema.SqliteCopies(folder).fresh() as url:
                return _play(Yard(*_opened(folder, url), redis_url="", seed=seed, kills=kills, wire=wire))
        postgres, valkey = PostgresServer(), ValkeyServer()
        try:
            with schema.PostgresCopies(postgres).fresh() as url:
                # The quick servers of the tests may forget a commit; one that promises it must not.
                postgres.execute(f'ALTER DATABASE "{url_name(url)}" SET synchronous_commit = on')
                yard = Yard(*_opened(folder, url), redis_url=valkey.url, seed=seed, kills=kills, wire=wire)
                return _play(yard, Crew(yard, postgres=postgres, valkey=valkey))
        finally:
            valkey.stop()
            postgres.stop()


def url_name(url: str) -> str:
    """The name of the database in an address."""
    return urlsplit(url).path.lstrip("/")


def _opened(folder: Path, url: str) -> tuple[Path, str]:
    schema.seatdesk_database.connect_to(url)
    return folder, url


def _play(yard: Yard, crew: Crew | None = None) -> Toll:
    try:
        (crew or Jobs(yard)).run()
        found = yard.violations()
        evidence = f" (see {yard.keep_evidence()})" if found else ""
        return Toll(dict(yard.killed), len(yard.accepted), yard.parked(), [f"{said}{evidence}" for said in found])
    finally:
        yard.vendor.stop()


def main() -> int:
    """Kill, check, print."""
    parser = argparse.ArgumentParser(description="Kill processes and compare the books.")
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--wire", choices=("rest", "soap"), default="rest")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    toll = play(asked.engine, kills=asked.kills, seed=asked.seed, wire=asked.wire)
    for said in toll.violations:
        sys.stdout.write(f"{said}\n")
    points = ", ".join(f"{name} {times}" for name, times in sorted(toll.killed.items()))
    sys.stdout.write(f"{toll.accepted} commands accepted, {toll.parked} parked, ")
    sys.stdout.write(f"{sum(toll.killed.values())} kills on {asked.engine}: {points}\n")
    sys.stdout.write(f"{len(toll.violations)} violations\n")
    return min(len(toll.violations), 1)


if __name__ == "__main__":
    sys.exit(main())
