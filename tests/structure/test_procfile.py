"""A platform starts the same processes that run.py starts."""

from importlib import import_module
from pathlib import Path

from app import create_app
from config import read_config
from jobs.dispatch import QUEUE, QUEUE_OF, QUEUES
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


def test_every_queue_has_a_worker_in_the_procfile():
    served = {command for command in _procfile().values() if command.startswith("flask worker")}
    assert served == {"flask worker" if queue == QUEUE else f"flask worker --queue {queue}" for queue in QUEUES}


def test_every_job_has_a_queue_and_is_a_function_of_the_jobs():
    assert set(QUEUE_OF.values()) == set(QUEUES)
    for name in QUEUE_OF:
        module, _dot, function = name.rpartition(".")
        assert callable(getattr(import_module(module), function)), name
