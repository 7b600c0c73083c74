"""Customers: the list, the form with the twelve details, archive and delete."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import HiddenField, SelectField

from access import Permission
from admin_views.base import Answer
from admin_views.customer_fields import DETAIL_NAMES, CustomerFields, named, shown_details
from admin_views.figures import said
from admin_views.list_choices import country_filter, reseller_filter
from admin_views.list_columns import ExportColumn, ListColumn
from admin_views.list_filters import ChoiceFilter, Filter
from admin_views.records import RecordScreen
from admin_views.shell import Group, Place, Required, current_actor, house, link_to, moment
from jobs.dispatch import wake
from licensing.search_key import search_key
from licensing.terms import local_date
from models import Customer
from operations.countries import country_name
from operations.customers import (
    archive_customer,
    change_customer,
    create_customer,
    delete_customer,
    restore_customer,
)
from operations.record_refusals import RecordInUse
from queries.customers import (
    CustomerFilter,
    CustomerLicences,
    CustomerRow,
    customer,
    customers,
    licences_of_customer,
)
from queries.licences import details_of
from queries.listing import Listing, as_id
from queries.prices import resellers_for_choice

_KEPT, _ARCHIVED = "current", "archived"


class CustomerForm(CustomerFields):
    """The twelve details, the reseller of a new customer, and the version that was shown.

    named_apart is the name of which the person said that a new customer is meant, twin the one who has it already.
    """

    reseller = SelectField(_l("Reseller"), [Required()], validate_choice=False)
    version = HiddenField()
    named_apart = HiddenField()
    twin: Customer | None = None
    conflict: Customer | None = None

    @property
    def is_new_customer_meant(self) -> bool:
        """Whether the person said of this very name that a new customer is meant."""
        key = search_key(self.company_name.data or "")
        return bool(key) and self.named_apart.data == key


class CustomerScreen(RecordScreen):
    """The register behind Register, Customers."""

    place = Place(Group.REGISTER, 2)
    write_permission = Permission.EDIT_CUSTOMERS
    form = CustomerForm
    create_template = "customers/form.html"
    edit_template = "customers/form.html"
    create_label = _l("New Customer")
    own_order = ("company_name", False)
    columns = (
        ListColumn("reseller", _l("Reseller"), css="lo", is_sortable=True),
        ListColumn("company_name", _l("Company Name"), head_css="w-name", is_sortable=True, is_title=True),
        ListColumn("city", _l("City")),
        ListColumn("country", _l("Country"), lambda row: country_name(row.country)),
        ListColumn("email", _l("E-mail")),
        ListColumn("phone", _l("Phone"), css="nowrap"),
        ListColumn("contact_person", _l("Contact Person"), css="lo"),
    )
    filters = (
        reseller_filter(),
        Filter("company_name", _l("Company Name")),
        Filter("city", _l("City")),
        country_filter(),
        Filter("email", _l("E-mail")),
        ChoiceFilter(
            "state",
            _l("State of the record"),
            offers=lambda: [(_KEPT, _("not archived")), (_ARCHIVED, _("archived"))],
            default=_KEPT,
            cleared=_KEPT,
        ),
    )
    export_columns = (
        ExportColumn(_l("Reseller"), lambda row: row.reseller),
        ExportColumn(_l("Company Name"), lambda row: row.company_name, width=36),
        ExportColumn(_l("City"), lambda row: row.city),
        ExportColumn(_l("Country"), lambda row: country_name(row.country)),
        ExportColumn(_l("E-mail"), lambda row: row.email, width=32),
        ExportColumn(_l("Phone"), lambda row: row.phone),
        ExportColumn(_l("Contact Person"), lambda row: row.contact_person),
    )

    def __init__(self) -> None:
        super().__init__(Customer, name=_l("Customers"), endpoint="customers", url="/customers")

    def listing(self, values: Mapping[str, Any]) -> Listing[CustomerRow]:
        wanted = CustomerFilter(
            company_name=values.get("company_name", ""),
            city=values.get("city", ""),
            country=values.get("country", ""),
            email=values.get("email", ""),
            reseller_id=values.get("reseller"),
            is_archived=values.get("state") == _ARCHIVED,
        )
        return customers(wanted, actor=current_actor())

    def find(self, key: int) -> Customer | None:
        return customer(key, actor=current_actor())

    def prepare(self, form: CustomerForm) -> None:
        form.reseller.choices = [("", _("Select…")), *named(resellers_for_choice(actor=current_actor()))]
        if request.form.get("meant") == "new":
            form.named_apart.data = search_key(form.company_name.data or "")

    def create_model(self, form: CustomerForm) -> Customer:
        own = current_actor().reseller_id
        return create_customer(
            form.details(),
            reseller_id=as_id(form.reseller.data) if own is None else own,
            actor=current_actor(),
            moment=moment(),
            is_new_customer_meant=form.is_new_customer_meant,
        )

    def update_model(self, form: CustomerForm, model: Customer) -> Customer:
        change = change_customer(
            model.id,
            form.details(),
            version=as_id(form.version.data) or 0,
            actor=current_actor(),
            moment=moment(),
            is_new_customer_meant=form.is_new_customer_meant,
        )
        for command in change.commands:
            wake(command.id, redis_url=house().config.redis_url)
        if change.commands:
            count = len(change.commands)
            flash(ngettext("%(num)d licence follows.", "%(num)d licences follow.", count), "success")
        return change.customer

    def form_context(self, form: CustomerForm, model: Customer | None) -> dict[str, Any]:
        context = super().form_context(form, model)
        if model is None:
            return {**context, "title": self.create_label, "offers_reseller": current_actor().reseller_id is None}
        today = local_date(moment().now, moment().zone)
        licences = licences_of_customer(model.id, actor=current_actor(), today=today)
        return {
            **context,
            "title": model.company_name,
            "details": shown_details(details_of(model)),
            "differences": _differences(form),
            "licences": ngettext("%(num)d licence in the list", "%(num)d licences in the list", licences.total),
            "licences_address": link_to("subscriptions.index_view", company_name=model.company_name, status="all"),
            "can_delete": not licences.total,
            "usable": licences.usable,
            "follows": _follows(licences),
        }

    @expose("/delete/", methods=("POST",))
    def delete_view(self) -> Answer:
        return self._settle(delete_customer, _("Deleted: %(name)s"), leads_to_list=True)

    @expose("/archive/", methods=("POST",))
    def archive_view(self) -> Answer:
        return self._settle(archive_customer, _("Archived: %(name)s"))

    @expose("/restore/", methods=("POST",))
    def restore_view(self) -> Answer:
        return self._settle(restore_customer, _("Restored: %(name)s"))

    def _settle(self, operation: Callable[..., None], done: str, *, leads_to_list: bool = False) -> Answer:
        model = self.get_one(request.args.get("id"))
        own_page = self.get_url(".edit_view", id=model.id)
        try:
            operation(model.id, actor=current_actor(), moment=moment())
        except RecordInUse as refused:
            flash(said(refused.reason), "error")
            return redirect(own_page, 303)
        flash(done % {"name": model.company_name}, "success")
        return redirect(self.get_url(".index_view") if leads_to_list else own_page, 303)


def _follows(licences: CustomerLicences) -> str:
    """What saving asks of the vendor, before it is asked (domain.md, Customer details)."""
    free, busy = licences.free, licences.usable - licences.free
    if not licences.usable:
        return _("No licence is in use: a change is one of the record alone.")
    queued = ngettext(
        "A change queues ModifyAttributes for %(num)d licence.",
        "A change queues ModifyAttributes for %(num)d licences.",
        free,
    )
    waiting = ngettext(
        "%(num)d licence has a request on its way: it gets none now and will show the difference.",
        "%(num)d licences have a request on their way: they get none now and will show the difference.",
        busy,
    )
    return " ".join(words for words, count in ((queued, free), (waiting, busy)) if count)


def _differences(form: CustomerForm) -> list[tuple[str, str, str]]:
    """Label, what was typed and what stands now, for each detail that somebody else made different."""
    if form.conflict is None:
        return []
    typed, stored = shown_details(form.details()), shown_details(details_of(form.conflict))
    return [
        (typed[name].label, typed[name].value, stored[name].value)
        for name in DETAIL_NAMES
        if typed[name].value != stored[name].value
    ]
