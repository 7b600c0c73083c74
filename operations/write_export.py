"""Write a file that was asked for, under a lease: however often jobs begin, are killed or run twice, one file comes.

The lease moves on with the rows. A job that lost it stops at the next step; what it has written is thrown away by the
one that begins anew.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from access import Actor, Permission
from auth.actors import actor_of
from database import write_transaction
from file_models import ExportFile, ExportPart
from licensing.wording import Sentence, translatable

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3
_BROKE_OFF = translatable("The file could not be written. Narrow the list by a filter and export it again.")
_NO_RIGHT = translatable("Whoever asked for the file may not read the list any more.")


class ExportLost(Exception):
    """Another job writes the file by now, or it was forgotten."""


class ExportRefused(Exception):
    """The file cannot be written at all; reason is a Sentence for its owner."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ExportClaim:
    """The right to write one file until the lease ends, on behalf of the actor."""

    export: ExportFile
    actor: Actor
    lease: str


def claim_export(export_id: int, *, real_now: datetime) -> ExportClaim | None:
    """Take a waiting file that no job holds, and throw away what an earlier one has written.

    None for one that is held, written, failed or forgotten; one begun three times, or of somebody who lost the right
    to it, fails now.
    """
    lease = str(uuid.uuid4())
    is_free = ExportFile.lease_until.is_null() | (ExportFile.lease_until < real_now)
    taken = {"lease": lease, "lease_until": real_now + LEASE, "written": 0, "attempts": ExportFile.attempts + 1}
    with write_transaction():
        waiting = (ExportFile.id == export_id) & (ExportFile.state == "waiting")
        if not ExportFile.update(**taken).where(waiting, is_free).execute():
            return None
        ExportPart.delete().where(ExportPart.export == export_id).execute()
    claim = ExportClaim(export := ExportFile.get_by_id(export_id), actor_of(export.owner), lease)
    try:
        _require_possible(claim)
    except ExportRefused as refused:
        fail_export(claim, refused.reason)
        return None
    return claim


def note_progress(claim: ExportClaim, written: int, *, rows: int, real_now: datetime) -> None:
    """Note how many of the rows are written, and hold the lease longer. Raises ExportLost."""
    _update(claim, written=written, rows=rows, lease_until=real_now + LEASE)


def keep_part(claim: ExportClaim, number: int, content: bytes, *, real_now: datetime) -> None:
    """Keep a piece of the file, numbered from 0. Raises ExportLost."""
    with write_transaction():
        _update(claim, lease_until=real_now + LEASE)
        ExportPart.create(export=claim.export.id, number=number, content=content)


def finish_export(claim: ExportClaim, *, rows: int, size: int) -> None:
    """The file is whole: so many rows, so many bytes. Raises ExportLost."""
    _update(claim, state="written", rows=rows, written=rows, size=size, lease=None, lease_until=None)


def fail_export(claim: ExportClaim, reason: Sentence) -> None:
    """The file will not come, and its owner is told why. Raises ExportLost."""
    _update(claim, state="failed", problem=str(reason), lease=None, lease_until=None)


def _require_possible(claim: ExportClaim) -> None:
    export, owner = claim.export, claim.export.owner
    if export.attempts > MOST_ATTEMPTS:
        raise ExportRefused(Sentence(_BROKE_OFF))
    if not owner.is_active or claim.actor.reseller_id != export.reseller_id or not claim.actor.may(Permission.READ):
        raise ExportRefused(Sentence(_NO_RIGHT))


def _update(claim: ExportClaim, **values: Any) -> None:
    held = (ExportFile.id == claim.export.id) & (ExportFile.lease == claim.lease)
    with write_transaction():
        if not ExportFile.update(**values).where(held, ExportFile.state == "waiting").execute():
            raise ExportLost(claim.export.id)
