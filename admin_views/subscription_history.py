"""The Request List, the timeline and the Message of a subscription's page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _

from admin_views import figures
from admin_views.command_words import WORDS
from admin_views.customer_fields import DETAIL_NAMES, detail_label
from admin_views.presenters import Badge, request_badge
from admin_views.shell import link_to, moment
from licensing.states import CommandKind, CommandState
from licensing.terms import cancellation_date, day_start, is_usable, month_of, use_ends_on
from licensing.wording import date_text
from models import Command
from queries.subscription_page import SubscriptionPage

_UNSETTLED_WORDS = frozenset(
    {CommandState.SCHEDULED, CommandState.QUEUED, CommandState.SENDING, CommandState.UNKNOWN, CommandState.PARKED}
)
_WITHOUT_EFFECT = frozenset({CommandState.REJECTED, CommandState.CANCELLED, CommandState.CLOSED})


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One line of the Request List; badge stands for an ErrorCode where the request is not settled."""

    command: str
    address: str
    time: str
    error_code: str
    badge: Badge | None
    error_message: str


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline; mark is the class of its sign."""

    mark: str
    at: str
    shown_at: str
    text: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """The result of a command."""

    badge: Badge
    code: str
    text: str
    below: str


def request_lines(page: SubscriptionPage) -> list[RequestLine]:
    """Every request, newest first."""
    return [_request_line(command) for command in page.requests]


def _request_line(command: Command) -> RequestLine:
    state = CommandState(command.state)
    is_plain = state is CommandState.CONFIRMED or bool(command.error_code)
    return RequestLine(
        command=command.kind,
        address=link_to("requests.details_view", id=command.id),
        time=figures.day_and_time(command.requested_at),
        error_code=command.error_code,
        badge=None if is_plain else request_badge(state),
        error_message="" if state is CommandState.CONFIRMED else command.error_message,
    )


def timeline(page: SubscriptionPage) -> list[Event]:
    """What comes next, then what happened, newest first."""
    return [*_coming(page), *(_event(command) for command in page.requests)]


def _coming(page: SubscriptionPage) -> Iterator[Event]:
    licence, zone, now = page.holding.licence, moment().zone, moment().now
    ends_on = use_ends_on(licence)
    if not licence.is_live:
        return
    if not is_usable(licence, now, zone):
        if ends_on is not None:
            yield _at("no", day_start(ends_on, zone), _("Use ended"))
        return
    begins = month_of(now, zone).next().first_day
    if ends_on is not None:
        yield _at("next", day_start(ends_on, zone), _("Use ends"))
    if ends_on != begins:
        yield _at("next", day_start(begins, zone), _("%(month)s begins", month=format_date(begins, "LLLL")))


def _at(mark: str, instant: datetime, text: str) -> Event:
    shown = figures.day_and_time(instant).removesuffix(":00")
    return Event(mark=mark, at=instant.isoformat(), shown_at=shown, text=text)


def _event(command: Command) -> Event:
    state = CommandState(command.state)
    at = command.executed_at or command.requested_at
    return Event(
        mark="no" if state in _WITHOUT_EFFECT else "next" if state in _UNSETTLED_WORDS else "",
        at=at.isoformat(),
        shown_at=figures.day_and_time(at),
        text=_with_outcome(command, state),
        who="" if command.requested_by is None else str(command.requested_by),
    )


def _with_outcome(command: Command, state: CommandState) -> str:
    text = deed(command) if state is CommandState.CONFIRMED else _wish(command)
    outcomes = {
        CommandState.REJECTED: _("%(deed)s refused, nothing changed", deed=text),
        CommandState.CANCELLED: _("%(deed)s, cancelled before it was sent", deed=text),
        CommandState.CLOSED: _("%(deed)s, closed by a person", deed=text),
        CommandState.UNKNOWN: _("%(deed)s, outcome unknown", deed=text),
        CommandState.PARKED: _("%(deed)s, outcome unknown", deed=text),
        CommandState.CONFIRMED: text,
    }
    return outcomes.get(state, _("%(deed)s, on its way", deed=text))


def _wish(command: Command) -> str:
    """What a command asks for that has no effect, or none yet."""
    wishes = {
        CommandKind.CREATE: _("Order of %(seats)s", seats=figures.seats(command.quantity or 0)),
        CommandKind.SOFT_CANCEL: _("Soft cancel"),
        CommandKind.HARD_CANCEL: _("Hard cancel"),
        CommandKind.RENEW: _("Renew, expiration: %(expiration)s", expiration=figures.expiration(command.expires_on)),
        CommandKind.RECREATE: _("Recreate with %(seats)s", seats=figures.seats(command.quantity or 0)),
    }
    return wishes.get(CommandKind(command.kind)) or deed(command)


def deed(command: Command) -> str:
    """What a command does to the licence, in a few words."""
    kind = CommandKind(command.kind)
    before = command.change or {}
    values = {"seats": figures.seats(command.quantity or 0), "expiration": figures.expiration(command.expires_on)}
    if kind in {CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL}:
        return _cancelled(command, kind)
    if kind is CommandKind.MODIFY_ATTRIBUTES:
        return details_changed(before.get("details"), command.details)
    texts = {
        CommandKind.CREATE: _("Created with %(seats)s, %(expiration)s", **values),
        CommandKind.MODIFY_QUANTITY: f"{before.get('quantity', '?')} → {values['seats']}",
        CommandKind.RENEW: _("Renewed, expiration: %(expiration)s", **values),
        CommandKind.RECREATE: _recreated(command, **values),
        CommandKind.REDUCE: _("Expiration: %(before)s → %(expiration)s", before=_expiration(before), **values),
    }
    return texts[kind]


def _recreated(command: Command, **values: str) -> str:
    text = _("Recreated with %(seats)s, expiration: %(expiration)s", **values)
    held = (command.change or {}).get("details")
    changed = details_changed(held, command.details) if held is not None and held != command.details else ""
    return f"{text}; {changed}" if changed else text


def _expiration(before: dict[str, Any]) -> str:
    day = before.get("expires_on")
    return figures.expiration(None if day is None else date.fromisoformat(day))


def _cancelled(command: Command, kind: CommandKind) -> str:
    ends_on = date_text(cancellation_date(command.executed_at or command.requested_at, moment().zone))
    if kind is CommandKind.HARD_CANCEL:
        return _("Hard cancel, use ends %(day)s", day=ends_on)
    return _("Soft cancel, use ends %(day)s", day=ends_on)


def details_changed(before: dict[str, Any] | None, after: dict[str, Any] | None) -> str:
    """Which customer details a request changes, from what to what."""
    old, new = before or {}, after or {}
    changed = [name for name in DETAIL_NAMES if (old.get(name) or "") != (new.get(name) or "")]
    if before is None or not changed:
        return _("Customer Details")
    return "; ".join(f"{detail_label(name)}: {_or_none(old.get(name))} → {_or_none(new.get(name))}" for name in changed)


def _or_none(value: str | None) -> str:
    return value or _("none")


def message(page: SubscriptionPage, command_id: int | None) -> Message | None:
    """The result of that command, where it has one by now."""
    command = next((request for request in page.requests if request.id == command_id), None)
    if command is None or command.state not in {CommandState.CONFIRMED, CommandState.REJECTED}:
        return None
    if command.state == CommandState.CONFIRMED:
        return Message(
            badge=Badge(_("Done"), "ok"),
            code="",
            text=str(WORDS[CommandKind(command.kind)].success),
            below=f"{figures.day_and_time(command.executed_at)} · {_deed_and_month(command)}",
        )
    return Message(
        badge=Badge(_("Refused"), "bad"),
        code=command.error_code,
        text=command.error_message,
        below=_("Nothing was changed. The request stands in the Request List."),
    )


def _deed_and_month(command: Command) -> str:
    """What was done and, for a quantity, the month from which it is charged: a decrease counts from the next one."""
    before = (command.change or {}).get("quantity")
    if command.kind != CommandKind.MODIFY_QUANTITY or before is None:
        return deed(command)
    month = month_of(command.executed_at, moment().zone)
    first = month.next() if command.quantity < before else month
    return _("%(deed)s from %(month)s", deed=deed(command), month=figures.month_and_year(first))
