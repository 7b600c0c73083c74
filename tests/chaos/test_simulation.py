"""Two thousand schedules of faults in every run, each of which its seed plays again; `make chaos` plays more."""

import pytest

from tests.chaos.simulation import Tally, run_schedules

SCHEDULES, AT_ONCE = 2_000, 100
# These many are in `make check` too.
QUICK = 200
# Late executions that came too late, and a person who called absent what was half done.
FOUND_BY = (1369, 1839, 7_002_180, 8_003_709, 8_010_755, 8_011_905, 8_028_001)
COMMAND = "python -m tests.chaos.simulation --seed N"


def outcome(tally: Tally) -> tuple[object, ...]:
    return tally.commands, tally.faults, tally.violations


FIRSTS = [
    pytest.param(first, marks=[pytest.mark.slow] if first >= QUICK else []) for first in range(0, SCHEDULES, AT_ONCE)
]


@pytest.mark.parametrize("first", FIRSTS)
def test_no_schedule_loses_repeats_or_disorders_a_command(first: int) -> None:
    tally = run_schedules(range(first, first + AT_ONCE))
    assert tally.schedules == AT_ONCE
    assert tally.commands > AT_ONCE / 2
    assert tally.violations == [], COMMAND


@pytest.mark.parametrize("seed", FOUND_BY)
def test_what_a_long_form_has_found_stays_mended(seed: int) -> None:
    assert run_schedules(range(seed, seed + 1)).violations == []


def test_a_seed_plays_the_same_schedule_again() -> None:
    assert outcome(run_schedules(range(7, 12))) == outcome(run_schedules(range(7, 12)))


def test_a_seed_plays_the_same_alone_and_among_others() -> None:
    among, alone = run_schedules(range(20, 25)), run_schedules(range(20, 24))
    alone.add(run_schedules(range(24, 25)))
    assert outcome(among) == outcome(alone)
