"""A person says of a parked command that it was executed: what they found at the vendor is noted, to be read there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from access import Actor, Permission
from database import write_transaction
from licensing.moment import Moment
from licensing.states import CommandKind
from licensing.wording import Sentence, date_text
from models import Adoption, Command, Subscription
from operations.audit import AuditAction
from operations.parked_commands import audit_decision, parked_command
from operations.record_refusals import FieldsRefused
from operations.text_rules import column_problem

# Clocks differ a little, and people type minutes.
_CLOCKS_MAY_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Statement:
    """What was found at the vendor. executed_at is aware UTC; the ids are for a Create alone.

    attempt is the one that the person saw, so that nothing is decided about a later one.
    """

    command_id: int
    attempt: int
    executed_at: datetime
    subscription_id: str = ""
    activation_code: str = ""


def state_adoption(statement: Statement, *, actor: Actor, moment: Moment) -> Adoption:
    """Note the statement, due to be read at the vendor at once; while one is being read it is the answer to another.

    Raises AccessDenied, NotFound, AlreadyDecided; FieldsRefused for ids that cannot be, or are another licence's, and
    for a time before the request or in the future.
    """
    actor.require(Permission.SETTLE_UNKNOWN)
    with write_transaction():
        command = parked_command(statement.command_id, attempt=statement.attempt, actor=actor)
        waiting = Adoption.get_or_none(Adoption.command == command.id, Adoption.state == "asked")
        if waiting is not None:
            return waiting  # type: ignore[no-any-return]
        _refuse_problems(statement, command, moment=moment)
        audit_decision(
            AuditAction.COMMAND_STATED, command, actor=actor, moment=moment, executed_at=_at(statement, command)
        )
        return _write(statement, command, actor=actor, moment=moment)


def _at(statement: Statement, command: Command) -> str:
    return (command.executed_at or statement.executed_at).isoformat()


def _write(statement: Statement, command: Command, *, actor: Actor, moment: Moment) -> Adoption:
    has_ids = command.kind == CommandKind.CREATE
    return Adoption.create(  # type: ignore[no-any-return]
        command=command,
        attempt=statement.attempt,
        subscription_id=statement.subscription_id if has_ids else "",
        activation_code=statement.activation_code if has_ids else "",
        # Use began again with the first call of a composed command, which the vendor has confirmed.
        executed_at=command.executed_at or statement.executed_at,
        stated_by=actor.user_id,
        stated_at=moment.now,
        due_at=moment.real_now,
    )


def _refuse_problems(statement: Statement, command: Command, *, moment: Moment) -> None:
    problems: dict[str, Sentence] = {}
    is_begun = command.executed_at is not None
    if not is_begun:
        problems |= _time_problem(statement.executed_at, command, moment=moment)
    if command.kind == CommandKind.CREATE:
        problems |= _id_problems(statement, command)
    if problems:
        raise FieldsRefused(problems)


def _time_problem(executed_at: datetime, command: Command, *, moment: Moment) -> dict[str, Sentence]:
    if executed_at > moment.now:
        return {"executed_at": Sentence("This lies in the future.")}
    asked_at: datetime = command.requested_at
    if executed_at < asked_at - _CLOCKS_MAY_DIFFER:
        requested_at = asked_at.astimezone(moment.zone)
        shown = f"{date_text(requested_at.date())} {requested_at:%H:%M:%S}"
        return {"executed_at": Sentence("The request was made at %(time)s, so it was executed later.", {"time": shown})}
    return {}


def _id_problems(statement: Statement, command: Command) -> dict[str, Sentence]:
    typed = {"subscription_id": statement.subscription_id, "activation_code": statement.activation_code}
    problems: dict[str, Sentence] = {}
    for name, text in typed.items():
        column = getattr(Subscription, name)
        problem = column_problem(text, column, is_required=True) or _shape_problem(text)
        if problem is None and _is_taken(column == text, command):
            problem = Sentence("Another subscription has this one.")
        if problem is not None:
            problems[name] = problem
    return problems


def _shape_problem(text: str) -> Sentence | None:
    if text.isascii() and text.isprintable() and " " not in text:
        return None
    return Sentence("Letters, figures and dashes only, without a space.")


def _is_taken(is_same: object, command: Command) -> bool:
    others = Subscription.select().where(is_same, Subscription.id != command.subscription_id)
    return bool(others.exists())
