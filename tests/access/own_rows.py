"""The second wall on SQLite, for the tests: what a reseller's user is served must not hang on another reseller's rows.

Each statement is run a second time over views that show the rows of the served reseller alone, by the conditions of the
policies that PostgreSQL has (migration 0011), and over two tables more. If both answers are the same, the statement has
its predicate, or asks by keys that are the reseller's own. If not, it lacks it, and is remembered.

The only statements left out are those that say so (database.across_tenants) and what is read before it is known who
asks. A statement whose other conditions leave out every row of the other reseller is not found.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from database import db
from tenant_wall import served

_POLICIES = import_module("migrations.0011_row_security")
_OF_LICENCE = "EXISTS (SELECT 1 FROM subscription WHERE subscription.id = {table}.subscription_id)"
# PostgreSQL has no policy for these, as it would be tried row by row in every report and plan.
_BEYOND = {"term": _OF_LICENCE, "selection_row": _OF_LICENCE}
CONDITIONS = {**_POLICIES.TABLES, **_BEYOND}
_READ = re.compile(rf'\b(FROM|JOIN)\s+"?({"|".join(CONDITIONS)})"?(?![\w"])(\s+AS\b)?', re.IGNORECASE)
_UPDATE = re.compile(r'UPDATE "(\w+)" SET (.*?)(?: WHERE (.*))?', re.DOTALL)
_DELETE = re.compile(r'DELETE FROM "(\w+)"(?: WHERE (.*))?', re.DOTALL)


class OwnRows:
    """Remembers the statements that reached rows of another reseller."""

    def __init__(self) -> None:
        self.trespasses: list[str] = []
        self.compared = 0

    def look(self, connection: sqlite3.Connection, statement: str, values: Any) -> None:
        """Compare both answers before the statement is run."""
        question = _question(statement, tuple(values or ()))
        if question is None or not _READ.search(question[0]):
            return
        self.compared += 1
        asked, values = question
        if _answer(connection, asked, values) != _answer(connection, _of_own(asked), values):
            self.trespasses.append(statement)


def _show_own(connection: sqlite3.Connection) -> None:
    connection.create_function("served", 0, served.get)
    for table, condition in CONDITIONS.items():
        rows = condition.format(served="served()", table=f'"{table}"')
        if table in _POLICIES.NAMED:
            rows = f"{rows} OR {_POLICIES.NAMED[table]}"
        connection.execute(f'CREATE TEMP VIEW "own_{table}" AS SELECT * FROM "{table}" WHERE {_of_own(rows)}')  # noqa: S608


def _of_own(statement: str) -> str:
    """The same, over the views, each called as the table was."""

    def view(found: re.Match[str]) -> str:
        name = found[2].lower()
        return f'{found[1]} "own_{name}" AS' + ("" if found[3] else f' "{name}"')

    return _READ.sub(view, statement)


def _question(statement: str, values: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]] | None:
    """What the statement reads, as a SELECT: of a change, the rows that it is about."""
    if statement.startswith(("SELECT", "WITH")):
        return statement, values
    if changed := _UPDATE.fullmatch(statement):
        return f'SELECT * FROM "{changed[1]}" WHERE {changed[3] or "true"}', values[changed[2].count("?") :]  # noqa: S608
    if removed := _DELETE.fullmatch(statement):
        return f'SELECT * FROM "{removed[1]}" WHERE {removed[2] or "true"}', values  # noqa: S608
    return None


def _answer(connection: sqlite3.Connection, statement: str, values: tuple[Any, ...]) -> list[str]:
    return sorted(map(repr, sqlite3.Cursor(connection).execute(statement, values)))


@contextmanager
def watched() -> Iterator[OwnRows]:
    """Every statement of the bound database, from a new connection on."""
    own_rows = OwnRows()

    class Cursor(sqlite3.Cursor):
        def execute(self, statement: str, values: Any = ()) -> sqlite3.Cursor:
            if served.get() is not None:
                own_rows.look(self.connection, statement, values)
            return super().execute(statement, values)

    class Connection(sqlite3.Connection):
        def __init__(self, *values: Any, **options: Any) -> None:
            super().__init__(*values, **options)
            _show_own(self)

        def cursor(self, factory: type[sqlite3.Cursor] = Cursor) -> sqlite3.Cursor:
            return super().cursor(factory)

    db.close()
    db.obj.connect_params["factory"] = Connection
    db.connect()
    yield own_rows
