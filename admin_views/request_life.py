"""One request as its page tells it: what was sent, when, what came back, and what people decided. No query."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from admin_views import figures
from admin_views.shell import moment
from admin_views.subscription_history import deed
from licensing.states import CommandKind, CommandState
from licensing.terms import local_date
from licensing.wording import clock_text
from models import Attempt, AuditEntry, Command
from queries.command_life import CommandLife

PURPOSES = {"execute": _l("Sent"), "read": _l("Vendor asked"), "person": _l("A person")}
_HELD, _PARKED = "subscription.command.unknown", "subscription.command.parked"
_CANCELLED, _BEGUN = (
    "subscription.command.cancelled",
    frozenset({"subscription.ordered", "subscription.command.requested"}),
)
_ACTIONS = {
    "subscription.ordered": _l("Requested"),
    "subscription.command.requested": _l("Requested"),
    _HELD: _l("Outcome unknown"),
    _PARKED: _l("Left to a person"),
    _CANCELLED: _l("Cancelled"),
    "subscription.command.confirmed": _l("Confirmed"),
    "subscription.command.rejected": _l("Refused"),
    "subscription.command.requeued": _l("Queued again"),
    "subscription.command.closed": _l("Closed"),
    "subscription.command.stated": _l("Stated as executed"),
    "subscription.command.adopted": _l("Adopted"),
}


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One line of the story; rank orders what happened in one second."""

    at: datetime
    rank: int
    mark: str
    text: str

    @property
    def machine_time(self) -> str:
        """The instant for the time element."""
        return self.at.isoformat()

    @property
    def shown(self) -> str:
        """The local time, with the date where that is not today's."""
        return clock_text(self.at, now=moment().now, zone=moment().zone)


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One exchange with the vendor; evidence is what went over the wire, None where the actor may not see it."""

    number: str
    purpose: str
    began: str
    ended: str
    result: str
    evidence: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry of the audit trail."""

    time: str
    action: str
    who: str
    details: str


def age_words(span: timedelta) -> str:
    """How long something has been open: less than a minute, 8 minutes, 3 hours, 2 days."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:  # noqa: PLR2004 - a minute
        return _("less than a minute")
    if seconds < 3600:  # noqa: PLR2004 - an hour
        return ngettext("%(num)d minute", "%(num)d minutes", seconds // 60)
    if seconds < 2 * 86400:
        return ngettext("%(num)d hour", "%(num)d hours", seconds // 3600)
    return ngettext("%(num)d day", "%(num)d days", seconds // 86400)


def trail(life: CommandLife) -> list[TrailLine]:
    """The story in order of time."""
    lines = [*_taken_over(life), *_sent(life), *_asked(life), *_decided(life), *_held(life)]
    return sorted(lines, key=lambda line: (line.at, line.rank))


def all_today(lines: Iterable[TrailLine]) -> bool:
    """Whether the times need no date."""
    today = local_date(moment().now, moment().zone)
    return all(local_date(line.at, moment().zone) == today for line in lines)


def _taken_over(life: CommandLife) -> Iterator[TrailLine]:
    """A request that came with a history was sent by somebody else: nothing is known of it but that it was executed."""
    command = life.command
    if command.attempt == 0 and command.executed_at is not None:
        yield TrailLine(command.executed_at, 1, "", _("Taken over as executed: %(wish)s", wish=wish(life)))


def _sent(life: CommandLife) -> Iterator[TrailLine]:
    sent = [attempt for attempt in life.attempts if attempt.purpose == "execute"]
    for place, attempt in enumerate(sent):
        yield TrailLine(attempt.started_at, 1, "", _sent_words(life, place=place, count=len(sent)))
        if attempt.finished_at is not None:
            mark = "" if attempt.result == "Confirmed" else "no"
            yield TrailLine(attempt.finished_at, 2, mark, _came_back(attempt))


def _sent_words(life: CommandLife, *, place: int, count: int) -> str:
    if place > 0:
        return _("Sent again, with the same reference: attempt %(number)d", number=place + 1)
    if count == 1:
        return _("Sent once: %(wish)s", wish=wish(life))
    return _("Sent: %(wish)s", wish=wish(life))


def wish(life: CommandLife) -> str:
    """What the request asks for: Create, product, 10 seats KL4313XIKMG, 69.30€ a month."""
    command = life.command
    if command.kind != CommandKind.CREATE:
        return f"{command.kind}, {deed(command)}"
    product = command.subscription.product
    parts = [command.kind, product.name, f"{figures.seats(command.quantity or 0)} {command.sku_code or ''}".strip()]
    if life.price_cents is not None:
        amount = figures.euros(life.price_cents * (command.quantity or 0))
        parts.append(_("%(amount)s a month", amount=amount))
    return ", ".join(parts)


def _came_back(attempt: Attempt) -> str:
    said = attempt.note
    words = {
        "Confirmed": _("The vendor confirmed it"),
        "Rejected": _("The vendor refused it: %(said)s", said=said),
        "NotExecuted": _("Not executed: %(said)s", said=said),
        "Unknown": said or _("No answer that can be trusted"),
        "late": _("A late answer, kept as evidence: %(said)s", said=said or attempt.result),
    }
    return words.get(attempt.result, said or attempt.result)


def _asked(life: CommandLife) -> Iterator[TrailLine]:
    """Reads of the vendor, those with the same answer in a row as one line; why it is parked is told last."""
    reads = [attempt for attempt in life.attempts if attempt.purpose == "read" and not _is_last_word(attempt, life)]
    for (_number, result, note), group in groupby(reads, key=lambda read: (read.number, read.result, read.note)):
        same = list(group)
        times = ngettext("once", "%(num)d times", len(same))
        yield TrailLine(same[-1].started_at, 3, "", _answer_words(result, note, times))


def _is_last_word(read: Attempt, life: CommandLife) -> bool:
    return life.command.state == CommandState.PARKED and bool(read.note) and read.note == life.command.error_message


def _answer_words(result: str, note: str, times: str) -> str:
    if result == "NotFound":
        return _("The vendor was asked %(times)s: it does not know of the request", times=times)
    if result == "Confirmed":
        return _("The vendor was asked %(times)s: it was executed", times=times)
    if result == "Rejected":
        return _("The vendor was asked %(times)s: it was refused", times=times)
    return _("The vendor was asked %(times)s: %(said)s", times=times, said=note)


def _decided(life: CommandLife) -> Iterator[TrailLine]:
    words = {
        "Adopted": _("Adopted as executed"),
        "Not adopted": _("Not adopted"),
        "Confirmed absent": _("Confirmed absent, to be sent again"),
        "Closed": _("Closed"),
    }
    for attempt in life.attempts:
        if attempt.purpose == "person":
            said = words.get(attempt.result, attempt.result)
            mark = "no" if attempt.result == "Not adopted" else ""
            yield TrailLine(attempt.started_at, 5, mark, f"{said} · {attempt.note}")


def _held(life: CommandLife) -> Iterator[TrailLine]:
    for entry in life.entries:
        if entry.action == _HELD:
            yield TrailLine(entry.at, 4, "", _("Held: nothing else is sent for this subscription"))
        if entry.action == _CANCELLED:
            yield TrailLine(entry.at, 5, "no", _cancelled(life, entry.actor_name))


def _cancelled(life: CommandLife, name: str) -> str:
    if life.command.attempt:
        return _("Cancelled by %(name)s; the vendor has not executed it", name=name)
    return _("Cancelled by %(name)s before it was sent", name=name)


def what_follows(life: CommandLife) -> str:
    """What happens next to an open request; empty for one that is settled."""
    command = life.command
    follows = {
        CommandState.QUEUED: _waits(command),
        CommandState.SENDING: _("Being sent; the answer is awaited"),
        CommandState.UNKNOWN: _("The vendor is asked again"),
        CommandState.PARKED: _("A person looks it up in the vendor's portal"),
    }
    words = follows.get(CommandState(command.state), "")
    has_reason = command.state == CommandState.PARKED and command.error_message
    return f"{command.error_message.rstrip('.')}. {words}" if has_reason else words


def _waits(command: Command) -> str:
    """A request that came back is sent again at a time of its own."""
    now, due_at = moment(), command.due_at
    if not command.attempt or due_at is None or due_at <= now.real_now:
        return _("Waits to be sent")
    shown = now.now + (due_at - now.real_now)
    return _("Waits to be sent again at %(time)s", time=clock_text(shown, now=now.now, zone=now.zone))


def cancel_words(command: Command) -> tuple[str, str]:
    """What is asked before a waiting request is cancelled, and what is said after it."""
    if command.attempt:
        return (
            _("Are you sure you want to cancel this request? The vendor has not executed it; it is not sent again."),
            _("Cancelled. The vendor has not executed it, and it is not sent again."),
        )
    return (
        _("Are you sure you want to cancel this request? It was not sent yet, and will not be."),
        _("Cancelled. It was not sent, and will not be."),
    )


def attempt_lines(life: CommandLife) -> list[AttemptLine]:
    """Every exchange, oldest first."""
    return [_attempt_line(attempt, has_evidence=life.has_evidence) for attempt in life.attempts]


def _attempt_line(attempt: Attempt, *, has_evidence: bool) -> AttemptLine:
    status = f"HTTP {attempt.http_status}" if attempt.http_status else ""
    has_any = has_evidence and bool(attempt.request or attempt.response)
    return AttemptLine(
        number=figures.number(attempt.number),
        purpose=str(PURPOSES[attempt.purpose]),
        began=figures.day_and_time(attempt.started_at),
        ended="" if attempt.finished_at is None else figures.day_and_time(attempt.finished_at),
        result=" · ".join(part for part in (attempt.result, status, attempt.note) if part),
        evidence=(attempt.request, attempt.response) if has_any else None,
    )


def entry_lines(life: CommandLife) -> list[EntryLine]:
    """The audit trail, oldest first."""
    return [_entry_line(entry) for entry in life.entries]


def _entry_line(entry: AuditEntry) -> EntryLine:
    shown = {name: value for name, value in (entry.details or {}).items() if name not in {"kind", "subscription"}}
    return EntryLine(
        time=figures.day_and_time(entry.at),
        action=str(_ACTIONS.get(entry.action, entry.action)),
        who=entry.actor_name,
        details=", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in shown.items()),
    )


def last_sent_at(life: CommandLife) -> datetime:
    """When it was sent last: what is proposed as the time of its execution."""
    sent = [attempt.started_at for attempt in life.attempts if attempt.purpose == "execute"]
    return sent[-1] if sent else life.command.requested_at
