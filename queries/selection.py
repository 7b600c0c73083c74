"""A selection and its plan: pages of eligible and of other rows, the figures on top, the rows of an export."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import ModelSelect, fn

from access import Actor
from licensing.bulk import BulkCommand
from licensing.bulk_reasons import reason_label, use_instead
from licensing.states import CommandKind
from licensing.wording import Sentence
from models import Batch, Selection, SelectionRow, Subscription
from queries.listing import Listing, Page, PageRequest
from queries.plan_lines import Hints, MonthSum, hints_of, month_sums
from queries.plan_row import PlanRow, plan_rows
from queries.scope import visible
from queries.subscriptions import StatusFilter, SubscriptionFilter, SubscriptionRow, subscriptions

_CHUNK = 1_000


class NoSuchSelection(LookupError):
    """No selection of that id exists for the actor."""


@dataclass(frozen=True, slots=True)
class PlanFilter:
    """Which rows of a plan are wanted; reason_code None means any, is_hinted those with a cheaper quantity."""

    is_eligible: bool = True
    reason_code: str | None = None
    is_hinted: bool = False


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """The rows left out for one reason: how many, the reason for all of them, what to do instead if anything."""

    code: str
    label: Sentence
    use_instead: Sentence | None
    rows: int


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """The figures above the rows of a plan.

    chosen counts the rows that somebody chose, added those that the command reaches besides. The sums are what the
    Reseller Report would show for all these licences together, left out or not; seats are those of the ticked rows.
    """

    chosen: int
    added: int
    eligible: int
    ticked: int
    left_out: int
    seats: int
    new_seats: int
    this_month: MonthSum
    next_month: MonthSum
    reasons: tuple[ReasonGroup, ...]
    hints: Hints


def find_selection(selection_id: int | None, *, actor: Actor) -> Selection:
    """The actor's own selection. Raises NoSuchSelection for a foreign or missing one."""
    found = visible(Selection, actor=actor).where(Selection.id == selection_id).first()
    if found is None:
        raise NoSuchSelection(selection_id)
    return found  # type: ignore[no-any-return]


def started_batch_id(selection: Selection) -> int | None:
    """The number of the batch that this selection started, None while it is open."""
    row = Batch.select(Batch.id).where(Batch.selection == selection.id).tuples().first()
    return None if row is None else int(row[0])


def command_of(selection: Selection) -> BulkCommand | None:
    """The command that was planned last, to fill in the form; None before the first plan."""
    return None if selection.kind is None else BulkCommand.from_dict(selection.kind, selection.parameters)


def plan_page(selection: Selection, wanted: PlanFilter, *, page: PageRequest) -> Page[PlanRow]:
    """A page of the plan's rows in the order of the selection; those left out come reason by reason."""
    order = () if wanted.is_eligible else (SelectionRow.reason_code,)
    listing = Listing(
        ids=_matching(selection, wanted),
        rows_of=plan_rows,
        default_order=(*order, SelectionRow.position),
    )
    return listing.page(page)


def all_plan_rows(selection: Selection) -> Iterator[PlanRow]:
    """Every row of the plan in the order of the selection, read in chunks: for the sheet."""
    listing = Listing(ids=_rows(selection), rows_of=plan_rows, default_order=(SelectionRow.position,))
    return listing.everything(PageRequest())


def plan_summary(selection: Selection) -> PlanSummary:
    """The figures of a plan. They are exact: the same rows as start_batch would run now."""
    counts = _counts(selection)
    this_month, next_month = month_sums(selection.id)
    return PlanSummary(
        chosen=selection.rows,
        **counts,
        this_month=this_month,
        next_month=next_month,
        reasons=_reasons(selection),
        hints=hints_of(selection.id),
    )


def selected_subscriptions(selection: Selection, *, actor: Actor, today: date) -> Iterator[SubscriptionRow]:
    """The chosen licences as the Subscription List shows them, in the order of the selection: for an export."""
    rows_of = subscriptions(SubscriptionFilter(status=StatusFilter.ALL), actor=actor, today=today).rows_of
    chosen = visible(Subscription, Subscription.id, actor=actor).join(SelectionRow)
    ids = [
        pk
        for (pk,) in chosen.where(SelectionRow.selection == selection.id, ~SelectionRow.is_added)
        .order_by(SelectionRow.position)
        .tuples()
    ]
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        found: Mapping[int, SubscriptionRow] = rows_of(some)
        yield from (found[pk] for pk in some if pk in found)


def _rows(selection: Selection) -> ModelSelect:
    return SelectionRow.select(SelectionRow.id).where(SelectionRow.selection == selection.id)


def _matching(selection: Selection, wanted: PlanFilter) -> ModelSelect:
    query = _rows(selection).where(SelectionRow.is_eligible == wanted.is_eligible)
    if wanted.reason_code is not None:
        query = query.where(SelectionRow.reason_code == wanted.reason_code)
    return query.where(SelectionRow.cheaper_quantity.is_null(is_null=False)) if wanted.is_hinted else query


def _counts(selection: Selection) -> dict[str, int]:
    row = SelectionRow
    figures = {
        "added": _how_many(row.is_added),
        "eligible": _how_many(row.is_eligible),
        "ticked": _how_many(row.is_ticked),
        "left_out": _how_many(~row.is_eligible),
        "seats": fn.SUM(row.quantity).filter(row.is_ticked),
        "new_seats": fn.SUM(row.new_quantity).filter(row.is_ticked),
    }
    counted = row.select(*figures.values()).where(row.selection == selection.id).tuples()[0]
    return {name: int(value or 0) for name, value in zip(figures, counted, strict=True)}


def _how_many(condition: Any) -> Any:
    return fn.COUNT(SelectionRow.id).filter(condition)


def _reasons(selection: Selection) -> tuple[ReasonGroup, ...]:
    rows: Sequence[tuple[str, int]] = (
        SelectionRow.select(SelectionRow.reason_code, fn.COUNT(SelectionRow.id))
        .where(SelectionRow.selection == selection.id, ~SelectionRow.is_eligible)
        .group_by(SelectionRow.reason_code)
        .order_by(fn.COUNT(SelectionRow.id).desc(), SelectionRow.reason_code)
        .tuples()
    )
    kind = CommandKind(selection.kind)
    return tuple(ReasonGroup(code, reason_label(code), use_instead(kind, code), count) for code, count in rows)
