"""What a drain has still to do, handed out one command at a time to threads that ask for it."""

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime

from queries.due_commands import Due, commands_to_settle
from queries.due_work import due_batch_rows, due_singles

_ROWS_AT_ONCE = 100
_LOOK_SECONDS = 0.25


class Supply:
    """Hands out each occasion once. Nothing is kept: what a killed drain had in hand stands in the table."""

    def __init__(self, now: Callable[[], datetime], *, seconds: float) -> None:
        self._now = now
        self._ends = time.monotonic() + seconds
        self._is_closed = False
        self._lock = threading.Lock()
        self._rows: deque[Due] = deque()
        self._singles: deque[Due] = deque()
        self._questions: deque[Due] = deque()
        self._given: set[Due] = set()
        self._looks_at = 0.0

    def close(self) -> None:
        """Give out nothing more: the vendor takes nothing now, or the worker is asked to end."""
        self._is_closed = True

    @property
    def is_closed(self) -> bool:
        """Whether it was closed before its time was up."""
        return self._is_closed

    def next(self) -> int | None:
        """The next command to send, single clicks before rows of a batch; None when none is due or time is up."""
        with self._lock:
            if self._is_closed or time.monotonic() >= self._ends:
                return None
            self._look()
            if not self._singles and not self._rows:
                self._rows.extend(self._new(due_batch_rows(now=self._now(), limit=_ROWS_AT_ONCE)))
            return _first(self._singles) or _first(self._rows)

    def next_single(self) -> int | None:
        """The next single click, also after time is up; None when none is due now."""
        with self._lock:
            if self._is_closed:
                return None
            self._look()
            return _first(self._singles)

    def next_question(self) -> int | None:
        """The next command of unknown outcome to ask the vendor about, None when none is due now."""
        with self._lock:
            if self._is_closed:
                return None
            self._look()
            return _first(self._questions)

    def _look(self) -> None:
        """Look for single clicks and open questions, a few times a second however many threads ask."""
        if time.monotonic() < self._looks_at:
            return
        now = self._now()
        self._singles.extend(self._new(due_singles(now=now, limit=_ROWS_AT_ONCE)))
        self._questions.extend(self._new(commands_to_settle(now=now, limit=_ROWS_AT_ONCE)))
        self._looks_at = time.monotonic() + _LOOK_SECONDS

    def _new(self, due: list[Due]) -> list[Due]:
        found = [occasion for occasion in due if occasion not in self._given]
        self._given.update(found)
        return found


def _first(waiting: deque[Due]) -> int | None:
    return waiting.popleft().command_id if waiting else None
