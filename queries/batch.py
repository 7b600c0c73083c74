"""A batch: how far it is, its rows outcome by outcome, the rows of its result sheet; and the list of all batches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from peewee import JOIN, Case, ModelSelect, Ordering, fn

from access import Actor
from licensing.bulk import BulkCommand
from licensing.moment import Moment
from licensing.states import CommandState
from licensing.wording import Sentence
from models import Attempt, Batch, Command, Customer, Product, Reseller, SelectionRow, Subscription, User
from queries.listing import Listing, Page, PageRequest
from queries.plan_row import sentence_of
from queries.scope import visible

_LATELY = timedelta(seconds=30)


class NoSuchBatch(LookupError):
    """No batch of that id exists for the actor."""


class RowStanding(StrEnum):
    """The tabs of the page: each row that was to run is in exactly one; the value stands in the address."""

    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SENDING = "sending"
    WAITING = "waiting"
    STOPPED = "stopped"


# Rows that were set aside at the start have no command and count as failed.
STATES_OF: dict[RowStanding, tuple[CommandState, ...]] = {
    RowStanding.CONFIRMED: (CommandState.CONFIRMED,),
    RowStanding.FAILED: (CommandState.REJECTED, CommandState.CLOSED),
    RowStanding.UNKNOWN: (CommandState.UNKNOWN, CommandState.PARKED),
    RowStanding.SENDING: (CommandState.SENDING,),
    RowStanding.WAITING: (CommandState.QUEUED, CommandState.SCHEDULED),
    RowStanding.STOPPED: (CommandState.CANCELLED,),
}
_STANDING_OF = {state: standing for standing, states in STATES_OF.items() for state in states}
_ORDER = (
    RowStanding.UNKNOWN,
    RowStanding.FAILED,
    RowStanding.SENDING,
    RowStanding.CONFIRMED,
    RowStanding.STOPPED,
    RowStanding.WAITING,
)


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch is. counts has every standing; per_second is what was settled in the last half minute.

    seconds_left is empty where nothing is left or nothing was settled lately. can_stop: something is still queued.
    """

    counts: Mapping[RowStanding, int]
    rows: int
    per_second: float
    seconds_left: int | None

    @property
    def done(self) -> int:
        """Rows that are neither waiting nor being sent."""
        return self.rows - self.counts[RowStanding.WAITING] - self.counts[RowStanding.SENDING]

    @property
    def is_running(self) -> bool:
        """Whether rows are waiting or being sent, so that the page goes on asking."""
        return self.done < self.rows

    @property
    def is_open(self) -> bool:
        """Whether any outcome is still missing: rows on their way, or sent and not known."""
        return self.is_running or self.counts[RowStanding.UNKNOWN] > 0

    @property
    def can_stop(self) -> bool:
        """Whether anything is left that a stop would keep back."""
        return self.counts[RowStanding.WAITING] > 0

    @property
    def failed(self) -> int:
        """Rows that can be tried again."""
        return self.counts[RowStanding.FAILED]


class BatchRow(NamedTuple):
    """One row of a batch. reason is why it has no command: set aside at the start, or left out of the plan.

    started_at is when it was last sent, settled_at when the outcome was known; both business time.
    """

    id: int
    position: int
    is_added: bool
    is_ticked: bool
    is_set_aside: bool
    subscription_pk: int
    company_name: str
    reseller: str
    product: str
    subscription_id: str | None
    quantity: int
    new_quantity: int | None
    sku: str | None
    new_sku: str | None
    expires_on: date | None
    new_expires_on: date | None
    reason_code: str
    stored_reason: Mapping[str, Any] | None
    command_id: int | None
    state: str | None
    requested_at: datetime | None
    started_at: datetime | None
    executed_at: datetime | None
    settled_at: datetime | None
    error_code: str | None
    error_message: str | None

    @property
    def standing(self) -> RowStanding | None:
        """Where the row stands; None for one that was left out of the plan."""
        if self.state is not None:
            return _STANDING_OF[CommandState(self.state)]
        return RowStanding.FAILED if self.is_set_aside else None

    @property
    def reason(self) -> Sentence | None:
        """Why there is no command, None where there is one."""
        return sentence_of(self.stored_reason) if self.state is None else None


class BatchLine(NamedTuple):
    """One line of the list of batches; waiting counts the rows that are queued or being sent."""

    id: int
    kind: str
    parameters: dict[str, Any]
    started_at: datetime
    name: str | None
    surname: str | None
    reseller: str | None
    rows: int
    set_aside: int
    left_out: int
    stopped_at: datetime | None
    waiting: int


def find_batch(batch_id: int | None, *, actor: Actor) -> Batch:
    """The batch. Raises NoSuchBatch for a foreign or missing one."""
    found = visible(Batch, actor=actor).where(Batch.id == batch_id).first()
    if found is None:
        raise NoSuchBatch(batch_id)
    return found  # type: ignore[no-any-return]


def batch_command(batch: Batch) -> BulkCommand:
    """What the batch does, for its heading."""
    return BulkCommand.from_dict(batch.kind, batch.parameters or {})


def batch_progress(batch: Batch, *, moment: Moment) -> BatchProgress:
    """How many rows stand where, and how fast it goes."""
    lately = Command.settled_at > moment.now - _LATELY
    rows = (
        Command.select(Command.state, fn.COUNT(Command.id), fn.COUNT(Command.id).filter(lately))
        .where(Command.batch == batch.id)
        .group_by(Command.state)
        .tuples()
    )
    counts = dict.fromkeys(RowStanding, 0)
    counts[RowStanding.FAILED] = batch.set_aside
    settled = 0
    for state, count, count_lately in rows:
        counts[_STANDING_OF[CommandState(state)]] += count
        settled += count_lately if state != CommandState.CANCELLED else 0
    return _progress(batch, counts, settled, moment=moment)


def _progress(batch: Batch, counts: dict[RowStanding, int], settled: int, *, moment: Moment) -> BatchProgress:
    seconds = min(max((moment.now - batch.started_at).total_seconds(), 1.0), _LATELY.total_seconds())
    per_second = settled / seconds
    left = counts[RowStanding.WAITING] + counts[RowStanding.SENDING]
    return BatchProgress(
        counts=counts,
        rows=batch.rows,
        per_second=per_second,
        seconds_left=round(left / per_second) if left and per_second else None,
    )


def batch_page(batch: Batch, standing: RowStanding | None, *, page: PageRequest) -> Page[BatchRow]:
    """A page of the rows that were to run: those that need attention first, those that wait last."""
    listing = Listing(ids=_matching(batch, standing), rows_of=lambda ids: _rows(batch, ids), default_order=_order())
    return listing.page(page)


def result_rows(batch: Batch) -> Iterator[BatchRow]:
    """Every row of the selection in its order, those left out of the plan too: for the result sheet."""
    ids = SelectionRow.select(SelectionRow.id).where(SelectionRow.selection == batch.selection_id)
    listing = Listing(ids=ids, rows_of=lambda some: _rows(batch, some), default_order=(SelectionRow.position,))
    return listing.everything(PageRequest())


def rows_standing(batch: Batch, standing: RowStanding, *, positions: Sequence[int] | None = None) -> list[int]:
    """The licences of the rows that stand there, in the order of the selection; positions limits that to some."""
    query = _matching(batch, standing).select(SelectionRow.subscription)
    if positions is not None:
        query = query.where(SelectionRow.position.in_(positions))
    return [pk for (pk,) in query.order_by(SelectionRow.position).tuples()]


def batches(*, actor: Actor) -> Listing[BatchLine]:
    """All batches that the actor sees, newest first."""
    return Listing(ids=visible(Batch, Batch.id, actor=actor), rows_of=_lines, default_order=(Batch.id.desc(),))


def running_batches(*, actor: Actor) -> list[BatchLine]:
    """The batches of which rows are queued or being sent, newest first."""
    on_the_way = Command.select(Command.batch).where(
        Command.batch.is_null(is_null=False), Command.state.in_((CommandState.QUEUED, CommandState.SENDING))
    )
    ids = visible(Batch, Batch.id, actor=actor).where(Batch.id.in_(on_the_way)).order_by(Batch.id.desc())
    found = _lines([pk for (pk,) in ids.tuples()])
    return list(found.values())


def _with_command(batch: Batch, *columns: Any) -> ModelSelect:
    is_of_row = (Command.subscription == SelectionRow.subscription) & (Command.batch == batch.id)
    return SelectionRow.select(*columns).join(Command, JOIN.LEFT_OUTER, on=is_of_row)


def _matching(batch: Batch, standing: RowStanding | None) -> ModelSelect:
    query = _with_command(batch, SelectionRow.id).where(
        SelectionRow.selection == batch.selection_id, SelectionRow.is_ticked
    )
    if standing is None:
        return query
    condition = Command.state.in_(STATES_OF[standing])
    return query.where(condition | SelectionRow.is_set_aside if standing is RowStanding.FAILED else condition)


def _order() -> tuple[Any, ...]:
    places = [
        (SelectionRow.is_set_aside, _ORDER.index(RowStanding.FAILED)),
        *((Command.state.in_(STATES_OF[standing]), place) for place, standing in enumerate(_ORDER)),
    ]
    newest_first = Ordering(Command.settled_at, "DESC", nulls="LAST")
    return Case(None, places, len(_ORDER)), newest_first, SelectionRow.position


def _rows(batch: Batch, ids: Sequence[int]) -> Mapping[int, BatchRow]:
    is_last = (Attempt.command == Command.id) & (Attempt.purpose == "execute") & (Attempt.number == Command.attempt)
    query = (
        _with_command(
            batch,
            SelectionRow.id,
            SelectionRow.position,
            SelectionRow.is_added,
            SelectionRow.is_ticked,
            SelectionRow.is_set_aside,
            Subscription.id,
            Customer.company_name,
            Reseller.name,
            Product.name,
            Subscription.subscription_id,
            SelectionRow.quantity,
            SelectionRow.new_quantity,
            SelectionRow.sku,
            SelectionRow.new_sku,
            SelectionRow.expires_on,
            SelectionRow.new_expires_on,
            SelectionRow.reason_code,
            SelectionRow.reason,
            Command.id,
            Command.state,
            Command.requested_at,
            Attempt.started_at,
            Command.executed_at,
            Command.settled_at,
            Command.error_code,
            Command.error_message,
        )
        .join_from(SelectionRow, Subscription)
        .join_from(Subscription, Customer)
        .join_from(Subscription, Reseller)
        .join_from(Subscription, Product)
        .join_from(Command, Attempt, JOIN.LEFT_OUTER, on=is_last)
        .where(SelectionRow.id.in_(ids))
    )
    return {row[0]: BatchRow(*row) for row in query.tuples()}


def _lines(ids: Sequence[int]) -> Mapping[int, BatchLine]:
    on_the_way = (CommandState.QUEUED, CommandState.SENDING)
    waiting = Command.select(fn.COUNT(Command.id)).where(Command.batch == Batch.id, Command.state.in_(on_the_way))
    query = (
        Batch.select(
            Batch.id,
            Batch.kind,
            Batch.parameters,
            Batch.started_at,
            User.name,
            User.surname,
            Reseller.name,
            Batch.rows,
            Batch.set_aside,
            Batch.left_out,
            Batch.stopped_at,
            waiting,
        )
        .join_from(Batch, User, JOIN.LEFT_OUTER, on=(Batch.started_by == User.id))
        .join_from(Batch, Reseller, JOIN.LEFT_OUTER)
        .where(Batch.id.in_(ids))
        .order_by(Batch.id.desc())
    )
    return {row[0]: BatchLine(*row) for row in query.tuples()}
