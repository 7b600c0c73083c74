"""A sheet as it was sent, with the errors beside the rows: to be corrected and sent again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time

from imports.cells import cell_text
from imports.changes import EXPIRATION, QUANTITY
from imports.sheets import Cell, Sheet

ERROR = "Error"
TYPED = frozenset({QUANTITY, EXPIRATION})
Plain = str | int | date | None


def marked_titles(sheet: Sheet) -> list[str]:
    """The columns of the file, and Error as the last."""
    return [*(title for title in sheet.titles if title != ERROR), ERROR]


def marked_rows(sheet: Sheet, errors: Iterable[tuple[int, str]]) -> Iterator[tuple[Plain, ...]]:
    """Every row with its cells and its errors; quantities and expirations stay numbers and dates."""
    told: Mapping[int, list[str]] = _by_row(errors)
    titles = marked_titles(sheet)[:-1]
    for row in sheet.rows:
        cells = [
            plain_cell(row.cells.get(title)) if title in TYPED else cell_text(row.cells.get(title)) for title in titles
        ]
        yield (*cells, " ".join(told.get(row.number, [])))


def _by_row(errors: Iterable[tuple[int, str]]) -> Mapping[int, list[str]]:
    told: dict[int, list[str]] = defaultdict(list)
    for row, words in errors:
        told[row].append(words)
    return told


def plain_cell(cell: Cell) -> Plain:
    """A whole number, a date or nothing as it is; anything else as the text it shows."""
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date()
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell
    if isinstance(cell, int) and not isinstance(cell, bool):
        return cell
    return None if cell is None else cell_text(cell)
