"""What a column of an export is, and how rows are turned, a batch at a time, into what a file format needs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from itertools import islice
from typing import Any

Cell = str | int | date | datetime | None
Row = Sequence[Cell]
Batch = Sequence[Sequence[Any]]  # some rows, column by column
Convert = Callable[[Sequence[Any]], Iterable[Any]]  # the values of one column in a batch

BATCH = 1000


class Kind(StrEnum):
    """What the values of a column are. A str is text in a column of any kind ("unlimited", "TOTAL"); None is blank."""

    TEXT = "text"
    INTEGER = "integer"
    MONEY = "money"  # whole cents
    PERCENT = "percent"  # whole basis points, written as 22.00: the title names the unit
    DATE = "date"
    DATETIME = "datetime"  # wall time of the distributor's zone, with or without an offset


FIGURES = frozenset({Kind.INTEGER, Kind.MONEY, Kind.PERCENT})
_WIDTHS = {
    Kind.TEXT: 24,
    Kind.INTEGER: 10,
    Kind.MONEY: 14,
    Kind.PERCENT: 11,
    Kind.DATE: 12,
    Kind.DATETIME: 20,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title as shown, the kind of its values, and its width in characters (None: by kind)."""

    title: str
    kind: Kind = Kind.TEXT
    width: int | None = None

    @property
    def characters(self) -> int:
        """The width in characters: as asked, else by kind, never narrower than the longest word of the title."""
        if self.width is not None:
            return self.width
        return max(_WIDTHS[self.kind], max((len(word) + 2 for word in self.title.split()), default=0))


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: its title, its columns, how many rows are expected, and their cells."""

    title: str
    columns: Sequence[Column]
    rows: int
    batches: Iterable[Batch]


def two_decimals(hundredths: int, *, grouped: bool = False) -> str:
    """Cents or basis points as text: 770 is "7.70", -5 is "-0.05"; grouped, for people, 282389 is "2,823.89"."""
    whole, rest = divmod(abs(hundredths), 100)
    digits = f"{whole:,}" if grouped else str(whole)
    return f"{'-' if hundredths < 0 else ''}{digits}.{rest:02d}"


def day_text(day: date) -> str:
    """dd.mm.yyyy, some ten times faster than strftime."""
    return f"{day.day:02d}.{day.month:02d}.{day.year:04d}"


def second_text(instant: datetime) -> str:
    """dd.mm.yyyy HH:MM:SS as the wall clock shows it."""
    return f"{day_text(instant)} {instant.hour:02d}:{instant.minute:02d}:{instant.second:02d}"


def with_total(rows: Iterable[Row], total: Row | None) -> Iterator[Row]:
    """The rows, then the TOTAL row where there is one."""
    yield from rows
    if total is not None:
        yield total


def cellwise(convert: Callable[[Any], Any]) -> Convert:
    """A converter of a column out of one of a cell."""
    return partial(map, convert)


def columns_of(rows: Iterable[Row], *, width: int) -> Iterator[Batch]:
    """Rows a batch at a time, each batch column by column. Raises ValueError for a row that has not so many cells."""
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        columns = list(zip(*batch, strict=True))
        if len(columns) != width:
            raise ValueError(f"A row has {len(columns)} cells, not {width}: more or shorter than there are columns")
        yield columns


def converted(batches: Iterable[Batch], converters: Sequence[Convert]) -> Iterator[Iterator[tuple[Any, ...]]]:
    """Batches of rows out of batches of columns, with each column's converter applied.

    Column by column, since that costs a third of a loop over cells.
    """
    for columns in batches:
        pairs = zip(converters, columns, strict=True)
        yield zip(*[convert(values) for convert, values in pairs], strict=True)
