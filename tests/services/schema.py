"""Fresh migrated databases: migrated once per engine and test run, then copied for each test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import database as seatdesk_database
from tests.services.postgres import PostgresServer

_numbers = count(1)


def _migrate(url: str) -> None:
    bound = seatdesk_database.connect_to(url)
    seatdesk_database.migrate()
    _close(bound)


def _close(bound: object) -> None:
    """Close every connection of the database, the pool's idle ones too."""
    (bound.close_all if hasattr(bound, "close_all") else bound.close)()


class SqliteCopies:
    """Copies of one migrated SQLite file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        _migrate(f"sqlite:///{self._template}")

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The address of a new copy, removed afterwards."""
        path = self._folder / f"copy-{next(_numbers)}.db"
        shutil.copyfile(self._template, path)
        try:
            yield f"sqlite:///{path}"
        finally:
            for leftover in self._folder.glob(f"{path.name}*"):
                leftover.unlink()


class PostgresCopies:
    """Copies of one migrated PostgreSQL database."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        _migrate(server.create("seatdesk_template"))

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The address of a new copy, dropped afterwards."""
        name = f"copy_{next(_numbers)}"
        try:
            yield self._server.create(name, template="seatdesk_template")
        finally:
            self._server.drop(name)


@contextmanager
def bound(url: str) -> Iterator[str]:
    """The models bound to that database and connected, until the test ends."""
    opened = seatdesk_database.connect_to(url)
    opened.connect(reuse_if_open=True)
    try:
        yield url
    finally:
        _close(opened)
