"""Batches: the list of them, the page of one while it runs and after, stop, retry and the result sheet."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from access import Permission
from admin_views import exports
from admin_views.batch_words import bar, progress_words, row_face, tabs
from admin_views.bulk_form import command_words
from admin_views.figures import day_and_time, number, said
from admin_views.list_page import pager
from admin_views.plan_export import result_sheet
from admin_views.report_paging import page_request
from admin_views.shell import Screen, current_actor, moment
from licensing.bulk import BulkCommand
from models import Batch
from operations.bulk_refusals import BulkRefused
from operations.plan_selection import plan_selection
from operations.refusals import NotFound
from operations.retry_rows import retry_rows
from operations.stop_batch import stop_batch
from queries.batch import (
    BatchLine,
    BatchProgress,
    NoSuchBatch,
    RowStanding,
    batch_command,
    batch_page,
    batch_progress,
    batches,
    find_batch,
)
from queries.listing import as_id
from queries.selection import command_of

Answer = Response | tuple[str, int] | str


class BatchView(Screen, BaseView):
    """Reached from a plan, from Requests and from the list of batches."""

    def __init__(self) -> None:
        super().__init__(name=_l("Batches"), endpoint="batches", url="/batches")

    @expose("/")
    def index(self) -> Answer:
        wanted = page_request(request.args)
        page = batches(actor=current_actor()).page(wanted)
        return self.render(
            "bulk/batches.html",
            lines=[_line(line) for line in page.rows],
            pager=pager(page, wanted, {}, address=lambda **changes: url_for("batches.index", **changes)),
        )

    @expose("/view/")
    def view(self) -> Answer:
        return self.render("bulk/batch.html", **self._context(self._batch()))

    @expose("/live/")
    def live(self) -> Answer:
        return self.render("bulk/batch_live.html", **self._context(self._batch()))

    @expose("/stop/", methods=("POST",))
    def stop(self) -> Answer:
        batch = self._batch()
        stop_batch(batch.id, actor=current_actor(), moment=moment())
        return redirect(url_for("batches.view", id=batch.id), 303)

    @expose("/retry/", methods=("POST",))
    def retry(self) -> Answer:
        batch = self._batch()
        standing = RowStanding.STOPPED if request.form.get("standing") == RowStanding.STOPPED else RowStanding.FAILED
        position = as_id(request.form.get("position"))
        positions = None if position is None else [position]
        actor = current_actor()
        try:
            chosen = retry_rows(batch.id, standing=standing, positions=positions, actor=actor, moment=moment())
            plan_selection(chosen.id, command_of(chosen) or abort(404), actor=actor, moment=moment())
        except BulkRefused as refused:
            flash(said(refused.reason), "error")
            return redirect(url_for("batches.view", id=batch.id), 303)
        except NotFound:
            abort(404)
        return redirect(url_for("plans.index", id=chosen.id), 303)

    @expose("/export/<export_type>/")
    def export(self, export_type: str) -> Answer:
        if export_type not in exports.TYPES:
            abort(404)
        return result_sheet(self._batch(), export_type)

    def _batch(self) -> Batch:
        try:
            return find_batch(as_id(request.args.get("id")), actor=current_actor())
        except NoSuchBatch:
            abort(404)

    def _context(self, batch: Batch) -> dict[str, Any]:
        progress = batch_progress(batch, moment=moment())
        chosen = next((standing for standing in RowStanding if standing == request.args.get("tab")), None)
        wanted = page_request(request.args)
        page = batch_page(batch, chosen, page=wanted)
        kept = {"id": str(batch.id), "tab": chosen.value if chosen else ""}

        def address(**changes: str) -> str:
            arguments: dict[str, Any] = {name: value for name, value in {**kept, **changes}.items() if value}
            return url_for("batches.view", **arguments)

        return {
            "batch": batch,
            "words": command_words(batch_command(batch)),
            "started": day_and_time(batch.started_at),
            "starter": str(batch.started_by or ""),
            "counts": {name: number(getattr(batch, name)) for name in ("rows", "set_aside", "left_out")},
            "chosen_rows": number(batch.rows + batch.left_out),
            "progress": progress,
            "done": number(progress.done),
            "progress_words": progress_words(progress),
            "bar": bar(progress),
            "state": _page_state(batch, progress),
            # Rows on their way are followed closely; an outcome that is being asked for takes its time.
            "asks_every": 2 if progress.is_running else 10,
            "tabs": tabs(progress, chosen=chosen, address=address),
            "rows": [row_face(row) for row in page.rows],
            "pager": pager(page, wanted, {name: value for name, value in kept.items() if value}, address=address),
            "may_write": current_actor().may(Permission.RUN_COMMANDS),
            "live_address": url_for("batches.live", **dict[str, Any](request.args)),
        }


def _page_state(batch: Batch, progress: BatchProgress) -> tuple[str, str]:
    if progress.is_open and not progress.is_running:
        return _("Outcome unknown"), "unknown"
    return _state(is_stopped=bool(batch.stopped_at), is_running=progress.is_running)


def _state(*, is_stopped: bool, is_running: bool) -> tuple[str, str]:
    if is_stopped:
        return _("Stopped"), "warn"
    return (_("Running"), "busy") if is_running else (_("Done"), "ok")


def _line(line: BatchLine) -> dict[str, Any]:
    return {
        "number": line.id,
        "address": url_for("batches.view", id=line.id),
        "words": command_words(BulkCommand.from_dict(line.kind, line.parameters or {})),
        "started": day_and_time(line.started_at),
        "starter": f"{line.name or ''} {line.surname or ''}".strip(),
        "reseller": line.reseller or _("several"),
        "rows": number(line.rows),
        "waiting": number(line.waiting),
        "state": _state(is_stopped=bool(line.stopped_at), is_running=bool(line.waiting)),
    }
