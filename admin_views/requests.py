"""Requests: every request to the vendor, newest first, with where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup

from access import Permission
from admin_views.base import ListScreen
from admin_views.figures import day_and_time, number
from admin_views.list_choices import reseller_filter
from admin_views.list_columns import ExportColumn, ListColumn, badge, shortened
from admin_views.list_filters import ChoiceFilter, DateFilter, Filter, Filtering
from admin_views.presenters import change_text, person, request_badge
from admin_views.request_case import RequestCaseViews
from admin_views.request_life import age_words
from admin_views.request_panel import page_parts, title_of
from admin_views.shell import Group, Place, current_actor, link_to, local, moment
from admin_views.vendor_holds import hold_lines
from exports.columns import Kind
from licensing.states import OPEN_STATES, CommandKind, CommandState
from licensing.terms import day_start
from models import Command
from queries.command_life import command_life, oldest_parked
from queries.commands import RequestFilter, RequestRow, Standing, requests, standing_counts
from queries.listing import COUNT_LIMIT, Listing, Page, PageRequest

TAB_LABELS = {
    None: _l("All"),
    Standing.CONFIRMED: _l("Confirmed"),
    Standing.FAILED: _l("Failed"),
    Standing.UNKNOWN: _l("Outcome unknown"),
    Standing.SENDING: _l("Being sent"),
    Standing.WAITING: _l("Waiting"),
    Standing.WITHDRAWN: _l("Cancelled or closed"),
    Standing.PARKED: _l("A person must decide"),
}


_WITH_CASE = frozenset({None, Standing.UNKNOWN, Standing.PARKED})


class StandingFilter(ChoiceFilter):
    """Where requests stand: read from the address, shown as tabs."""

    is_offered = False


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab with its count."""

    label: str
    address: str
    is_current: bool


def _state(row: RequestRow) -> Any:
    return request_badge(CommandState(row.state))


def _progress(row: RequestRow) -> str:
    """How long an open request has been open, and how often one was sent that needed more than once."""
    parts = []
    if row.state in OPEN_STATES:
        parts.append(_("open for %(age)s", age=age_words(moment().now - row.requested_at)))
    if row.attempt > 1:
        parts.append(ngettext("%(num)d attempt", "%(num)d attempts", row.attempt))
    return ", ".join(parts)


def _state_cell(row: RequestRow) -> Any:
    progress = _progress(row)
    below = Markup('<br><span class="dim">{}</span>').format(progress) if progress else ""
    return badge(_state(row)) + below


class RequestScreen(RequestCaseViews, ListScreen):
    """The screen behind Requests. Activation codes never appear here."""

    place = Place(Group.DESK, 1)
    write_permission = Permission.RUN_COMMANDS
    reading_views = ListScreen.reading_views | {"details_view", "live_view"}
    list_template = "requests/list.html"
    own_order = ("time", True)
    columns = (
        ListColumn("time", _l("Time"), lambda row: day_and_time(row.requested_at), css="nowrap", is_sortable=True),
        ListColumn("kind", _l("Command"), is_title=True),
        ListColumn("company_name", _l("Company Name"), head_css="w-name"),
        ListColumn("reseller", _l("Reseller"), css="lo"),
        ListColumn(
            "subscription_id",
            _l("Subscription ID"),
            lambda row: shortened(row.subscription_id, instead=_("not known yet")),
        ),
        ListColumn("change", _l("Change"), change_text),
        ListColumn("user", _l("User"), lambda row: person(row.name, row.surname), css="lo"),
        ListColumn("state", _l("State"), _state_cell),
        ListColumn("error_code", _l("ErrorCode")),
        ListColumn("error_message", _l("ErrorMessage"), css="said"),
    )
    filters = (
        StandingFilter("standing", _l("State"), offers=lambda: [(key, key) for key in Standing], take=Standing),
        reseller_filter(),
        ChoiceFilter("command", _l("Command"), offers=lambda: [(kind, kind) for kind in CommandKind], take=CommandKind),
        Filter("company_name", _l("Company Name")),
        Filter("subscription_id", _l("Subscription ID")),
        DateFilter("since", _l("Requested since")),
    )
    export_columns = (
        ExportColumn(_l("Time"), lambda row: local(row.requested_at), Kind.DATETIME),
        ExportColumn(_l("Command"), lambda row: row.kind, width=18),
        ExportColumn(_l("Company Name"), lambda row: row.company_name, width=36),
        ExportColumn(_l("Reseller"), lambda row: row.reseller),
        ExportColumn(_l("Subscription ID"), lambda row: row.subscription_id, width=38),
        ExportColumn(_l("Change"), change_text, width=28),
        ExportColumn(_l("User"), lambda row: person(row.name, row.surname)),
        ExportColumn(_l("State"), lambda row: _state(row).label),
        ExportColumn(_l("Attempts"), lambda row: row.attempt, Kind.INTEGER),
        ExportColumn(
            _l("Settled"), lambda row: None if row.settled_at is None else local(row.settled_at), Kind.DATETIME
        ),
        ExportColumn(_l("ErrorCode"), lambda row: row.error_code),
        ExportColumn(_l("ErrorMessage"), lambda row: row.error_message, width=50),
    )

    def __init__(self) -> None:
        super().__init__(Command, name=_l("Requests"), endpoint="requests", url="/requests")

    def listing(self, values: Mapping[str, Any]) -> Listing[RequestRow]:
        return requests(_wanted(values), actor=current_actor())

    def address_of(self, row: RequestRow) -> str:
        return self.get_url(".details_view", id=row.id)

    def list_context(self, state: Filtering, wanted: PageRequest, page: Page[Any]) -> dict[str, Any]:
        context = super().list_context(state, wanted, page)
        counts = {} if state.problems else standing_counts(_wanted(state.values), actor=current_actor())
        shown = [chip for chip in context["chips"] if chip.name != "standing"]
        return {
            **context,
            "chips": shown,
            "tabs": self._tabs(state, counts),
            "standing": state.texts.get("standing", ""),
            "more_links": _more_links(),
            **_holds(),
            **_oldest_case(state, counts.get(Standing.PARKED, 0)),
        }

    def _tabs(self, state: Filtering, counts: Mapping[Standing | None, int]) -> list[Tab]:
        current = state.values.get("standing")
        return [
            Tab(
                label=f"{label} {_count(counts.get(tab, 0))}",
                address=self._address(standing=tab or ""),
                is_current=tab == current,
            )
            for tab, label in TAB_LABELS.items()
            if tab is not Standing.PARKED or tab == current or counts.get(tab)
        ]


def _wanted(values: Mapping[str, Any]) -> RequestFilter:
    return RequestFilter(
        standing=values.get("standing"),
        reseller_id=values.get("reseller"),
        kind=values.get("command"),
        company_name=values.get("company_name", ""),
        subscription_id=values.get("subscription_id", ""),
        since=day_start(values["since"], moment().zone) if "since" in values else None,
    )


def _more_links() -> list[tuple[str, str]]:
    """Other lists of what was asked of the vendor, for those who may open them."""
    links = [(_("Batches"), link_to("batches.index"))]
    if current_actor().may(Permission.READ_RESELLERS):
        links.append((_("Reconciliation"), link_to("reconciliation.index_view")))
    return [(label, address) for label, address in links if address]


def _holds() -> dict[str, Any]:
    """The gateways on hold, for those who may release them."""
    may_release = current_actor().may(Permission.SETTLE_UNKNOWN)
    return {"holds": hold_lines() if may_release else [], "may_release": may_release}


def _oldest_case(state: Filtering, count: int) -> dict[str, Any]:
    """The oldest parked request with its panel, for those who may decide, above a list that is not about others."""
    is_about_others = set(state.texts) - {"standing"} or state.values.get("standing") not in _WITH_CASE
    oldest = None
    if count and not is_about_others and current_actor().may(Permission.SETTLE_UNKNOWN):
        oldest = oldest_parked(actor=current_actor())
    if oldest is None:
        return {"command": None}
    life = command_life(oldest, actor=current_actor(), zone=moment().zone)
    return {**page_parts(life), **_headings(title_of(life), count)}


def _headings(title: str, count: int) -> dict[str, Any]:
    if count == 1:
        return {"case_title": _("One outcome is unknown: %(title)s", title=title)}
    others = (_("all of them"), link_to("requests.index_view", standing=Standing.PARKED))
    return {
        "case_title": _("%(number)s outcomes are unknown. The oldest: %(title)s", number=number(count), title=title),
        "case_more": others,
    }


def _count(counted: int) -> str:
    return number(counted) if counted <= COUNT_LIMIT else f"{number(COUNT_LIMIT)}+"
