"""The plan's answers, written row by row some hundreds at a time, and guarded by the version of the selection.

Short transactions on purpose: on SQLite one long one would keep every other writer waiting.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from access import Actor
from database import locked, write_transaction
from licensing.bulk import BulkCommand
from licensing.bulk_plan import MonthPair, RowPlan, plan_row
from licensing.impact import Standing
from licensing.moment import Moment
from licensing.pricing import discount_for
from licensing.states import CommandKind
from licensing.wording import Sentence
from models import Selection, SelectionRow
from operations.bulk_copy import copy_rows
from operations.bulk_refusals import PlanOutdated
from operations.refusals import NotFound
from queries.plan_subjects import PlanSubject, plan_subjects
from queries.scope import visible
from queries.tariff_book import TariffBook

_ROWS_AT_ONCE = 500
_COLUMNS = (
    *("selection", "position", "subscription", "is_added", "version", "customer_version"),
    *("is_eligible", "is_ticked", "takes_cheaper", "is_set_aside", "reason_code", "reason"),
    *("order_state", "open_state", "cancel_kind", "quantity", "expires_on", "cancelled_on"),
    *("new_quantity", "new_expires_on", "sku", "price_cents", "new_sku", "new_price_cents"),
    *("this_discount", "this_quantity", "this_sku", "this_price_cents"),
    *("this_new_quantity", "this_new_sku", "this_new_price_cents", "this_note"),
    *("next_discount", "next_quantity", "next_sku", "next_price_cents"),
    *("next_new_quantity", "next_new_sku", "next_new_price_cents", "next_note"),
    *("cheaper_quantity", "cheaper_sku", "cheaper_price_cents"),
)


def open_selection(selection_id: int, *, actor: Actor) -> Selection:
    """The actor's own selection, locked in the transaction that is open. Raises NotFound; PlanOutdated once started."""
    selection: Selection | None = locked(visible(Selection, actor=actor).where(Selection.id == selection_id)).first()
    if selection is None:
        raise NotFound(selection_id)
    if selection.state != "open":
        raise PlanOutdated(Sentence("The batch of these rows has started already."))
    return selection


def change_selection(selection: Selection, **columns: Any) -> int:
    """Write the columns and a new version of a locked selection; gives that version."""
    selection.version += 1
    for name, value in columns.items():
        setattr(selection, name, value)
    Selection.update(**columns, version=selection.version).where(Selection.id == selection.id).execute()
    return selection.version  # type: ignore[no-any-return]


class RowPlanner:
    """Plans rows of one version of a selection; raises PlanOutdated as soon as there is a newer one."""

    def __init__(self, selection: Selection, command: BulkCommand, *, actor: Actor, moment: Moment) -> None:
        self._selection = selection
        self._command = command
        self._actor = actor
        self._moment = moment
        self._book = TariffBook(actor=actor)

    def plan(self, positions: Sequence[int], *, quantities: Mapping[int, int] | None = None) -> None:
        """Plan these rows; quantities replace what the command computes for a position, as cheaper ones do."""
        for start in range(0, len(positions), _ROWS_AT_ONCE):
            some = positions[start : start + _ROWS_AT_ONCE]
            rows = [self._row(subject, quantities or {}) for subject in self._subjects(some)]
            with write_transaction():
                still_current(self._selection)
                SelectionRow.delete().where(
                    SelectionRow.selection == self._selection.id, SelectionRow.position.in_(some)
                ).execute()
                copy_rows(SelectionRow, _COLUMNS, rows)

    def _subjects(self, positions: Sequence[int]) -> list[PlanSubject]:
        return plan_subjects(
            self._selection.id,
            positions,
            book=self._book,
            actor=self._actor,
            has_details=self._command.kind is CommandKind.MODIFY_ATTRIBUTES,
        )

    def _row(self, row: PlanSubject, quantities: Mapping[int, int]) -> tuple[Any, ...]:
        quantity = quantities.get(row.position)
        moment = self._moment
        command = self._command.of_licence(row.subscription_pk)
        plan = plan_row(command, row.subject, now=moment.now, zone=moment.zone, quantity=quantity)
        left_out = plan.left_out
        reason = None if left_out is None else sentence_columns(left_out.reason)
        is_eligible = left_out is None
        return (
            *(self._selection.id, row.position, row.subscription_pk, row.is_added, row.version, row.customer_version),
            *(is_eligible, is_eligible, quantity is not None, False),
            *("" if left_out is None else left_out.code, reason),
            *_standing(row, plan),
            *self._months(row, plan),
            *_cheaper(plan),
        )

    def _months(self, row: PlanSubject, plan: RowPlan) -> tuple[Any, ...]:
        discounts, month = row.subject.holding.tariff.discounts, self._moment.month
        return (
            discount_for(discounts, month),
            *_charges(plan.this_month),
            discount_for(discounts, month.next()),
            *_charges(plan.next_month),
        )


def still_current(selection: Selection) -> None:
    """Raise PlanOutdated where another plan of the same selection has begun; holds it until the transaction ends."""
    current = locked(Selection.select(Selection.version).where(Selection.id == selection.id)).first()
    if current is None or current.version != selection.version:
        raise PlanOutdated(Sentence("These rows are being planned anew in another window."))


def sentence_columns(sentence: Sentence) -> dict[str, Any]:
    """A sentence as the rows keep it: its template, which a presenter translates, and its values."""
    return {"template": sentence.template, "values": dict(sentence.values)}


def _standing(row: PlanSubject, plan: RowPlan) -> tuple[Any, ...]:
    licence, after = row.subject.holding.licence, plan.after
    return (
        *(row.order_state, row.open_state, row.cancel_kind),
        *(licence.quantity, licence.expires_on, licence.cancelled_on),
        *((None, None) if after is None else (after.quantity, after.expires_on)),
        *_rate(plan.before),
        *_rate(after),
    )


def _rate(standing: Standing | None) -> tuple[str | None, int | None]:
    if standing is None or standing.rate is None:
        return None, None
    return standing.rate.sku_code, standing.rate.price_cents


def _charges(month: MonthPair) -> tuple[Any, ...]:
    charges: list[Any] = []
    for charge in (month.old, month.new):
        if charge.rate is None or not charge.use.is_charged:
            charges += [0, None, 0]
        else:
            charges += [charge.use.quantity, charge.rate.sku_code, charge.rate.price_cents]
    return (*charges, month.note)


def _cheaper(plan: RowPlan) -> tuple[Any, ...]:
    hint = plan.cheaper
    return (None, None, None) if hint is None else (hint.quantity, hint.rate.sku_code, hint.rate.price_cents)
