"""Stop a batch: what is being sent finishes, what is still queued is cancelled and never sent."""

from typing import Any

from access import Actor, Permission
from database import locked, write_transaction
from licensing.moment import Moment
from licensing.states import CommandState
from models import Batch, Command
from operations.audit import AuditAction, Entry, record, record_many
from operations.refusals import NotFound
from operations.transitions import cancel_queued
from queries.scope import visible

# From these a command may still be sent by itself: the stop must be remembered until each has settled.
_ON_THE_WAY = (CommandState.QUEUED, CommandState.SENDING, CommandState.UNKNOWN)


def stop_batch(batch_id: int, *, actor: Actor, moment: Moment) -> Batch:
    """Cancel what the batch has not sent; a batch of which nothing is on its way any more is left as it is.

    Whoever sees the batch and may run commands may stop it. Raises AccessDenied, NotFound.
    """
    actor.require(Permission.RUN_COMMANDS)
    with write_transaction():
        batch = _locked(batch_id, actor=actor)
        stopped_at: Any = batch.stopped_at
        if stopped_at is None and _is_on_the_way(batch):
            _stop(batch, actor=actor, moment=moment)
    return Batch.get_by_id(batch_id)  # type: ignore[no-any-return]


def _is_on_the_way(batch: Batch) -> bool:
    return bool(Command.select().where(Command.batch == batch.id, Command.state.in_(_ON_THE_WAY)).exists())


def _locked(batch_id: int, *, actor: Actor) -> Batch:
    batch: Batch | None = locked(visible(Batch, actor=actor).where(Batch.id == batch_id)).first()
    if batch is None:
        raise NotFound(batch_id)
    return batch


def _stop(batch: Batch, *, actor: Actor, moment: Moment) -> None:
    Batch.update(stopped_at=moment.now, stopped_by=actor.user_id).where(Batch.id == batch.id).execute()
    cancelled = cancel_queued(batch.id, settled_at=moment.now)
    entries = (Entry(pk, reseller_id, {"batch": batch.id}) for pk, reseller_id in cancelled)
    record_many(AuditAction.COMMAND_CANCELLED, entries, actor=actor, now=moment.now, subject="command")
    record(
        AuditAction.BATCH_STOPPED,
        actor=actor,
        now=moment.now,
        subject="batch",
        subject_id=batch.id,
        reseller_id=batch.reseller_id,
        details={"cancelled": len(cancelled)},
    )
