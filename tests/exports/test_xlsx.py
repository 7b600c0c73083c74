"""Workbooks are opened with openpyxl, which is not what wrote them."""

import io
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from exports.columns import BATCH, Column, Kind
from exports.xlsx import MAX_ROWS, MAX_TEXT, TooManyRows, sheet_title, write_xlsx

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = (
    Column("Company Name"),
    Column("Quantity", Kind.INTEGER),
    Column("License Fee for Reseller, EUR, excl. taxes", Kind.MONEY),
    Column("Discount %", Kind.PERCENT),
    Column("License Expiration", Kind.DATE),
    Column("Time", Kind.DATETIME, width=30),
)
TIME = datetime(2017, 7, 23, 14, 43, 49, tzinfo=ZoneInfo("Europe/Belgrade"))
ROW = ("Prerada voća d.o.o.", 12, 7207, 2200, date(2018, 12, 1), TIME)


def sheet_of(rows, columns=COLUMNS, **options):
    target = io.BytesIO()
    write_xlsx(target, title=options.pop("title", "Subscriptions"), columns=columns, rows=rows, **options)
    return openpyxl.load_workbook(target).active


def values(sheet, row):
    return [cell.value for cell in sheet[row]]


def test_numbers_and_dates_are_real():
    sheet = sheet_of([ROW])
    assert values(sheet, 1) == [column.title for column in COLUMNS]
    assert values(sheet, 2) == [
        "Prerada voća d.o.o.",
        12,
        72.07,
        22.0,
        datetime.fromisoformat("2018-12-01"),
        TIME.replace(tzinfo=None),
    ]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "n", "d", "d"]


def test_number_formats_show_what_the_screen_shows():
    assert [cell.number_format for cell in sheet_of([ROW])[2]] == [
        "@",
        "0",
        "#,##0.00",
        "0.00",
        "dd.mm.yyyy",
        "dd.mm.yyyy hh:mm:ss",
    ]


@pytest.mark.parametrize("cents", [1, 7, 10, 29, 57, 110, 282389, 47643, -5, 10**13 + 1])
def test_every_cent_arrives(cents):
    assert round(sheet_of([(cents,)], [Column("Fee", Kind.MONEY)])["A2"].value * 100) == cents


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://x","y")',
        "=1+1",
        "+385 1 234",
        "-1",
        "@SUM(A1)",
        "'quoted",
        "http://example.org/",
        "00123",
        "<b>&",
        " leading",
    ],
)
def test_text_is_never_a_formula_and_never_changed(text):
    cell = sheet_of([(text,)], [Column("Company Name")])["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_the_header_is_frozen_and_bold():
    sheet = sheet_of([ROW])
    assert sheet.freeze_panes == "A2"
    assert all(cell.font.bold and cell.alignment.wrap_text for cell in sheet[1])
    assert sheet.print_title_rows == "$1:$1"


def test_widths_follow_the_kind_the_title_and_the_wish():
    sheet = sheet_of([ROW])
    widths = [sheet.column_dimensions[letter].width for letter in "ABCDEF"]
    assert [round(width) for width in widths] == [25, 11, 15, 12, 13, 31]


def test_text_may_stand_in_a_column_of_figures_or_dates():
    sheet = sheet_of([(None, None, None, None, None, None), ("x", "=1", "n/a", "-", "unlimited", "never"), ROW])
    assert values(sheet, 3) == ["x", "=1", "n/a", "-", "unlimited", "never"]
    assert [cell.data_type for cell in sheet[3]] == ["s"] * 6
    assert values(sheet, 4)[4] == datetime.fromisoformat("2018-12-01")


def test_total_row_comes_last_with_real_numbers():
    sheet = sheet_of([ROW, ROW], total=("TOTAL", 24, 14414, None, None, None))
    assert values(sheet, sheet.max_row) == ["TOTAL", 24, 144.14, None, None, None]
    assert sheet.max_row == 4


def test_an_export_without_rows_has_its_header():
    sheet = sheet_of([])
    assert values(sheet, 1) == [column.title for column in COLUMNS]
    assert [cell.value for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None] == []


def test_rows_beyond_one_batch_keep_their_order():
    sheet = sheet_of(((number,) for number in range(2 * BATCH + 1)), [Column("#", Kind.INTEGER)])
    assert [cell.value for cell in sheet["A"][1:]] == list(range(2 * BATCH + 1))


def test_a_cell_takes_no_more_text_than_excel_does():
    assert sheet_of([("x" * (MAX_TEXT + 1),)], [Column("Comment")])["A2"].value == "x" * MAX_TEXT


def test_control_characters_do_not_break_the_file():
    assert sheet_of([("a\x00b\x0bc",)], [Column("Company Name")])["A2"].data_type == "s"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Reseller Report 2017-07", "Reseller Report 2017-07"),
        ("Summary Report from 2017-04 to 2017-08", "Summary Report from 2017-04 to"),
        ("a/b:c[d]*?\\", "a b c d"),
        ("'", "Sheet1"),
    ],
)
def test_sheet_titles_are_what_excel_takes(title, shown):
    assert sheet_title(title) == shown
    assert sheet_of([ROW], title=title).title == shown


def test_a_failing_source_leaves_no_file(tmp_path):
    def rows():
        yield ROW
        raise LookupError("the connection was lost")

    with pytest.raises(LookupError):
        write_xlsx(tmp_path / "a.xlsx", title="a", columns=COLUMNS, rows=rows())
    assert list(tmp_path.iterdir()) == []


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path):
    rows = ((None,) for _ in range(MAX_ROWS + 1))
    with pytest.raises(TooManyRows, match="1,048,575"):
        write_xlsx(tmp_path / "a.xlsx", title="a", columns=[Column("#")], rows=rows)
    assert list(tmp_path.iterdir()) == []


def test_two_columns_of_one_title_are_refused():
    with pytest.raises(ValueError, match="one title"):
        sheet_of([(1, 2)], [Column("#"), Column("#")])


MEASURE = """
import resource, sys
from exports.columns import Column, Kind
from exports.xlsx import write_xlsx
columns = [Column(str(n)) for n in range(11)] + [Column("fee", Kind.MONEY)]
rows = ((f"text {n}",) * 11 + (n,) for n in range(int(sys.argv[1])))
write_xlsx(sys.argv[2], title="a", columns=columns, rows=rows)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_rows(tmp_path):
    def peak(rows):
        command = [sys.executable, "-c", MEASURE, str(rows), str(tmp_path / "a.xlsx")]
        return int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)

    assert peak(40_000) - peak(2 * BATCH) < 10_000  # KiB


def test_the_header_is_as_high_as_its_longest_title():
    # "License Fee for Reseller, EUR, excl. taxes" takes four lines of a column of 14 characters
    columns = (Column("Company Name"), Column("License Fee for Reseller, EUR, excl. taxes", Kind.MONEY))
    assert sheet_of([("Tunel", 1)], columns).row_dimensions[1].height == 60
    assert sheet_of([("Tunel",)], columns[:1]).row_dimensions[1].height is None
