"""The rows of a large select, some thousand at a time, so that nobody holds them all."""

import marshal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
Cast = Callable[[Sequence[Any], str | None], Sequence[Any]]  # the texts of a column, and what stands for NULL


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that a select found, in a file of ours: how many rows, and the rows in batches, column by column."""

    rows: int
    batches: Iterator[Columns]


def stream(query: ModelSelect) -> Iterator[tuple[Any, ...]]:
    """The rows as tuples, typed as peewee would give them."""
    for columns in answer_of(query).batches:
        yield from zip(*columns, strict=True)


def answer_of(query: ModelSelect) -> Answer:
    """Run the select to its end, and give its rows in batches, column by column: which is how a file is written.

    The database is done before the first row is taken: no snapshot is held while somebody slow takes them, and neither
    side has them in memory.
    """
    selected = query._returning  # noqa: SLF001 - peewee offers the selected columns nowhere else
    file = TemporaryFile()  # noqa: SIM115 - whoever takes the rows closes it
    if is_sqlite():
        return Answer(_spool(query, file), _read(file, [_stored_otherwise(column) for column in selected]))
    cursor = db.cursor()
    casts = _casts(query, cursor)
    return Answer(_copy(query, cursor, file), _parse(file, casts, [_stored_as_text(column) for column in selected]))


def _spool(query: ModelSelect, file: BinaryIO) -> int:
    """Write SQLite's rows into the file, as nobody can write on a connection that is half-way through an answer."""
    cursor, count = db.connection().cursor(), 0
    try:
        cursor.execute(*query.sql())
        while rows := cursor.fetchmany(_ROWS_A_TRIP):
            marshal.dump(list(zip(*rows, strict=True)), file)
            count += len(rows)
    finally:
        cursor.close()
    return count


def _read(file: BinaryIO, converters: Sequence[Convert | None]) -> Iterator[Columns]:
    with file:
        for values in _spooled(file):
            columns = zip(values, converters, strict=True)
            yield [column if convert is None else [convert(value) for value in column] for column, convert in columns]


def _spooled(file: BinaryIO) -> Iterator[Columns]:
    file.seek(0)
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


def _copy(query: ModelSelect, cursor: Any, file: BinaryIO) -> int:
    """Let PostgreSQL copy its answer into the file, in half the time of a cursor."""
    statement = cursor.mogrify(*query.sql()).decode()
    cursor.copy_expert(f"COPY ({statement}) TO STDOUT", file)
    return int(cursor.rowcount)


def _parse(file: BinaryIO, casts: Sequence[Cast], converters: Sequence[Convert | None]) -> Iterator[Columns]:
    with file:
        file.seek(0)
        for block in _blocks(file, width=len(casts)):
            columns = zip(block.columns(), casts, converters, strict=True)
            yield [
                cast(values, block.null) if convert is None else [convert(value) for value in cast(values, block.null)]
                for values, cast, convert in columns
            ]


@dataclass(frozen=True, slots=True)
class _Block:
    """Some thousand rows as COPY writes them, cell after cell; null is what stands for NULL among them."""

    cells: list[Any]
    null: str | None
    width: int

    def columns(self) -> Iterator[Sequence[Any]]:
        return (self.cells[place :: self.width] for place in range(self.width))


def _blocks(file: BinaryIO, *, width: int) -> Iterator[_Block]:
    while lines := file.readlines(_BYTES_A_TRIP):
        text = b"".join(lines).decode().removesuffix("\n")
        cells = text.replace("\n", "\t").split("\t")
        if text.count("\\") == text.count(_NULL):
            yield _Block(cells, _NULL, width)
        else:
            yield _Block([_unescaped(cell) if "\\" in cell else cell for cell in cells], None, width)


def _unescaped(cell: str) -> str | None:
    """A cell in which a backslash begins what would otherwise end the cell or the row."""
    if cell == _NULL:
        return None
    plain, *escaped = cell.replace("\\\\", "\0").split("\\")
    parts = [plain, *(_ESCAPES.get(part[0], part[0]) + part[1:] for part in escaped)]
    return "".join(parts).replace("\0", "\\")


def _casts(query: ModelSelect, cursor: Any) -> list[Cast]:
    """What turns each column's texts into values, by the types that PostgreSQL says they have."""
    cursor.execute(*query.limit(0).sql())
    return [_cast(column.type_code, cursor) for column in cursor.description]


def _cast(type_code: int, cursor: Any) -> Cast:
    if type_code in _INTEGERS:
        return lambda texts, null: [None if text == null else int(text) for text in texts]
    if type_code == _DATE:
        return _dates
    cast = string_types.get(type_code)
    if cast is None or cast is string_types[25]:
        return _texts
    return lambda texts, null: [cast(text, cursor) for text in _texts(texts, null)]


def _dates(texts: Sequence[Any], null: str | None) -> Sequence[Any]:
    """The few different dates of a column are read once each."""
    known = {text: None if text == null else date.fromisoformat(text) for text in set(texts)}
    return [known[text] for text in texts]


def _texts(texts: Sequence[Any], null: str | None) -> Sequence[Any]:
    return texts if null not in texts else [None if text == null else text for text in texts]
