"""The whole product, started by run.py in a copied tree with the environment of this one."""

import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services.product import Start, copy_product, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]


def sign_in_page(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/login")
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return copy_product(tmp_path)


@pytest.fixture
def start(clone: Path) -> Iterator[Callable[..., Start]]:
    starts: list[Start] = []

    def begin(**settings: str) -> Start:
        starts.append(Start(clone, **settings))
        return starts[-1]

    yield begin
    for begun in starts:
        if begun.process.poll() is None:
            begun.end(signal.SIGTERM)


def test_a_start_serves_the_sign_in_page_and_names_who_can_sign_in(start, clone):
    started = start(SEATDESK_DEMO_PASSWORD="known beforehand")
    assert sign_in_page(started.port) == 200
    assert re.search(r'customer1 +reseller user of "Bluth Company"', started.words)
    assert "with the password  known beforehand  as" in started.words

    second = subprocess.run([sys.executable, "run.py"], cwd=clone, capture_output=True, text=True, check=False)
    assert second.returncode == 0
    assert f"already runs here: http://127.0.0.1:{started.port} (process {started.process.pid};" in second.stdout


@pytest.mark.parametrize("command", ["flask worker", "gunicorn app:create_app()"])
def test_a_process_that_is_killed_comes_back(start, command):
    started = start()
    killed = set(started.of(command))
    assert killed
    os.kill(min(killed), signal.SIGKILL)
    assert wait_for(lambda: started.of(command) and not killed & set(started.of(command)))
    assert wait_for(lambda: len(started.of(command)) == len(killed))


def test_a_killed_start_leaves_no_process_and_the_next_one_goes_on(start, clone):
    first = start(SEATDESK_DEMO_NOW="2017-07-23T15:00")
    offset = json.loads((clone / "instance" / "demo-clock.json").read_text())["offset_seconds"]
    with sqlite3.connect(clone / "instance" / "seatdesk.db") as book:
        book.execute('UPDATE "user" SET phone = ? WHERE username = ?', ("011 222 333", "ops"))
    assert len(first.processes) >= 6
    first.end(signal.SIGKILL)
    assert wait_for(first.are_all_gone)

    second = start()
    assert second.password == first.password
    assert sign_in_page(second.port) == 200
    with sqlite3.connect(clone / "instance" / "seatdesk.db") as book:
        assert book.execute('SELECT phone FROM "user" WHERE username = ?', ("ops",)).fetchone() == ("011 222 333",)
    environ = Path(f"/proc/{second.of('flask worker')[0]}/environ").read_text()
    assert f"SEATDESK_CLOCK_OFFSET={offset:.6f}\0" in environ

    assert second.end(signal.SIGTERM) == 0
    assert second.are_all_gone()
