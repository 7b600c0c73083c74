"""CSV files are opened as a spreadsheet would: by the csv module, after the byte order mark."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.columns import BATCH, Column, Kind
from exports.csv import Dialect, csv_chunks, guard, unguard

COLUMNS = (
    Column("Company Name"),
    Column("Quantity", Kind.INTEGER),
    Column("Fee, EUR", Kind.MONEY),
    Column("Discount %", Kind.PERCENT),
    Column("License Expiration", Kind.DATE),
    Column("Time", Kind.DATETIME),
)
ROW = ("Prerada voća d.o.o.", 12, 7207, 2200, date(2018, 12, 1), datetime(2017, 7, 23, 14, 43, 49, tzinfo=UTC))


def read(content, delimiter=","):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def written(rows, columns=COLUMNS, **options):
    return b"".join(csv_chunks(columns, rows, **options))


def test_the_file_begins_with_a_byte_order_mark_once():
    content = written([ROW] * (BATCH + 1))
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\xef\xbb\xbf") == 1


def test_comma_dialect_has_decimal_points():
    assert read(written([ROW])) == [
        [column.title for column in COLUMNS],
        ["Prerada voća d.o.o.", "12", "72.07", "22.00", "01.12.2018", "23.07.2017 14:43:49"],
    ]


def test_semicolon_dialect_has_decimal_commas():
    rows = read(written([ROW], dialect=Dialect.SEMICOLON), delimiter=";")
    assert rows[1] == ["Prerada voća d.o.o.", "12", "72,07", "22,00", "01.12.2018", "23.07.2017 14:43:49"]


def test_lines_end_as_excel_writes_them():
    assert written([ROW]).count(b"\r\n") == 2


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
@pytest.mark.parametrize("dialect", Dialect)
def test_text_that_begins_like_a_formula_gets_one_apostrophe(text, dialect):
    content = written([(text,)], columns=[Column("Company Name")], dialect=dialect)
    delimiter = "," if dialect is Dialect.COMMA else ";"
    assert read(content, delimiter)[1] == [f"'{text}"]


@pytest.mark.parametrize("text", ["a=b", "'quoted'", " =x", "", "5-2", "O'Neill"])
def test_other_text_is_unchanged(text):
    assert guard(text) == text
    assert unguard(text) == text


def test_negative_numbers_are_never_guarded():
    assert read(written([("x", -3, -5, -2200, None, None)]))[1][1:4] == ["-3", "-0.05", "-22.00"]


def test_text_in_a_column_of_figures_is_guarded_like_any_text():
    assert read(written([("x", "=1", "-2", "TOTAL", "unlimited", "@x")]))[1][1:] == [
        "'=1",
        "'-2",
        "TOTAL",
        "unlimited",
        "'@x",
    ]


def test_blank_cells_stay_blank():
    assert read(written([(None,) * 6]))[1] == [""] * 6


def test_total_row_comes_last():
    content = written([ROW, ROW], total=("TOTAL", 24, 14414, None, None, None))
    assert read(content)[-1] == ["TOTAL", "24", "144.14", "", "", ""]


def test_an_empty_export_has_its_header():
    assert read(written([])) == [[column.title for column in COLUMNS]]


def test_a_row_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        written([ROW[:-1]])


def test_rows_are_taken_as_they_are_sent():
    taken = []
    rows = (taken.append(number) or (str(number),) for number in range(50 * BATCH))
    stream = csv_chunks([Column("#")], rows)
    next(stream)
    next(stream)
    assert len(taken) == BATCH


@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="utf-8")), st.text("=+-@\t\r'\",;\n ax")),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(Dialect),
)
def test_our_import_reads_back_exactly_what_was_exported(rows, dialect):
    content = written(rows, columns=[Column("a"), Column("b")], dialect=dialect)
    delimiter = "," if dialect is Dialect.COMMA else ";"
    read_back = [tuple(unguard(cell) for cell in row) for row in read(content, delimiter)[1:]]
    assert read_back == rows
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in read(content, delimiter) for cell in row
    )
