"""Rows of a plan that are not what was shown any more: set aside, with the reason, and never forced.

Called inside the transaction that starts the batch.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from peewee import JOIN, ModelSelect

from database import locked_where_free
from licensing.bulk_reasons import BulkReason
from licensing.moment import Moment
from licensing.refusals import RefusalCode
from licensing.states import OPEN_STATES, CommandKind
from licensing.wording import Sentence, clock_text, translatable
from models import Batch, Command, Customer, SelectionRow, Subscription
from operations.plan_rows import sentence_columns

_POSITIONS_AT_ONCE = 1_000
_Reason = tuple[str, Sentence]
_CHANGED: _Reason = (BulkReason.CHANGED, Sentence("Not sent: changed by somebody else since the plan."))
_DETAILS_CHANGED: _Reason = (
    BulkReason.DETAILS_CHANGED,
    Sentence("Not sent: the customer's details changed since the plan."),
)
_IN_BETWEEN = translatable("Not sent: %(command)s of %(time)s came in between.")


class _Shown(NamedTuple):
    """A row as the plan has it, and the open command that its licence has now, if any."""

    position: int
    subscription: int
    version: int
    customer: int
    customer_version: int
    open_kind: str | None
    opened_at: datetime | None


def going_rows(selection_id: int, *columns: Any) -> ModelSelect:
    """The ticked rows that are not set aside."""
    return SelectionRow.select(*columns).where(
        SelectionRow.selection == selection_id, SelectionRow.is_ticked, ~SelectionRow.is_set_aside
    )


def set_aside_changed(selection_id: int, *, kind: CommandKind, moment: Moment) -> None:
    """Set aside every ticked row whose licence changed, has an open command, or is just being changed.

    The licences of all others are held until the transaction ends; for ModifyAttributes their customers are, too.
    """
    licences = _held_versions(Subscription, going_rows(selection_id, SelectionRow.subscription))
    customers: dict[int, int] | None = None
    if kind is CommandKind.MODIFY_ATTRIBUTES:
        customers = _held_versions(Customer, going_rows(selection_id, Subscription.customer).join(Subscription))
    positions: dict[tuple[str, str], list[int]] = defaultdict(list)
    reasons: dict[tuple[str, str], _Reason] = {}
    for row in _shown(selection_id):
        reason = _against(row, licences=licences, customers=customers, moment=moment)
        if reason is not None:
            key = (reason[0], str(reason[1]))
            reasons[key] = reason
            positions[key].append(row.position)
    for key, some in positions.items():
        _set_aside(selection_id, some, reason=reasons[key])


def set_aside_unqueued(batch: Batch) -> None:
    """Set aside rows for which another transaction queued a command while this one was writing."""
    queued = Command.select(Command.subscription).where(Command.batch == batch.id)
    missing = going_rows(batch.selection_id, SelectionRow.position).where(SelectionRow.subscription.not_in(queued))
    _set_aside(batch.selection_id, [position for (position,) in missing.tuples()], reason=_CHANGED)


def _held_versions(model: type[Subscription | Customer], ids: ModelSelect) -> dict[int, int]:
    query = model.select(model.id, model.version).where(model.id.in_(ids)).order_by(model.id)
    return dict(locked_where_free(query).tuples())


def _shown(selection_id: int) -> Iterable[_Shown]:
    is_open = (Command.subscription == SelectionRow.subscription) & Command.state.in_(OPEN_STATES)
    query = (
        going_rows(
            selection_id,
            SelectionRow.position,
            SelectionRow.subscription,
            SelectionRow.version,
            Subscription.customer,
            SelectionRow.customer_version,
            Command.kind,
            Command.requested_at,
        )
        .join_from(SelectionRow, Subscription)
        .join_from(SelectionRow, Command, JOIN.LEFT_OUTER, on=is_open)
        .order_by(SelectionRow.position)
    )
    return (_Shown(*row) for row in query.tuples())


def _against(
    row: _Shown, *, licences: dict[int, int], customers: dict[int, int] | None, moment: Moment
) -> _Reason | None:
    if row.open_kind is not None and row.opened_at is not None:
        time = clock_text(row.opened_at, now=moment.now, zone=moment.zone)
        return RefusalCode.OPEN_COMMAND, Sentence(_IN_BETWEEN, {"command": row.open_kind, "time": time})
    if licences.get(row.subscription) != row.version:
        return _CHANGED
    if customers is not None and customers.get(row.customer) != row.customer_version:
        return _DETAILS_CHANGED
    return None


def _set_aside(selection_id: int, positions: list[int], *, reason: _Reason) -> None:
    columns = {"is_set_aside": True, "reason_code": reason[0], "reason": sentence_columns(reason[1])}
    for start in range(0, len(positions), _POSITIONS_AT_ONCE):
        some = positions[start : start + _POSITIONS_AT_ONCE]
        SelectionRow.update(**columns).where(
            SelectionRow.selection == selection_id, SelectionRow.position.in_(some)
        ).execute()
