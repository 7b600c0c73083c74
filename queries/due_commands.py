"""What the clock process must wake: ids alone, oldest first, of every reseller."""

from datetime import datetime

from licensing.states import CommandState
from models import Command


def commands_to_send(*, due_before: datetime, limit: int) -> list[int]:
    """Queued commands that were due before that real instant."""
    return _due(CommandState.QUEUED, due_before=due_before, limit=limit)


def commands_to_settle(*, due_before: datetime, limit: int) -> list[int]:
    """Commands of unknown outcome about which the vendor should be asked by that real instant."""
    return _due(CommandState.UNKNOWN, due_before=due_before, limit=limit)


def _due(state: CommandState, *, due_before: datetime, limit: int) -> list[int]:
    query = Command.select(Command.id).where(Command.state == state, Command.due_at <= due_before)
    return [command_id for (command_id,) in query.order_by(Command.due_at, Command.id).limit(limit).tuples()]
