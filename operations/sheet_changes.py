"""An edited Subscription List: what differs from the licences as they are now becomes commands, planned like any bulk.

Nothing is sent here. Each kind of command that is needed gets a selection of its own, whose plan is then looked at and
started as a batch; one licence has one open command at a time, so a row that asks for two is taken in two rounds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from access import Actor
from imports.cells import cell_text
from imports.changes import SUBSCRIPTION_ID, ChangeLine, Changes, read_changes
from imports.marked import ERROR
from imports.refusals import Problem
from imports.sheets import Sheet, read_sheet, shown
from licensing.bulk import BulkCommand
from licensing.moment import Moment
from licensing.states import CommandKind
from licensing.terms import Month, local_date
from licensing.wording import Sentence
from operations.select_rows import freeze
from operations.sheet_texts import unchangeable_texts
from operations.uploads import SheetFound, stored_problems
from queries.sheet_licences import licences_by_vendor_id
from queries.subscriptions import SubscriptionRow

CHANGES = "changes"
_NOT_FOUND = "There is no such licence, or it is not yours to see."


@dataclass(slots=True)
class _Difference:
    """asked: per kind the licences' keys and what each should have, in the order of the sheet."""

    asked: dict[CommandKind, dict[int, int | Month | None]] = field(default_factory=lambda: defaultdict(dict))
    unchanged: int = 0
    later: list[int] = field(default_factory=list)
    ignored: dict[str, list[int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def compare_changes(content: bytes, *, file_name: str, actor: Actor, moment: Moment) -> SheetFound:
    """Compare the sheet with the licences: what differs in another column than these two is reported as ignored.

    Writing it chooses the licences that differ for the commands that they need. Raises AccessDenied, SheetRefused.
    """
    sheet = read_sheet(content)
    changes = read_changes(sheet)
    today = local_date(moment.now, moment.zone)
    licences = licences_by_vendor_id([line.subscription_id for line in changes.lines], actor=actor, today=today)
    found = _compared(changes.lines, licences, moment=moment)

    def write() -> dict[str, Any]:
        selections = [
            {"kind": kind, "rows": len(listed), "id": _choose(kind, listed, file_name, actor=actor, moment=moment)}
            for kind, listed in found.asked.items()
        ]
        return {**_result(sheet, changes, found), "selections": selections}

    return SheetFound(sheet, write)


def needed_command(line: ChangeLine, licence: SubscriptionRow) -> tuple[CommandKind, int | Month | None] | None:
    """The command that brings the licence to what the line says, and its value; None where nothing differs.

    The quantity goes first where both differ. An earlier date than the present one is Reduce, everything else Renew.
    """
    if asks_quantity(line, licence):
        return CommandKind.MODIFY_QUANTITY, line.quantity
    if not asks_expiration(line, licence):
        return None
    if line.expires_on is None:
        return CommandKind.RENEW, None
    is_earlier = licence.expires_on is None or line.expires_on < licence.expires_on
    return CommandKind.REDUCE if is_earlier else CommandKind.RENEW, Month.of(line.expires_on)


def asks_quantity(line: ChangeLine, licence: SubscriptionRow) -> bool:
    """Whether the line has another quantity."""
    return line.quantity is not None and line.quantity != licence.quantity


def asks_expiration(line: ChangeLine, licence: SubscriptionRow) -> bool:
    """Whether the line has another expiration."""
    return line.has_expiration and line.expires_on != licence.expires_on


def _compared(lines: Iterable[ChangeLine], licences: Mapping[str, SubscriptionRow], *, moment: Moment) -> _Difference:
    found = _Difference()
    for line in lines:
        licence = licences.get(line.subscription_id.lower())
        if licence is None:
            problem = Problem(line.row.number, SUBSCRIPTION_ID, shown(line.subscription_id), Sentence(_NOT_FOUND))
            found.problems.append(problem)
            continue
        _note_ignored(line, unchangeable_texts(licence, moment=moment), found)
        needed = needed_command(line, licence)
        if needed is None:
            found.unchanged += 1
            continue
        kind, asked = needed
        found.asked[kind][licence.id] = asked
        if asks_quantity(line, licence) and asks_expiration(line, licence):
            found.later.append(line.row.number)
    return found


def _note_ignored(line: ChangeLine, exported: Mapping[str, str], found: _Difference) -> None:
    for title, text in exported.items():
        if title in line.row.cells and cell_text(line.row.cells[title]) != text.strip():
            found.ignored.setdefault(title, []).append(line.row.number)


def _choose(
    kind: CommandKind,
    listed: Mapping[int, int | Month | None],
    file_name: str,
    *,
    actor: Actor,
    moment: Moment,
) -> int:
    command = BulkCommand(kind, listed=listed)
    selection = freeze(
        list(listed),
        origin="ticked",
        filter_text=shown(file_name),
        kind=kind,
        parameters=command.as_dict(),
        actor=actor,
        moment=moment,
    )
    return int(selection.id)


def _result(sheet: Sheet, changes: Changes, found: _Difference) -> dict[str, Any]:
    return {
        "rows": len(sheet.rows),
        "unchanged": found.unchanged,
        "later": found.later,
        "without_id": list(changes.without_id),
        "ignored": found.ignored,
        "problems": stored_problems([*changes.problems, *found.problems]),
        "titles": [title for title in sheet.titles if title != ERROR],
    }
