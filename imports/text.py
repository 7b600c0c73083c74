"""The text of a CSV file: its encoding, its separator, and the rows as Excel numbers them."""

import csv
import io

from imports.limits import MOST_COLUMNS, MOST_ROWS
from imports.refusals import SheetRefused

SEPARATORS = (",", ";")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def decoded(content: bytes) -> str:
    """The text, in UTF-8 with or without a byte order mark. Raises SheetRefused for any other encoding."""
    if content.startswith(_UTF_16):
        raise SheetRefused("The file is in UTF-16. In Excel choose “CSV UTF-8 (comma delimited)” when saving.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetRefused(
            "The file is neither an .xlsx workbook nor CSV in UTF-8. In Excel choose “CSV UTF-8 (comma delimited)” "
            "or “Excel Workbook” when saving."
        ) from error
    if "\x00" in text:
        raise SheetRefused("This is no spreadsheet. Upload an .xlsx or a .csv file.")
    return text


def separator_of(text: str) -> str:
    """The separator of the header: the one that makes more titles."""
    header = text.lstrip("\r\n").partition("\n")[0]
    return max(SEPARATORS, key=header.count)


def row_numbers(text: str, separator: str) -> list[int]:
    """The numbers of the rows that hold anything, the header first; an empty line counts as a row.

    Raises SheetRefused for too many rows or columns, a row longer than the header, or text that is no CSV.
    """
    numbers: list[int] = []
    width = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), start=1):
            if cells:
                width = width or len(cells)
                _check_row(number, len(cells), width=width)
                numbers.append(number)
                _check_count(len(numbers))
    except csv.Error as error:
        raise SheetRefused("The file cannot be read as CSV: a quotation mark is not closed.") from error
    return numbers


def _check_row(number: int, cells: int, *, width: int) -> None:
    if width > MOST_COLUMNS:
        raise SheetRefused(
            "The sheet is %(columns)s columns wide; at most %(limit)s are read. Delete the others, empty ones too.",
            columns=str(width),
            limit=str(MOST_COLUMNS),
        )
    if cells > width:
        raise SheetRefused(
            "Row %(row)s has %(cells)s cells, but the header %(width)s: a text with the separator in it needs "
            "quotation marks.",
            row=str(number),
            cells=str(cells),
            width=str(width),
        )


def _check_count(rows: int) -> None:
    if rows > MOST_ROWS + 1:
        raise SheetRefused(
            "The sheet has more than %(limit)s rows below its header. Upload it in parts.", limit=f"{MOST_ROWS:,}"
        )
