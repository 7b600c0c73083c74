"""Choices that several lists offer in their filters."""

from flask_babel import lazy_gettext as _l

from access import Role
from admin_views.customer_fields import named
from admin_views.list_filters import ChoiceFilter
from admin_views.presenters import ROLE_LABELS
from admin_views.shell import current_actor
from operations.countries import countries
from queries.resellers import reseller_names


def reseller_filter() -> ChoiceFilter:
    """Reseller, for those who see more than one."""
    return ChoiceFilter("reseller", _l("Reseller"), offers=_resellers, take=int)


def _resellers() -> list[tuple[str, str]]:
    return named(reseller_names(actor=current_actor()))


def country_filter() -> ChoiceFilter:
    """Country, by its code."""
    return ChoiceFilter("country", _l("Country"), offers=lambda: list(countries().items()))


def role_choices(roles: list[Role]) -> list[tuple[str, str]]:
    """Access rights as a select offers them."""
    return [(str(role), str(ROLE_LABELS[role])) for role in roles]
