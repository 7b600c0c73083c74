"""Start the batch of a plan: one transaction for the batch, its commands, the changed records and every audit entry.

What runs is what was shown. A row that changed in between is set aside and listed, and a plan that is no longer the
one on the page does not start at all.
"""

from access import Actor, Permission
from database import locked, write_transaction
from licensing.bulk import BulkCommand
from licensing.moment import Moment
from licensing.states import CommandKind
from licensing.wording import Sentence
from models import Batch, Command, Selection, SelectionRow, Subscription
from operations.adjust_plan import require_month
from operations.audit import AuditAction, record
from operations.batch_commands import change_records, queue_commands
from operations.bulk_refusals import NothingSelected, PlanOutdated
from operations.record_refusals import FieldsRefused
from operations.refusals import NotFound
from operations.set_aside import going_rows, set_aside_changed, set_aside_unqueued
from queries.scope import visible
from queries.settings import confirm_rows


def start_batch(
    selection_id: int, *, version: int, typed_rows: int | None = None, actor: Actor, moment: Moment
) -> Batch:
    """Queue a command for every ticked row and give the batch; the same selection gives the same batch ever after.

    version is that of the plan on the page; typed_rows is the number that the person typed, needed above the setting
    confirm_rows. Raises AccessDenied; NotFound; PlanOutdated; NothingSelected; FieldsRefused for typed_rows.
    """
    actor.require(Permission.RUN_COMMANDS)
    with write_transaction():
        selection = _locked(selection_id, actor=actor)
        started = Batch.get_or_none(Batch.selection == selection.id)
        if started is not None:
            return started  # type: ignore[no-any-return]
        _require_shown(selection, version=version, moment=moment)
        _require_typed(going_rows(selection.id).count(), typed_rows, moment=moment)
        return _start(selection, actor=actor, moment=moment)


def _locked(selection_id: int, *, actor: Actor) -> Selection:
    selection: Selection | None = locked(visible(Selection, actor=actor).where(Selection.id == selection_id)).first()
    if selection is None:
        raise NotFound(selection_id)
    return selection


def _require_shown(selection: Selection, *, version: int, moment: Moment) -> None:
    if selection.planned_at is None:
        raise PlanOutdated(Sentence("These rows are not planned yet: calculate first."))
    if selection.version != version:
        raise PlanOutdated(Sentence("The plan changed since this page was shown: look at it again."))
    require_month(selection, moment=moment)


def _require_typed(rows: int, typed_rows: int | None, *, moment: Moment) -> None:
    if rows == 0:
        raise NothingSelected(Sentence("No row is ticked."))
    if rows > confirm_rows(moment.month) and typed_rows != rows:
        sentence = Sentence("Type %(rows)s, the number of rows, to start.", {"rows": str(rows)})
        raise FieldsRefused({"typed_rows": sentence})


def _start(selection: Selection, *, actor: Actor, moment: Moment) -> Batch:
    command = BulkCommand.from_dict(selection.kind, selection.parameters)
    if command.kind is CommandKind.MODIFY_ATTRIBUTES:
        actor.require(Permission.EDIT_CUSTOMERS)
    rows = going_rows(selection.id).count()
    set_aside_changed(selection.id, kind=command.kind, moment=moment)
    batch = _create(selection, rows=rows, actor=actor, moment=moment)
    queue_commands(batch, command, actor=actor, moment=moment)
    if command.kind is CommandKind.MODIFY_ATTRIBUTES:
        change_records(batch, command, actor=actor, moment=moment)
    set_aside_unqueued(batch)
    _finish(batch, selection, actor=actor, moment=moment)
    return batch


def _create(selection: Selection, *, rows: int, actor: Actor, moment: Moment) -> Batch:
    everything = SelectionRow.select().where(SelectionRow.selection == selection.id).count()
    batch: Batch = Batch.create(
        selection=selection,
        reseller=_only_reseller(selection),
        kind=selection.kind,
        parameters=BulkCommand.from_dict(selection.kind, selection.parameters).without_licences().as_dict(),
        started_by=actor.user_id,
        started_at=moment.now,
        rows=rows,
        set_aside=0,
        left_out=everything - rows,
    )
    return batch


def _only_reseller(selection: Selection) -> int | None:
    """The reseller of every chosen row, those left out included; None where there are several."""
    query = SelectionRow.select(Subscription.reseller).join(Subscription).where(SelectionRow.selection == selection.id)
    resellers = [pk for (pk,) in query.distinct().limit(2).tuples()]
    return resellers[0] if len(resellers) == 1 else None


def _finish(batch: Batch, selection: Selection, *, actor: Actor, moment: Moment) -> None:
    batch.set_aside = batch.rows - Command.select().where(Command.batch == batch.id).count()
    Batch.update(set_aside=batch.set_aside).where(Batch.id == batch.id).execute()
    Selection.update(state="started").where(Selection.id == selection.id).execute()
    record(
        AuditAction.BATCH_STARTED,
        actor=actor,
        now=moment.now,
        subject="batch",
        subject_id=batch.id,
        reseller_id=batch.reseller_id,
        details={"kind": batch.kind, **batch.parameters, "rows": batch.rows, "set_aside": batch.set_aside},
    )
