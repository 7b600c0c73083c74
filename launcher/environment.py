"""The virtual environment: made once, filled from hashed requirements, made again when it is broken."""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from launcher.words import StartRefused, say

_MARK = "seatdesk-installed-{}"
_TIMEOUT_SECONDS = 60


def python_of(root: Path) -> Path:
    """The interpreter of the clone's own environment."""
    return root / ".venv" / "bin" / "python"


def missing_package(version: tuple[int, int]) -> str:
    """What to say where Python came without the means to make an environment (Debian and Ubuntu split them off)."""
    package = f"python{version[0]}.{version[1]}-venv"
    return (
        f"This Python cannot make virtual environments: the package {package} is missing.\n"
        f"Install it (Debian, Ubuntu: sudo apt-get install {package}) and start again."
    )


def _works(python: Path) -> bool:
    if not python.exists():
        return False
    asked = [str(python), "-m", "pip", "--version"]
    return subprocess.run(asked, capture_output=True, check=False, timeout=_TIMEOUT_SECONDS).returncode == 0


def _create(root: Path) -> None:
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise StartRefused(missing_package(sys.version_info[:2]))
    say("Creating .venv …")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", root / ".venv"], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        shutil.rmtree(root / ".venv", ignore_errors=True)
        raise StartRefused(f"The virtual environment cannot be made:\n{made.stdout}{made.stderr}".rstrip())


def _install(root: Path, requirements: Path) -> None:
    say(f"Installing what {requirements.name} names …")
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    installed = subprocess.run(
        [python_of(root), "-m", "pip", "install", *options, "-r", requirements],
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode != 0:
        reason = "\n".join(installed.stderr.strip().splitlines()[-8:])
        raise StartRefused(f"The requirements cannot be installed. Is the package index reachable?\n{reason}")


def ensure(root: Path, name: str = "requirements.txt") -> Path:
    """Make the environment hold exactly what the file names; costs nothing when it already does.

    Gives the interpreter. Raises StartRefused where it cannot be had.
    """
    requirements = root / name
    python = python_of(root)
    mark = root / ".venv" / _MARK.format(requirements.stem)
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if python.exists() and mark.exists() and mark.read_text() == wanted:
        return python
    if not _works(python):
        _create(root)
    _install(root, requirements)
    mark.write_text(wanted)
    return python
