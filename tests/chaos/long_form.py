"""The long form: `make chaos`. It ends with schedules, kills, faults by class and the number of violations.

Ctrl-C or SIGTERM ends it early, with what was done so far.
"""

import argparse
import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress

from tests.chaos.kills import Toll, play
from tests.chaos.simulation import Tally, run_schedules

SCHEDULES_AT_ONCE, KILLS_AT_ONCE = 500, 200
Task = tuple[Callable[..., Tally | Toll], tuple[object, ...]]


def schedules(first: int, count: int) -> Tally:
    """A chunk of seeds."""
    return run_schedules(range(first, first + count))


def kills(engine: str, count: int, seed: int, wire: str) -> Toll:
    """A round on one engine and wire."""
    return play(engine, kills=count, seed=seed, wire=wire)


def tasks(asked: argparse.Namespace) -> Iterator[Task]:
    """Everything in chunks, so that each starts with a fresh database."""
    for engine, wanted in (("postgres", asked.postgres_kills), ("sqlite", asked.sqlite_kills)):
        for done in range(0, wanted, KILLS_AT_ONCE):
            # Each third round meets the service that can only show how a licence stands.
            wire = "soap" if done // KILLS_AT_ONCE % 3 == 1 else "rest"
            yield kills, (engine, min(KILLS_AT_ONCE, wanted - done), asked.seed + done, wire)
    for done in range(0, asked.schedules, SCHEDULES_AT_ONCE):
        yield schedules, (asked.seed + done, min(SCHEDULES_AT_ONCE, asked.schedules - done))


def run(task: Task) -> Tally | Toll:
    """One task in a process of the pool."""
    # Ended early, what a round has started ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    work, arguments = task
    return work(*arguments)


def _told_to_end(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run all, show progress, sum up."""
    parser = argparse.ArgumentParser(description="Commands take effect exactly once, at length.")
    parser.add_argument("--schedules", type=int, default=100_000)
    parser.add_argument("--sqlite-kills", type=int, default=5_000)
    parser.add_argument("--postgres-kills", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    played, killed, found = Tally(), Counter[str](), list[str]()
    started = time.monotonic()
    signal.signal(signal.SIGTERM, _told_to_end)
    with (
        suppress(KeyboardInterrupt),
        multiprocessing.get_context("spawn").Pool(asked.processes, maxtasksperchild=1) as pool,
    ):
        for result in pool.imap_unordered(run, tasks(asked)):
            found += result.violations
            sys.stdout.writelines(f"{said}\n" for said in result.violations)
            if isinstance(result, Tally):
                played.add(result)
            else:
                killed.update(result.killed)
            sys.stdout.write(
                f"{time.monotonic() - started:.0f} s: {played.schedules} schedules, {killed.total()} kills\n"
            )
            sys.stdout.flush()
    fired = ", ".join(f"{name} {times}" for name, times in sorted((played.faults + killed).items()))
    sys.stdout.write(f"{played.schedules} schedules, {killed.total()} kills; {fired}; {len(found)} violations\n")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main())
