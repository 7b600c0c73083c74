"""The head of a subscription's page: status, the seven buttons with their reasons, what needs attention."""

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _

from access import Actor, Permission
from admin_views import figures
from admin_views.command_words import BUTTON_MARKS
from admin_views.customer_fields import DETAIL_NAMES, detail_label
from admin_views.shell import moment
from admin_views.vendor_offer import not_offered
from licensing.lifecycle import BUTTONS, licence_state, refusal, refusals
from licensing.refusals import Refusal
from licensing.states import CommandKind, CommandState, LicenceState
from licensing.terms import day_start, is_in_last_half_hour, is_usable, use_ends_on
from licensing.wording import date_text
from queries.subscription_page import SubscriptionPage

_RUNNING_CANCEL = frozenset({LicenceState.SOFT_CANCELLED, LicenceState.HARD_CANCELLED})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why buttons are disabled: the command's own name, where the sentence begins with it, and the rest."""

    id: str
    name: str
    rest: str


@dataclass(frozen=True, slots=True)
class Button:
    """One of the seven; reason_id names the words that say why it is disabled, empty where it is not."""

    kind: CommandKind
    mark: str
    reason_id: str

    @property
    def unlocks(self) -> bool:
        """Whether it unlocks the page's own form rather than asking in a dialog."""
        return self.kind in {CommandKind.RECREATE, CommandKind.MODIFY_ATTRIBUTES}


@dataclass(frozen=True, slots=True)
class Toolbar:
    """The buttons and the reasons below them, each reason once."""

    buttons: list[Button]
    reasons: list[Reason]


def toolbar(page: SubscriptionPage, *, actor: Actor) -> Toolbar:
    """The seven commands as the state of the licence and the actor's role allow them."""
    words = _reasons(page, actor=actor)
    reasons: dict[str, Reason] = {}
    buttons = []
    for kind in BUTTONS:
        sentence = words[kind]
        if sentence and sentence not in reasons:
            reasons[sentence] = _reason(kind, sentence)
        reason_id = reasons[sentence].id if sentence else ""
        buttons.append(Button(kind=kind, mark=BUTTON_MARKS.get(kind, ""), reason_id=reason_id))
    return Toolbar(buttons=buttons, reasons=list(reasons.values()))


def _reasons(page: SubscriptionPage, *, actor: Actor) -> dict[CommandKind, str]:
    if not actor.may(Permission.RUN_COMMANDS):
        return dict.fromkeys(BUTTONS, _("Your access rights do not include commands."))
    found = refusals(page.holding.licence, moment().now, moment().zone, open_command=page.holding.open_command)
    return {kind: not_offered(kind) or _said(refused) for kind, refused in found.items()}


def _said(refused: Refusal | None) -> str:
    return "" if refused is None else figures.said(refused.reason)


def _reason(kind: CommandKind, sentence: str) -> Reason:
    is_own = sentence.startswith((f"{kind}:", f"{kind} is for"))
    name = str(kind) if is_own else ""
    return Reason(id=f"why-{kind}", name=name, rest=sentence.removeprefix(name))


def impossible_now(page: SubscriptionPage, kind: CommandKind) -> str:
    """Why the command cannot be sent at all now, whatever its values; empty where it can."""
    licence, waiting = page.holding.licence, page.holding.open_command
    refused = refusal(kind, licence, now=moment().now, zone=moment().zone, open_command=waiting)
    return not_offered(kind) or _said(refused)


def _may(page: SubscriptionPage, kind: CommandKind, *, actor: Actor) -> bool:
    return actor.may(Permission.RUN_COMMANDS) and not impossible_now(page, kind)


@dataclass(frozen=True, slots=True)
class Undo:
    """A cancel that still runs can be taken back by Renew until that day."""

    until: str
    is_offered: bool


def undo(page: SubscriptionPage, *, actor: Actor) -> Undo | None:
    """The offer to take a running cancel back; None where there is none."""
    licence = page.holding.licence
    ends_on = use_ends_on(licence)
    state = licence_state(licence, moment().now, moment().zone)
    if state not in _RUNNING_CANCEL or ends_on is None or ends_on != licence.cancelled_on:
        return None
    return Undo(until=date_text(ends_on - timedelta(days=1)), is_offered=_may(page, CommandKind.RENEW, actor=actor))


@dataclass(frozen=True, slots=True)
class Difference:
    """The customer's details differ at the vendor: label, wanted and confirmed; reason says why none can be sent."""

    lines: list[tuple[str, str, str]]
    reason: str


def difference(page: SubscriptionPage, *, actor: Actor) -> Difference | None:
    """What the vendor holds otherwise than the record; None where nothing differs or the licence is not usable."""
    confirmed, licence, waiting = page.confirmed, page.holding.licence, page.open_command
    if confirmed is None or not is_usable(licence, moment().now, moment().zone):
        return None
    wanted, held = page.wanted.as_dict(), confirmed.as_dict()
    is_being_sent = waiting is not None and waiting.details == wanted
    differing = [name for name in DETAIL_NAMES if wanted[name] != held[name]]
    if not differing or is_being_sent:
        return None
    reason = impossible_now(page, CommandKind.MODIFY_ATTRIBUTES)
    if not actor.may(Permission.RUN_COMMANDS):
        reason = _("Your access rights do not include commands.")
    lines = [(detail_label(name), wanted[name] or _("none"), held[name] or _("none")) for name in differing]
    return Difference(lines=lines, reason=reason)


@dataclass(frozen=True, slots=True)
class Progress:
    """A command on its way, in words, and how many seconds to wait before asking again; 0 for not at all."""

    text: str
    every: int


def progress(page: SubscriptionPage) -> Progress | None:
    """How the command that is on its way stands."""
    command = page.open_command
    if command is None:
        return None
    is_slow = moment().now - command.requested_at > timedelta(seconds=30)
    values = {"command": command.kind, "time": figures.day_and_time(command.requested_at)}
    if command.state == CommandState.PARKED:
        return Progress(_("%(command)s of %(time)s: outcome unknown, a person must decide.", **values), 0)
    if command.state == CommandState.UNKNOWN:
        return Progress(_("%(command)s of %(time)s: outcome unknown, being checked with the vendor.", **values), 3)
    every = 3 if is_slow else 1
    if command.state == CommandState.QUEUED and command.error_message:
        return Progress(_("%(command)s of %(time)s was not taken yet and will be sent again.", **values), every)
    return Progress(_("%(command)s of %(time)s is being sent.", **values), every)


@dataclass(frozen=True, slots=True)
class NextDate:
    """The date that matters next and what counts from it."""

    iso: str
    shown: str
    distance: str
    meaning: str


def next_date(page: SubscriptionPage) -> NextDate | None:
    """The next first of a month for a usable licence."""
    licence, zone = page.holding.licence, moment().zone
    if not is_usable(licence, moment().now, zone):
        return None
    day = moment().month.next().first_day
    if use_ends_on(licence) == day:
        meaning = _("use ends; Renew before it goes on without a gap")
    elif licence_state(licence, moment().now, zone) in _RUNNING_CANCEL:
        meaning = _("a new month is charged")
    else:
        meaning = _("a cancel or a decrease sent before it counts from then")
    return NextDate(iso=day.isoformat(), shown=date_text(day), distance=_distance(), meaning=meaning)


def _distance() -> str:
    now, zone = moment().now, moment().zone
    if is_in_last_half_hour(now, zone):
        return _("within half an hour")
    day = moment().month.next().first_day
    days = (day_start(day, zone).astimezone(zone).date() - now.astimezone(zone).date()).days
    return figures.in_days(days)
