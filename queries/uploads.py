"""What somebody sent: the upload itself, and the orders that were placed from it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from access import Actor
from models import Command, Upload
from queries.due_commands import Due
from queries.scope import visible

_KEYS_AT_ONCE = 500
_FEW = 5


class RecentUpload(NamedTuple):
    """A sheet in the list of those that somebody sent."""

    id: int
    file_name: str
    state: str
    created_at: datetime


class NoSuchUpload(LookupError):
    """No upload of that id exists for the actor."""


def waiting_uploads(*, limit: int) -> list[Due]:
    """The sheets that wait for a job, oldest first, of everybody: for the clock process."""
    query = Upload.select(Upload.id, Upload.created_at).where(Upload.state == "waiting").order_by(Upload.id)
    return [Due(*row) for row in query.limit(limit).tuples()]


def recent_uploads(purpose: str, *, actor: Actor) -> list[RecentUpload]:
    """The actor's own sheets, the newest few first, without their content."""
    columns = (Upload.id, Upload.file_name, Upload.state, Upload.created_at)
    query = visible(Upload, *columns, actor=actor).where(Upload.purpose == purpose).order_by(Upload.id.desc())
    return [RecentUpload(*row) for row in query.limit(_FEW).tuples()]


def find_upload(upload_id: int | None, *, purpose: str, actor: Actor) -> Upload:
    """The actor's own upload. Raises NoSuchUpload for a foreign, forgotten or missing one."""
    found = visible(Upload, actor=actor).where(Upload.id == upload_id, Upload.purpose == purpose).first()
    if found is None:
        raise NoSuchUpload(upload_id)
    return found  # type: ignore[no-any-return]


def commands_of_keys(keys: Sequence[str], *, actor: Actor) -> Mapping[str, Command]:
    """The commands that were made with these request keys, by key."""
    found: dict[str, Command] = {}
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        some: Any = visible(Command, actor=actor).where(Command.request_key.in_(keys[start : start + _KEYS_AT_ONCE]))
        found.update({command.request_key: command for command in some})
    return found
