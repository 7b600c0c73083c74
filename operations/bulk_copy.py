"""Very many rows at once, with keys chosen by the caller: COPY on PostgreSQL, plain inserts on SQLite.

PostgreSQL refuses COPY into a table whose policies hold for whoever copies, so a tenant's rows are copied beside it
and inserted from there, which the policies judge.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC
from io import StringIO
from itertools import islice
from typing import Any

from peewee import BooleanField, CharField, DateField, Field, JSONField, Model, TextField, fn

from database import UTCDateTimeField, db, insert_rows, is_sqlite, is_walled

# So that ten thousand rows take no more memory than these.
_ROWS_AT_ONCE = 1_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NOTHING = "\\N"
Column = Sequence[Any]


def copy_rows(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows whose values stand in the order of names, which are fields of the model. JSON comes as a dict.

    A field that is not named gets its default, which must be a plain value.
    """
    fields = model._meta.fields  # noqa: SLF001 - peewee offers a model's fields nowhere else
    left_out = {
        name: field.default for name, field in fields.items() if name not in names and field.default is not None
    }
    defaults = tuple(left_out.values())
    waiting = ((*row, *defaults) for row in rows)
    while some := list(islice(waiting, _ROWS_AT_ONCE)):
        _copy(model, [*names, *left_out], some)


def next_key(model: type[Model]) -> int:
    """The first key that no row has."""
    return int(model.select(fn.COALESCE(fn.MAX(model.id), 0)).scalar()) + 1


def continue_keys(model: type[Model]) -> None:
    """Let the database go on after the keys that copy_rows was given; SQLite does by itself."""
    if not is_sqlite():
        table = model._meta.table_name  # noqa: SLF001
        statement = "SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM \"{}\"))"
        db.execute_sql(statement.format(table), (f'"{table}"',))


def _copy(model: type[Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    if is_sqlite():
        insert_rows(model, names, rows)
        return
    meta = model._meta  # noqa: SLF001
    fields = [meta.fields[name] for name in names]
    # Column by column, as that costs a third of a look at each value's type.
    columns = [_writer(field)(values) for field, values in zip(fields, zip(*rows, strict=True), strict=True)]
    text = "".join(["\t".join(cells) + "\n" for cells in zip(*columns, strict=True)])
    listed = ", ".join(f'"{field.column_name}"' for field in fields)
    if is_walled():
        _copy_beside(meta.table_name, listed, text)
    else:
        db.cursor().copy_expert(f'COPY "{meta.table_name}" ({listed}) FROM STDIN', StringIO(text))


def _copy_beside(table: str, listed: str, text: str) -> None:
    """By way of a table of this connection's own, which lives as long as it takes."""
    with db.atomic():
        db.execute_sql(f'CREATE TEMPORARY TABLE copied AS SELECT {listed} FROM "{table}" WITH NO DATA')  # noqa: S608 - names of our own models
        db.cursor().copy_expert("COPY copied FROM STDIN", StringIO(text))
        db.execute_sql(f'INSERT INTO "{table}" ({listed}) SELECT * FROM copied')  # noqa: S608 - the same
        db.execute_sql("DROP TABLE copied")


def _writer(field: Field) -> Callable[[Column], list[str]]:
    writers: tuple[tuple[type[Field], Callable[[Column], list[str]]], ...] = (
        (JSONField, _documents),
        (UTCDateTimeField, _instants),
        (DateField, _dates),
        (BooleanField, _plain),
        (CharField, _texts),
        (TextField, _texts),
    )
    return next((writer for kind, writer in writers if isinstance(field, kind)), _plain)


def _plain(values: Column) -> list[str]:
    return [_NOTHING if value is None else str(value) for value in values]


def _texts(values: Column) -> list[str]:
    return [_NOTHING if value is None else value.translate(_ESCAPES) for value in values]


def _dates(values: Column) -> list[str]:
    return [_NOTHING if value is None else value.isoformat() for value in values]


def _instants(values: Column) -> list[str]:
    return [
        _NOTHING if value is None else value.astimezone(UTC).replace(tzinfo=None).isoformat(" ") for value in values
    ]


def _documents(values: Column) -> list[str]:
    """Each dict is written once, however often it stands in the column."""
    different = {id(value): value for value in values if value is not None}
    written = {key: json.dumps(value, ensure_ascii=False).translate(_ESCAPES) for key, value in different.items()}
    return [_NOTHING if value is None else written[id(value)] for value in values]
