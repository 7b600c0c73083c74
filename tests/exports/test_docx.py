"""Documents are opened with python-docx and, for what Word reads and python-docx does not show, as XML."""

import io
import zipfile
from datetime import UTC, date, datetime

import docx
import pytest
from docx.enum.text import WD_PARAGRAPH_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Mm

from exports.columns import BATCH, Column, Kind
from exports.docx import write_docx

COLUMNS = (
    Column("Reseller"),
    Column("Cumulative number of Active Subscription", Kind.INTEGER),
    Column("License Fee for End User, EUR, excl. taxes", Kind.MONEY),
    Column("Discount %", Kind.PERCENT),
    Column("License Expiration", Kind.DATE),
    Column("Time", Kind.DATETIME),
)
ROW = ("Bluth & Company <d.o.o.>", 48, 236960, 2200, date(2018, 12, 1), datetime(2017, 7, 23, 14, 43, 49, tzinfo=UTC))
TOTAL = ("TOTAL", 72, 261080, None, None, None)


def written(rows, columns=COLUMNS, **options):
    target = io.BytesIO()
    write_docx(target, title="Reseller Report 2017-07", columns=columns, rows=rows, **options)
    return target


def table_of(rows, columns=COLUMNS, **options):
    return docx.Document(written(rows, columns, **options)).tables[0]


def texts(row):
    return [cell.text for cell in row.cells]


def test_title_columns_rows_and_total_stand_in_their_order():
    document = docx.Document(written([ROW], total=TOTAL))
    assert document.paragraphs[0].text == "Reseller Report 2017-07"
    rows = [texts(row) for row in document.tables[0].rows]
    assert rows == [
        [column.title for column in COLUMNS],
        ["Bluth & Company <d.o.o.>", "48", "2,369.60", "22.00", "01.12.2018", "23.07.2017 14:43:49"],
        ["TOTAL", "72", "2,610.80", "", "", ""],
    ]


def test_pages_are_landscape_a4():
    section = docx.Document(written([ROW])).sections[0]
    assert (round(section.page_width / Mm(1)), round(section.page_height / Mm(1))) == (297, 210)
    assert section.orientation == docx.enum.section.WD_ORIENT.LANDSCAPE


def test_the_table_fills_the_width_between_the_margins():
    table = table_of([ROW])
    widths = [column.width for column in table.columns]
    assert sum(widths) == pytest.approx(Mm(297 - 24), rel=0.001)
    assert widths[0] > widths[3]


def test_the_header_row_and_only_it_repeats_on_every_page():
    rows = table_of([ROW], total=TOTAL).rows
    assert [bool(row._tr.findall(f".//{qn('w:tblHeader')}")) for row in rows] == [True, False, False]


def test_header_and_total_are_bold():
    rows = table_of([ROW], total=TOTAL).rows
    assert [row.cells[0].paragraphs[0].runs[0].bold for row in rows] == [True, None, True]


def test_figures_stand_right():
    cells = table_of([ROW]).rows[1].cells
    sides = [cell.paragraphs[0].style.paragraph_format.alignment for cell in cells]
    left, right = WD_PARAGRAPH_ALIGNMENT.LEFT, WD_PARAGRAPH_ALIGNMENT.RIGHT
    assert sides == [left, right, right, right, left, left]


def test_the_foot_counts_pages():
    with zipfile.ZipFile(written([ROW])) as package:
        footers = [package.read(name).decode() for name in package.namelist() if "footer" in name]
    assert len(footers) == 1
    assert 'w:instr="PAGE"' in footers[0]
    assert 'w:instr="NUMPAGES"' in footers[0]


def test_thousands_of_rows_keep_their_order():
    rows = table_of(((str(number),) for number in range(2 * BATCH + 1)), [Column("#")])._tbl.tr_lst
    shown = [row.find(f".//{qn('w:t')}").text for row in rows]
    assert shown == ["#", *(str(number) for number in range(2 * BATCH + 1))]


def test_a_report_without_rows_has_its_header():
    assert [texts(row) for row in table_of([]).rows] == [[column.title for column in COLUMNS]]


def test_text_that_xml_cannot_carry_does_not_break_the_file():
    assert texts(table_of([("a\x00b\x1fc %s {x} =1",)], [Column("Company Name")]).rows[1]) == ["abc %s {x} =1"]


def test_the_document_names_its_title_and_no_false_date():
    properties = docx.Document(written([ROW])).core_properties
    assert (properties.title, properties.author, properties.created) == ("Reseller Report 2017-07", "Seatdesk", None)


def test_a_path_can_be_the_target(tmp_path):
    write_docx(tmp_path / "a.docx", title="a", columns=COLUMNS, rows=[ROW])
    assert len(docx.Document(str(tmp_path / "a.docx")).tables[0].rows) == 2


def test_every_text_has_a_font_that_twelve_columns_fit_in():
    document = docx.Document(written([ROW]))
    assert {document.styles[name].font.name for name in ("Normal", "Heading 1", "Cell", "Figure")} == {"Arial"}
    assert 'w:asciiTheme="' not in document.styles["Heading 1"].element.xml
