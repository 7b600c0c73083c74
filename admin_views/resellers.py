"""Resellers, for the distributor: name, the vendor's PIN, and the discount from a month on."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, StringField, ValidationError

from access import Permission
from admin_views.base import Answer
from admin_views.customer_fields import blame
from admin_views.figures import percent
from admin_views.list_columns import ExportColumn, ListColumn
from admin_views.list_filters import Filter
from admin_views.records import UNPROCESSABLE, RecordScreen
from admin_views.shell import Group, Place, Required, current_actor, moment
from admin_views.typed_values import WrongValue, shown, typed_month
from exports.columns import Kind
from licensing.money import parse_basis_points
from licensing.terms import Month
from models import Reseller
from operations.record_refusals import FieldsRefused
from operations.resellers import change_reseller, create_reseller, set_discount
from queries.listing import Listing, as_id
from queries.resellers import (
    Discount,
    ResellerFilter,
    ResellerRow,
    discounts_of_reseller,
    reseller,
    resellers,
)


def typed_discount(text: str | None) -> int:
    """A discount typed as 22, 22.00 or 22,00, in basis points. Raises WrongValue naming what was typed."""
    typed = (text or "").strip(" %")
    try:
        return parse_basis_points(typed.replace(",", "."))
    except ValueError:
        reason = _("“%(value)s” is not a discount such as 22.00, from 0 to 100 percent.", value=shown(typed))
        raise WrongValue(reason) from None


class DiscountForm(FlaskForm):
    """A discount and the month from which it is valid."""

    class Meta:  # noqa: D106 - WTForms' own place for settings
        csrf = False  # checked for every POST by the application

    discount = StringField(_l("Reseller discount"), [Required()])
    valid_from = StringField(_l("Valid from"), [Required()])

    def validate_discount(self, field: Field) -> None:
        """WTForms calls this; what is wrong stands beside the field."""
        try:
            typed_discount(field.data)
        except WrongValue as wrong:
            raise ValidationError(str(wrong)) from wrong

    def validate_valid_from(self, field: Field) -> None:
        """As above."""
        try:
            if typed_month(field.data) is None:
                raise ValidationError(_("Enter the month from which the discount is valid."))
        except WrongValue as wrong:
            raise ValidationError(str(wrong)) from wrong


class ResellerForm(FlaskForm):
    """Name and PIN, from the version that was shown."""

    class Meta:  # noqa: D106
        csrf = False

    name = StringField(_l("Name"), [Required()])
    vendor_pin = StringField(_l("PIN at the vendor"), [Required()])
    version = HiddenField()
    conflict: Reseller | None = None


class NewResellerForm(ResellerForm):
    """A new reseller comes with its discount, which is valid from the running month on."""

    discount = StringField(_l("Reseller discount"), [Required()])
    validate_discount = DiscountForm.validate_discount


def _month(row: ResellerRow) -> str:
    return "" if row.valid_from is None else str(Month.of(row.valid_from))


class ResellerScreen(RecordScreen):
    """The register behind Register, Resellers."""

    place = Place(Group.REGISTER, 3)
    permission = Permission.READ_RESELLERS
    write_permission = Permission.EDIT_RESELLERS
    form = ResellerForm
    create_template = "resellers/form.html"
    edit_template = "resellers/form.html"
    create_label = _l("New Reseller")
    own_order = ("name", False)
    columns = (
        ListColumn("name", _l("Name"), head_css="w-name", is_sortable=True, is_title=True),
        ListColumn("vendor_pin", _l("PIN at the vendor"), css="mono", is_sortable=True),
        ListColumn(
            "discount",
            _l("Reseller discount"),
            lambda row: percent(row.basis_points),
            css="num strong",
            head_css="num",
        ),
        ListColumn("valid_from", _l("Valid from"), _month),
    )
    filters = (Filter("name", _l("Name")),)
    export_columns = (
        ExportColumn(_l("Name"), lambda row: row.name, width=36),
        ExportColumn(_l("PIN at the vendor"), lambda row: row.vendor_pin),
        ExportColumn(_l("Reseller discount"), lambda row: row.basis_points, Kind.PERCENT),
        ExportColumn(_l("Valid from"), lambda row: row.valid_from, Kind.DATE),
    )

    def __init__(self) -> None:
        super().__init__(Reseller, name=_l("Resellers"), endpoint="resellers", url="/resellers")

    def is_accessible(self) -> bool:
        return super().is_accessible() and current_actor().reseller_id is None

    def get_create_form(self) -> type[FlaskForm]:
        return NewResellerForm

    def listing(self, values: Mapping[str, Any]) -> Listing[ResellerRow]:
        return resellers(ResellerFilter(**values), actor=current_actor(), month=moment().month)

    def find(self, key: int) -> Reseller | None:
        return reseller(key, actor=current_actor())

    def create_model(self, form: NewResellerForm) -> Reseller:
        return create_reseller(
            name=form.name.data or "",
            vendor_pin=form.vendor_pin.data or "",
            discount_basis_points=typed_discount(form.discount.data),
            actor=current_actor(),
            moment=moment(),
        )

    def update_model(self, form: ResellerForm, model: Reseller) -> Reseller:
        return change_reseller(
            model.id,
            name=form.name.data or "",
            vendor_pin=form.vendor_pin.data or "",
            version=as_id(form.version.data) or 0,
            actor=current_actor(),
            moment=moment(),
        )

    def form_context(self, form: ResellerForm, model: Reseller | None) -> dict[str, Any]:
        context = super().form_context(form, model)
        if model is None:
            return {**context, "title": self.create_label, "month": str(moment().month)}
        discounts = discounts_of_reseller(model.id, actor=current_actor())
        return {
            **context,
            "title": model.name,
            "discounts": _shown_discounts(discounts, running=moment().month),
            "discount_form": DiscountForm(formdata=None, valid_from=str(moment().month.next())),
            "differences": _differences(form),
        }

    @expose("/discount/", methods=("POST",))
    def discount_view(self) -> Answer:
        model = self.get_one(request.args.get("id"))
        form = DiscountForm()
        if form.validate() and _is_set(form, model):
            flash(_("The discount is set."), "success")
            return redirect(self.get_url(".edit_view", id=model.id), 303)
        shown_form = ResellerForm(formdata=None, obj=model)
        context = {**self.form_context(shown_form, model), "discount_form": form}
        return self.render(self.edit_template, **context), UNPROCESSABLE


def _is_set(form: DiscountForm, model: Reseller) -> bool:
    month = typed_month(form.valid_from.data)
    try:
        set_discount(
            model.id,
            basis_points=typed_discount(form.discount.data),
            valid_from=moment().month if month is None else month,
            actor=current_actor(),
            moment=moment(),
        )
    except FieldsRefused as refused:
        blame(form, refused.problems)
        return False
    return True


def _shown_discounts(discounts: Sequence[Discount], *, running: Month) -> list[tuple[str, str, str]]:
    """Month, percent, and whether it is the present one or still to come; newest first."""
    present = next((entry for entry in discounts if entry.valid_from <= running.first_day), None)
    return [
        (str(Month.of(entry.valid_from)), percent(entry.basis_points), _when(entry, present, running))
        for entry in discounts
    ]


def _when(entry: Discount, present: Discount | None, running: Month) -> str:
    if entry == present:
        return _("now")
    return _("to come") if entry.valid_from > running.first_day else ""


def _differences(form: ResellerForm) -> list[tuple[str, str, str]]:
    """Label, what was typed and what stands now, for what somebody else made different."""
    current = form.conflict
    if current is None:
        return []
    pairs = [(form.name, current.name), (form.vendor_pin, current.vendor_pin)]
    return [(str(field.label.text), field.data or "", stored) for field, stored in pairs if field.data != stored]
