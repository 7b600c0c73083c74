"""Plan a command for a selection: who is eligible and what it costs. Writes the selection only and calls nobody."""

from dataclasses import replace

from access import Actor, Permission
from database import write_transaction
from licensing.bulk import BulkCommand
from licensing.commands import CustomerDetails
from licensing.moment import Moment
from licensing.states import CommandKind
from licensing.wording import Sentence
from models import Selection, SelectionRow
from operations.bulk_refusals import TooManyRows
from operations.customers import checked_details
from operations.plan_rows import RowPlanner, change_selection, open_selection, still_current
from operations.record_refusals import FieldsRefused
from operations.select_rows import LARGEST_SELECTION, add_rows
from queries.customer_licences import other_licences

_ANY_CUSTOMER = CustomerDetails(company_name="Any", country="RS")


def plan_selection(selection_id: int, command: BulkCommand, *, actor: Actor, moment: Moment) -> Selection:
    """Plan the command for every row, each eligible one ticked; gives the selection with its new version.

    ModifyAttributes adds the customers' other licences that can be used, since the change of a record reaches them.
    Until it returns the selection counts as not planned, so that a plan that was cut off is never shown. Raises
    AccessDenied; NotFound; FieldsRefused naming the form's fields; TooManyRows; PlanOutdated where the batch has
    started or another window plans the same rows.
    """
    _require(command.kind, actor=actor)
    command = _checked(command)
    selection = _begin(selection_id, command, actor=actor)
    planner = RowPlanner(selection, command, actor=actor, moment=moment)
    planner.plan(range(1, selection.rows + 1))
    if command.kind is CommandKind.MODIFY_ATTRIBUTES:
        planner.plan(_add_other_licences(selection, command, actor=actor, moment=moment))
    return finish_plan(selection, moment=moment)


def finish_plan(selection: Selection, *, moment: Moment) -> Selection:
    """Let the plan be shown, charged by the month of that moment."""
    columns = {"planned_at": moment.now, "planned_on": moment.month.first_day}
    with write_transaction():
        still_current(selection)
        Selection.update(**columns).where(Selection.id == selection.id).execute()
    return Selection.get_by_id(selection.id)  # type: ignore[no-any-return]


def _require(kind: CommandKind, *, actor: Actor) -> None:
    actor.require(Permission.RUN_COMMANDS)
    if kind is CommandKind.MODIFY_ATTRIBUTES:
        actor.require(Permission.EDIT_CUSTOMERS)


def _checked(command: BulkCommand) -> BulkCommand:
    problems = command.problems()
    if problems:
        raise FieldsRefused(problems)
    if command.kind is not CommandKind.MODIFY_ATTRIBUTES:
        return command
    try:
        tidied = checked_details(command.details(_ANY_CUSTOMER))
    except FieldsRefused as refused:
        raise FieldsRefused({"value": refused.problems[command.field_name]}) from refused
    return replace(command, value=getattr(tidied, command.field_name))


def _begin(selection_id: int, command: BulkCommand, *, actor: Actor) -> Selection:
    with write_transaction():
        selection = open_selection(selection_id, actor=actor)
        SelectionRow.delete().where(SelectionRow.selection == selection.id, SelectionRow.is_added).execute()
        change_selection(selection, kind=command.kind, parameters=command.as_dict(), planned_at=None, planned_on=None)
    return selection


def _add_other_licences(selection: Selection, command: BulkCommand, *, actor: Actor, moment: Moment) -> range:
    """Add a row for each licence that the change of the records reaches besides; gives their positions."""
    others = other_licences(
        selection.id, field_name=command.field_name, value=command.value, actor=actor, moment=moment
    )
    rows = selection.rows + len(others)
    if rows > LARGEST_SELECTION:
        values = {"rows": f"{rows:,}", "limit": f"{LARGEST_SELECTION:,}"}
        template = "With the customers' other licences these are %(rows)s rows; a batch has at most %(limit)s."
        raise TooManyRows(Sentence(template, values))
    with write_transaction():
        still_current(selection)
        add_rows(selection.id, others, first=selection.rows + 1, is_added=True)
    return range(selection.rows + 1, rows + 1)
