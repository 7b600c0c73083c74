"""The plan of a bulk command: what would happen to every chosen row, before anything is sent."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from access import Permission
from admin_views import bulk_form
from admin_views.figures import euros, month_and_year, number, said
from admin_views.list_page import pager
from admin_views.plan_export import plan_sheet
from admin_views.plan_rows import eligible_row, left_out_row, stat_tiles
from admin_views.report_paging import page_request
from admin_views.shell import Screen, current_actor, house, moment
from admin_views.typed_values import WrongValue, typed_quantity
from admin_views.vendor_offer import not_offered
from jobs.dispatch import wake_drain
from licensing.bulk import BulkCommand
from licensing.states import CommandKind
from licensing.terms import Month
from models import Selection
from operations.adjust_plan import take_cheaper, tick_rows
from operations.bulk_refusals import BulkRefused
from operations.plan_selection import plan_selection
from operations.record_refusals import FieldsRefused
from operations.refusals import NotFound
from operations.start_batch import start_batch
from queries.listing import PageRequest, as_id
from queries.selection import (
    NoSuchSelection,
    PlanFilter,
    PlanSummary,
    command_of,
    find_selection,
    plan_page,
    plan_summary,
    started_batch_id,
)
from queries.settings import confirm_rows

Answer = Response | tuple[str, int] | str


class PlanView(Screen, BaseView):
    """One plan at a time; it has no entry in the menu, as it is reached from the rows that were chosen."""

    permission = Permission.RUN_COMMANDS

    def __init__(self) -> None:
        super().__init__(name=_l("Plan"), endpoint="plans", url="/plans")

    @expose("/")
    def index(self) -> Answer:
        selection = self._selection()
        started = started_batch_id(selection)
        if started is not None:
            return redirect(url_for("batches.view", id=started), 303)
        return self._page(selection, kind=self._kind(selection))

    @expose("/calculate/", methods=("POST",))
    def calculate(self) -> Answer:
        selection = self._selection()
        kind = bulk_form.kind_of(request.form.get("command")) or abort(400)
        if not_offered(kind):
            return self._refused(selection, not_offered(kind))
        try:
            command = _listed(selection) or bulk_form.read_command(kind, request.form)
            plan_selection(selection.id, command, actor=current_actor(), moment=moment())
        except WrongValue as wrong:
            return self._page(selection, kind=kind, problems={bulk_form.field_of(kind): str(wrong)}), 422
        except FieldsRefused as refused:
            problems = {name: said(reason) for name, reason in refused.problems.items()}
            return self._page(selection, kind=kind, problems=problems), 422
        except BulkRefused as refused:
            return self._refused(selection, said(refused.reason))
        return self._back(selection)

    @expose("/tick/", methods=("POST",))
    def tick(self) -> Answer:
        selection = self._selection()
        shown, ticked = _positions("shown"), _positions("position")
        self._adjust(tick_rows, selection, sorted(shown - ticked), is_ticked=False)
        return self._adjusted(tick_rows, selection, sorted(shown & ticked), is_ticked=True)

    @expose("/cheaper/", methods=("POST",))
    def cheaper(self) -> Answer:
        selection = self._selection()
        position = as_id(request.form.get("position"))
        return self._adjusted(take_cheaper, selection, None if position is None else [position], moment=moment())

    @expose("/start/", methods=("POST",))
    def start(self) -> Answer:
        selection = self._selection()
        reason = not_offered(self._kind(selection))
        if reason:
            return self._refused(selection, reason)
        try:
            batch = start_batch(
                selection.id,
                version=as_id(request.form.get("version")) or 0,
                typed_rows=typed_quantity(request.form.get("typed_rows")),
                actor=current_actor(),
                moment=moment(),
            )
        except WrongValue as wrong:
            return self._page(selection, kind=self._kind(selection), problems={"typed_rows": str(wrong)}), 422
        except FieldsRefused as refused:
            problems = {name: said(reason) for name, reason in refused.problems.items()}
            return self._page(selection, kind=self._kind(selection), problems=problems), 422
        except BulkRefused as refused:
            return self._refused(selection, said(refused.reason))
        wake_drain(redis_url=house().config.redis_url)
        return redirect(url_for("batches.view", id=batch.id), 303)

    @expose("/export.xlsx")
    def export(self) -> Answer:
        selection = self._selection()
        command = command_of(selection) or abort(404)
        return plan_sheet(selection, command)

    def _selection(self) -> Selection:
        try:
            return find_selection(as_id(request.args.get("id")), actor=current_actor())
        except NoSuchSelection:
            abort(404)

    def _kind(self, selection: Selection) -> CommandKind:
        asked = bulk_form.kind_of(request.args.get("command"))
        stored = bulk_form.kind_of(selection.kind)
        return asked or stored or abort(404)

    def _refused(self, selection: Selection, reason: str) -> Response:
        flash(reason, "error")
        return self._back(selection)

    def _back(self, selection: Selection) -> Response:
        kept: dict[str, Any] = {
            name: request.args[name] for name in ("page", "reason", "hinted") if request.args.get(name)
        }
        return redirect(url_for("plans.index", id=selection.id, **kept), 303)

    def _adjust(self, operation: Any, selection: Selection, positions: list[int] | None, **values: Any) -> bool:
        if positions == []:
            return True
        try:
            operation(selection.id, positions, actor=current_actor(), **values)
        except NotFound:
            abort(404)
        except BulkRefused as refused:
            flash(said(refused.reason), "error")
            return False
        return True

    def _adjusted(self, operation: Any, selection: Selection, positions: list[int] | None, **values: Any) -> Answer:
        self._adjust(operation, selection, positions, **values)
        return self._back(selection)

    def _page(self, selection: Selection, *, kind: CommandKind, problems: dict[str, str] | None = None) -> str:
        command = command_of(selection)
        is_listed = _listed(selection) is not None
        is_planned = selection.planned_at is not None and command is not None and command.kind == kind
        # What was typed was not calculated: below it the plan of something else could be started by mistake.
        is_shown = is_planned and (not problems or "typed_rows" in problems)
        typed = request.form if request.method == "POST" else bulk_form.typed_values(command)
        return self.render(
            "bulk/plan.html",
            selection=selection,
            kind=str(kind),
            typed=typed,
            problems=problems or {},
            needs_values=kind not in bulk_form.WITHOUT_VALUES and not is_listed,
            is_listed=is_listed,
            rows_chosen=number(selection.rows),
            hint=bulk_form.HINTS.get(kind, ""),
            choices=bulk_form.form_choices(),
            plan=self._plan(selection, kind) if is_shown else None,
        )

    def _plan(self, selection: Selection, kind: CommandKind) -> dict[str, Any]:
        summary = plan_summary(selection)
        month = Month.of(selection.planned_on)
        reason, is_hinted = request.args.get("reason", ""), request.args.get("hinted") == "1"
        wanted = page_request(request.args)
        eligible = plan_page(selection, PlanFilter(is_hinted=is_hinted), page=wanted)
        left_out = plan_page(
            selection,
            PlanFilter(is_eligible=False, reason_code=reason or None),
            page=PageRequest(number=_left_out_page(), size=50),
        )
        command = command_of(selection) or abort(404)
        limit = confirm_rows(moment().month)
        return {
            "words": bulk_form.command_words(command),
            "tiles": stat_tiles(summary, month),
            "reasons": _reasons(selection, summary),
            "hints": _hints(summary),
            "seats": (number(summary.seats), number(summary.new_seats)),
            "eligible": [eligible_row(row, kind) for row in eligible.rows],
            "eligible_total": eligible.total,
            "eligible_count": number(eligible.total),
            "left_out": [left_out_row(row) for row in left_out.rows],
            "left_out_total": summary.left_out,
            "left_out_count": number(summary.left_out),
            "months": (month_and_year(month), month_and_year(month.next())),
            "pager": pager(eligible, wanted, _kept(selection), address=_address(selection)),
            "left_out_pager": pager(left_out, wanted, {}, address=_left_out_address(selection)),
            "shows_quantity": kind is CommandKind.MODIFY_QUANTITY,
            "shows_expiration": kind in {CommandKind.RENEW, CommandKind.REDUCE},
            "is_hinted": is_hinted,
            "reason": reason,
            "ticked_count": summary.ticked,
            "ticked": number(summary.ticked),
            "must_type": summary.ticked if summary.ticked > limit else 0,
            "question": str(bulk_form.QUESTIONS[kind]).removesuffix("?"),
            "is_red": kind is CommandKind.HARD_CANCEL,
        }


def _listed(selection: Selection) -> BulkCommand | None:
    """The command that a sheet asked for, which no form replaces; None where the values come from the form."""
    command = command_of(selection)
    return None if command is None or command.listed is None else command


def _positions(name: str) -> set[int]:
    return {position for text in request.form.getlist(name) if (position := as_id(text)) is not None}


def _left_out_page() -> int:
    return as_id(request.args.get("left_out_page")) or 1


def _kept(selection: Selection) -> dict[str, Any]:
    kept = {name: request.args.get(name, "") for name in ("reason", "hinted", "page_size")}
    return {"id": str(selection.id), **{name: value for name, value in kept.items() if value}}


def _address(selection: Selection) -> Any:
    def address(**changes: str) -> str:
        return url_for("plans.index", **{**_kept(selection), **changes})

    return address


def _left_out_address(selection: Selection) -> Any:
    def address(**changes: str) -> str:
        page = changes.get("page", "1")
        return url_for("plans.index", **_kept(selection), left_out_page=page, _anchor="left-out")

    return address


def _reasons(selection: Selection, summary: PlanSummary) -> list[dict[str, str]]:
    return [
        {
            "label": said(group.label),
            "instead": "" if group.use_instead is None else said(group.use_instead),
            "rows": number(group.rows),
            "address": url_for("plans.index", id=selection.id, reason=group.code, _anchor="left-out"),
        }
        for group in summary.reasons
    ]


def _hints(summary: PlanSummary) -> dict[str, Any] | None:
    hints = summary.hints
    if not hints.rows:
        return None
    return {
        "rows": number(hints.rows),
        "saves": euros(hints.saves_fee_cents),
        "groups": [
            (
                group.product,
                _("%(seats)s seats %(amount)s", seats=number(group.quantity), amount=euros(group.end_user_cents)),
                _(
                    "%(seats)s seats %(amount)s",
                    seats=number(group.cheaper_quantity),
                    amount=euros(group.cheaper_end_user_cents),
                ),
                ngettext("%(rows)s row", "%(rows)s rows", group.rows, rows=number(group.rows)),
            )
            for group in hints.groups
        ],
    }
