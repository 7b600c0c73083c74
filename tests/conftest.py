"""Fixtures for all tests: real databases and servers.

`database` runs a test twice, on SQLite and on PostgreSQL, each time on a fresh migrated database to which the
models are bound and connected; its value is the address, for processes and threads of the test's own.
`sqlite_database` and `postgres_database` are the same for one engine. `rolled_back` is the quick one for tests of one
connection: both engines, one database for the whole run, and what a test wrote is rolled back.
Servers start when a test first asks for them.
"""

from collections.abc import Iterator

import pytest

from database import db
from tests.services import schema
from tests.services.missing import not_run
from tests.services.postgres import PostgresServer
from tests.services.programs import find
from tests.services.valkey import ValkeyServer

_MARK_OF = {"postgres_server": "postgres", "valkey_server": "valkey", "chromium_path": "browser"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test by the servers that its fixtures start, so that `make check` starts none."""
    for item in items:
        for fixture in _MARK_OF.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(_MARK_OF[fixture])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> str:
    """The address of an empty PostgreSQL database, shared by the whole run."""
    return postgres_server.create("empty")


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    server = ValkeyServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey_url(valkey_server: ValkeyServer) -> str:
    """A Valkey server shared by the whole run: a test that needs it empty takes empty_valkey_url."""
    return valkey_server.url


@pytest.fixture
def empty_valkey_url(valkey_server: ValkeyServer) -> str:
    with valkey_server.connect() as connection:
        connection.flushall()
    return valkey_server.url


@pytest.fixture(scope="session")
def chromium_path() -> str:
    return str(find("chromium") or not_run("Chromium is not installed"))


@pytest.fixture(scope="session")
def sqlite_copies(tmp_path_factory: pytest.TempPathFactory) -> schema.SqliteCopies:
    return schema.SqliteCopies(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_copies(postgres_server: PostgresServer) -> schema.PostgresCopies:
    return schema.PostgresCopies(postgres_server)


@pytest.fixture
def sqlite_database(sqlite_copies: schema.SqliteCopies) -> Iterator[str]:
    with sqlite_copies.fresh() as url, schema.bound(url):
        yield url


@pytest.fixture
def postgres_database(postgres_copies: schema.PostgresCopies) -> Iterator[str]:
    with postgres_copies.fresh() as url, schema.bound(url):
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_database")


@pytest.fixture(scope="session")
def shared_sqlite(sqlite_copies: schema.SqliteCopies) -> Iterator[str]:
    with sqlite_copies.fresh() as url:
        yield url


@pytest.fixture(scope="session")
def shared_postgres(postgres_copies: schema.PostgresCopies) -> Iterator[str]:
    with postgres_copies.fresh() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def rolled_back(request: pytest.FixtureRequest) -> Iterator[str]:
    url = request.getfixturevalue(f"shared_{request.param}")
    with schema.bound(url), db.transaction() as transaction:
        yield url
        transaction.rollback()
