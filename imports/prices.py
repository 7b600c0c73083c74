"""The rows of a price sheet: which SKU covers which quantities of which product at what price."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from imports.cells import cell_text, read_quantity
from imports.refusals import CellRefused, Problem, SheetRefused
from imports.sheets import Cell, Sheet, SheetRow, shown
from licensing.money import parse_hundredths
from licensing.price_list import LARGEST_PRICE_CENTS, PriceRow

PRODUCT, PRODUCT_CODE, SKU = "Product Name", "Product Code", "SKU"
MIN_QUANTITY, MAX_QUANTITY, PRICE = "Min. Quantity", "Max. Quantity", "Price"
PRICE_TITLES = (PRODUCT, PRODUCT_CODE, SKU, MIN_QUANTITY, MAX_QUANTITY, PRICE)
_NEEDED = PRICE_TITLES[1:]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class PriceSheet:
    """The rows that can be read, the product names that the sheet gives by code, and what cannot be read."""

    rows: tuple[PriceRow, ...]
    product_names: dict[str, str]
    problems: tuple[Problem, ...]


def read_prices(sheet: Sheet) -> PriceSheet:
    """The prices of the sheet. Raises SheetRefused where a needed column or every row is missing.

    Product Name may be left out or blank for products that are known.
    """
    missing = [title for title in _NEEDED if title not in sheet.titles]
    if missing:
        raise SheetRefused("The first row has no column “%(title)s”. Fill in the template.", title=missing[0])
    if not sheet.rows:
        raise SheetRefused("The sheet has no price below its header.")
    problems: list[Problem] = []
    found = [_price_row(row, problems) for row in sheet.rows]
    named = {
        cell_text(row.cells.get(PRODUCT_CODE)): cell_text(row.cells.get(PRODUCT))
        for row in reversed(sheet.rows)
        if row.cells.get(PRODUCT) is not None
    }
    problems += _renamed(sheet, named)
    return PriceSheet(tuple(row for row in found if row is not None), named, tuple(problems))


def _price_row(row: SheetRow, problems: list[Problem]) -> PriceRow | None:
    before = len(problems)
    code = _read(row, PRODUCT_CODE, _text, problems)
    sku = _read(row, SKU, _text, problems)
    lowest = _read(row, MIN_QUANTITY, read_quantity, problems)
    highest = _read(row, MAX_QUANTITY, read_quantity, problems)
    cents = _read(row, PRICE, read_price, problems)
    if len(problems) > before or code is None or sku is None or lowest is None or highest is None or cents is None:
        return None
    return PriceRow(row.number, code, sku, lowest, highest, cents)


def _read(row: SheetRow, title: str, read: Callable[[Cell], Value], problems: list[Problem]) -> Value | None:
    cell = row.cells.get(title)
    try:
        return read(cell)
    except CellRefused as refused:
        problems.append(Problem(row.number, title, cell_text(cell), refused.reason))
        return None


def _text(cell: Cell) -> str:
    text = cell_text(cell)
    if not text:
        raise CellRefused("This is required.")
    return text


def read_price(cell: Cell) -> int:
    """The price of one seat and one month in cents: a number of Excel, or text with a point or a comma.

    Raises CellRefused naming the value, also for more than two decimals. A negative one is left to the rules.
    """
    typed = _decimal_text(cell)
    try:
        cents = parse_hundredths(typed.replace(",", ".", 1))
    except ValueError as error:
        raise CellRefused("“%(value)s” is not a price such as 7.70.", value=shown(cell_text(cell))) from error
    if cents > LARGEST_PRICE_CENTS:
        raise CellRefused("“%(value)s” is far too large.", value=shown(cell_text(cell)))
    return cents


def _decimal_text(cell: Cell) -> str:
    """A number as Excel shows it, without the digits that only its binary form has."""
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f").removesuffix(".0")
    return cell_text(cell)


def _renamed(sheet: Sheet, named: dict[str, str]) -> list[Problem]:
    found = []
    for row in sheet.rows:
        code, name = cell_text(row.cells.get(PRODUCT_CODE)), cell_text(row.cells.get(PRODUCT))
        if name and named.get(code) != name:
            reason = CellRefused("Another row calls this product “%(name)s”.", name=shown(named[code])).reason
            found.append(Problem(row.number, PRODUCT, name, reason))
    return found
