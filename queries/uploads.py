"""What somebody sent: the upload itself, and the orders that were placed from it."""

from collections.abc import Mapping, Sequence
from typing import Any

from access import Actor
from models import Command, Upload
from queries.scope import visible

_KEYS_AT_ONCE = 500


class NoSuchUpload(LookupError):
    """No upload of that id exists for the actor."""


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
