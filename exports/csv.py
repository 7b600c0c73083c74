"""Rows as CSV, streamed, in the two dialects an account can choose (product.md, Exports)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from exports.columns import (
    Batch,
    Cell,
    Column,
    Convert,
    Kind,
    Row,
    cellwise,
    columns_of,
    converted,
    day_text,
    second_text,
    two_decimals,
    with_total,
)

BOM = b"\xef\xbb\xbf"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_SUSPECTS = (*_FORMULA_STARTS, "'")
_FEW = 4  # where so many cells have one value, the values are looked at instead of the cells
_QUOTE, _LINE_END = '"', "\r\n"


class Dialect(StrEnum):
    """Separator and decimals; the value is what the account stores."""

    COMMA = "comma"
    SEMICOLON = "semicolon"


def guard(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets one leading apostrophe.

    So does text that already is such a text behind apostrophes: unguard() could not tell the two apart.
    """
    if text.startswith(_SUSPECTS) and text.lstrip("'").startswith(_FORMULA_STARTS):
        return f"'{text}"
    return text


def unguard(text: str) -> str:
    """What guard() was given: for our own import."""
    if text.startswith("'") and text.lstrip("'").startswith(_FORMULA_STARTS):
        return text[1:]
    return text


def csv_chunks(
    columns: Sequence[Column], rows: Iterable[Row], *, dialect: Dialect = Dialect.COMMA, total: Row | None = None
) -> Iterator[bytes]:
    """The file as a stream of bytes: UTF-8 with a byte order mark, CRLF, one header row, blank for None.

    Money and percent have two decimals, dates are dd.mm.yyyy. Raises ValueError for a row of the wrong length.
    """
    yield from csv_of_batches(columns, columns_of(with_total(rows, total), width=len(columns)), dialect=dialect)


def csv_of_batches(
    columns: Sequence[Column], batches: Iterable[Batch], *, dialect: Dialect = Dialect.COMMA
) -> Iterator[bytes]:
    """The same file out of rows that come in batches, column by column."""
    cells = _Cells(dialect)
    yield BOM + cells.lines([tuple(map(cells.text, [column.title for column in columns]))])
    for batch in converted(batches, [cells.converter(column.kind) for column in columns]):
        yield cells.lines(batch)


class _Cells:
    """Values as the text between two separators of one dialect.

    The csv module is not used: it looks at each character of each cell, and so costs as much as all the rest.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._separator, self._point = (",", ".") if dialect is Dialect.COMMA else (";", ",")
        self._quotable = (self._separator, _QUOTE, "\r", "\n")
        self._careful = (*self._quotable, *(f"\0{start}" for start in _SUSPECTS))

    def lines(self, batch: Iterable[tuple[str, ...]]) -> bytes:
        return "".join([self._separator.join(cells) + _LINE_END for cells in batch]).encode()

    def converter(self, kind: Kind) -> Convert:
        by_column = {Kind.TEXT: self.texts, Kind.INTEGER: self.integers, Kind.DATE: self.dates}
        by_cell = {Kind.MONEY: self.hundredths, Kind.PERCENT: self.hundredths, Kind.DATETIME: self.datetime}
        return by_column.get(kind) or cellwise(by_cell[kind])

    def texts(self, values: Sequence[Any]) -> Sequence[str]:
        """A whole column at once: where none of its cells needs care, none is looked at singly."""
        if len(set(values)) < len(values) // _FEW:
            return self._each(self.text, values)
        texts = values if set(map(type, values)) == {str} else ["" if value is None else str(value) for value in values]
        joined = "\0".join(["", *texts])
        if any(mark in joined for mark in self._careful):
            return self._each(self.text, texts)
        return texts

    def integers(self, values: Sequence[Any]) -> Iterable[str]:
        if set(map(type, values)) == {int}:
            return map(str, values)
        return map(self.integer, values)

    def dates(self, values: Sequence[Any]) -> Sequence[str]:
        return self._each(self.date, values)

    @staticmethod
    def _each(convert: Callable[[Any], str], values: Sequence[Any]) -> list[str]:
        """Each different value is looked at once."""
        known = {value: convert(value) for value in set(values)}
        return [known[value] for value in values]

    def text(self, value: Cell) -> str:
        text = "" if value is None else guard(str(value))
        if any(mark in text for mark in self._quotable):
            return f"{_QUOTE}{text.replace(_QUOTE, _QUOTE * 2)}{_QUOTE}"
        return text

    def integer(self, value: Cell) -> str:
        return str(value) if isinstance(value, int) else self.text(value)

    def hundredths(self, value: Cell) -> str:
        return two_decimals(value).replace(".", self._point) if isinstance(value, int) else self.text(value)

    def date(self, value: Cell) -> str:
        return day_text(value) if isinstance(value, date) else self.text(value)

    def datetime(self, value: Cell) -> str:
        return second_text(value) if isinstance(value, datetime) else self.text(value)
