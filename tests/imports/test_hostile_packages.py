"""Workbooks made to hurt: each is refused in words, quickly, and before anything is unpacked whole."""

import io
import zipfile

import pytest

from imports.limits import MOST_PARTS
from imports.refusals import SheetRefused
from imports.sheets import read_sheet
from tests.imports.packages import PARTS, SHEET, TITLE, package, sheet, workbook

MEGABYTE = 1024 * 1024
DTD = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FAR = '<row r="2"><c r="XFD2"><v>1</v></c></row>'
DEEP = '<row r="1048576"><c r="A1048576"><v>1</v></c></row>'


def refusal(content):
    with pytest.raises(SheetRefused) as refused:
        read_sheet(content)
    return str(refused.value)


def lying_about_its_size():
    """A package whose directory says that its sheet unpacks to 200 MB."""
    content = bytearray(workbook(TITLE))
    entry = content.rindex(b"PK\x01\x02", 0, content.rindex(SHEET.encode()))
    content[entry + 24 : entry + 28] = (200 * MEGABYTE).to_bytes(4, "little")
    return bytes(content)


def encrypted():
    content = bytearray(workbook(TITLE))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 8] |= 1
    return bytes(content)


def under_another_name(sheet_name, *, rows="", before=DTD, encoding="utf-8"):
    """A workbook whose sheet, entities and all, does not look like XML by its name."""
    return package(
        {
            SHEET: None,
            f"xl/worksheets/{sheet_name}": sheet(TITLE + rows, before=before).encode(encoding),
            "xl/_rels/workbook.xml.rels": PARTS["xl/_rels/workbook.xml.rels"].replace("sheet1.xml", sheet_name),
        }
    )


def test_the_workbook_without_anything_hostile_is_read():
    assert [row.cells for row in read_sheet(workbook(f'{TITLE}<row r="2"><c r="A2"><v>12</v></c></row>')).rows] == [
        {"Quantity": 12}
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (package({SHEET: b" " * 60 * MEGABYTE}), "larger than 50 MB"),
        (package({SHEET: b" " * 20 * MEGABYTE}), "larger than 50 MB"),
        (package({"xl/styles.xml": bytes(range(256)) * 9000}), "larger than 50 MB"),
        (lying_about_its_size(), "larger than 50 MB"),
        (workbook(TITLE + FAR), "16384 columns wide"),
        (workbook(TITLE + FAR.replace('r="XFD2"', "r='&#88;FD2'")), "16384 columns wide"),
        (workbook(TITLE + DEEP), "down to row 1,048,576"),
        (workbook(TITLE, head='<dimension ref="A1:XFD1048576"/>'), "down to row 1,048,576"),
        (workbook("<row/>" * 10_002), "down to row 10,002"),
        (workbook("<row>" + "<c/>" * 51 + "</row>"), "51 columns wide"),
        (workbook(TITLE, before=DTD), "XML declaration that no spreadsheet needs"),
        (package({SHEET: sheet(TITLE, before='<?xml version="1.0" encoding="cp037"?>')}), "no spreadsheet needs"),
        (package({SHEET: (DTD + sheet(TITLE)).encode("utf-16")}), "no spreadsheet needs"),
        (package({"docProps/app.xml": DTD + "<x/>"}), "no spreadsheet needs"),
        (under_another_name("sheet1.dat"), "no spreadsheet needs"),
        (under_another_name("sheet1.png", before=" " * 100_000 + DTD), "no spreadsheet needs"),
        (under_another_name("sheet1.bin", rows=FAR, before=""), "16384 columns wide"),
        (under_another_name("sheet1.bin", encoding="utf-16"), "no spreadsheet needs"),
        (
            under_another_name("sheet1.bin", before='<?xml version="1.0" encoding="cp037"?>', encoding="cp037"),
            "damaged",
        ),
        (workbook("<row><c>"), "damaged"),
        (workbook('<row r="-1e9"/>'), "damaged"),
        (package({"xl/workbook.xml": None}), "no Excel workbook"),
        (package({f"xl/media/{number}.png": b"" for number in range(MOST_PARTS + 1)}), "no Excel workbook"),
        (package({"_rels/.rels": None}), "cannot be read"),
        (package({"xl/_rels/workbook.xml.rels": PARTS["_rels/.rels"]}), "cannot be read"),
        (encrypted(), "protected with a password"),
        (b"PK\x03\x04" + b"\x00" * 400, "damaged"),
        (workbook(TITLE)[:-60], "damaged"),
    ],
    ids=[
        "60 MB unpacked",
        "20 MB of blanks",
        "2 MB of styles",
        "200 MB pretended",
        "a cell far right",
        "a cell far right, hidden",
        "a cell far down",
        "a pretended dimension",
        "rows without numbers",
        "cells without references",
        "entities",
        "EBCDIC",
        "entities in UTF-16",
        "entities in another part",
        "entities in a sheet called otherwise",
        "entities in a sheet called a picture",
        "a cell far right in a sheet called otherwise",
        "entities in UTF-16 in a sheet called otherwise",
        "EBCDIC in a sheet called otherwise",
        "unclosed",
        "a row before the first",
        "no workbook",
        "many parts",
        "no relations",
        "relations to nowhere",
        "password",
        "no directory",
        "cut off",
    ],
)
def test_a_hostile_workbook_is_refused_in_words(content, reason):
    assert reason in refusal(content)


def test_macros_are_never_looked_at():
    content = package(
        {SHEET: sheet(f'{TITLE}<row r="2"><c r="A2"><v>1</v></c></row>'), "xl/vbaProject.bin": b"\xd0\xcf"}
    )
    assert len(read_sheet(content).rows) == 1


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, part in [*PARTS.items(), (SHEET, sheet(TITLE)), (SHEET, DTD)]:
            archive.writestr(name, part)
    assert "no Excel workbook" in refusal(packed.getvalue())
