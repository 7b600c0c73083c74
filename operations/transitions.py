"""The only way a command changes its state: a guarded update along an edge of licensing.states.TRANSITIONS."""

from typing import Any

from licensing.states import TRANSITIONS, CommandState
from models import Command


def move(
    command_id: int,
    *,
    before: CommandState,
    after: CommandState,
    guard: Any = None,
    **changes: Any,
) -> bool:
    """Set the new state and the changes where the command still is in the old one and the guard holds.

    Gives whether exactly this call moved it. Raises ValueError for a move that the architecture does not know.
    """
    if after not in TRANSITIONS[before]:
        raise ValueError(f"a command does not go from {before} to {after}")
    query = Command.update(state=after, **changes).where(Command.id == command_id, Command.state == before)
    if guard is not None:
        query = query.where(guard)
    return bool(query.execute() == 1)
