"""Make a fresh machine ready for the tests: `make test` and `make check` call it. Standard library only.

Installs what requirements-dev.txt names into .venv and, with --services, Chromium and PostgreSQL by apt where they
are missing and apt may be used. What cannot be had is reported NOT RUN; with CI=true that is a failure.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python reads this file too, and gets no further
    sys.exit("Seatdesk needs Python 3.11 or later. Try: make PYTHON=python3.11 test")

import os
import shutil
import subprocess
from pathlib import Path

from launcher import environment
from launcher.words import StartRefused, say
from tests.services import programs

ROOT = Path(__file__).resolve().parents[1]
SERVICES = {
    "chromium": ("chromium", "the tests in the browser"),
    "postgres": ("postgresql", "the tests on PostgreSQL"),
}


def may_install() -> bool:
    """Whether this user can install packages."""
    return os.getuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: list[str]) -> None:
    """Install the packages; a failure is seen by what is still missing afterwards."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    say(f"Installing {', '.join(packages)} by apt …")
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", "-qq", *words], env=quiet, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            say(done.stderr.strip())


def missing() -> list[str]:
    """Which services the tests will not find."""
    return [name for name in SERVICES if programs.find(name) is None]


def have_services() -> bool:
    """Install what is missing, where that is possible; gives whether everything is there."""
    if missing() and may_install():
        apt_install([SERVICES[name][0] for name in missing()])
    for name in missing():
        package, purpose = SERVICES[name]
        say(f"NOT RUN: {purpose}: {package} is not installed and cannot be installed by this user.")
    return not missing()


def main(arguments: list[str]) -> int:
    """Prepare; 1 when the tests cannot run or, under CI, when some of them cannot."""
    try:
        environment.ensure(ROOT)
        environment.ensure(ROOT, "requirements-dev.txt")
    except StartRefused as refusal:
        say(str(refusal))
        return 1
    complete = "--services" not in arguments or have_services()
    return 0 if complete or os.environ.get("CI", "").lower() not in {"1", "true"} else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
