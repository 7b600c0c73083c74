"""Virtual time and the steps of several workers in one thread; a seed decides who goes first, pauses or dies.

A worker runs the product's own code in a greenlet. It can be interrupted where it asks for the time and while it waits
for the vendor, never inside a transaction: there one process stands between the database and the others anyway.
"""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import greenlet

from database import db


class Killed(BaseException):
    """kill -9: nothing that the product does can catch it."""


class Hub:
    """Runs tasks in the order of virtual time; those due at the same time in an order drawn by the seed."""

    def __init__(self, chance: random.Random, *, starts_at: datetime) -> None:
        self.chance = chance
        self.starts_at = starts_at
        self.seconds = 0.0
        self.faults: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._waiting: list[tuple[float, float, int, greenlet.greenlet]] = []
        self._number = 0

    @property
    def now(self) -> datetime:
        """Real time, virtually."""
        return self.starts_at + timedelta(seconds=self.seconds)

    @property
    def next_at(self) -> float | None:
        """When the next task goes on, in seconds since the start; None where none waits."""
        return self._waiting[0][0] if self._waiting else None

    def start(self, work: Callable[[], object], *, after: float = 0.0) -> None:
        """Begin a task; what it raises is a finding, but for being killed."""
        self._put(greenlet.greenlet(lambda: self._run(work)), after)

    def _run(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Killed:
            self.faults["worker killed"] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it should not have happened
            self.wrong.append(f"broken: {type(error).__name__}: {error}")

    def _put(self, task: greenlet.greenlet, after: float) -> None:
        self._number += 1
        heapq.heappush(self._waiting, (self.seconds + after, self.chance.random(), self._number, task))

    def wait(self, seconds: float) -> None:
        """Let others go on meanwhile; nothing where no task runs."""
        current = greenlet.getcurrent()
        if current.parent is None:
            return
        if db.in_transaction():
            self.wrong.append("open: a worker waits while its transaction is open")
        self._put(current, seconds)
        current.parent.switch()

    def step(self) -> None:
        """Let the next task go on until it waits again or ends."""
        at, _tie, _number, task = heapq.heappop(self._waiting)
        self.seconds = max(self.seconds, at)
        task.switch()
