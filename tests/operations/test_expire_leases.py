"""Dead leases are taken back also where somebody else writes at the same time."""

import sqlite3
from datetime import timedelta

from database import db
from licensing.states import CommandState
from models import Customer
from operations.settle_command import expire_leases
from tests.desk import Desk, state_of


def test_dead_leases_are_taken_back_while_another_process_writes(sqlite_database: str) -> None:
    desk = Desk()
    commands = [desk.order() for _ in range(3)]
    for command in commands:
        assert desk.claim(command) is not None
    desk.wait(timedelta(minutes=5))
    other = sqlite3.connect(sqlite_database.removeprefix("sqlite:///"), isolation_level=None)

    def write_first(statement: str) -> None:
        if statement.startswith("BEGIN"):
            other.execute("UPDATE customer SET version = version + 1")

    db.connection().set_trace_callback(write_first)
    expire_leases(moment=desk.moment)
    db.connection().set_trace_callback(None)
    other.close()
    assert [state_of(command) for command in commands] == [CommandState.UNKNOWN] * 3
    assert Customer.get().version == 1 + len(commands)
