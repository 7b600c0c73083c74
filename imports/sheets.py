"""An uploaded CSV or XLSX file as a header and rows: checked against the limits first, then read by tablib."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import tablib

from imports.limits import LARGE_TEXT, LARGE_WORKBOOK, LARGEST_FILE, LONGEST_CELL
from imports.package import check_package, stated_size
from imports.refusals import SheetRefused
from imports.text import decoded, row_numbers, separator_of
from licensing.wording import translatable

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NO_ROWS = translatable("The sheet is empty.")
Cell = str | int | float | bool | datetime | date | time | None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row that holds anything: its number as Excel shows it, and its cells by column title."""

    number: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The titles in the order of the file, and the rows."""

    titles: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def read_sheet(content: bytes) -> Sheet:
    """Read the file. Raises SheetRefused in words for what is no spreadsheet, is too large, or may be hostile.

    Text of a CSV file loses the apostrophe that our export put before what a spreadsheet would run as a formula. A cell
    with a formula has the value that Excel last computed; nothing is computed here, and macros are never looked at.
    """
    _check_kind(content)
    return _workbook(content) if content.startswith(_ZIP) else _text(content)


def is_large(content: bytes) -> bool:
    """Whether reading it takes longer than somebody should wait for a page.

    Raises SheetRefused for what can be refused without reading it: too large, an old or protected file, no workbook.
    """
    _check_kind(content)
    if content.startswith(_ZIP):
        return stated_size(content) > LARGE_WORKBOOK
    return len(decoded(content)) > LARGE_TEXT


def _check_kind(content: bytes) -> None:
    if len(content) > LARGEST_FILE:
        raise SheetRefused("The file is larger than %(limit)s MB.", limit=str(LARGEST_FILE // 1024**2))
    if not content:
        raise SheetRefused(_NO_ROWS)
    if content.startswith(_OLE):
        raise SheetRefused("This is an old .xls file, or one with a password. Save it as .xlsx without a password.")


def _workbook(content: bytes) -> Sheet:
    check_package(content)
    rows = _load(content, format="xlsx")
    return _sheet(rows, range(1, len(rows) + 1))


def _text(content: bytes) -> Sheet:
    text = decoded(content)
    separator = separator_of(text)
    numbers = row_numbers(text, separator)
    rows = _load(text, format="csv", delimiter=separator)
    return _sheet([[_unguarded(cell) for cell in row] for row in rows], numbers)


def _load(content: bytes | str, **options: Any) -> list[Sequence[Any]]:
    try:
        return list(tablib.Dataset().load(content, headers=False, **options))
    except Exception as error:
        # openpyxl answers a workbook that contradicts itself with errors of every kind.
        raise SheetRefused(
            "The file cannot be read. Open it in Excel, save it anew as .xlsx and upload that."
        ) from error


def _unguarded(text: str) -> str:
    """What the export's guard was given. exports.csv.unguard is the same, and a test holds them together."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA_STARTS) else text


def _sheet(rows: Sequence[Sequence[Any]], numbers: Iterable[int]) -> Sheet:
    numbered = [(number, row) for number, row in zip(numbers, rows, strict=True) if any(map(_is_filled, row))]
    if not numbered:
        raise SheetRefused(_NO_ROWS)
    (header_number, header), *below = numbered
    titles = _titles(header, header_number)
    return Sheet(
        titles=tuple(title for title in titles if title),
        rows=tuple(SheetRow(number, _cells(number, titles, row)) for number, row in below),
    )


def _titles(header: Sequence[Any], number: int) -> list[str]:
    titles = ["" if cell is None else " ".join(str(cell).split()) for cell in header]
    named = [title for title in titles if title]
    twice = next((title for title in named if named.count(title) > 1), None)
    if twice is not None:
        raise SheetRefused("Two columns are called “%(title)s”.", title=shown(twice))
    _check_lengths(number, zip(titles, titles, strict=True))
    return titles


def _cells(number: int, titles: Sequence[str], row: Sequence[Any]) -> dict[str, Cell]:
    # A row of a workbook may be shorter than the header, or have cells below no title, which are nobody's.
    named = [(title, cell if _is_filled(cell) else None) for title, cell in zip(titles, row, strict=False) if title]
    _check_lengths(number, named)
    return dict(named)


def _check_lengths(number: int, cells: Iterable[tuple[str, Cell]]) -> None:
    for title, cell in cells:
        if isinstance(cell, str) and len(cell) > LONGEST_CELL:
            raise SheetRefused(
                "Row %(row)s, column “%(title)s” has %(length)s characters; at most %(limit)s are read.",
                row=str(number),
                title=shown(title),
                length=f"{len(cell):,}",
                limit=f"{LONGEST_CELL:,}",
            )


def _is_filled(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def shown(text: str) -> str:
    """The text in a message: without what cannot be seen, and no longer than a line."""
    visible = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return visible if len(visible) <= 40 else f"{visible[:40]}…"  # noqa: PLR2004 - half a line
