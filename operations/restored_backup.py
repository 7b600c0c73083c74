"""A database that was restored from a backup: what it says is waiting may have been sent since, so nobody knows.

Sending is held until a reconciliation is clean; every queued command becomes one of unknown outcome, which is settled
by asking the vendor, or by a person.
"""

from access import Actor
from database import write_transaction
from licensing.moment import Moment
from licensing.states import CommandState
from models import Command
from operations.audit import AuditAction
from operations.confirm_command import audit_command
from operations.gateway_holds import hold_gateway
from operations.record_outcome import FIRST_READ_AFTER
from operations.transitions import move

_OPEN_THERE = (CommandState.SENDING, CommandState.UNKNOWN, CommandState.PARKED)
REASON = "The database was restored from a backup: whether this was sent meanwhile is not known"


def hold_restored(gateway: str, *, reason: str, actor: Actor, moment: Moment) -> int:
    """Hold the gateway and doubt what is queued; gives how many commands that were. Raises AccessDenied."""
    with write_transaction():
        hold_gateway(gateway, reason=reason, actor=actor, moment=moment, needs_reconciliation=True)
        _distrust_readings(moment)
        queued = list(Command.select().where(Command.state == CommandState.QUEUED).order_by(Command.id))
        return sum(_doubt(command, moment=moment) for command in queued)


def _distrust_readings(moment: Moment) -> None:
    """What was open may have been sent again since: readings from before prove nothing, nor does a deadline of then."""
    Command.update(deadline_at=moment.real_now, absent_at=None).where(Command.state.in_(_OPEN_THERE)).execute()


def _doubt(command: Command, *, moment: Moment) -> bool:
    """Take it through the states of one that was sent; its deadline is now, so that absence can be proved from now."""
    is_taken = move(command.id, before=CommandState.QUEUED, after=CommandState.SENDING)
    moved = is_taken and move(
        command.id,
        before=CommandState.SENDING,
        after=CommandState.UNKNOWN,
        deadline_at=moment.real_now,
        due_at=moment.real_now + FIRST_READ_AFTER,
        absent_at=None,
        error_message=REASON,
    )
    if moved:
        audit_command(AuditAction.COMMAND_UNKNOWN, command, moment=moment, reason=REASON)
    return moved
