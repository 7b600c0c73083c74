"""Values of cells, read strictly: what is not exactly a quantity or an expiration is refused, never guessed."""

import re
from datetime import date, datetime, time

from imports.refusals import CellRefused
from imports.sheets import Cell, shown
from licensing.terms import Month

LARGEST_QUANTITY = 1_000_000
UNLIMITED = "unlimited"
_DAYS = (
    re.compile(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})\.?"),
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"),
)


def cell_text(cell: Cell) -> str:
    """The cell as people read it: a date as dd.mm.yyyy, a whole number without a point, blank for nothing."""
    if cell is None:
        return ""
    if isinstance(cell, datetime) and cell.time() != time():
        return cell.strftime("%d.%m.%Y %H:%M:%S")
    if isinstance(cell, date):
        return f"{cell.day:02d}.{cell.month:02d}.{cell.year:04d}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def read_quantity(cell: Cell) -> int:
    """Seats: a number of Excel without a fraction, or text of ASCII digits. Raises CellRefused naming the value."""
    if cell is None:
        raise CellRefused("Enter the number of seats.")
    quantity = _whole(cell)
    if quantity is None or quantity < 0:
        raise CellRefused("“%(value)s” is not a whole number such as 12.", value=shown(cell_text(cell)))
    if not 1 <= quantity <= LARGEST_QUANTITY:
        raise CellRefused("Enter a whole number from 1 to %(largest)s.", largest=f"{LARGEST_QUANTITY:,}")
    return quantity


def _whole(cell: Cell) -> int | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else None
    if isinstance(cell, str):
        typed = cell.strip(" ")
        return int(typed) if typed.isascii() and typed.isdigit() else None
    return None


def read_expiration(cell: Cell) -> date | None:
    """The first day without use; None for "unlimited" or blank.

    A date of Excel, dd.mm.yyyy or yyyy-mm-dd: the first of a month (domain.md, Dates). Raises CellRefused naming it.
    """
    if cell is None or (isinstance(cell, str) and cell.strip().casefold() == UNLIMITED):
        return None
    day = _day(cell)
    if day is None:
        raise CellRefused("“%(value)s” is not a date such as 01.12.2018, or unlimited.", value=shown(cell_text(cell)))
    if day.day != 1:
        raise CellRefused("“%(value)s” is not the first day of a month.", value=shown(cell_text(cell)))
    try:
        return Month.of(day).first_day
    except ValueError as error:
        raise CellRefused("“%(value)s” is out of range.", value=shown(cell_text(cell))) from error


def _day(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date() if cell.time() == time() else None
    if isinstance(cell, date):
        return cell
    typed = cell.strip() if isinstance(cell, str) else ""
    match = next((found for form in _DAYS if (found := form.fullmatch(typed))), None)
    if match is None:
        return None
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None
