"""Keeps processes running: starts them, restarts one that dies with growing pauses, stops all of them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher import children
from launcher.words import StartRefused, say

_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 60.0
_POLL_SECONDS = 0.2
_SHORT_SECONDS = 0.05
_GRACE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Program:
    """What to run under a name; a last one is stopped after all others, which may still need it."""

    name: str
    command: Sequence[str | Path]
    is_last: bool = False


@dataclass(slots=True)
class _Kept:
    program: Program
    child: children.Child
    started: float
    deaths: int = 0
    due: float = 0.0


def pause_before_restart(deaths: int) -> float:
    """Seconds to wait after so many deaths in a row: 1, 2, 4 … 30."""
    return min(2.0 ** min(deaths - 1, 10), _LONGEST_PAUSE_SECONDS)


class Supervisor:
    """The processes of one start. held are descriptors that every child keeps open while it lives."""

    def __init__(self, *, cwd: Path, logs: Path, environ: Mapping[str, str], held: Sequence[int]) -> None:
        self._cwd = cwd
        self._logs = logs
        self._environ = environ
        self._held = held
        self._kept: list[_Kept] = []
        self._is_hurried = False

    def start(self, program: Program) -> None:
        """Start a program and keep it running from now on."""
        self._kept.append(_Kept(program, self._launch(program), time.monotonic()))

    def _launch(self, program: Program) -> children.Child:
        log = children.fresh_log(self._logs, program.name)
        return children.start(program.command, log=log, cwd=self._cwd, environ=self._environ, held=self._held)

    def _log_of(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def wait_until(self, name: str, *, answers: Callable[[], bool], patience_seconds: float) -> None:
        """Wait until a program just started answers. Raises StartRefused when it ends instead, or never answers."""
        child = next(kept.child for kept in self._kept if kept.program.name == name)
        until = time.monotonic() + patience_seconds
        while not answers():
            if child.poll() is not None or time.monotonic() > until:
                log = self._log_of(name)
                raise StartRefused(f"{name} does not start; the end of {log}:\n{children.last_lines(log)}")
            time.sleep(_SHORT_SECONDS)

    def watch(self) -> None:
        """Look at every process once: note who died, restart who is due."""
        now = time.monotonic()
        for kept in self._kept:
            if kept.due and now >= kept.due:
                kept.child, kept.started, kept.due = self._launch(kept.program), now, 0.0
            elif not kept.due and kept.child.poll() is not None:
                self._note_death(kept, now)

    def _note_death(self, kept: _Kept, now: float) -> None:
        kept.deaths = 1 if now - kept.started > _STEADY_SECONDS else kept.deaths + 1
        pause = pause_before_restart(kept.deaths)
        kept.due = now + pause
        children.kill_group(kept.child)  # what it left behind in its session
        say(
            f"{kept.program.name} ended ({kept.child.returncode}) and is started again in {pause:.0f} s;"
            f" its log: {self._log_of(kept.program.name)}"
        )

    def watch_for_ever(self) -> None:
        """Watch until a signal ends it as KeyboardInterrupt."""
        while True:
            self.watch()
            time.sleep(_POLL_SECONDS)

    def hurry(self) -> None:
        """Let a stop that is under way kill what has not ended yet."""
        self._is_hurried = True

    def stop(self) -> None:
        """Stop all: ask, ask again (which makes a worker drop its job), kill; those that are last come last."""
        for is_last in (False, True):
            running = [kept.child for kept in self._kept if kept.program.is_last is is_last]
            for _ in range(2):
                _ask(running)
                self._wait(running)
            for child in running:
                if child.poll() is None:
                    children.kill_group(child)

    def _wait(self, running: Sequence[children.Child]) -> None:
        until = time.monotonic() + _GRACE_SECONDS
        while any(child.poll() is None for child in running):
            if self._is_hurried or time.monotonic() > until:
                return
            time.sleep(_SHORT_SECONDS)


def _ask(running: Sequence[children.Child]) -> None:
    for child in running:
        if child.poll() is None:
            child.terminate()
