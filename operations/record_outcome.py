"""Transaction 2 of a command on its way: the vendor's answer, or its absence, is written down under the lease.

An answer that comes after the lease was taken away is kept as evidence and moves nothing.
"""

from datetime import datetime, timedelta

from access import SYSTEM
from database import row_by_id, write_transaction
from licensing.commands import Confirmed, NotExecuted, Outcome, Rejected, Unknown
from licensing.moment import Moment
from licensing.states import CommandState
from models import Attempt, Command
from operations.audit import AuditAction
from operations.claim_command import Claim
from operations.confirm_command import (
    audit_command,
    confirm,
    evidence_columns,
    instant_of,
    lacks_own_id,
    park,
    reject,
)
from operations.gateway_contact import note_contact
from operations.gateway_holds import hold_gateway
from operations.transitions import move
from operations.vendor_words import storable_answer

FIRST_READ_AFTER = timedelta(seconds=1)
NO_OWN_ID = "The vendor's answer gives no Subscription ID, or that of another licence"
_BACKOFF_SECONDS = (2, 4, 8, 16, 32, 64, 128, 256, 300)


def record_outcome(claim: Claim, outcome: Outcome, *, moment: Moment, gateway: str) -> bool:
    """Write the outcome of a claimed command. Gives whether it moved the command, False for a late answer."""
    outcome = storable_answer(outcome)
    with write_transaction():
        command = row_by_id(Command, claim.command_id)
        moved = _move_by(outcome, command, claim=claim, moment=moment, gateway=gateway)
        Attempt.update(
            finished_at=moment.now,
            result=type(outcome).__name__ if moved else "late",
            note=_note(outcome),
            **evidence_columns(outcome.evidence),
        ).where(Attempt.id == claim.attempt_id).execute()
        note_contact(outcome, gateway=gateway, moment=moment)
    return moved


def _move_by(outcome: Outcome, command: Command, *, claim: Claim, moment: Moment, gateway: str) -> bool:
    guard = Command.lease == claim.lease
    match outcome:
        case Confirmed() if lacks_own_id(command, outcome):
            return _hold_unknown(command, Unknown(reason=NO_OWN_ID), claim=claim, moment=moment)
        case Confirmed():
            return confirm(command, outcome, before=CommandState.SENDING, guard=guard, moment=moment)
        case Rejected() if not is_half_done(command, outcome):
            return reject(command, outcome, before=CommandState.SENDING, guard=guard, moment=moment)
        case Rejected():
            return _hold_half_done(command, outcome, claim=claim, moment=moment)
        case NotExecuted():
            return _queue_again(command, outcome, claim=claim, moment=moment, gateway=gateway)
        case Unknown():
            return _hold_unknown(command, outcome, claim=claim, moment=moment)


def _note(outcome: Outcome) -> str:
    match outcome:
        case Confirmed():
            return ""
        case Rejected():
            return f"{outcome.code} {outcome.message}".strip()
        case NotExecuted() | Unknown():
            return outcome.reason


def _hold_half_done(command: Command, outcome: Rejected, *, claim: Claim, moment: Moment) -> bool:
    """The vendor did the first call of a composed command and refused the next: a person must decide what follows."""
    reason = f"{outcome.code} {outcome.message}".strip()
    half = Unknown(reason=reason, completed_steps=outcome.completed_steps, begun_at=outcome.begun_at)
    moved = _hold_unknown(command, half, claim=claim, moment=moment)
    if moved:
        park(command, reason=reason, guard=None, moment=moment, error_code=outcome.code[:60])
    return moved


def begun(command: Command, steps: int, begun_at: datetime | None, *, moment: Moment) -> dict[str, object]:
    """The columns that say how far a composed command has come; use began again with its first call."""
    is_begun_now = steps > 0 and command.executed_at is None
    first_call_at = instant_of(begun_at, command, moment=moment) if is_begun_now else command.executed_at
    # What the vendor has done stays done, whatever an adapter says later.
    return {"completed_steps": max(steps, command.completed_steps), "executed_at": first_call_at}


def is_half_done(command: Command, outcome: Rejected) -> bool:
    """Whether the vendor has done a call of the command that it refuses now: that is no refusal of the whole."""
    return outcome.completed_steps > 0 or command.completed_steps > 0


def _hold_unknown(command: Command, outcome: Unknown, *, claim: Claim, moment: Moment) -> bool:
    moved = move(
        command.id,
        before=CommandState.SENDING,
        after=CommandState.UNKNOWN,
        guard=Command.lease == claim.lease,
        lease=None,
        deadline_at=claim.deadline_at,
        due_at=moment.real_now + FIRST_READ_AFTER,
        error_message=outcome.reason,
        **begun(command, outcome.completed_steps, outcome.begun_at, moment=moment),
    )
    if moved:
        audit_command(AuditAction.COMMAND_UNKNOWN, command, moment=moment, reason=outcome.reason)
    return moved


def _queue_again(command: Command, outcome: NotExecuted, *, claim: Claim, moment: Moment, gateway: str) -> bool:
    moved = move(
        command.id,
        before=CommandState.SENDING,
        after=CommandState.QUEUED,
        guard=Command.lease == claim.lease,
        lease=None,
        due_at=moment.real_now + _wait(command, outcome),
        error_message=outcome.reason,
        **begun(command, outcome.completed_steps, outcome.begun_at, moment=moment),
    )
    if moved:
        audit_command(AuditAction.COMMAND_REQUEUED, command, moment=moment, reason=outcome.reason)
        if outcome.holds_gateway:
            hold_gateway(gateway, reason=outcome.reason, actor=SYSTEM, moment=moment)
    return moved


def _wait(command: Command, outcome: NotExecuted) -> timedelta:
    if outcome.retry_after_seconds is not None:
        return timedelta(seconds=max(outcome.retry_after_seconds, 0))
    return timedelta(seconds=_BACKOFF_SECONDS[min(command.attempt, len(_BACKOFF_SECONDS)) - 1])
