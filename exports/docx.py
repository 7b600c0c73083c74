"""Rows as a Word document: a title and one table on landscape A4 pages (product.md, Screens 10)."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from html import escape
from os import PathLike, fspath
from typing import Any, BinaryIO

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_PARAGRAPH_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm, Pt, RGBColor

from exports.columns import (
    FIGURES,
    Cell,
    Column,
    Kind,
    Row,
    cellwise,
    columns_of,
    converted,
    day_text,
    second_text,
    two_decimals,
)

_PAGE_WIDTH, _PAGE_HEIGHT, _MARGIN = Mm(297), Mm(210), Mm(12)
_TEXT_WIDTH = _PAGE_WIDTH - 2 * _MARGIN
_FONT = "Arial"  # narrow enough for twelve columns, and everywhere
_CELL_MARGIN = Mm(1)
_STYLES = {"Cell": WD_PARAGRAPH_ALIGNMENT.LEFT, "Figure": WD_PARAGRAPH_ALIGNMENT.RIGHT}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_docx(
    target: str | PathLike[str] | BinaryIO,
    *,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Row],
    total: Row | None = None,
) -> None:
    """Write the document to a path or a binary file. The table is built in memory.

    The header row repeats on every page, figures stand right, the TOTAL row is bold, the foot says page / pages.
    Characters that XML cannot carry are left out. Raises ValueError for a row of the wrong length.
    """
    document = Document()
    _set_page(document)
    _set_styles(document)
    _set_properties(document, title)
    document.add_heading(_plain(title), level=1)
    table = _add_table(document, columns)
    _append(table, _row_template(columns), _texts(columns, rows))
    if total is not None:
        _append(table, _row_template(columns, is_bold=True), _texts(columns, [total]))
    _add_page_numbers(document)
    document.save(fspath(target) if isinstance(target, PathLike) else target)


def _set_page(document: Any) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = _PAGE_WIDTH, _PAGE_HEIGHT
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN
    section.footer_distance = Mm(6)


def _set_styles(document: Any) -> None:
    document.styles["Normal"].font.name = _FONT
    for name, alignment in _STYLES.items():
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.font.name, style.font.size = _FONT, Pt(8)
        style.paragraph_format.alignment = alignment
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(1)
    heading = document.styles["Heading 1"]
    heading.element.rPr.remove(heading.element.rPr.rFonts)  # names a theme, which would win over the font
    heading.font.name = _FONT
    heading.font.color.rgb = RGBColor(0, 0, 0)
    heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(0), Pt(8)


def _set_properties(document: Any, title: str) -> None:
    properties = document.core_properties
    properties.title, properties.author, properties.comments = _plain(title), "Seatdesk", ""
    # The library's template says 2013 here; an absent date is truer than a wrong one.
    for dated in properties._element.xpath("dcterms:created | dcterms:modified"):  # noqa: SLF001
        dated.getparent().remove(dated)


def _add_table(document: Any, columns: Sequence[Column]) -> Any:
    table = document.add_table(rows=0, cols=len(columns))
    table.style = "Table Grid"
    _set_cell_margins(table)
    table.autofit = False
    share = _TEXT_WIDTH / sum(column.characters for column in columns)
    for grid_column, column in zip(table.columns, columns, strict=True):
        grid_column.width = int(column.characters * share)
    header = _row_template(columns, is_bold=True, row_properties="<w:tblHeader/>")
    _append(table, header, [[tuple(escape(_plain(column.title), quote=False) for column in columns)]])
    return table


def _set_cell_margins(table: Any) -> None:
    width = _CELL_MARGIN.twips
    sides = "".join(f'<w:{side} w:w="{width}" w:type="dxa"/>' for side in ("left", "right"))
    margins = parse_xml(f"<w:tblCellMar {nsdecls('w')}>{sides}</w:tblCellMar>")
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")  # noqa: SLF001


def _row_template(columns: Sequence[Column], *, is_bold: bool = False, row_properties: str = "") -> str:
    run = "<w:r><w:rPr><w:b/></w:rPr>" if is_bold else "<w:r>"
    cells = "".join(
        f'<w:tc><w:p><w:pPr><w:pStyle w:val="{"Figure" if column.kind in FIGURES else "Cell"}"/></w:pPr>'
        f'{run}<w:t xml:space="preserve">%s</w:t></w:r></w:p></w:tc>'
        for column in columns
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{row_properties}</w:trPr>{cells}</w:tr>"


def _append(table: Any, template: str, batches: Iterable[Iterable[tuple[str, ...]]]) -> None:
    # One parse a batch: the library's own add_row() costs about a millisecond a row.
    for batch in batches:
        rows = "".join(template % cells for cells in batch)
        table._tbl.extend(parse_xml(f"<w:tbl {nsdecls('w')}>{rows}</w:tbl>"))  # noqa: SLF001


def _texts(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[Iterator[tuple[str, ...]]]:
    return converted(columns_of(rows, width=len(columns)), [cellwise(_CONVERTERS[column.kind]) for column in columns])


def _add_page_numbers(document: Any) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_PARAGRAPH_ALIGNMENT.RIGHT
    for field, after in (("PAGE", " / "), ("NUMPAGES", "")):
        xml = f'<w:fldSimple {nsdecls("w")} w:instr="{field}"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        paragraph._p.append(parse_xml(xml))  # noqa: SLF001
        paragraph.add_run(after)


def _plain(text: str) -> str:
    return _NOT_XML.sub("", text)


def _text(value: Cell) -> str:
    return "" if value is None else escape(_plain(str(value)), quote=False)


def _hundredths(value: Cell) -> str:
    return two_decimals(value, grouped=True) if isinstance(value, int) else _text(value)


def _date(value: Cell) -> str:
    return day_text(value) if isinstance(value, date) else _text(value)


def _datetime(value: Cell) -> str:
    return second_text(value) if isinstance(value, datetime) else _text(value)


_CONVERTERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _text,
    Kind.MONEY: _hundredths,
    Kind.PERCENT: _hundredths,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
}
