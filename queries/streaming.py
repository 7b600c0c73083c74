"""The rows of a large select, some thousand at a time, so that neither we nor the driver hold them all."""

import marshal
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from peewee import BooleanField, DateField, DateTimeField, Field, JSONField, ModelSelect
from psycopg2.extensions import string_types

from database import db, is_sqlite

_ROWS_A_TRIP, _BYTES_A_TRIP = 2_000, 500_000
# What PostgreSQL numbers the types of int2, int4, int8 and date.
_INTEGERS, _DATE = frozenset({20, 21, 23}), 1082
_NULL = "\\N"
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
Columns = Sequence[Sequence[Any]]
Convert = Callable[[Any], Any]


def stream(query: ModelSelect) -> Iterator[tuple[Any, ...]]:
    """The rows as tuples, typed as peewee would give them."""
    for columns in stream_columns(query):
        yield from zip(*columns, strict=True)


def stream_columns(query: ModelSelect) -> Iterator[Columns]:
    """The same rows in batches, each as the values of one column after another: which is how a file is written."""
    selected = query._returning  # noqa: SLF001 - peewee offers the selected columns nowhere else
    if is_sqlite():
        return _read(query, [_stored_otherwise(column) for column in selected])
    return _copied(query, [_stored_as_text(column) for column in selected])


def _read(query: ModelSelect, converters: Sequence[Convert | None]) -> Iterator[Columns]:
    """SQLite reads the whole answer into a file of ours, as nobody can write on a connection that is half-way."""
    with TemporaryFile() as file:
        _spool(query, file)
        for values in _spooled(file):
            columns = zip(values, converters, strict=True)
            yield [column if convert is None else [convert(value) for value in column] for column, convert in columns]


def _spool(query: ModelSelect, file: BinaryIO) -> None:
    cursor = db.connection().cursor()
    try:
        cursor.execute(*query.sql())
        while rows := cursor.fetchmany(_ROWS_A_TRIP):
            marshal.dump(list(zip(*rows, strict=True)), file)
    finally:
        cursor.close()
    file.seek(0)


def _spooled(file: BinaryIO) -> Iterator[Columns]:
    while True:
        try:
            yield marshal.load(file)  # noqa: S302 - what was written a moment ago, in a file that has no name
        except EOFError:
            return


def _stored_otherwise(column: Any) -> Convert | None:
    """What SQLite does not give as it is meant: doing it for all costs more than reading them."""
    if isinstance(column, DateField):
        return lambda stored: None if stored is None else date.fromisoformat(stored)
    return _stored_as_text(column) or (column.python_value if isinstance(column, BooleanField) else None)


def _stored_as_text(column: Any) -> Convert | None:
    is_written = isinstance(column, Field) and isinstance(column, DateTimeField | JSONField)
    return column.python_value if is_written else None


def _copied(query: ModelSelect, converters: Sequence[Convert | None]) -> Iterator[Columns]:
    """PostgreSQL copies the whole answer into a file of ours, at half the time of a cursor.

    No snapshot is held while somebody slow takes the rows, and neither side has them in memory.
    """
    cursor = db.cursor()
    with TemporaryFile() as file:
        statement = cursor.mogrify(*query.sql()).decode()
        casts = _casts(query, cursor)
        cursor.copy_expert(f"COPY ({statement}) TO STDOUT", file)
        file.seek(0)
        for columns in _split(file):
            parts = zip(columns, casts, converters, strict=True)
            yield [_typed(values, cast, convert) for values, cast, convert in parts]


def _casts(query: ModelSelect, cursor: Any) -> list[Callable[[Sequence[str]], Sequence[Any]]]:
    """What turns each column's texts into values, by the types that PostgreSQL says they have."""
    cursor.execute(*query.limit(0).sql())
    return [_cast(column.type_code, cursor) for column in cursor.description]


def _cast(type_code: int, cursor: Any) -> Callable[[Sequence[str]], Sequence[Any]]:
    if type_code in _INTEGERS:
        return lambda texts: [None if text == _NULL else int(text) for text in texts]
    if type_code == _DATE:
        return lambda texts: list(map(_known_dates(texts).__getitem__, texts))
    cast = string_types.get(type_code)
    if cast is None or cast is string_types[25]:
        return _as_texts
    return lambda texts: [cast(text, cursor) for text in _as_texts(texts)]


def _known_dates(texts: Sequence[str]) -> dict[str, date | None]:
    """The few different dates of a column, each read once."""
    return {text: None if text == _NULL else date.fromisoformat(text) for text in set(texts)}


def _as_texts(texts: Sequence[str]) -> Sequence[str | None]:
    if "\\" not in "".join(texts):
        return texts
    return [_as_text(text) if "\\" in text else text for text in texts]


def _as_text(text: str) -> str | None:
    """A text as COPY writes it, where a backslash begins what would otherwise end the cell or the row."""
    if text == _NULL:
        return None
    plain, *escaped = text.replace("\\\\", "\0").split("\\")
    parts = [plain, *(_ESCAPES.get(part[0], part[0]) + part[1:] for part in escaped)]
    return "".join(parts).replace("\0", "\\")


def _split(file: BinaryIO) -> Iterator[Columns]:
    while lines := file.readlines(_BYTES_A_TRIP):
        rows = b"".join(lines).decode().removesuffix("\n").split("\n")
        yield list(zip(*[row.split("\t") for row in rows], strict=True))


def _typed(values: Sequence[str], cast: Callable[..., Sequence[Any]], convert: Convert | None) -> Sequence[Any]:
    typed = cast(values)
    return typed if convert is None else [convert(value) for value in typed]
