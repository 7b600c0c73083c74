"""What the clock process must wake: ids and since when they are due, oldest first, of every reseller."""

from datetime import datetime, timedelta
from typing import NamedTuple

from peewee import Expression

from licensing.states import CommandState
from models import Adoption, Command


class Due(NamedTuple):
    """A command and the real instant from which it is due; a later one is another occasion to wake it."""

    command_id: int
    due_at: datetime


def commands_to_send(*, now: datetime, grace: timedelta, limit: int) -> list[Due]:
    """Queued commands that are due: at once where they were tried before, else after grace, as their screen woke them.

    now is real time.
    """
    is_due = (Command.due_at <= now - grace) | ((Command.due_at <= now) & (Command.attempt > 0))
    return _due(CommandState.QUEUED, is_due, limit=limit)


def commands_to_settle(*, now: datetime, limit: int) -> list[Due]:
    """Commands of unknown outcome about which the vendor should be asked; now is real time."""
    return _due(CommandState.UNKNOWN, Command.due_at <= now, limit=limit)


def adoptions_to_read(*, now: datetime, limit: int) -> list[Due]:
    """Parked commands about which a person stated what must still be read at the vendor; now is real time."""
    query = Adoption.select(Adoption.command, Adoption.due_at).where(Adoption.state == "asked", Adoption.due_at <= now)
    return [Due(*row) for row in query.order_by(Adoption.due_at, Adoption.id).limit(limit).tuples()]


def _due(state: CommandState, is_due: Expression, *, limit: int) -> list[Due]:
    query = Command.select(Command.id, Command.due_at).where(Command.state == state, is_due)
    return [Due(*row) for row in query.order_by(Command.due_at, Command.id).limit(limit).tuples()]
