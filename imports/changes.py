"""The lines of an edited Subscription List: which licence, and the quantity and expiration it should have."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from imports.cells import cell_text, read_expiration, read_quantity
from imports.refusals import CellRefused, Problem, SheetRefused
from imports.sheets import Cell, Sheet, SheetRow, shown
from licensing.wording import Sentence

SUBSCRIPTION_ID, QUANTITY, EXPIRATION = "Subscription ID", "Quantity", "License Expiration"
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One row. quantity None, and has_expiration False, mean that the sheet lacks that column.

    expires_on is the first day without use, None for unlimited.
    """

    row: SheetRow
    subscription_id: str
    quantity: int | None
    has_expiration: bool
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Changes:
    """The lines that can be read, what is wrong with the others, and the rows without a Subscription ID."""

    lines: tuple[ChangeLine, ...]
    problems: tuple[Problem, ...]
    without_id: tuple[int, ...]


def read_changes(sheet: Sheet) -> Changes:
    """The lines of the sheet. Raises SheetRefused where it lacks the columns that make it an edited export."""
    _require_columns(sheet)
    reader = _Reader(sheet)
    lines = [line for row in sheet.rows if (line := reader.line(row)) is not None]
    return Changes(tuple(lines), tuple(reader.problems), tuple(reader.without_id))


def _require_columns(sheet: Sheet) -> None:
    if SUBSCRIPTION_ID not in sheet.titles:
        raise SheetRefused(
            "The first row has no column “%(title)s”. Export the Subscription List and change that file.",
            title=SUBSCRIPTION_ID,
        )
    if not {QUANTITY, EXPIRATION} & set(sheet.titles):
        raise SheetRefused(
            "The first row has neither “%(quantity)s” nor “%(expiration)s”, so there is nothing to change.",
            quantity=QUANTITY,
            expiration=EXPIRATION,
        )


class _Reader:
    """Reads row by row and remembers which licences came already."""

    def __init__(self, sheet: Sheet) -> None:
        self._titles = frozenset(sheet.titles)
        self._first_row: dict[str, int] = {}
        self.problems: list[Problem] = []
        self.without_id: list[int] = []

    def line(self, row: SheetRow) -> ChangeLine | None:
        subscription_id = cell_text(row.cells.get(SUBSCRIPTION_ID))
        if not subscription_id:
            self.without_id.append(row.number)
            return None
        known = len(self.problems)
        self._note_twice(row, subscription_id)
        quantity = self._value(row, QUANTITY, read_quantity)
        expires_on = self._value(row, EXPIRATION, read_expiration)
        if len(self.problems) > known:
            return None
        return ChangeLine(row, subscription_id, quantity, EXPIRATION in self._titles, expires_on)

    def _note_twice(self, row: SheetRow, subscription_id: str) -> None:
        first = self._first_row.setdefault(subscription_id.casefold(), row.number)
        if first != row.number:
            reason = Sentence("This licence stands in row %(row)s already.", {"row": str(first)})
            self.problems.append(Problem(row.number, SUBSCRIPTION_ID, shown(subscription_id), reason))

    def _value(self, row: SheetRow, title: str, read: Callable[[Cell], Value]) -> Value | None:
        if title not in self._titles:
            return None
        try:
            return read(row.cells.get(title))
        except CellRefused as refused:
            self.problems.append(Problem(row.number, title, shown(cell_text(row.cells.get(title))), refused.reason))
            return None
