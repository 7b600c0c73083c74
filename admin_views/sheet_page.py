"""What both pages of uploaded sheets share: the file of the form, the errors page by page, the file with the errors."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, abort, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.exports import export_response
from admin_views.figures import day_and_time, number, said
from admin_views.list_columns import ExportColumn
from admin_views.list_page import pager
from admin_views.presenters import Badge
from admin_views.report_paging import page_request, read_page
from admin_views.shell import current_actor, house, is_htmx, local, moment
from exports.columns import Kind
from imports.changes import EXPIRATION, QUANTITY
from imports.kept import unpack_sheet
from imports.limits import LARGEST_FILE, MOST_ROWS
from imports.marked import ERROR, marked_rows, marked_titles
from imports.refusals import SheetRefused
from jobs.dispatch import wake_drain, wake_sheet
from models import Upload
from operations.take_sheet import take_sheet
from operations.uploads import problems_of, refusal_of
from queries.listing import as_id
from queries.uploads import NoSuchUpload, RecentUpload, find_upload, recent_uploads

_KINDS = {QUANTITY: Kind.INTEGER, EXPIRATION: Kind.DATE}
_WIDTHS = {ERROR: 80}
_STATES = {"waiting": (_l("Being read"), "busy"), "read": (_l("Read"), "ok"), "refused": (_l("Refused"), "bad")}


def sent_file() -> tuple[bytes, str]:
    """The content and the name of the form's file. Raises SheetRefused where none was chosen."""
    file = request.files.get("sheet")
    if file is None or not file.filename:
        raise SheetRefused("Choose a file.")
    return file.read(LARGEST_FILE + 1), file.filename


def taken_upload(purpose: str) -> Upload:
    """Keep the form's file, and wake the job for one that is too large to be read now. Raises SheetRefused."""
    content, name = sent_file()
    upload = take_sheet(content, purpose=purpose, file_name=name, actor=current_actor(), moment=moment())
    if upload.state == "waiting":
        wake_what_waits(upload)
    return upload


def wake_what_waits(upload: Upload) -> None:
    """Wake the job of a sheet that waits, or the one that sends what was just ordered."""
    redis_url = house().config.redis_url
    if upload.state == "waiting":
        wake_sheet(upload.id, redis_url=redis_url)
    else:
        wake_drain(redis_url=redis_url)


def sent_name() -> str:
    """The name of the form's file, empty where none was chosen."""
    file = request.files.get("sheet")
    return "" if file is None else file.filename or ""


def limits_words() -> str:
    """What a file may be, below its field."""
    return _(
        "Excel workbook (.xlsx) or CSV in UTF-8, at most %(size)s MB and %(rows)s rows",
        size=LARGEST_FILE // 1024**2,
        rows=number(MOST_ROWS),
    )


def form_facts(purpose: str, *, problem: str, file_name: str) -> dict[str, Any]:
    """What the page with the form shows: what is wrong with the file, the limits, and the sheets sent lately."""
    sent = recent_uploads(purpose, actor=current_actor())
    return {
        "problem": problem,
        "file_name": file_name,
        "limits": limits_words(),
        "sent": [_sent(each) for each in sent],
    }


def own_upload(purpose: str) -> Upload:
    """The upload that the address names; 404 for anybody else's."""
    try:
        return find_upload(as_id(request.args.get("id")), purpose=purpose, actor=current_actor())
    except NoSuchUpload:
        abort(404)


def read_upload(purpose: str) -> Upload:
    """The same, and 404 for one that was not read."""
    upload = own_upload(purpose)
    return upload if upload.state == "read" else abort(404)


def unread_page(view: Any, upload: Upload, *, form: Callable[..., str], done: str = "") -> Response | str | None:
    """What is shown of a sheet that a job has not read, or whose orders, done of them so far, it places; else None.

    The page of a waiting one asks again and again, and goes on as soon as there is anything else to see.
    """
    if upload.state == "waiting":
        sent_at = local(upload.created_at).strftime("%H:%M:%S")
        address = url_for(request.endpoint or "", id=upload.id, waiting=1)
        return str(
            view.render(
                "imports/waiting.html", upload=upload, sent_at=sent_at, address=address, title=view.name, done=done
            )
        )
    if is_htmx() and request.args.get("waiting"):
        return make_response("", 200, {"HX-Refresh": "true"})
    return form(said(refusal_of(upload)), upload.file_name) if upload.state == "refused" else None


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
    sheet = unpack_sheet(bytes(upload.content))
    errors = [(each.row, f"{each.column}: {said(each.reason)}") for each in problems_of(upload)]
    columns = [
        ExportColumn(title, _cell(place), _KINDS.get(title, Kind.TEXT), _WIDTHS.get(title))
        for place, title in enumerate(marked_titles(sheet))
    ]
    return export_response("xlsx", title=_("Errors"), name=name, columns=columns, rows=marked_rows(sheet, errors))


def _sent(upload: RecentUpload) -> dict[str, Any]:
    label, mark = _STATES[upload.state]
    return {
        "id": upload.id,
        "file_name": upload.file_name,
        "sent_at": day_and_time(upload.created_at),
        "badge": Badge(str(label), mark),
    }


def _cell(place: int) -> Callable[[Any], Any]:
    return lambda row: row[place]
