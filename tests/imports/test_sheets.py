"""Files become rows: both dialects of our export, Excel's own cells, and the limits."""

import io
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.columns import Column, Kind
from exports.csv import Dialect, csv_chunks, guard
from exports.xlsx import write_xlsx
from imports.limits import LARGEST_FILE, LONGEST_CELL, MOST_COLUMNS, MOST_ROWS
from imports.refusals import SheetRefused
from imports.sheets import _unguarded, read_sheet
from tests.imports.packages import TITLE, workbook

COLUMNS = (Column("Name"), Column("Quantity", Kind.INTEGER), Column("License Expiration", Kind.DATE))
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


def csv_of(rows, dialect=Dialect.COMMA):
    return b"".join(csv_chunks(COLUMNS, rows, dialect=dialect))


def xlsx_of(rows):
    target = io.BytesIO()
    write_xlsx(target, title="List", columns=COLUMNS, rows=rows)
    return target.getvalue()


def cells_of(content):
    return [tuple(row.cells.values()) for row in read_sheet(content).rows]


def refusal(content):
    with pytest.raises(SheetRefused) as refused:
        read_sheet(content)
    return str(refused.value)


@pytest.mark.parametrize("dialect", Dialect)
def test_an_exported_csv_file_is_read_back_as_it_was(dialect):
    rows = [("Prerada voća, „d.o.o.“; x", 12, date(2018, 12, 1)), ("=HYPERLINK(1)", 8, "unlimited")]
    read = cells_of(csv_of(rows, dialect))
    assert read == [(rows[0][0], "12", "01.12.2018"), (rows[1][0], "8", "unlimited")]


@settings(deadline=None, max_examples=60)
@given(TEXTS.filter(str.strip), st.sampled_from(Dialect))
def test_whatever_text_is_exported_comes_back_the_same(name, dialect):
    assert cells_of(csv_of([(name, 1, "unlimited")], dialect)) == [(name, "1", "unlimited")]


@given(st.text(max_size=8).map(lambda text: "'" * (len(text) % 3) + "=+-@x\t'"[len(text) % 7] + text))
def test_the_guard_of_the_export_is_taken_off_and_nothing_else(text):
    assert _unguarded(guard(text)) == text


def test_an_exported_workbook_has_numbers_and_dates():
    rows = [("=HYPERLINK(1)", 12, date(2018, 12, 1)), ("'=quoted", 8, "unlimited")]
    assert cells_of(xlsx_of(rows)) == [
        ("=HYPERLINK(1)", 12, datetime(2018, 12, 1)),  # noqa: DTZ001 - Excel knows no zone
        ("'=quoted", 8, "unlimited"),
    ]


def test_rows_have_the_numbers_that_excel_shows():
    text = b'Name,Quantity\r\n\r\na,1\r\n,\r\n"b\r\nb",2\r\n'
    assert [row.number for row in read_sheet(text).rows] == [3, 5]


def test_empty_rows_of_a_workbook_are_left_out_and_counted():
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A4"] = "Quantity", 12
    saved = io.BytesIO()
    book.save(saved)
    assert [(row.number, row.cells["Quantity"]) for row in read_sheet(saved.getvalue()).rows] == [(4, 12)]


def test_a_formula_has_the_value_that_excel_computed_last():
    rows = f'{TITLE}<row r="2"><c r="A2"><f>HYPERLINK("http://evil.example","x")</f><v>7</v></c></row>'
    assert cells_of(workbook(rows)) == [(7,)]


def test_a_row_shorter_than_the_header_ends_with_blanks():
    assert cells_of(b"Name,Quantity\r\na\r\n") == [("a", None)]


def test_ten_thousand_rows_are_read_and_one_more_is_refused():
    assert len(read_sheet(b"Name\r\n" + b"a\r\n" * MOST_ROWS).rows) == MOST_ROWS
    assert "more than 10,000 rows" in refusal(b"Name\r\n" + b"a\r\n" * (MOST_ROWS + 1))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\r\n\r\n", "is empty"),
        (b"a" * (LARGEST_FILE + 1), "larger than 5 MB"),
        ("Quantity\n1\n".encode("utf-16"), "in UTF-16"),
        ("Količina\n1\n".encode("cp1250"), "CSV in UTF-8"),
        (b"Quantity\n\x00\n", "no spreadsheet"),
        (b"Name,Quantity\na,1,2\n", "Row 2 has 3 cells"),
        (b"Name,Name\na,1\n", "Two columns are called “Name”"),
        (b"x," * MOST_COLUMNS, "51 columns wide"),
        (b"Name\n" + b"a" * (LONGEST_CELL + 1), "1,001 characters"),
        (b'Name\n"' + b"a,\n" * 60_000, "quotation mark is not closed"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 512, "old .xls file"),
    ],
)
def test_text_that_is_no_sheet_is_refused_in_words(content, reason):
    assert reason in refusal(content)
