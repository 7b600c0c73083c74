"""Try rows of a batch again: a new selection with the same command, to be planned and shown before anything is sent."""

from collections.abc import Sequence

from access import Actor, Permission
from database import write_transaction
from licensing.moment import Moment
from licensing.wording import Sentence
from models import Selection
from operations.bulk_refusals import NothingSelected
from operations.refusals import NotFound
from operations.select_rows import freeze
from queries.batch import NoSuchBatch, RowStanding, find_batch, rows_standing

_RETRIED = frozenset({RowStanding.FAILED, RowStanding.STOPPED})


def retry_rows(
    batch_id: int,
    *,
    standing: RowStanding = RowStanding.FAILED,
    positions: Sequence[int] | None = None,
    actor: Actor,
    moment: Moment,
) -> Selection:
    """Choose the failed rows of a batch (or the stopped ones) again; positions limits that to some of them.

    The selection has the batch's command and parameters, and is to be planned by plan_selection like any other: what
    "increase by 2" means is computed anew from the quantity of that day. Raises AccessDenied; NotFound;
    NothingSelected where no such row is left; ValueError for a standing that cannot be tried again.
    """
    actor.require(Permission.RUN_COMMANDS)
    if standing not in _RETRIED:
        raise ValueError(f"rows that are {standing} cannot be tried again")
    try:
        batch = find_batch(batch_id, actor=actor)
    except NoSuchBatch as missing:
        raise NotFound(batch_id) from missing
    with write_transaction():
        chosen = rows_standing(batch, standing, positions=positions)
        if not chosen:
            raise NothingSelected(Sentence("No row of this batch can be tried again."))
        return freeze(
            chosen,
            origin="retry",
            retried_batch=batch.id,
            kind=batch.kind,
            parameters=batch.selection.parameters,
            actor=actor,
            moment=moment,
        )
