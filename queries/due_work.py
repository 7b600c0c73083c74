"""What a draining job takes on: single clicks before the rows of batches, each by the instant it is due."""

from datetime import datetime

from licensing.states import CommandState
from models import Command
from queries.due_commands import Due


def due_singles(*, now: datetime, limit: int) -> list[Due]:
    """Queued commands of single clicks that are due at that real instant, oldest first."""
    return _due(Command.batch.is_null(), now=now, limit=limit)


def due_batch_rows(*, now: datetime, limit: int) -> list[Due]:
    """Queued commands of batches that are due at that real instant, oldest first."""
    return _due(Command.batch.is_null(is_null=False), now=now, limit=limit)


def is_still_due(command_id: int, *, now: datetime) -> bool:
    """Whether the command is queued and due: then it could not be claimed because nothing may be sent at all now."""
    query = Command.select().where(
        Command.id == command_id, Command.state == CommandState.QUEUED, Command.due_at <= now
    )
    return bool(query.exists())


def is_anything_due(*, now: datetime) -> bool:
    """Whether a queued command is due."""
    return bool(Command.select().where(Command.state == CommandState.QUEUED, Command.due_at <= now).exists())


def _due(which: object, *, now: datetime, limit: int) -> list[Due]:
    query = Command.select(Command.id, Command.due_at).where(
        Command.state == CommandState.QUEUED, Command.due_at <= now, which
    )
    return [Due(*row) for row in query.order_by(Command.due_at, Command.id).limit(limit).tuples()]
