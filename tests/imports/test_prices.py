"""Price sheets are read strictly: what is not exactly a price or a quantity is named with its row and column."""

import pytest

from imports.prices import read_price, read_prices
from imports.refusals import CellRefused, SheetRefused
from imports.sheets import read_sheet
from licensing.price_list import PriceRow

HEADER = "Product Name,Product Code,SKU,Min. Quantity,Max. Quantity,Price\n"


def read(*lines, header=HEADER):
    return read_prices(read_sheet((header + "\n".join(lines)).encode()))


def test_rows_keep_the_numbers_that_excel_shows():
    sheet = read("Basic,4864,KL1,5,9,10.00", "", ",4864,KL2,10,14,7.70")
    assert sheet.rows == (PriceRow(2, "4864", "KL1", 5, 9, 1000), PriceRow(4, "4864", "KL2", 10, 14, 770))
    assert sheet.product_names == {"4864": "Basic"}
    assert sheet.problems == ()


@pytest.mark.parametrize(
    ("cell", "cents"),
    [("7.70", 770), ("7,70", 770), ("7", 700), (7.7, 770), (7, 700), (0.29, 29), (1.15, 115), (0, 0), ("-1", -100)],
)
def test_a_price_is_whole_cents_however_excel_keeps_it(cell, cents):
    assert read_price(cell) == cents


@pytest.mark.parametrize(
    "cell", [None, "", "x", "7.705", 7.705, "1e3", "1.000,00", "٧", "7.7.0", True, "=1+1", "1000000.01", float("inf")]
)
def test_what_is_no_price_is_refused(cell):
    with pytest.raises(CellRefused):
        read_price(cell)


def test_everything_wrong_in_a_row_is_told_with_its_column():
    sheet = read("Basic,4864,,x,0,abc")
    told = [(problem.row, problem.column, problem.value) for problem in sheet.problems]
    assert told == [(2, "SKU", ""), (2, "Min. Quantity", "x"), (2, "Max. Quantity", "0"), (2, "Price", "abc")]
    assert sheet.rows == ()


def test_two_names_for_one_product_are_told():
    sheet = read("Basic,4864,KL1,5,9,10.00", "Other,4864,KL2,10,14,7.70")
    assert [(problem.row, str(problem.reason)) for problem in sheet.problems] == [
        (3, "Another row calls this product “Basic”.")
    ]


@pytest.mark.parametrize("missing", ["Product Code", "SKU", "Min. Quantity", "Max. Quantity", "Price"])
def test_a_needed_column_that_is_missing_is_named(missing):
    with pytest.raises(SheetRefused, match=missing.replace(".", r"\.")):
        read("Basic,4864,KL1,5,9,10.00", header=HEADER.replace(missing, "Else"))


def test_a_header_alone_is_refused():
    with pytest.raises(SheetRefused, match="no price"):
        read()
