"""Requests: every request to the vendor, newest first, with where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.base import ListScreen
from admin_views.figures import day_and_time, number
from admin_views.list_choices import reseller_filter
from admin_views.list_columns import ExportColumn, ListColumn, badge, shortened
from admin_views.list_filters import ChoiceFilter, Filter, Filtering
from admin_views.presenters import change_text, person, request_badge
from admin_views.shell import Group, Place, current_actor, link_to, local
from exports.columns import Kind
from licensing.states import CommandKind, CommandState
from models import Command
from queries.commands import RequestFilter, RequestRow, Standing, requests, standing_counts
from queries.listing import COUNT_LIMIT, Listing, Page, PageRequest

TAB_LABELS = {
    None: _l("All"),
    Standing.CONFIRMED: _l("Confirmed"),
    Standing.FAILED: _l("Failed"),
    Standing.UNKNOWN: _l("Outcome unknown"),
    Standing.SENDING: _l("Being sent"),
    Standing.WAITING: _l("Waiting"),
}


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


class RequestScreen(ListScreen):
    """The screen behind Requests. Activation codes never appear here."""

    place = Place(Group.DESK, 1)
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
        ListColumn("state", _l("State"), lambda row: badge(_state(row))),
        ListColumn("error_code", _l("ErrorCode")),
        ListColumn("error_message", _l("ErrorMessage"), css="said"),
    )
    filters = (
        StandingFilter("standing", _l("State"), offers=lambda: [(key, key) for key in Standing], take=Standing),
        reseller_filter(),
        ChoiceFilter("command", _l("Command"), offers=lambda: [(kind, kind) for kind in CommandKind], take=CommandKind),
        Filter("company_name", _l("Company Name")),
        Filter("subscription_id", _l("Subscription ID")),
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
        ExportColumn(_l("ErrorCode"), lambda row: row.error_code),
        ExportColumn(_l("ErrorMessage"), lambda row: row.error_message, width=50),
    )

    def __init__(self) -> None:
        super().__init__(Command, name=_l("Requests"), endpoint="requests", url="/requests")

    def listing(self, values: Mapping[str, Any]) -> Listing[RequestRow]:
        return requests(_wanted(values), actor=current_actor())

    def address_of(self, row: RequestRow) -> str:
        return link_to("subscriptions.edit_view", id=row.subscription_pk)

    def list_context(self, state: Filtering, wanted: PageRequest, page: Page[Any]) -> dict[str, Any]:
        context = super().list_context(state, wanted, page)
        shown = [chip for chip in context["chips"] if chip.name != "standing"]
        return {**context, "chips": shown, "tabs": self._tabs(state), "standing": state.texts.get("standing", "")}

    def _tabs(self, state: Filtering) -> list[Tab]:
        counts = {} if state.problems else standing_counts(_wanted(state.values), actor=current_actor())
        current = state.values.get("standing")
        return [
            Tab(
                label=f"{label} {_count(counts.get(tab, 0))}",
                address=self._address(standing=tab or ""),
                is_current=tab == current,
            )
            for tab, label in TAB_LABELS.items()
        ]


def _wanted(values: Mapping[str, Any]) -> RequestFilter:
    return RequestFilter(
        standing=values.get("standing"),
        reseller_id=values.get("reseller"),
        kind=values.get("command"),
        company_name=values.get("company_name", ""),
        subscription_id=values.get("subscription_id", ""),
    )


def _count(counted: int) -> str:
    return number(counted) if counted <= COUNT_LIMIT else f"{number(COUNT_LIMIT)}+"
