"""Take a sheet that somebody sent: read at once, or kept until a job has read it where that takes long.

However often a job begins, what the sheet asks for is written once: in the transaction that ends its waiting.
"""

from functools import partial

from access import Actor, Permission
from auth.actors import actor_of
from database import write_transaction
from imports.kept import pack_sheet
from imports.refusals import SheetRefused
from imports.sheets import is_large
from licensing.moment import Moment
from licensing.wording import translatable
from models import Upload
from operations.sheet_changes import CHANGES, compare_changes
from operations.sheet_orders import ORDERS, judge_orders
from operations.uploads import SheetFound, keep_upload

MOST_ATTEMPTS, MOST_WAITING = 3, 5
_READERS = {CHANGES: compare_changes, ORDERS: judge_orders}
_BROKE_OFF = translatable("The file could not be read. Save only the sheet that is needed, as .xlsx, and upload that.")
_NO_RIGHT = translatable("Whoever sent the sheet may run no commands any more.")


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


def read_waiting(upload_id: int, *, moment: Moment) -> bool:
    """Read a waiting sheet on behalf of its owner; gives whether that ended its waiting.

    Nothing happens to one that is read, refused or forgotten. One that nobody could read to the end three times, since
    the process was killed each time, is refused.
    """
    upload = _begun(upload_id)
    if upload is None:
        return False
    try:
        found = _read(upload, moment=moment)
    except SheetRefused as refused:
        reason = [refused.reason.template, dict(refused.reason.values)]
        return _end_waiting(upload, state="refused", content=b"", result={"reason": reason})
    with write_transaction():
        return _end_waiting(upload, state="read", content=pack_sheet(found.sheet)) and _keep(upload, found)


def _begun(upload_id: int) -> Upload | None:
    is_waiting = (Upload.id == upload_id) & (Upload.state == "waiting")
    with write_transaction():
        if not Upload.update(attempts=Upload.attempts + 1).where(is_waiting).execute():
            return None
    return Upload.get_or_none(is_waiting)  # type: ignore[no-any-return]


def _read(upload: Upload, *, moment: Moment) -> SheetFound:
    if upload.attempts > MOST_ATTEMPTS:
        raise SheetRefused(_BROKE_OFF)
    owner = upload.owner
    actor = actor_of(owner)
    if not owner.is_active or actor.reseller_id != upload.reseller_id or not actor.may(Permission.RUN_COMMANDS):
        raise SheetRefused(_NO_RIGHT)
    return _READERS[upload.purpose](bytes(upload.content), file_name=upload.file_name, actor=actor, moment=moment)


def _end_waiting(upload: Upload, **values: object) -> bool:
    """The guard: of two jobs that read it at the same time one finds it waiting."""
    with write_transaction():
        return bool(Upload.update(**values).where(Upload.id == upload.id, Upload.state == "waiting").execute())


def _keep(upload: Upload, found: SheetFound) -> bool:
    return bool(Upload.update(result=found.write()).where(Upload.id == upload.id).execute())
