"""Change a plan that is shown: leave rows out, take them in again, take the cheaper quantity."""

from collections.abc import Sequence

from access import Actor, Permission
from database import write_transaction
from licensing.bulk import BulkCommand
from licensing.moment import Moment
from licensing.wording import Sentence
from models import Selection, SelectionRow
from operations.bulk_refusals import NothingSelected, PlanOutdated
from operations.plan_rows import RowPlanner, change_selection, open_selection
from operations.plan_selection import finish_plan


def tick_rows(selection_id: int, positions: Sequence[int] | None, *, is_ticked: bool, actor: Actor) -> Selection:
    """Take eligible rows in, or leave them out; positions None means all. Gives the selection with its new version.

    A position that is not eligible, or not there, stays as it is. Raises AccessDenied, NotFound, PlanOutdated.
    """
    actor.require(Permission.RUN_COMMANDS)
    with write_transaction():
        selection = planned_selection(selection_id, actor=actor)
        rows = SelectionRow.update(is_ticked=is_ticked).where(
            SelectionRow.selection == selection.id, SelectionRow.is_eligible
        )
        (rows if positions is None else rows.where(SelectionRow.position.in_(positions))).execute()
        change_selection(selection)
    return selection


def take_cheaper(selection_id: int, positions: Sequence[int] | None, *, actor: Actor, moment: Moment) -> Selection:
    """Plan hinted rows again with the cheaper quantity; positions None means all that are ticked.

    A row whose cheaper quantity is the one it has becomes not eligible, and says so. Raises AccessDenied, NotFound,
    NothingSelected where no such row has a hint, PlanOutdated.
    """
    actor.require(Permission.RUN_COMMANDS)
    with write_transaction():
        selection = planned_selection(selection_id, actor=actor)
        require_month(selection, moment=moment)
        quantities = _cheaper_quantities(selection, positions)
        if not quantities:
            raise NothingSelected(Sentence("No chosen row has a cheaper quantity."))
        change_selection(selection, planned_at=None)
    command = BulkCommand.from_dict(selection.kind, selection.parameters)
    RowPlanner(selection, command, actor=actor, moment=moment).plan(sorted(quantities), quantities=quantities)
    return finish_plan(selection, moment=moment)


def planned_selection(selection_id: int, *, actor: Actor) -> Selection:
    """The actor's own selection with its plan, locked. Raises NotFound, PlanOutdated."""
    selection = open_selection(selection_id, actor=actor)
    if selection.planned_at is None:
        raise PlanOutdated(Sentence("These rows are not planned yet: calculate first."))
    return selection


def require_month(selection: Selection, *, moment: Moment) -> None:
    """Raise PlanOutdated where another month runs than the one by which the plan was charged."""
    if selection.planned_on != moment.month.first_day:
        raise PlanOutdated(Sentence("A new month has begun since the plan: calculate it again."))


def _cheaper_quantities(selection: Selection, positions: Sequence[int] | None) -> dict[int, int]:
    hinted = SelectionRow.select(SelectionRow.position, SelectionRow.cheaper_quantity).where(
        SelectionRow.selection == selection.id,
        SelectionRow.is_eligible,
        SelectionRow.cheaper_quantity.is_null(is_null=False),
    )
    wanted = SelectionRow.is_ticked if positions is None else SelectionRow.position.in_(positions)
    return dict(hinted.where(wanted).tuples())
