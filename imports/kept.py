"""A sheet that was read, as it is kept: its rows without what made the file large, so that they are marked quickly."""

import json
import zlib
from datetime import date
from typing import Any

from imports.marked import Plain, plain_cell
from imports.sheets import Sheet, SheetRow, read_sheet

_MARK = b"sheet 1\n"


def pack_sheet(sheet: Sheet) -> bytes:
    """Titles and rows, packed; a cell that is neither a text, a whole number nor a date becomes the text it shows."""
    rows = [[row.number, {title: _stored(plain_cell(cell)) for title, cell in row.cells.items()}] for row in sheet.rows]
    return _MARK + zlib.compress(json.dumps([sheet.titles, rows]).encode())


def unpack_sheet(content: bytes) -> Sheet:
    """The sheet again. A file as it was sent, which is what earlier versions kept, is read."""
    if not content.startswith(_MARK):
        return read_sheet(content)
    titles, rows = json.loads(zlib.decompress(content.removeprefix(_MARK)))
    return Sheet(
        titles=tuple(titles),
        rows=tuple(SheetRow(number, {title: _cell(kept) for title, kept in cells.items()}) for number, cells in rows),
    )


def _stored(cell: Plain) -> Any:
    return {"date": cell.isoformat()} if isinstance(cell, date) else cell


def _cell(kept: Any) -> Plain:
    return date.fromisoformat(kept["date"]) if isinstance(kept, dict) else kept
