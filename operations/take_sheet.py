"""Take a sheet that somebody sent: read at once, or kept until a job has read it where that takes long."""

from functools import partial

from access import Actor, Permission
from database import write_transaction
from imports.kept import pack_sheet
from imports.refusals import SheetRefused
from imports.sheets import is_large
from licensing.moment import Moment
from models import Upload
from operations.sheet_changes import CHANGES, compare_changes
from operations.sheet_orders import ORDERS, judge_orders
from operations.uploads import end_waiting, keep_upload

MOST_WAITING = 5
_READERS = {CHANGES: compare_changes, ORDERS: judge_orders}


def take_sheet(content: bytes, *, purpose: str, file_name: str, actor: Actor, moment: Moment) -> Upload:
    """Keep what the actor sent, a large file as waiting: whoever calls wakes the job then.

    Raises AccessDenied; SheetRefused, for what can be told at once, in which case nothing is kept.
    """
    actor.require(Permission.RUN_COMMANDS)
    keep = partial(keep_upload, purpose=purpose, file_name=file_name, actor=actor, moment=moment)
    if is_large(content):
        _require_room(actor)
        with write_transaction():
            return keep(content, state="waiting", result={})
    found = _READERS[purpose](content, file_name=file_name, actor=actor, moment=moment)
    with write_transaction():
        return keep(pack_sheet(found.sheet), result=found.write())


def _require_room(actor: Actor) -> None:
    """Everybody's sheets stand in one line: nobody may fill it alone."""
    waiting = Upload.select().where(Upload.owner == actor.user_id, Upload.state == "waiting").count()
    if waiting >= MOST_WAITING:
        raise SheetRefused("%(count)s sheets of yours are being read. Upload it after them.", count=str(waiting))


def read_begun(upload: Upload, *, actor: Actor, moment: Moment) -> bool:
    """Read a sheet that a job has begun with; gives whether that ended its waiting. Raises SheetRefused."""
    read = _READERS[upload.purpose]
    found = read(bytes(upload.content), file_name=upload.file_name, actor=actor, moment=moment)
    with write_transaction():
        is_ended = end_waiting(upload, state="read", content=pack_sheet(found.sheet))
        return is_ended and bool(Upload.update(result=found.write()).where(Upload.id == upload.id).execute())
