"""Large lists as files that a job writes: asking for one, following it, taking it. A file is its owner's alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, abort, flash, g, redirect, request, stream_with_context, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from admin_views.base import ListScreen
from admin_views.exports import XLSX
from admin_views.figures import day_and_time, number, said
from admin_views.presenters import Badge
from admin_views.shell import Screen, current_actor, house, is_htmx, link_to, moment
from auth.login import SignedIn
from exports.columns import Sheet
from exports.names import file_name
from file_models import ExportFile
from jobs.dispatch import wake_export
from licensing.terms import local_date
from licensing.wording import Sentence, translatable
from operations.ask_export import ask_export
from operations.bulk_refusals import BulkRefused
from operations.write_export import ExportClaim, ExportRefused
from queries.export_files import NoSuchExport, content_of, find_export, recent_exports
from queries.listing import as_id

_LONGEST_QUERY = 4_000
_MEGABYTE = 1024**2
_STATES = {"waiting": (_l("Being written"), "busy"), "written": (_l("Ready"), "ok"), "failed": (_l("Failed"), "bad")}
_UNREADABLE = translatable("The list cannot be read as it was asked for. Open it, set its filters and export it again.")
Answer = AnyResponse | tuple[str, int] | str


class ExportFileView(Screen, BaseView):
    """Reached from every list whose workbook is too large to wait for."""

    def __init__(self) -> None:
        super().__init__(name=_l("Files"), endpoint="exports", url="/exports")

    @expose("/")
    def index(self) -> Answer:
        files = [_line(export) for export in recent_exports(actor=current_actor())]
        return self.render("exports/list.html", files=files)

    @expose("/", methods=("POST",))
    def ask(self) -> Answer:
        screen, query = _screen(request.form.get("screen", "")), request.form.get("query", "")
        if screen is None or len(query) > _LONGEST_QUERY:
            abort(404)
        if not screen.is_accessible():
            abort(403)
        name = file_name(screen.export_name, local_date(moment().now, moment().zone), extension="xlsx")
        try:
            export = ask_export(
                screen=screen.endpoint, query=query, file_name=name, actor=current_actor(), moment=moment()
            )
        except BulkRefused as refused:
            flash(said(refused.reason), "error")
            return redirect(url_for("exports.index"), 303)
        wake_export(export.id, redis_url=house().config.redis_url)
        return redirect(url_for("exports.view", id=export.id), 303)

    @expose("/view/")
    def view(self) -> Answer:
        """The page that follows the file; htmx gets the part of it that changes."""
        export = _own()
        template = "exports/live.html" if is_htmx() else "exports/view.html"
        return self.render(template, file=_line(export), is_new=is_htmx())

    @expose("/file/")
    def file(self) -> Response:
        export = _own()
        if export.state != "written":
            abort(404)
        response = Response(stream_with_context(content_of(export)), mimetype=XLSX)
        response.headers.set("Content-Disposition", "attachment", filename=export.file_name)
        response.content_length = export.size
        return response


@contextmanager
def list_source(app: Flask, claim: ExportClaim) -> Iterator[Sheet]:
    """The list that the claim is for, as its screen gives it to the owner now: for the job. Raises ExportRefused."""
    export = claim.export
    with app.test_request_context(f"/?{export.query}"):
        g._login_user = SignedIn(export.owner, "", is_unusual=False)  # noqa: SLF001 - Flask-Login's own name for it
        screen = _screen(export.screen)
        sheet = screen.sheet() if screen is not None and screen.is_accessible() else None
        if sheet is None:
            raise ExportRefused(Sentence(_UNREADABLE))
        yield sheet


def _screen(endpoint: str) -> ListScreen | None:
    """The list of that endpoint."""
    lists = (view for view in house().admin._views if isinstance(view, ListScreen))  # noqa: SLF001 - no other way
    return next((view for view in lists if view.endpoint == endpoint), None)


def _own() -> ExportFile:
    try:
        return find_export(as_id(request.args.get("id")), actor=current_actor())
    except NoSuchExport:
        abort(404)


def _line(export: ExportFile) -> dict[str, Any]:
    label, mark = _STATES[export.state]
    return {
        "id": export.id,
        "name": export.file_name,
        "asked_at": day_and_time(export.created_at),
        "badge": Badge(str(label), mark),
        "is_waiting": export.state == "waiting",
        "is_ready": export.state == "written",
        "progress": _progress(export),
        "share": (export.written, max(export.rows or 0, 1)),
        "size": _("%(size)s MB", size=f"{export.size / _MEGABYTE:.1f}") if export.size else "",
        "problem": _(export.problem) if export.problem else "",
        "list_address": f"{link_to(f'{export.screen}.index_view')}?{export.query}",
    }


def _progress(export: ExportFile) -> str:
    if export.state == "failed":
        return ""
    if export.rows is None:
        return _("Waits for its turn")
    if export.state == "written":
        return ngettext("%(rows)s row", "%(rows)s rows", export.rows, rows=number(export.rows))
    return _("%(written)s of %(rows)s rows", written=number(export.written), rows=number(export.rows))
