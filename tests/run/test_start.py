"""The whole product, started by run.py in a copied tree with the environment of this one."""

import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.structure.source import ROOT, project_files

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]
_OUR_SETTINGS = re.compile("SEATDESK_|SIMULATOR_|PORT$|DATABASE_URL$|REDIS_URL$|SECRET_KEY$")
_START_SECONDS = 90


def wait_for(condition: Callable[[], object], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.1)
    return False


def parents() -> dict[int, int]:
    """Every living process and its parent."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] != "Z":
            found[int(status.parent.name)] = int(fields[1])
    return found


def descendants(process: int) -> set[int]:
    living = parents()
    below = {child for child, parent in living.items() if parent == process}
    return below.union(*(descendants(child) for child in below)) if below else set()


def command_of(process: int) -> str:
    """The words a process was started with; none when it has just ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


class Start:
    """One run of run.py, waited for until it has said everything."""

    def __init__(self, clone: Path, **settings: str) -> None:
        self.said = clone / "said"
        environ = {name: value for name, value in os.environ.items() if not _OUR_SETTINGS.match(name)}
        with self.said.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "run.py"],
                cwd=clone,
                env=environ | settings,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        assert wait_for(lambda: "Ctrl-C stops it" in self.words or self.process.poll() is not None, _START_SECONDS)
        assert self.process.poll() is None, self.words
        self.processes = descendants(self.process.pid)

    @property
    def words(self) -> str:
        return self.said.read_text()

    @property
    def port(self) -> int:
        return int(re.search(r"Seatdesk runs at  http://127\.0\.0\.1:(\d+)", self.words).group(1))

    @property
    def password(self) -> str:
        return re.search(r"with the password  (\S+)", self.words).group(1)

    def of(self, command: str) -> list[int]:
        return [process for process in descendants(self.process.pid) if command_of(process).endswith(command)]

    def end(self, number: signal.Signals) -> int:
        """Signal run.py alone; gives its exit status."""
        self.processes |= descendants(self.process.pid)
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def are_all_gone(self) -> bool:
        return not self.processes & parents().keys()


def sign_in_page(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/login")
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for path in project_files():
        if path.parts[0] != "tests":
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tmp_path / path)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    return tmp_path


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
