"""What both pages of uploaded sheets share: the file of the form, the errors page by page, the file with the errors."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, abort, request
from flask_babel import gettext as _

from admin_views.exports import export_response
from admin_views.figures import number, said
from admin_views.list_columns import ExportColumn
from admin_views.list_page import pager
from admin_views.report_paging import page_request, read_page
from admin_views.shell import current_actor
from exports.columns import Kind
from imports.changes import EXPIRATION, QUANTITY
from imports.limits import LARGEST_FILE, MOST_ROWS
from imports.marked import ERROR, marked_rows, marked_titles
from imports.sheets import read_sheet
from models import Upload
from operations.uploads import problems_of
from queries.listing import as_id
from queries.uploads import NoSuchUpload, find_upload

_KINDS = {QUANTITY: Kind.INTEGER, EXPIRATION: Kind.DATE}
_WIDTHS = {ERROR: 80}


def sent_file() -> tuple[bytes, str]:
    """The content and the name of the form's file; both empty where none was chosen."""
    file = request.files.get("sheet")
    return (b"", "") if file is None or not file.filename else (file.read(LARGEST_FILE + 1), file.filename)


def limits_words() -> str:
    """What a file may be, below its field."""
    return _(
        "Excel workbook (.xlsx) or CSV in UTF-8, at most %(size)s MB and %(rows)s rows",
        size=LARGEST_FILE // 1024**2,
        rows=number(MOST_ROWS),
    )


def own_upload(purpose: str) -> Upload:
    """The upload that the address names; 404 for anybody else's."""
    try:
        return find_upload(as_id(request.args.get("id")), purpose=purpose, actor=current_actor())
    except NoSuchUpload:
        abort(404)


def page_of(rows: Sequence[Any], *, address: Callable[..., str], kept: dict[str, str]) -> tuple[Sequence[Any], Any]:
    """The page of the rows that the address asks for, and its pager."""
    wanted = page_request(request.args)
    page, _total = read_page(lambda limit, offset: (rows[offset : offset + limit], len(rows)), wanted, count=int)
    return page.rows, pager(page, wanted, kept, address=address)


def problem_rows(upload: Upload) -> list[tuple[str, str, str, str]]:
    """Row, column, value and reason of each error."""
    return [(number(each.row), each.column, each.value, said(each.reason)) for each in problems_of(upload)]


def marked_sheet(upload: Upload, *, name: str) -> Response:
    """The sheet as it was sent, with the column Error."""
    sheet = read_sheet(bytes(upload.content))
    errors = [(each.row, f"{each.column}: {said(each.reason)}") for each in problems_of(upload)]
    columns = [
        ExportColumn(title, _cell(place), _KINDS.get(title, Kind.TEXT), _WIDTHS.get(title))
        for place, title in enumerate(marked_titles(sheet))
    ]
    return export_response("xlsx", title=_("Errors"), name=name, columns=columns, rows=marked_rows(sheet, errors))


def _cell(place: int) -> Callable[[Any], Any]:
    return lambda row: row[place]
