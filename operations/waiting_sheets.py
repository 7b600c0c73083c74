"""What a job does with a sheet that waits: read it, or place the many orders that were confirmed.

However often a job begins, what a sheet asks for is written once: what was read in the transaction that ends the
waiting, each order under a key of its own. The job acts as the owner, with the rights that the owner has now.
"""

from access import Actor, Permission
from auth.actors import actor_of
from database import write_transaction
from imports.refusals import SheetRefused
from licensing.moment import Moment
from licensing.wording import Sentence, translatable
from models import Upload
from operations.bulk_refusals import BulkRefused
from operations.place_orders import place_begun
from operations.take_sheet import read_begun
from operations.uploads import end_waiting, stored_reason

MOST_ATTEMPTS = 3
_UNREADABLE = translatable("The file could not be read. Save only the sheet that is needed, as .xlsx, and upload that.")
_UNPLACED = translatable("The orders broke off. Create again: what was ordered is not ordered twice.")
_NO_RIGHT = translatable("Whoever sent the sheet may run no commands any more.")


def serve_waiting(upload_id: int, *, moment: Moment) -> bool:
    """Do what the sheet waits for; gives whether that ended its waiting.

    Nothing happens to one that waits no more or is forgotten. Where three jobs broke off, as each was killed, the
    fourth refuses the file, or leaves the orders to another click.
    """
    upload = _begun(upload_id)
    if upload is None:
        return False
    work = place_begun if upload.result else read_begun
    try:
        return work(upload, actor=_owner(upload), moment=moment)
    except (SheetRefused, BulkRefused) as refused:
        return _stop(upload, refused.reason)


def _begun(upload_id: int) -> Upload | None:
    is_waiting = (Upload.id == upload_id) & (Upload.state == "waiting")
    with write_transaction():
        if not Upload.update(attempts=Upload.attempts + 1).where(is_waiting).execute():
            return None
    return Upload.get_or_none(is_waiting)  # type: ignore[no-any-return]


def _owner(upload: Upload) -> Actor:
    if upload.attempts > MOST_ATTEMPTS:
        raise SheetRefused(_UNPLACED if upload.result else _UNREADABLE)
    owner = upload.owner
    actor = actor_of(owner)
    if not owner.is_active or actor.reseller_id != upload.reseller_id or not actor.may(Permission.RUN_COMMANDS):
        raise SheetRefused(_NO_RIGHT)
    return actor


def _stop(upload: Upload, reason: Sentence) -> bool:
    """A file that cannot be read is refused and thrown away; orders stay, and can be confirmed once more."""
    result = {**upload.result, "reason": stored_reason(reason)}
    if upload.result:
        return end_waiting(upload, state="read", result=result)
    return end_waiting(upload, state="refused", content=b"", result=result)
