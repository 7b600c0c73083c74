"""A platform starts the same processes that run.py starts."""

from pathlib import Path

from launcher import programs
from tests.structure import source


def _procfile() -> dict[str, str]:
    lines = source.text(Path("Procfile")).splitlines()
    return {name: command.strip().replace("'", "") for name, command in (line.split(":", 1) for line in lines)}


def test_the_procfile_names_what_run_py_starts():
    python = Path("python")
    started = {
        program.name: " ".join(str(word) for word in program.command[2:])
        for program in [*programs.seatdesk(python), programs.simulator(python)]
    }
    named = {name: command.removeprefix("python -m ") for name, command in _procfile().items() if name != "release"}
    assert named == started
