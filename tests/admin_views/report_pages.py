"""Reading the reports' pages and files, for the tests of both."""

import html
import io
import re
from collections.abc import Callable

import docx
import openpyxl
from werkzeug.test import TestResponse

from tests.admin_views.browser import Browser
from tests.admin_views.desk import text
from tests.demo_book_stored import reseller_id

JULY_22 = "as_of=2017-07-22T12:00"
END = "as_of=2017-08-23T16:00"
Sign = Callable[[str], Browser]


def bluth(address: str) -> str:
    return f"{address}&reseller={reseller_id()}"


def words(answer: TestResponse) -> str:
    """The visible text of an answer, white space as one blank."""
    bare = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", text(answer), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(bare))


def screen_rows(answer: TestResponse) -> list[list[str]]:
    """The cells of the report's table, its TOTAL row last; the boxes below its lines left out."""
    table = re.search(r"<table[^>]*report.*?</table>", text(answer), re.DOTALL)[0]
    body = re.sub(r'<tr class="explain".*?</tr>', "", table, flags=re.DOTALL)
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    return [
        [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in rows
    ]


def plain(rows: list[list[str]]) -> list[list[str]]:
    """Without the marks of thousands, which files do not have."""
    return [[cell.replace(",", "") if re.fullmatch(r"[\d,.]+", cell) else cell for cell in row] for row in rows]


def docx_rows(answer: TestResponse) -> list[list[str]]:
    (table,) = docx.Document(io.BytesIO(answer.get_data())).tables
    return [[cell.text for cell in row.cells] for row in table.rows]


def xlsx_rows(answer: TestResponse) -> list[list]:
    sheet = openpyxl.load_workbook(io.BytesIO(answer.get_data())).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def as_numbers(rows: list[list[str]]) -> list[list]:
    """Texts that are figures as numbers, blanks as None: how a spreadsheet holds them."""
    return [[float(cell) if re.fullmatch(r"[\d.]+", cell) else cell or None for cell in row] for row in rows]
