"""The database: one proxy, a write transaction, a row lock, field types, migrations.

Nothing here knows a table. Both engines give the same answers: instants are stored as naive UTC, JSON as JSON.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from peewee import (
    SQL,
    Check,
    Database,
    DatabaseProxy,
    DateTimeField,
    Field,
    JSONField,
    Model,
    ModelSelect,
    SqliteDatabase,
)
from playhouse.migrations import Runner

from tenant_wall import WalledPool, served

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_PRAGMAS = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": "normal", "busy_timeout": 5000}

# SQLite takes at most 32,766 values in one statement.
_VALUES_AT_ONCE = 20_000

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


def one_of(column: str, values: Iterable[str]) -> Check:
    """The check of a table that the column holds one of the values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return Check(f"{column} IN ({listed})")


def literals(words: Iterable[str]) -> list[SQL]:
    """Words of ours written into the statement: SQLite uses an index of some rows for no condition on bound values."""
    return [SQL(f"'{word}'") for word in words]


def index_where(*columns: Field, name: str, where: str, unique: bool = False) -> None:
    """An index of the rows that meet the condition; unique allows each value once among them."""
    model = columns[0].model
    model.add_index(model.index(*columns, unique=unique, name=name, where=SQL(where)))


def _sqlite(url: str) -> SqliteDatabase:
    return SqliteDatabase(unquote(url.removeprefix("sqlite:///")), pragmas=_PRAGMAS)


def _postgres(url: str) -> WalledPool:
    return WalledPool(url, max_connections=32, stale_timeout=300, timeout=10)


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


def close_database() -> None:
    """Close every connection of this process, the idle ones of a pool too."""
    closing = getattr(db.obj, "close_all", db.obj.close)
    closing()


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


def row_by_id(model: type[Model], key: int, *, is_held: bool = False) -> Any:
    """One whole row by its primary key, None where there is none; is_held keeps it until the transaction ends.

    The statement is written here: peewee takes four times as long to write it, which counts where each row of a batch
    asks for several.
    """
    table, column = model._meta.table_name, model._meta.primary_key.column_name  # noqa: SLF001
    ending = " FOR UPDATE" if is_held and not is_sqlite() else ""
    found = model.raw(f'SELECT * FROM "{table}" WHERE "{column}" = {db.param}{ending}', key)  # noqa: S608 - our names
    return next(iter(found), None)


def locked_where_free(query: Query) -> Query:
    """The same query without the rows that another transaction holds, its own held until this one ends.

    It never waits, so that many rows can be taken without a deadlock; inserts that refer to a row are let through.
    """
    if is_sqlite():
        return query
    held: Query = query.for_update("FOR NO KEY UPDATE SKIP LOCKED")
    return held


def insert_rows(
    model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]], *, skips_conflicts: bool = False
) -> None:
    """Insert many rows, some hundreds a statement; names are fields of the model, and each row has their values.

    The statement is written here: peewee needs some ten times as long for ten thousand rows. skips_conflicts leaves
    out rows that a unique index forbids. Fields that are not named get the database's default, which is NULL.
    """
    fields = [model._meta.fields[name] for name in names]  # noqa: SLF001 - peewee offers a model's fields nowhere else
    table = model._meta.table_name  # noqa: SLF001
    columns = ", ".join(f'"{field.column_name}"' for field in fields)
    places = "(" + ", ".join([db.param] * len(fields)) + ")"
    ending = " ON CONFLICT DO NOTHING" if skips_conflicts else ""
    converters = {place: convert for place, field in enumerate(fields) if (convert := _converter(field)) is not None}
    waiting = iter(rows)
    while some := list(islice(waiting, _VALUES_AT_ONCE // len(fields))):
        values = [_converted(row, converters) for row in some]
        statement = f'INSERT INTO "{table}" ({columns}) VALUES {", ".join([places] * len(some))}{ending}'  # noqa: S608 - names of our own models
        db.execute_sql(statement, [value for row in values for value in row])


def _converter(field: Any) -> Callable[[Any], Any] | None:
    if isinstance(field, JSONField):
        return lambda value: None if value is None else json.dumps(value)
    return field.db_value if isinstance(field, UTCDateTimeField) else None


def _converted(row: Sequence[Any], converters: dict[int, Callable[[Any], Any]]) -> Sequence[Any]:
    if not converters:
        return row
    values = list(row)
    for place, convert in converters.items():
        values[place] = convert(values[place])
    return values


def serve_tenant(reseller_id: int | None) -> None:
    """From now on this thread reaches rows of that reseller alone; None takes the second wall down (tenant_wall.py)."""
    is_change = reseller_id is not None or served.get() is not None
    served.set(reseller_id)
    if is_change and isinstance(db.obj, WalledPool):
        db.obj.stand()


def forget_tenant() -> None:
    """Before somebody else is served: whatever was left up, also on a connection that this thread still has open."""
    served.set(None)
    if isinstance(db.obj, WalledPool):
        db.obj.stand()


@contextmanager
def as_tenant(reseller_id: int | None) -> Iterator[None]:
    """The same until the end of the block."""
    before = served.get()
    serve_tenant(reseller_id)
    try:
        yield
    finally:
        serve_tenant(before)


@contextmanager
def across_tenants() -> Iterator[None]:
    """For what must know of every tenant's rows, whoever asks: a key that nobody else has, an old row to be removed.

    Nothing that is read here may be shown. Each use says why it is needed; docs/decisions/0014 lists them.
    """
    with as_tenant(None):
        yield


def is_walled() -> bool:
    """Whether the second wall stands before this thread's statements."""
    return served.get() is not None and isinstance(db.obj, WalledPool)


def migrate() -> list[str]:
    """Bring the bound database to the newest schema; gives the names of the migrations that ran."""
    applied: list[str] = Runner(db.obj, str(MIGRATIONS)).up()
    if isinstance(db.obj, WalledPool):
        db.obj.admit()
    return applied
