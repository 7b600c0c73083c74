"""Ask for a list as a file that a job writes, and throw such files away after two days."""

from datetime import timedelta

from access import Actor, Permission
from database import write_transaction
from file_models import ExportFile
from licensing.moment import Moment
from licensing.wording import Sentence, translatable
from operations.bulk_refusals import BulkRefused
from queries.scope import visible

KEPT = timedelta(days=2)
MOST_WAITING = 5
_TOO_MANY = translatable("%(number)s of your files are being written. Wait until one of them is ready.")


def ask_export(*, screen: str, query: str, file_name: str, actor: Actor, moment: Moment) -> ExportFile:
    """Note the wish, which a wake or the clock then has fulfilled. screen and query are the list's address.

    Asked again while the same list is being written it gives that one. Raises AccessDenied, and BulkRefused where too
    many of the actor's files wait.
    """
    actor.require(Permission.READ)
    with write_transaction():
        waiting: list[ExportFile] = list(visible(ExportFile, actor=actor).where(ExportFile.state == "waiting"))
        same = [each for each in waiting if (each.screen, each.query) == (screen, query)]
        if same:
            return same[0]
        if len(waiting) >= MOST_WAITING:
            raise BulkRefused(Sentence(_TOO_MANY, {"number": str(len(waiting))}))
        export: ExportFile = ExportFile.create(
            owner=actor.user_id,
            reseller=actor.reseller_id,
            screen=screen,
            query=query,
            file_name=file_name,
            created_at=moment.now,
        )
    return export


def forget_exports(*, moment: Moment) -> bool:
    """Remove the oldest file that is older than two days, one at a time; gives whether there was one."""
    oldest = ExportFile.select(ExportFile.id).where(ExportFile.created_at < moment.now - KEPT)
    found = oldest.order_by(ExportFile.created_at).first()
    if found is None:
        return False
    with write_transaction():
        return bool(ExportFile.delete().where(ExportFile.id == found.id).execute())
