"""The words of states and changes, exactly as the product has them. What is shown is decided in licensing/.

Amounts, dates and times are written by figures.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from access import Role
from admin_views.customer_fields import DETAIL_NAMES, detail_label
from admin_views.figures import expiration, said, seats
from admin_views.shell import moment
from licensing.commands import Licence
from licensing.lifecycle import licence_state
from licensing.states import CommandKind, CommandState, LicenceState
from licensing.status_words import status_sentence
from licensing.terms import cancellation_date
from licensing.wording import date_text
from queries.commands import RequestRow
from queries.licences import licence_of_row, licence_standing
from queries.subscriptions import SubscriptionRow

_LISTED_CHANGES = 3
_REQUEST_BADGES = {
    CommandState.SCHEDULED: (_l("Waiting"), "busy"),
    CommandState.QUEUED: (_l("Waiting"), "busy"),
    CommandState.SENDING: (_l("Being sent"), "busy"),
    CommandState.UNKNOWN: (_l("Outcome unknown, being checked"), "unknown"),
    CommandState.PARKED: (_l("Outcome unknown, a person must decide"), "unknown"),
    CommandState.CONFIRMED: (_l("Confirmed"), "ok"),
    CommandState.REJECTED: (_l("Failed"), "bad"),
    CommandState.CANCELLED: (_l("Cancelled"), "off"),
    CommandState.CLOSED: (_l("Closed"), "off"),
}
_STATUS_MARKS = {
    LicenceState.PENDING: "busy",
    LicenceState.FAILED: "bad",
    LicenceState.ACTIVE: "ok",
    LicenceState.SOFT_CANCELLED: "warn",
    LicenceState.HARD_CANCELLED: "warn",
    LicenceState.CANCELLED_ENDED: "off",
    LicenceState.EXPIRED: "off",
}
# What the status of a line of the Subscription List is made of.
STATUS_FIELDS = ("order_state", "expires_on", "cancelled_on", "cancel_kind", "open_state")
ROLE_LABELS = {
    Role.DISTRIBUTOR_ADMIN: _l("distributor admin"),
    Role.DISTRIBUTOR_OPERATOR: _l("distributor operator"),
    Role.RESELLER_ADMIN: _l("reseller admin"),
    Role.RESELLER_USER: _l("reseller user"),
    Role.AUDITOR: _l("auditor"),
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A status: the words, and the mark that stands before them (a class of the stylesheet)."""

    label: str
    mark: str


def licence_badge(licence: Licence, open_state: str | None) -> Badge:
    """The status of a licence now; a command on its way hides what is behind it (product.md, Status texts)."""
    words = status_sentence(licence, open_state, now=moment().now, zone=moment().zone)
    return Badge(said(words), _status_mark(licence, open_state))


def _status_mark(licence: Licence, open_state: str | None) -> str:
    if open_state in {CommandState.PARKED, CommandState.UNKNOWN}:
        return "unknown"
    if open_state is not None:
        return "busy"
    return _STATUS_MARKS[licence_state(licence, moment().now, moment().zone)]


def row_badge(row: SubscriptionRow) -> Badge:
    """The status of a line of the Subscription List."""
    return licence_badge(licence_of_row(row), row.open_state)


def status_words() -> Callable[..., str]:
    """row_badge's words out of STATUS_FIELDS, for many rows: the few different statuses are each worded once."""
    known: dict[tuple[Any, ...], str] = {}

    def words(*state: Any) -> str:
        if state not in known:
            order_state, expires_on, cancelled_on, cancel_kind, open_state = state
            licence = licence_standing(
                order_state, expires_on=expires_on, cancelled_on=cancelled_on, cancel_kind=cancel_kind
            )
            known[state] = licence_badge(licence, open_state).label
        return known[state]

    return words


def request_badge(state: CommandState) -> Badge:
    """Where a request stands."""
    label, mark = _REQUEST_BADGES[state]
    return Badge(str(label), mark)


def change_text(row: RequestRow) -> str:
    """What a request changes: "12 → 8 seats", "to 01.12.2018", "ends 01.08.2017", "Address Line 1"."""
    kind, before = CommandKind(row.kind), row.change or {}
    quantity, day = seats(row.quantity or 0), expiration(row.expires_on)
    texts = {
        CommandKind.CREATE: lambda: ", ".join(part for part in (quantity, row.sku_code) if part),
        CommandKind.MODIFY_QUANTITY: lambda: f"{before.get('quantity', '?')} → {quantity}",
        CommandKind.REDUCE: lambda: f"{_expiration_before(before)} → {day}",
        CommandKind.RENEW: lambda: _("to %(day)s", day=day),
        CommandKind.RECREATE: lambda: f"{quantity}, {day}",
        CommandKind.MODIFY_ATTRIBUTES: lambda: changed_details(before.get("details"), row.details),
        CommandKind.SOFT_CANCEL: lambda: _cancel_text(row),
        CommandKind.HARD_CANCEL: lambda: _cancel_text(row),
    }
    return texts[kind]()


def _expiration_before(before: Mapping[str, Any]) -> str:
    day = before.get("expires_on")
    return expiration(date.fromisoformat(day) if day else None)


def _cancel_text(row: RequestRow) -> str:
    ends_on = cancellation_date(row.executed_at or row.requested_at, moment().zone)
    return _("ends %(day)s", day=date_text(ends_on))


def changed_details(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    """The labels of the customer details that differ; the first few, and how many more."""
    if before is None or after is None:
        return _("Customer Details")
    labels = [detail_label(name) for name in DETAIL_NAMES if (before.get(name) or "") != (after.get(name) or "")]
    listed = ", ".join(labels[:_LISTED_CHANGES])
    if len(labels) <= _LISTED_CHANGES:
        return listed or _("no difference")
    return _("%(labels)s and %(number)d more", labels=listed, number=len(labels) - _LISTED_CHANGES)


def person(name: str | None, surname: str | None) -> str:
    """Name and surname; empty where nobody of ours did it."""
    return f"{name or ''} {surname or ''}".strip()
