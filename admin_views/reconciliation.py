"""Reconciliation: the differences between our licences and the vendor's, and why somebody lets one stand."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField

from access import Permission
from admin_views.base import Answer, ListScreen
from admin_views.customer_fields import DETAIL_NAMES, Required, blame, detail_label
from admin_views.figures import day_and_time, expiration, said, seats
from admin_views.list_choices import reseller_filter
from admin_views.list_columns import ExportColumn, ListColumn, badge, shortened
from admin_views.list_filters import ChoiceFilter, Filtering
from admin_views.presenters import Badge
from admin_views.shell import current_actor, link_to, local, moment
from exports.columns import Kind
from licensing.states import DriftKind
from models import Case
from operations.close_case import close_case
from operations.decision_refusals import DecisionRefused
from operations.record_refusals import FieldsRefused
from operations.refusals import NotFound
from queries.listing import Listing, Page, PageRequest, as_id
from queries.reconciliations import CaseFilter, CaseRow, Run, cases, find_case, newest_run

_UNPROCESSABLE = 422
_ALL = "all"
_STATES = {
    "open": (_l("Open"), "bad"),
    "closed": (_l("Closed"), "off"),
    "gone": (_l("Gone"), "ok"),
}
_KINDS = {
    DriftKind.MISSING_HERE: _l("Missing here"),
    DriftKind.MISSING_THERE: _l("Missing at the vendor"),
    DriftKind.QUANTITY: _l("Quantity"),
    DriftKind.EXPIRATION: _l("License Expiration"),
    DriftKind.CANCELLATION: _l("Cancellation Date"),
    DriftKind.STATUS: _l("Status"),
    DriftKind.DETAILS: _l("Customer Details"),
}


class CloseCaseForm(FlaskForm):
    """Why a difference may stand."""

    reason = StringField(_l("Reason"), [Required()])


def side_words(kind: str, value: Any) -> str:
    """One side of a difference: 8 seats, a date, the details that differ."""
    if value is None:
        dated = {DriftKind.EXPIRATION: _("unlimited"), DriftKind.CANCELLATION: _("not cancelled")}
        return dated.get(DriftKind(kind), "")
    if kind == DriftKind.QUANTITY:
        return seats(int(value))
    if kind in {DriftKind.EXPIRATION, DriftKind.CANCELLATION}:
        return expiration(date.fromisoformat(value))
    if isinstance(value, Mapping):
        return _mapped(value)
    return str(value).replace("_", " ")


def _mapped(value: Mapping[str, Any]) -> str:
    labels = {"quantity": _("Quantity"), "expires_on": _("License Expiration"), "cancelled_on": _("Cancellation Date")}
    labels |= {"status": _("Status"), **{name: detail_label(name) for name in DETAIL_NAMES}}
    return "; ".join(f"{labels.get(name, name)}: {text or _('none')}" for name, text in value.items())


def _state_badge(row: CaseRow) -> Badge:
    label, mark = _STATES[row.state]
    return Badge(str(label), mark)


class ReconciliationScreen(ListScreen):
    """Reached from Requests, by those who see all resellers."""

    permission = Permission.READ_RESELLERS
    write_permission = Permission.SETTLE_UNKNOWN
    reading_views = ListScreen.reading_views | {"details_view"}
    list_template = "reconciliation/list.html"
    columns = (
        ListColumn("found", _l("Found"), lambda row: day_and_time(row.found_at), css="nowrap"),
        ListColumn("kind", _l("Difference"), lambda row: _KINDS[DriftKind(row.kind)], is_title=True),
        ListColumn("company_name", _l("Company Name"), lambda row: row.company_name or "", head_css="w-name"),
        ListColumn("reseller", _l("Reseller"), lambda row: row.reseller or "", css="lo"),
        ListColumn("subscription_id", _l("Subscription ID"), lambda row: shortened(row.vendor_id)),
        ListColumn("here", _l("Here"), lambda row: side_words(row.kind, row.here), css="said"),
        ListColumn("there", _l("At the vendor"), lambda row: side_words(row.kind, row.there), css="said"),
        ListColumn("state", _l("State"), lambda row: badge(_state_badge(row))),
        ListColumn("closing_note", _l("Reason"), css="said"),
    )
    filters = (
        ChoiceFilter(
            "state",
            _l("State"),
            offers=lambda: [*((key, label) for key, (label, _mark) in _STATES.items()), (_ALL, _("all"))],
            default="open",
            cleared=_ALL,
        ),
        ChoiceFilter("difference", _l("Difference"), offers=lambda: list(_KINDS.items()), take=DriftKind),
        reseller_filter(),
    )
    export_columns = (
        ExportColumn(_l("Found"), lambda row: local(row.found_at), Kind.DATETIME),
        ExportColumn(_l("Difference"), lambda row: str(_KINDS[DriftKind(row.kind)])),
        ExportColumn(_l("Company Name"), lambda row: row.company_name, width=36),
        ExportColumn(_l("Reseller"), lambda row: row.reseller),
        ExportColumn(_l("Subscription ID"), lambda row: row.vendor_id, width=38),
        ExportColumn(_l("Here"), lambda row: side_words(row.kind, row.here), width=28),
        ExportColumn(_l("At the vendor"), lambda row: side_words(row.kind, row.there), width=28),
        ExportColumn(_l("State"), lambda row: _state_badge(row).label),
        ExportColumn(_l("Reason"), lambda row: row.closing_note, width=40),
    )

    def __init__(self) -> None:
        super().__init__(Case, name=_l("Reconciliation"), endpoint="reconciliation", url="/reconciliation")

    def listing(self, values: Mapping[str, Any]) -> Listing[CaseRow]:
        state = values.get("state", "open")
        wanted = CaseFilter(
            state=None if state == _ALL else state,
            kind=values.get("difference"),
            reseller_id=values.get("reseller"),
        )
        return cases(wanted, actor=current_actor())

    def address_of(self, row: CaseRow) -> str:
        return self.get_url(".details_view", id=row.id)

    def empty_message(self, state: Filtering) -> str:
        has_own_filter = set(state.texts) - {"state"} or state.texts.get("state") != "open"
        return super().empty_message(state) if has_own_filter else _("No difference is open.")

    def list_context(self, state: Filtering, wanted: PageRequest, page: Page[Any]) -> dict[str, Any]:
        return {**super().list_context(state, wanted, page), "run": _run_words(newest_run())}

    @expose("/case/")
    def details_view(self) -> Answer:
        return self._page(self._find(), CloseCaseForm(formdata=None))

    @expose("/close/", methods=("POST",))
    def close_view(self) -> Answer:
        case, form = self._find(), CloseCaseForm()
        try:
            close_case(case.id, reason=form.reason.data or "", actor=current_actor(), moment=moment())
            flash(_("Closed: it stays so while the difference is the same."), "success")
        except FieldsRefused as refused:
            blame(form, refused.problems)
            return self._page(case, form), _UNPROCESSABLE
        except DecisionRefused as refused:
            flash(said(refused.reason), "error")
        except NotFound:
            abort(404)
        return redirect(self.get_url(".details_view", id=case.id), 303)

    def _find(self) -> CaseRow:
        return find_case(as_id(request.args.get("id")), actor=current_actor()) or abort(404)

    def _page(self, case: CaseRow, form: CloseCaseForm) -> str:
        pk = case.subscription_pk
        return self.render(
            "reconciliation/case.html",
            case=case,
            title=str(_KINDS[DriftKind(case.kind)]),
            badge=_state_badge(case),
            facts=_facts(case),
            form=form,
            may_close=case.state == "open" and self.may_write(),
            list_address=self.get_url(".index_view"),
            subscription_address=link_to("subscriptions.edit_view", id=pk) if pk else "",
        )


def _facts(case: CaseRow) -> list[tuple[str, str]]:
    known = [
        (_("Subscription ID"), case.vendor_id),
        (_("Company Name"), case.company_name or ""),
        (_("Reseller"), case.reseller or ""),
        (_("Here"), side_words(case.kind, case.here)),
        (_("At the vendor"), side_words(case.kind, case.there)),
        (_("Found"), day_and_time(case.found_at)),
        (_("Seen last"), day_and_time(case.seen_at)),
        (_("Settled"), "" if case.settled_at is None else day_and_time(case.settled_at)),
        (_("Reason"), case.closing_note),
    ]
    return [(label, value) for label, value in known if value]


def _run_words(run: Run | None) -> str:
    """What the last reconciliation came to."""
    if run is None:
        return _("There was no reconciliation yet: it runs every night, or by flask reconcile.")
    began = day_and_time(run.started_at)
    if run.state == "running":
        return _("A reconciliation has been running since %(time)s.", time=began)
    if run.state == "failed":
        return _("The reconciliation of %(time)s failed: %(reason)s", time=began, reason=run.note)
    return _(
        "Last reconciliation %(time)s: %(compared)s licences compared, %(left_out)s left out, %(unreadable)s not shown "
        "by the vendor, %(open)s differences open. It sends nothing by itself.",
        time=began,
        compared=run.compared,
        left_out=run.left_out,
        unreadable=run.unreadable,
        open=run.open_cases,
    )
