"""Rows as an XLSX workbook of one sheet, streamed: the one place that knows which writer makes it.

The writer is rustpy-xlsxwriter. It writes every str as an inline string, so text is never a formula or a link and
arrives unchanged.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from textwrap import wrap
from typing import Any, BinaryIO

from rustpy_xlsxwriter import Format, write_worksheet

from exports.columns import Batch, Cell, Column, Convert, Kind, Row, cellwise, columns_of, converted, with_total

MAX_ROWS = 1_048_575  # below the header; Excel's own limit
MAX_TEXT = 32_767  # characters of a cell; Excel's own limit
_A4 = 9
_LINE_POINTS = 15.0
_NUMBER_FORMATS = {
    Kind.TEXT: "@",  # so that a cell edited in Excel stays text
    Kind.INTEGER: "0",
    Kind.MONEY: "#,##0.00",
    Kind.PERCENT: "0.00",
    Kind.DATE: "dd.mm.yyyy",
    Kind.DATETIME: "dd.mm.yyyy hh:mm:ss",
}


class TooManyRows(Exception):
    """A sheet cannot hold the rows; no file was written."""


def write_xlsx(
    target: str | PathLike[str] | BinaryIO,
    *,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Row] = (),
    total: Row | None = None,
    batches: Iterable[Batch] | None = None,
) -> None:
    """Write the workbook to a path or a binary file; memory does not grow with the rows, which may come as batches.

    Frozen bold header, real numbers and dates, widths by column, the header repeated in print. Money and percent
    become numbers with two decimals. A row of the wrong length or two columns of one title raise ValueError, more
    rows than Excel takes TooManyRows; a path is then left as it was.
    """
    titles = _distinct_titles(columns)
    write_worksheet(
        _records(titles, columns, batches or columns_of(with_total(rows, total), width=len(columns))),
        target,
        sheet_name=sheet_title(title),
        freeze_row=1,
        row_heights={0: _LINE_POINTS * max((_title_lines(column) for column in columns), default=1)},
        header_format=Format().set_bold().set_text_wrap().set_align("top").set_border_bottom("thin"),
        column_widths=[float(column.characters) for column in columns],
        column_formats=[Format().set_num_format(_NUMBER_FORMATS[column.kind]) for column in columns],
        ignore_errors=[column.title for column in columns if column.kind is Kind.TEXT],
        autofilter=total is None,
        page_setup={"landscape": True, "paper_size": _A4, "repeat_rows": 0, "fit_to_pages": (1, 0)},
    )


def sheet_title(title: str) -> str:
    """The title as Excel takes it: at most 31 characters, no brackets, : * ? or slashes, no apostrophe at an end."""
    return re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title)[:31].strip(" '") or "Sheet1"


def _title_lines(column: Column) -> int:
    """How many lines the title takes in its column: not every program makes a row as high as its text."""
    return len(wrap(column.title, max(column.characters - 1, 1)))


def _distinct_titles(columns: Sequence[Column]) -> list[str]:
    titles = [column.title for column in columns]
    if len(set(titles)) != len(titles):
        raise ValueError(f"Two columns have one title: {titles}")
    return titles


def _records(titles: list[str], columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[dict[str, Any]]:
    is_empty = True
    for rows in converted(_within_limit(batches), [_CONVERTERS[column.kind] for column in columns]):
        is_empty = False
        for cells in rows:
            yield dict(zip(titles, cells))  # noqa: B905 - as many as there are: converted() has seen to it
    if is_empty:
        # The writer takes the header from the first record, so an empty list still needs one.
        yield dict.fromkeys(titles)


def _within_limit(batches: Iterable[Batch]) -> Iterator[Batch]:
    written = 0
    for batch in batches:
        written += len(batch[0])
        if written > MAX_ROWS:
            raise TooManyRows(f"A sheet holds {MAX_ROWS:,} rows; a CSV file has no such limit.")
        yield batch


def _text(value: Cell) -> str | None:
    return None if value is None else str(value)[:MAX_TEXT]


def _texts(values: Sequence[Any]) -> Sequence[str | None]:
    """A whole column at once: text that fits is as it is."""
    if set(map(type, values)) == {str} and max(map(len, values)) <= MAX_TEXT:
        return values
    return [_text(value) for value in values]


def _hundredths(value: Cell) -> float | str | None:
    # A number in a workbook is a double; the quotient is the one nearest to the decimal fraction.
    return value / 100 if isinstance(value, int) else _text(value)


def _as_they_are(values: Sequence[Any]) -> Sequence[Cell]:
    if str not in set(map(type, values)):
        return values
    return [_text(value) if isinstance(value, str) else value for value in values]


_CONVERTERS: dict[Kind, Convert] = {
    Kind.TEXT: _texts,
    Kind.INTEGER: _as_they_are,
    Kind.MONEY: cellwise(_hundredths),
    Kind.PERCENT: cellwise(_hundredths),
    Kind.DATE: _as_they_are,
    Kind.DATETIME: _as_they_are,
}
