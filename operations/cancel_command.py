"""Cancel a command while it waits: it was not sent, and never will be."""

from access import Actor, Permission
from database import locked, write_transaction
from licensing.moment import Moment
from licensing.states import CommandState
from licensing.wording import Sentence
from models import Command
from operations.audit import AuditAction
from operations.confirm_command import fail_order
from operations.decision_refusals import AlreadyDecided, DecisionRefused
from operations.parked_commands import audit_decision
from operations.refusals import NotFound
from operations.transitions import move
from queries.scope import visible


def cancel_command(command_id: int, *, actor: Actor, moment: Moment) -> Command:
    """Take a queued command back. A Create leaves a failed order; nothing else changes.

    Whoever sees the command and may run commands may cancel it. Raises AccessDenied, NotFound; AlreadyDecided where it
    is no longer queued; DecisionRefused for a composed command of which the vendor has done the first call.
    """
    actor.require(Permission.RUN_COMMANDS)
    with write_transaction():
        command: Command | None = locked(visible(Command, actor=actor).where(Command.id == command_id)).first()
        if command is None:
            raise NotFound(command_id)
        if command.state == CommandState.QUEUED and command.completed_steps > 0:
            raise DecisionRefused(
                Sentence("The vendor has executed its first part already; the rest must follow, or it stays half done.")
            )
        is_queued = command.state == CommandState.QUEUED
        if not is_queued or not _cancel(command, moment=moment):
            raise AlreadyDecided(Command.get_by_id(command_id))
        audit_decision(AuditAction.COMMAND_CANCELLED, command, actor=actor, moment=moment, by="a person")
        return Command.get_by_id(command_id)  # type: ignore[no-any-return]


def _cancel(command: Command, *, moment: Moment) -> bool:
    moved = move(
        command.id,
        before=CommandState.QUEUED,
        after=CommandState.CANCELLED,
        guard=Command.completed_steps == 0,
        settled_at=moment.now,
        error_message="",
    )
    if moved:
        fail_order(command)
    return moved
