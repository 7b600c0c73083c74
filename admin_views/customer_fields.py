"""The twelve fields of Customer Details, as New Subscription, Recreate and ModifyAttributes show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField

from admin_views.figures import said
from licensing.commands import CustomerDetails
from licensing.wording import Sentence
from operations.countries import countries, country_name

DETAIL_NAMES = tuple(field.name for field in fields(CustomerDetails))


class Required:
    """Marks a field; what is wrong with it is said by the rules of the operation."""

    field_flags = {"required": True}

    def __call__(self, form: FlaskForm, field: Field) -> None:
        """Nothing to judge here."""


def country_choices() -> list[tuple[str, str]]:
    """Every country, after an empty choice."""
    return [("", _("Select…")), *countries().items()]


class CustomerFields(FlaskForm):
    """The labels are the product's words."""

    class Meta:  # noqa: D106 - WTForms looks for this name
        csrf = False  # checked for every POST by the application

    company_name = StringField(_l("Customer / Company Name"), [Required()])
    address_line_1 = StringField(_l("Address Line 1"))
    address_line_2 = StringField(_l("Address Line 2"))
    city = StringField(_l("City"))
    post_code = StringField(_l("Post Code"))
    country = SelectField(_l("Country"), [Required()], choices=country_choices, validate_choice=False)
    state = StringField(_l("State"))
    email = StringField(_l("E-mail"))
    website = StringField(_l("Web Site"))
    phone = StringField(_l("Phone"))
    fax = StringField(_l("Fax"))
    contact_person = StringField(_l("Contact Person"))

    def details(self) -> CustomerDetails:
        """What was typed, as it was typed."""
        return CustomerDetails.from_dict({name: self[name].data or "" for name in DETAIL_NAMES})

    def show(self, details: CustomerDetails) -> None:
        """Put these details in the place of what was typed."""
        for name, value in details.as_dict().items():
            self[name].data = value


def blame(form: FlaskForm, problems: Mapping[str, Sentence | str], *, else_at: str = "") -> None:
    """Write each reason beside its field; one for a field that the form lacks goes to else_at."""
    for name, problem in problems.items():
        reason = said(problem) if isinstance(problem, Sentence) else problem
        field = form[name] if name in form else form[else_at]
        field.errors = [*field.errors, reason]


@dataclass(frozen=True, slots=True)
class ShownDetail:
    """One read-only line of a customer panel."""

    name: str
    label: str
    value: str


def shown_details(details: CustomerDetails) -> dict[str, ShownDetail]:
    """The read-only lines by field name; the country by its name."""
    values = {**details.as_dict(), "country": country_name(details.country) if details.country else ""}
    return {name: ShownDetail(name, detail_label(name), values[name]) for name in DETAIL_NAMES}


def detail_label(name: str) -> str:
    """The label of a field."""
    return str(getattr(CustomerFields, name).kwargs.get("label") or getattr(CustomerFields, name).args[0])


def named(choices: Iterable[tuple[Any, str]]) -> list[tuple[str, str]]:
    """Choices with their keys as a form sends them."""
    return [(str(key), label) for key, label in choices]
