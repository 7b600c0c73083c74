"""What is kept of a sheet that was read: enough to mark its errors, in the kinds that a spreadsheet has."""

import io
from datetime import date, datetime

import openpyxl
import pytest

from imports.kept import pack_sheet, unpack_sheet
from imports.marked import marked_rows, marked_titles
from imports.sheets import read_sheet
from tests.imports.test_sheets import xlsx_of

ROWS = [("Prerada voća", 12, date(2018, 12, 1)), ("=1+1", -3, None), ("Tunel", 8, date(2018, 6, 1))]
AN_INSTANT = datetime(2018, 12, 1, 10, 30)  # noqa: DTZ001 - a workbook has no zones
ERRORS = [(3, "Quantity: wrong"), (3, "Name: wrong")]


def marked(sheet):
    return [marked_titles(sheet), *marked_rows(sheet, ERRORS)]


def test_a_kept_workbook_is_marked_like_the_file_itself():
    sheet = read_sheet(xlsx_of(ROWS))
    kept = unpack_sheet(pack_sheet(sheet))
    assert marked(kept) == marked(sheet)
    assert marked(kept)[1:] == [(*ROWS[0], ""), ("=1+1", -3, None, "Quantity: wrong Name: wrong"), (*ROWS[2], "")]


def test_a_kept_sheet_has_the_numbers_of_its_rows():
    sheet = read_sheet(b"Name,Quantity\n\nx,1\n\n\ny,2\n")
    assert [row.number for row in unpack_sheet(pack_sheet(sheet)).rows] == [3, 6]


@pytest.mark.parametrize("cell", [True, 1.5, AN_INSTANT, "١٢", "\u202ex", "a\tb"])
def test_any_other_cell_is_kept_as_the_text_it_shows(cell):
    book = openpyxl.Workbook()
    book.active.append(["Name", "Quantity"])
    book.active.append([cell, cell])
    sheet = read_sheet(_saved(book))
    assert marked(unpack_sheet(pack_sheet(sheet))) == marked(sheet)


def test_a_file_as_earlier_versions_kept_it_is_read():
    assert marked(unpack_sheet(b"Name,Quantity\nx,1\n")) == marked(read_sheet(b"Name,Quantity\nx,1\n"))


def _saved(book):
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
