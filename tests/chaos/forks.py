"""Processes forked from a warmed one, so that killing hundreds of them takes seconds.

Nothing is connected to the database while it forks: SQLite's locks and PostgreSQL's sockets must not be shared.
"""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class Fork:
    """One forked process, in a group of its own with those that it forks."""

    def __init__(self, work: Callable[[], object], *, log: Path) -> None:
        self.started_at = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            self._run(work, log)

    @staticmethod
    def _run(work: Callable[[], object], log: Path) -> None:
        os.setpgid(0, 0)
        output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(output, sys.stderr.fileno())
        os.dup2(output, sys.stdout.fileno())
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - whatever it is, this process must not go on as its parent's twin
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)

    def is_over(self) -> bool:
        """Whether it has ended by itself; it is then reaped."""
        return os.waitpid(self.pid, os.WNOHANG)[0] == self.pid

    def kill(self) -> bool:
        """SIGKILL to it and to what it has forked, and wait for it. Gives whether it was killed at work."""
        children = []
        with suppress(FileNotFoundError):
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        for pid in (self.pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return os.WIFSIGNALED(os.waitpid(self.pid, 0)[1])
