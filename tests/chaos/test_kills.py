"""Processes killed with SIGKILL, on SQLite and on PostgreSQL with Valkey, on both wires; `make chaos` kills more.

Each round runs in a process of its own, as it forks others.
"""

import re
import subprocess
import sys

import pytest

from tests.simulator.process import ROOT

SQLITE_ROUNDS, SQLITE_KILLS, SOAP_KILLS, POSTGRES_KILLS = 2, 100, 30, 20


def killed(engine: str, *, kills: int, seed: int, wire: str = "rest") -> None:
    command = [
        sys.executable,
        "-m",
        "tests.chaos.kills",
        "--engine",
        engine,
        "--wire",
        wire,
        "--kills",
        str(kills),
        "--seed",
        str(seed),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=420)
    told = re.search(r"(\d+) kills on", done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert told is not None
    assert int(told[1]) >= kills


@pytest.mark.slow
@pytest.mark.timeout(450)
@pytest.mark.parametrize("seed", range(1, SQLITE_ROUNDS + 1))
def test_killed_jobs_and_clicks_lose_and_repeat_nothing(seed: int) -> None:
    killed("sqlite", kills=SQLITE_KILLS, seed=seed)


@pytest.mark.slow
@pytest.mark.timeout(450)
def test_a_service_that_can_only_show_how_a_licence_stands_gets_each_command_once_too() -> None:
    killed("sqlite", kills=SOAP_KILLS, seed=1, wire="soap")


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.valkey
@pytest.mark.timeout(450)
@pytest.mark.usefixtures("postgres_server", "valkey_server")
def test_killed_workers_and_servers_lose_and_repeat_nothing() -> None:
    killed("postgres", kills=POSTGRES_KILLS, seed=1)
