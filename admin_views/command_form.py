"""The form of a command: what the dialog or the unlocked page carries, what was typed, and what is wrong with it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField

from admin_views import figures
from admin_views.customer_fields import DETAIL_NAMES, CustomerFields, Required, blame, detail_label
from admin_views.order_form import fresh_key, is_key
from admin_views.presenters import licence_badge
from admin_views.shell import current_actor, moment
from admin_views.typed_values import WrongValue, typed_month, typed_quantity
from licensing.expiration import proposed_expiration
from licensing.lifecycle import QUANTITY_KINDS
from licensing.search_key import search_key
from licensing.states import CommandKind
from models import Customer
from operations.request_command import CommandRequest
from queries.licences import details_of
from queries.listing import as_id
from queries.subscription_page import SubscriptionPage

DATED_KINDS = frozenset({CommandKind.RENEW, CommandKind.RECREATE, CommandKind.REDUCE})


class CommandForm(CustomerFields):
    """One form for all seven; each command reads what it carries. key makes a second click the same request."""

    key = HiddenField()
    version = HiddenField()
    customer_version = HiddenField()
    seen = HiddenField()
    named_apart = HiddenField()
    quantity = StringField(_l("Quantity"), [Required()], id="command-quantity")
    expiration = StringField(_l("New Expiration Date"), id="command-expiration")


def fresh_form(page: SubscriptionPage, kind: CommandKind) -> CommandForm:
    """The form as it opens: with the present values, and with the former expiration where a cancel is undone."""
    form = CommandForm(formdata=None)
    form.show(page.wanted)
    form.quantity.data = str(page.holding.licence.quantity)
    if kind in {CommandKind.RENEW, CommandKind.RECREATE}:
        former = proposed_expiration(page.holding.licence, now=moment().now, zone=moment().zone)
        form.expiration.data = "" if former is None else str(former)
    form.key.data = fresh_key()
    stamp(form, page)
    return form


def stamp(form: CommandForm, page: SubscriptionPage) -> None:
    """Note in the form how the subscription stands while it is shown."""
    form.version.data = str(page.subscription.version)
    form.customer_version.data = str(page.subscription.customer.version)
    form.seen.data = json.dumps(_standing(page), ensure_ascii=False)


def _standing(page: SubscriptionPage) -> dict[str, str]:
    subscription = page.subscription
    return {
        _("Quantity"): figures.number(subscription.quantity),
        _("SKU"): subscription.sku.code,
        _("License Expiration"): figures.expiration(subscription.expires_on),
        _("Subscription Status"): licence_badge(page.holding.licence, None).label,
    }


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, read; wrong holds the reasons by field."""

    quantity: int | None
    expires_on: date | None
    wrong: dict[str, str]


def read_typed(form: CommandForm, kind: CommandKind) -> Typed:
    """The values that the command carries."""
    wrong: dict[str, str] = {}
    quantity = expires_on = None
    if kind in QUANTITY_KINDS:
        try:
            quantity = typed_quantity(form.quantity.data)
        except WrongValue as reason:
            wrong["quantity"] = str(reason)
    if kind in DATED_KINDS:
        try:
            month = typed_month(form.expiration.data)
            expires_on = None if month is None else month.first_day
        except WrongValue as reason:
            wrong["expiration"] = str(reason)
    return Typed(quantity=quantity, expires_on=expires_on, wrong=wrong)


def command_request(form: CommandForm, page: SubscriptionPage, kind: CommandKind) -> CommandRequest | None:
    """The request that the form asks for; None where something is wrong, which then stands beside the fields."""
    typed = read_typed(form, kind)
    blame(form, typed.wrong)
    if not is_key(form.key.data):
        form.key.data = fresh_key()
    if form.errors:
        return None
    return CommandRequest(
        kind=kind,
        subscription_pk=page.subscription.id,
        version=as_id(form.version.data) or 0,
        request_key=f"{form.key.data}:{current_actor().user_id}",
        quantity=typed.quantity,
        expires_on=typed.expires_on,
    )


def is_new_customer_meant(form: CommandForm) -> bool:
    """Whether the person said of this very name that another customer may bear it, too."""
    key = search_key(form.company_name.data or "")
    return bool(key) and form.named_apart.data == key


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else was first: what the form was made from, or what was typed, beside how it now stands."""

    lines: list[tuple[str, str, str]]


def subscription_conflict(form: CommandForm, page: SubscriptionPage) -> Conflict:
    """How the subscription stood when the form was shown, and how it stands now."""
    seen = _read_seen(form.seen.data)
    return Conflict([(label, seen.get(label, figures.NONE), now) for label, now in _standing(page).items()])


def _read_seen(text: str | None) -> dict[str, str]:
    """What the form kept; anything else that came in its place is no standing."""
    try:
        seen: Any = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    pairs: Iterator[Any] = iter(seen.items() if isinstance(seen, dict) else ())
    return {label: str(value)[:200] for label, value in pairs}


def customer_conflict(form: CommandForm, customer: Customer) -> Conflict:
    """What was typed beside what somebody else has written meanwhile."""
    typed, now = form.details().as_dict(), details_of(customer).as_dict()
    return Conflict([(detail_label(name), typed[name], now[name]) for name in DETAIL_NAMES if typed[name] != now[name]])
