"""A platform starts the same processes that run.py starts."""

import ast
from pathlib import Path

from app import create_app
from config import read_config
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


def test_every_flask_command_of_the_procfile_exists():
    app = create_app(read_config({"SEATDESK_ENV": "test", "DATABASE_URL": "sqlite:///:memory:"}))
    asked = {words[1] for words in map(str.split, _procfile().values()) if words[0] == "flask"}
    assert asked
    assert asked <= set(app.cli.commands)


def _names_given(kind: str) -> set[str]:
    """What calls of that class in jobs/ name as their first argument, lists opened."""
    first = [
        node.args[0]
        for path in source.files("*.py", under="jobs")
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith(kind) and node.args
    ]
    return {ast.unparse(name) for given in first for name in (given.elts if isinstance(given, ast.List) else [given])}


def test_the_worker_of_the_procfile_serves_every_queue():
    assert _procfile()["worker"] == "flask worker"
    assert _names_given("Queue") == _names_given("Worker") == {"QUEUE"}
