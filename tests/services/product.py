"""The whole product, started by run.py in a copied tree: for tests that need every process."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.structure.source import ROOT, project_files

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


def copy_product(folder: Path) -> Path:
    """The product without its tests, with the environment of this one; gives the folder."""
    for path in project_files():
        if path.parts[0] != "tests":
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, folder / path)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder
