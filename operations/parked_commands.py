"""What a person decides about a command whose outcome nobody could find out: it is absent, or it is given up.

Adopting what exists at the vendor is state_adoption.py. Every decision names the attempt that the person saw.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from access import Actor, Permission
from database import locked, write_transaction
from licensing.moment import Moment
from licensing.states import CommandState
from licensing.wording import Sentence, clock_text
from models import Adoption, Attempt, Command
from operations.audit import AuditAction, record
from operations.confirm_command import fail_order
from operations.decision_refusals import AlreadyDecided, DecisionRefused
from operations.record_refusals import FieldsRefused
from operations.refusals import NotFound
from operations.text_rules import text_problem, tidy
from operations.transitions import move
from queries.scope import visible

LONGEST_REASON = 500


def confirm_absent(command_id: int, *, attempt: int, actor: Actor, moment: Moment, lateness: timedelta) -> Command:
    """The vendor does not have it: queue the same command again, with the same reference and the same bytes.

    lateness is the longest after its deadline at which the vendor may still execute a request; until then its absence
    proves nothing. Raises AccessDenied, NotFound, AlreadyDecided, DecisionRefused.
    """

    def queue(command: Command) -> bool:
        _refuse_before(absence_proves_at(command, lateness=lateness), moment=moment)
        return move(
            command.id,
            before=CommandState.PARKED,
            after=CommandState.QUEUED,
            guard=Command.attempt == attempt,
            due_at=moment.real_now,
            absent_at=None,
            error_code="",
            error_message="",
        )

    return _decide(command_id, queue, attempt, "Confirmed absent", actor=actor, moment=moment)


def absence_proves_at(command: Command, *, lateness: timedelta) -> datetime | None:
    """The real instant from which the vendor can no longer execute what was sent; None where nothing is on its way.

    What has an error code was answered: the vendor refused the second call of a composed command.
    """
    deadline_at: datetime | None = command.deadline_at
    return None if deadline_at is None or command.error_code else deadline_at + lateness


def _refuse_before(proves_at: datetime | None, *, moment: Moment) -> None:
    if proves_at is None or proves_at <= moment.real_now:
        return
    shown = proves_at + (moment.now - moment.real_now)
    raise DecisionRefused(
        Sentence(
            "The vendor may still execute it until %(time)s; before that its absence proves nothing.",
            {"time": clock_text(shown, now=moment.now, zone=moment.zone)},
        )
    )


def close_parked(command_id: int, *, attempt: int, reason: str, actor: Actor, moment: Moment) -> Command:
    """Give the command up: it is not sent again and changes nothing here. A Create leaves a failed order.

    Raises AccessDenied, NotFound, AlreadyDecided; FieldsRefused without a reason.
    """
    reason = tidy(reason)
    problem = text_problem(reason, limit=LONGEST_REASON, is_required=True)
    if problem is not None:
        actor.require(Permission.SETTLE_UNKNOWN)
        raise FieldsRefused({"reason": problem})

    def close(command: Command) -> bool:
        closed = move(
            command.id,
            before=CommandState.PARKED,
            after=CommandState.CLOSED,
            guard=Command.attempt == attempt,
            settled_at=moment.now,
            error_message=reason,
        )
        if closed:
            fail_order(command)
        return closed

    return _decide(command_id, close, attempt, "Closed", actor=actor, moment=moment, reason=reason)


def _decide(
    command_id: int,
    decision: Callable[[Command], bool],
    attempt: int,
    result: str,
    *,
    actor: Actor,
    moment: Moment,
    reason: str = "",
) -> Command:
    actor.require(Permission.SETTLE_UNKNOWN)
    with write_transaction():
        command = parked_command(command_id, attempt=attempt, actor=actor)
        if not decision(command):
            raise AlreadyDecided(Command.get_by_id(command_id))
        write_decision(command, result=result, note=reason, actor=actor, moment=moment)
        Adoption.update(state="refused", answer=result).where(
            Adoption.command == command.id, Adoption.state == "asked"
        ).execute()
        action = AuditAction.COMMAND_CLOSED if reason else AuditAction.COMMAND_REQUEUED
        audit_decision(action, command, actor=actor, moment=moment, reason=reason or "confirmed absent by a person")
        return Command.get_by_id(command_id)  # type: ignore[no-any-return]


def parked_command(command_id: int, *, attempt: int, actor: Actor) -> Command:
    """The command, locked. Raises NotFound; AlreadyDecided where it is no longer parked after that attempt."""
    command: Command | None = locked(visible(Command, actor=actor).where(Command.id == command_id)).first()
    if command is None:
        raise NotFound(command_id)
    if command.state != CommandState.PARKED or command.attempt != attempt:
        raise AlreadyDecided(command)
    return command


def write_decision(command: Command, *, result: str, note: str, actor: Actor, moment: Moment, **evidence: Any) -> None:
    """Put the decision among the attempts, beside what was sent and what came back."""
    Attempt.create(
        command=command,
        number=command.attempt,
        purpose="person",
        started_at=moment.now,
        finished_at=moment.now,
        result=result,
        note=": ".join(part for part in (actor.name, note) if part),
        **evidence,
    )


def audit_decision(action: AuditAction, command: Command, *, actor: Actor, moment: Moment, **details: Any) -> None:
    """An entry by the person, readable for the command's reseller."""
    record(
        action,
        actor=actor,
        now=moment.now,
        subject="command",
        subject_id=command.id,
        reseller_id=command.reseller_id,
        details=details,
    )
