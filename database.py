"""The database: one proxy, a write transaction, a row lock, field types, migrations.

Nothing here knows a table. Both engines give the same answers: instants are stored as naive UTC, JSON as JSON.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from peewee import Database, DatabaseProxy, DateTimeField, ModelSelect, SqliteDatabase
from playhouse.migrations import Runner
from playhouse.pool import PooledPostgresqlDatabase

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_PRAGMAS = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": "normal", "busy_timeout": 5000}

db = DatabaseProxy()
Query = TypeVar("Query", bound=ModelSelect)


class UTCDateTimeField(DateTimeField):  # type: ignore[misc]  # peewee has no types
    """An aware instant in Python, naive UTC in the database. A naive value is refused."""

    def db_value(self, value: datetime | None) -> Any:
        """Convert to naive UTC; raises ValueError for a naive datetime."""
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(f"{self.name} needs an aware datetime")
            value = value.astimezone(UTC).replace(tzinfo=None)
        return DateTimeField.db_value(self, value)

    def python_value(self, value: Any) -> datetime | None:
        """Give the stored instant back as aware UTC."""
        parsed = DateTimeField.python_value(self, value)
        return parsed.replace(tzinfo=UTC) if isinstance(parsed, datetime) else None


def _sqlite(url: str) -> SqliteDatabase:
    return SqliteDatabase(unquote(url.removeprefix("sqlite:///")), pragmas=_PRAGMAS)


def _postgres(url: str) -> PooledPostgresqlDatabase:
    return PooledPostgresqlDatabase(url, max_connections=32, stale_timeout=300, timeout=10)


def open_database(url: str) -> Database:
    """A database for sqlite:///path or postgresql://…; raises ValueError for any other scheme."""
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        return _sqlite(url)
    if scheme in {"postgres", "postgresql"}:
        return _postgres(url)
    raise ValueError(f"DATABASE_URL must begin with sqlite:/// or postgresql://, not {scheme!r}")


def connect_to(url: str) -> Database:
    """Bind the proxy, and with it every model, to the database of that address."""
    database = open_database(url)
    db.initialize(database)
    return database


def is_sqlite() -> bool:
    """Whether the bound database is SQLite."""
    return isinstance(db.obj, SqliteDatabase)


@contextmanager
def write_transaction() -> Iterator[None]:
    """A transaction that will write. On SQLite it takes the write lock first, so that it cannot fail half-way."""
    if is_sqlite() and not db.in_transaction():
        with db.atomic("IMMEDIATE"):
            yield
    else:
        with db.atomic():
            yield


def locked(query: Query) -> Query:
    """The same query holding its rows until the transaction ends; SQLite already holds the whole database."""
    if is_sqlite():
        return query
    held: Query = query.for_update()
    return held


def migrate() -> list[str]:
    """Bring the bound database to the newest schema; gives the names of the migrations that ran."""
    applied: list[str] = Runner(db.obj, str(MIGRATIONS)).up()
    return applied
