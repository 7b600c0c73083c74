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


def cancel_queued(batch_id: int, **changes: Any) -> list[tuple[int, int]]:
    """Cancel what a batch has not sent yet; gives the id and the reseller of each command that this call moved.

    A composed command of which the vendor did the first call goes on: cancelled it would stay half done.
    """
    query = Command.update(state=CommandState.CANCELLED, **changes).where(
        Command.batch == batch_id, Command.state == CommandState.QUEUED, Command.completed_steps == 0
    )
    return list(query.returning(Command.id, Command.reseller).tuples())
