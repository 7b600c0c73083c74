"""The Subscription List: filters, columns and export."""

from collections.abc import Callable, Mapping
from datetime import date
from operator import attrgetter
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from access import Permission
from admin_views.base import ListScreen
from admin_views.command_dialogs import CommandViews
from admin_views.customer_fields import named
from admin_views.figures import expiration, number
from admin_views.list_choices import reseller_filter
from admin_views.list_columns import ExportColumn, ListColumn, badge, shortened
from admin_views.list_filters import ChoiceFilter, DateFilter, Filter, Filtering, MonthFilter
from admin_views.presenters import STATUS_FIELDS, person, row_badge, status_words
from admin_views.selection_bar import SelectionViews
from admin_views.shell import Group, Place, current_actor, link_to, moment
from admin_views.subscription_page import SubscriptionPageViews
from exports.columns import Cell, Kind
from licensing.states import OrderState
from licensing.terms import local_date
from models import Subscription
from operations.countries import country_name
from queries.listing import Listing, Page, PageRequest
from queries.subscriptions import (
    Expiration,
    StatusFilter,
    SubscriptionFilter,
    SubscriptionRow,
    product_names,
    subscriptions,
)

STATUS_LABELS = {
    StatusFilter.NOT_FAILED: _l("all except Failed"),
    StatusFilter.ALL: _l("all"),
    StatusFilter.USABLE: _l("usable today"),
    StatusFilter.ACTIVE: _l("Active"),
    StatusFilter.CANCELLED_RUNNING: _l("Active until the date of cancellation"),
    StatusFilter.CANCELLED_ENDED: _l("Expired - Cancellation Date"),
    StatusFilter.EXPIRED: _l("Expired"),
    StatusFilter.PENDING: _l("Pending"),
    StatusFilter.UNKNOWN: _l("Outcome unknown, being checked"),
    StatusFilter.PARKED: _l("Outcome unknown, a person must decide"),
    StatusFilter.FAILED: _l("Failed"),
}

_STATE = attrgetter(*STATUS_FIELDS)


def _products() -> list[tuple[str, str]]:
    return named(product_names(actor=current_actor()))


def _statuses() -> list[tuple[str, str]]:
    return [(status, str(label)) for status, label in STATUS_LABELS.items()]


def _expiration(row: SubscriptionRow) -> str:
    return expiration(row.expires_on) if row.order_state == OrderState.LIVE else ""


def _status(row: SubscriptionRow) -> Markup:
    """The badge of the row; the few different ones of a page are each made once."""
    made: dict[tuple[Any, ...], Markup] = g.setdefault("status_badges", {})
    state = _STATE(row)
    if state not in made:
        made[state] = badge(row_badge(row))
    return made[state]


def _expiration_words() -> Callable[[date | None, str], Cell]:
    unlimited = _("unlimited")
    return lambda expires_on, order_state: expires_on or (unlimited if order_state == OrderState.LIVE else "")


class SubscriptionListScreen(SubscriptionPageViews, CommandViews, SelectionViews, ListScreen):
    """The screen behind Subscription List; the page of a subscription and its commands are mixed in."""

    place = Place(Group.SUBSCRIPTIONS, 2)
    write_permission = Permission.RUN_COMMANDS
    reading_views = ListScreen.reading_views | SubscriptionPageViews.reading
    create_label = _l("New Subscription")
    columns = (
        ListColumn("reseller", _l("Reseller"), css="lo", is_sortable=True),
        ListColumn("company_name", _l("Company Name"), head_css="w-name", is_sortable=True, is_title=True),
        ListColumn("city", _l("City"), css="lo"),
        ListColumn("country", _l("Country"), lambda row: country_name(row.country), css="lo"),
        ListColumn("product", _l("Product"), head_css="w-product", is_sortable=True),
        ListColumn("sku", _l("SKU"), css="mono", is_sortable=True),
        ListColumn(
            "quantity",
            _l("Quantity"),
            lambda row: number(row.quantity),
            css="num strong",
            head_css="num",
            is_sortable=True,
            head=_l("Quan\u00adtity"),
        ),
        ListColumn(
            "subscription_id",
            _l("Subscription ID"),
            lambda row: shortened(row.subscription_id),
            is_sortable=True,
        ),
        ListColumn("activation_code", _l("Activation Code"), lambda row: shortened(row.activation_code), css="lo"),
        ListColumn("status", _l("Status"), _status, head_css="w-status"),
        ListColumn("expiration", _l("License Expiration"), _expiration, is_sortable=True),
        ListColumn("user", _l("User"), lambda row: person(row.name, row.surname), css="lo", is_sortable=True),
    )
    filters = (
        reseller_filter(),
        ChoiceFilter(
            "status",
            _l("Status"),
            offers=_statuses,
            take=StatusFilter,
            default=StatusFilter.NOT_FAILED,
            cleared=StatusFilter.ALL,
        ),
        ChoiceFilter("product", _l("Product"), offers=_products, take=int),
        MonthFilter(
            "expiration", _l("License Expiration"), help=_l("A month such as 2018-12, or unlimited"), word="unlimited"
        ),
        Filter("subscription_id", _l("Subscription ID")),
        Filter("sku", _l("SKU")),
        Filter("activation_code", _l("Activation Code")),
        Filter("company_name", _l("Company Name")),
        DateFilter("ends_before", _l("Use ends before")),
    )
    list_template = "subscriptions/list.html"
    export_name = "subscriptions"
    export_columns = (
        ExportColumn(_l("Reseller"), fields=("reseller",)),
        ExportColumn(_l("Company Name"), fields=("company_name",), width=36),
        ExportColumn(_l("City"), fields=("city",), width=18),
        ExportColumn(_l("Country"), fields=("country",), make=country_name),
        ExportColumn(_l("Product"), fields=("product",), width=50),
        ExportColumn(_l("SKU"), fields=("sku",), width=16),
        ExportColumn(_l("Quantity"), fields=("quantity",), kind=Kind.INTEGER),
        ExportColumn(_l("Subscription ID"), fields=("subscription_id",), width=38),
        ExportColumn(_l("Activation Code"), fields=("activation_code",), width=38),
        ExportColumn(_l("Status"), fields=STATUS_FIELDS, prepare=status_words, width=46),
        ExportColumn(
            _l("License Expiration"), fields=("expires_on", "order_state"), kind=Kind.DATE, prepare=_expiration_words
        ),
        ExportColumn(_l("User"), fields=("name", "surname"), make=person),
    )

    def __init__(self) -> None:
        super().__init__(Subscription, name=_l("Subscription List"), endpoint="subscriptions", url="/subscriptions")

    def wanted(self, values: Mapping[str, Any]) -> SubscriptionFilter:
        """The filter of the list as the query takes it."""
        return SubscriptionFilter(
            reseller_id=values.get("reseller"),
            status=values.get("status", StatusFilter.NOT_FAILED),
            product_id=values.get("product"),
            expiration=Expiration(values["expiration"]) if "expiration" in values else None,
            subscription_id=values.get("subscription_id", ""),
            sku=values.get("sku", ""),
            activation_code=values.get("activation_code", ""),
            company_name=values.get("company_name", ""),
            ends_before=values.get("ends_before"),
        )

    def listing(self, values: Mapping[str, Any]) -> Listing[SubscriptionRow]:
        today = local_date(moment().now, moment().zone)
        return subscriptions(self.wanted(values), actor=current_actor(), today=today)

    def list_context(self, state: Filtering, wanted: PageRequest, page: Page[Any]) -> dict[str, Any]:
        upload = link_to("imports.index") if self.may_write() else ""
        return {**super().list_context(state, wanted, page), "bar": self.bar(page), "upload_address": upload}

    def address_of(self, row: SubscriptionRow) -> str:
        # Once a page: the address of a screen costs as much as the rest of a row.
        if "edit_address" not in g:
            g.edit_address = link_to("subscriptions.edit_view")
        return f"{g.edit_address}?id={row.id}"

    def create_address(self) -> str:
        return link_to("new_subscription.index") if self.may_write() else ""
