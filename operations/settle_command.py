"""Outcomes that nobody knows: leases that ran out, what reading the vendor showed, parking for a person.

Sent again only what is proved not executed: two negative reads at least lateness apart, the first after the call's
total deadline (architecture.md, The path of a command, 5).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from database import write_transaction
from licensing.commands import Confirmed, Finding, NotFound, Rejected, Unreadable, VendorRequest
from licensing.moment import Moment
from licensing.states import CommandState
from models import Attempt, Command
from operations.audit import AuditAction
from operations.claim_command import vendor_request
from operations.confirm_command import (
    audit_command,
    confirm,
    evidence_columns,
    lacks_own_id,
    park,
    reject,
)
from operations.record_outcome import FIRST_READ_AFTER, NO_OWN_ID, begun, is_half_done
from operations.transitions import move
from operations.vendor_words import storable_answer

NOW = timedelta()
_READ_EVERY_LIMIT = timedelta(seconds=60)
# Beyond it _READ_EVERY_LIMIT holds.
_MOST_DOUBLINGS = 10
# A vendor that answers nothing readable for so long after the call will not settle it: a person must be able to.
_UNREADABLE_LIMIT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A command whose outcome is unknown, as it stood when the vendor was about to be read."""

    command_id: int
    attempt: int
    absent_at: datetime | None
    asked_at: datetime
    request: VendorRequest


def expire_leases(*, moment: Moment) -> list[int]:
    """Commands whose sender did not come back in time become unknown; gives their ids."""
    query = Command.select().where(Command.state == CommandState.SENDING, Command.lease_until < moment.real_now)
    # Read to the end first: SQLite refuses to write while this connection still reads what somebody has changed since.
    return [command.id for command in list(query) if _expire(command, moment=moment)]


def _expire(command: Command, *, moment: Moment) -> bool:
    reason = "The sender stopped before an answer was written down"
    with write_transaction():
        moved = move(
            command.id,
            before=CommandState.SENDING,
            after=CommandState.UNKNOWN,
            guard=(Command.lease == command.lease) & (Command.lease_until < moment.real_now),
            lease=None,
            due_at=moment.real_now + FIRST_READ_AFTER,
            error_message=reason,
        )
        if moved:
            audit_command(AuditAction.COMMAND_UNKNOWN, command, moment=moment, reason=reason)
    return moved


def open_question(command_id: int, *, moment: Moment) -> OpenQuestion | None:
    """What to ask the vendor about, or None when the command is no longer unknown or not due."""
    command = Command.get_or_none(
        Command.id == command_id, Command.state == CommandState.UNKNOWN, Command.due_at <= moment.real_now
    )
    if command is None:
        return None
    return OpenQuestion(
        command_id=command.id,
        attempt=command.attempt,
        absent_at=command.absent_at,
        asked_at=moment.real_now,
        request=vendor_request(command, moment=moment),
    )


def settle_command(question: OpenQuestion, finding: Finding, *, moment: Moment, lateness: timedelta) -> bool:
    """Write down what reading the vendor showed. Gives whether the command is no longer unknown.

    lateness is the longest after its deadline at which the vendor may still execute a request.
    """
    finding = storable_answer(finding)
    with write_transaction():
        command = Command.get_by_id(question.command_id)
        is_settled = _move_by(finding, command, question=question, moment=moment, lateness=lateness)
        Attempt.create(
            command=command,
            number=question.attempt,
            purpose="read",
            started_at=moment.now,
            finished_at=moment.now,
            result=type(finding).__name__,
            note=finding.reason if isinstance(finding, Unreadable) else "",
            **evidence_columns(finding.evidence),
        )
    return is_settled


def _move_by(
    finding: Finding, command: Command, *, question: OpenQuestion, moment: Moment, lateness: timedelta
) -> bool:
    guard = Command.attempt == question.attempt
    match finding:
        case Confirmed():
            return _believe(command, finding, guard=guard, moment=moment)
        case Rejected() if (wait := _until_it_speaks_of_the_last(command, question=question, lateness=lateness)) > NOW:
            return _ask_later(command, question=question, moment=moment, wait=wait)
        case Rejected() if not is_half_done(command, finding):
            return reject(command, finding, before=CommandState.UNKNOWN, guard=guard, moment=moment)
        case Rejected():
            return _park_half_done(command, finding, guard=guard, moment=moment)
        case NotFound():
            return _count_absence(command, finding, question=question, moment=moment, lateness=lateness)
        case Unreadable():
            return _leave_open(command, finding, question=question, guard=guard, moment=moment)


def _until_it_speaks_of_the_last(command: Command, *, question: OpenQuestion, lateness: timedelta) -> timedelta:
    """How long a refusal may still be that of an earlier attempt, while the last one is executed late.

    All attempts carry one reference, so the vendor cannot say which of them it refused.
    """
    deadline_at: datetime | None = command.deadline_at
    if question.attempt <= 1 or deadline_at is None:
        return NOW
    return max(deadline_at + lateness - question.asked_at, NOW)


def _believe(command: Command, finding: Confirmed, *, guard: Any, moment: Moment) -> bool:
    if lacks_own_id(command, finding):
        return park(command, reason=NO_OWN_ID, guard=guard, moment=moment)
    return confirm(command, finding, before=CommandState.UNKNOWN, guard=guard, moment=moment)


def _park_half_done(command: Command, finding: Rejected, *, guard: Any, moment: Moment) -> bool:
    """The vendor did the first call and refused the next: neither confirmed nor without effect."""
    reason = f"{finding.code} {finding.message}".strip()
    columns = begun(command, finding.completed_steps, finding.begun_at, moment=moment)
    return park(command, reason=reason, guard=guard, moment=moment, error_code=finding.code[:60], **columns)


def _leave_open(command: Command, finding: Unreadable, *, question: OpenQuestion, guard: Any, moment: Moment) -> bool:
    called_at: datetime = command.deadline_at or question.asked_at
    if finding.is_permanent or question.asked_at - called_at > _UNREADABLE_LIMIT:
        return park(command, reason=finding.reason, guard=guard, moment=moment)
    return _ask_later(command, question=question, moment=moment, wait=_until_next_reading(question))


def _until_next_reading(question: OpenQuestion) -> timedelta:
    """Twice as long after each reading: a short outage costs seconds, a long one no more than a reading a minute."""
    readings = Attempt.select().where(
        Attempt.command == question.command_id, Attempt.number == question.attempt, Attempt.purpose == "read"
    )
    doublings = min(readings.count() + 1, _MOST_DOUBLINGS)
    return timedelta(seconds=FIRST_READ_AFTER.total_seconds() * 2**doublings)


def _count_absence(
    command: Command, finding: NotFound, *, question: OpenQuestion, moment: Moment, lateness: timedelta
) -> bool:
    """One negative read proves nothing; the second, lateness after the first, does. A call never sent needs neither."""
    if _was_never_sent(command, finding):
        return _queue_proved(command, finding, question=question, moment=moment)
    first = question.absent_at
    if first is None:
        is_after_deadline = command.deadline_at is not None and question.asked_at > command.deadline_at
        seen = question.asked_at if is_after_deadline else None
        wait = lateness if is_after_deadline else _until_deadline(command, question=question)
        return _ask_later(command, question=question, moment=moment, wait=wait, absent_at=seen)
    if question.asked_at - first < lateness:
        return _ask_later(command, question=question, moment=moment, wait=first + lateness - question.asked_at)
    return _queue_proved(command, finding, question=question, moment=moment)


def _was_never_sent(command: Command, finding: NotFound) -> bool:
    """Whether the call that is missing was never written.

    A composed command sends a call only after the one before was confirmed. Where the vendor turns out to know the call
    whose answer was lost, the next one has not left us; unless a sender died or broke and cannot say how far it came.
    """
    if finding.completed_steps <= command.completed_steps:
        return False
    is_untold = Attempt.result.in_(("", "late")) | (Attempt.request == "")
    untold = Attempt.select().where(Attempt.command == command.id, Attempt.purpose == "execute", is_untold)
    return not untold.exists()


def _until_deadline(command: Command, *, question: OpenQuestion) -> timedelta:
    remaining = (command.deadline_at or question.asked_at) - question.asked_at
    return min(max(remaining + FIRST_READ_AFTER, FIRST_READ_AFTER), timedelta(seconds=5))


def _ask_later(
    command: Command,
    *,
    question: OpenQuestion,
    moment: Moment,
    wait: timedelta,
    absent_at: datetime | None = None,
) -> bool:
    Command.update(
        due_at=moment.real_now + min(wait, _READ_EVERY_LIMIT), absent_at=absent_at or question.absent_at
    ).where(
        Command.id == command.id, Command.state == CommandState.UNKNOWN, Command.attempt == question.attempt
    ).execute()
    return False


def _queue_proved(command: Command, finding: NotFound, *, question: OpenQuestion, moment: Moment) -> bool:
    """Send again what the vendor does not know: of a composed command only the calls after those that it knows."""
    moved = move(
        command.id,
        before=CommandState.UNKNOWN,
        after=CommandState.QUEUED,
        guard=(Command.attempt == question.attempt) & (Command.absent_at == question.absent_at),
        due_at=moment.real_now,
        error_message="",
        **begun(command, finding.completed_steps, finding.begun_at, moment=moment),
    )
    if moved:
        audit_command(AuditAction.COMMAND_REQUEUED, command, moment=moment, reason="read twice, not executed")
    return moved
