"""Files that are written in the background: one, those of somebody, those that wait, and the content of one."""

from collections.abc import Iterator
from datetime import datetime

from access import Actor
from file_models import ExportFile, ExportPart
from queries.due_commands import Due
from queries.scope import visible

_FEW = 20


class NoSuchExport(LookupError):
    """No file of that id exists for the actor."""


def find_export(export_id: int | None, *, actor: Actor) -> ExportFile:
    """The actor's own file. Raises NoSuchExport for a foreign, forgotten or missing one."""
    found = visible(ExportFile, actor=actor).where(ExportFile.id == export_id).first()
    if found is None:
        raise NoSuchExport(export_id)
    return found  # type: ignore[no-any-return]


def recent_exports(*, actor: Actor) -> list[ExportFile]:
    """The actor's own files, the newest first."""
    return list(visible(ExportFile, actor=actor).order_by(ExportFile.id.desc()).limit(_FEW))


def waiting_exports(*, now: datetime, limit: int) -> list[Due]:
    """The files that no job is writing, oldest first, of everybody: for the clock process. now is real time."""
    is_free = ExportFile.lease_until.is_null() | (ExportFile.lease_until < now)
    query = ExportFile.select(ExportFile.id, ExportFile.lease_until, ExportFile.created_at)
    waiting = query.where(ExportFile.state == "waiting", is_free).order_by(ExportFile.id).limit(limit)
    return [Due(key, lease_until or created_at) for key, lease_until, created_at in waiting.tuples()]


def content_of(export: ExportFile) -> Iterator[bytes]:
    """The file that was found for the actor, piece after piece, each read when it is asked for."""
    numbers = ExportPart.select(ExportPart.number).where(ExportPart.export == export.id).order_by(ExportPart.number)
    for (number,) in list(numbers.tuples()):
        part = ExportPart.select(ExportPart.content).where(ExportPart.export == export.id, ExportPart.number == number)
        yield bytes(part.scalar())
