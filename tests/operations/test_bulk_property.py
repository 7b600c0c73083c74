"""For random books and commands a plan says, to the cent, what the Reseller Report shows once the batch has run.

Both sums are taken over the whole book, this month and the next, before and after. The rest of the book stays as it is:
rows left out by the rules, rows that somebody unticked. Prices, discounts and settings may change between the months.
"""

from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from access import Actor, Role
from database import db
from licensing.bulk import BULK_KINDS, BulkCommand, QuantityChange
from licensing.commands import Confirmed
from licensing.moment import Moment
from licensing.states import CancelKind, CommandKind, CommandState
from licensing.terms import Month, month_of, month_start, use_ends_on
from models import Batch, Command, Selection, SelectionRow, Subscription
from operations.adjust_plan import take_cheaper, tick_rows
from operations.bulk_refusals import NothingSelected
from operations.claim_command import claim_command
from operations.plan_selection import plan_selection
from operations.record_outcome import record_outcome
from operations.select_rows import select_matching
from operations.start_batch import start_batch
from queries.billing import ReportFilter, reseller_report
from queries.listing import PageRequest
from queries.plan_lines import MonthSum
from queries.selection import plan_summary
from queries.subscriptions import StatusFilter, SubscriptionFilter
from tests.desk import DEADLINE, GATEWAY
from tests.queries.billing_worlds import World, changing, store, worlds
from tests.small_book import add_user

LICENCES = 12
_CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
# Making a failing book smaller takes longer than a test may.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
_KINDS = (*[CommandKind.MODIFY_QUANTITY] * 5, CommandKind.RENEW, CommandKind.REDUCE, *BULK_KINDS)
_OF_SHEETS = frozenset({CommandKind.MODIFY_QUANTITY, CommandKind.RENEW, CommandKind.REDUCE})
_AMOUNTS = {
    QuantityChange.SET_TO: (8, 10, 12, 24, 25),
    QuantityChange.INCREASE_BY: (1, 2, 12),
    QuantityChange.DECREASE_BY: (1, 2, 4),
    QuantityChange.PERCENT: (50, 85, 90, 110, 150, 200),
}


@st.composite
def _months(draw: st.DrawFn, now: datetime) -> Month:
    return Month(now.year, now.month).plus(draw(st.integers(-1, 6)))


@st.composite
def _listed(draw: st.DrawFn, kind: CommandKind, now: datetime, keys: list[int]) -> BulkCommand:
    """A command from a sheet: each licence has a value of its own."""
    months = _months(now)
    values = {
        CommandKind.MODIFY_QUANTITY: st.sampled_from(_AMOUNTS[QuantityChange.SET_TO]),
        CommandKind.RENEW: st.none() | months,
        CommandKind.REDUCE: months,
    }
    return BulkCommand(kind, listed={key: draw(values[kind]) for key in keys})


@st.composite
def _commands(draw: st.DrawFn, now: datetime, keys: list[int]) -> BulkCommand:
    kind = draw(st.sampled_from(_KINDS))
    if kind in _OF_SHEETS and draw(st.integers(0, 2)) == 0:
        return draw(_listed(kind, now, keys))
    if kind is CommandKind.MODIFY_QUANTITY:
        change = draw(st.sampled_from(QuantityChange))
        return BulkCommand(kind, change=change, amount=draw(st.sampled_from(_AMOUNTS[change])))
    if kind is CommandKind.MODIFY_ATTRIBUTES:
        return BulkCommand(kind, field_name="city", value="Split")
    if kind is CommandKind.RENEW and draw(st.booleans()):
        return BulkCommand(kind, is_unlimited=True)
    if kind in {CommandKind.RENEW, CommandKind.REDUCE}:
        return BulkCommand(kind, month=draw(_months(now)))
    return BulkCommand(kind)


@st.composite
def _moments(draw: st.DrawFn, world: World) -> Moment:
    """After everything that happened, or at the very instant at which the next month begins."""
    last = max(step.command.executed_at for history in world.histories for step in history.steps)
    now = last + timedelta(seconds=draw(st.sampled_from([0, 1, 3600, 86400 * 9])))
    if draw(st.booleans()):
        now = month_start(month_of(now, world.zone).next(), world.zone)
    return Moment(now=now, real_now=now, zone=world.zone)


def _store(world: World) -> Actor:
    store(world)
    for history in world.histories:
        licence = history.licence
        kind = CancelKind.HARD if licence.is_hard_cancelled else CancelKind.SOFT
        Subscription.update(
            expires_on=licence.expires_on,
            cancelled_on=licence.cancelled_on,
            cancel_kind=None if licence.cancelled_on is None else kind,
            ended_on=use_ends_on(licence),
        ).where(Subscription.id == history.key).execute()
    operator = add_user("radomir", role=Role.DISTRIBUTOR_OPERATOR)
    return Actor(user_id=operator.id, name="Radomir", role=Role.DISTRIBUTOR_OPERATOR, reseller_id=None)


def _reported(month: Month, *, actor: Actor, moment: Moment) -> tuple[int, int]:
    """End user and reseller amount of the month, as the report shows them now or as soon as the month has begun."""
    as_of = max(moment.now, month_start(month, moment.zone))
    _rows, totals = reseller_report(month, ReportFilter(as_of=as_of), actor=actor, zone=moment.zone)
    return totals.end_user_cents, totals.fee_cents


def _both_months(*, actor: Actor, moment: Moment) -> list[tuple[int, int]]:
    return [_reported(month, actor=actor, moment=moment) for month in (moment.month, moment.month.next())]


def _old(months: tuple[MonthSum, MonthSum]) -> list[tuple[int, int]]:
    return [(month.end_user_cents, month.fee_cents) for month in months]


def _new(months: tuple[MonthSum, MonthSum]) -> list[tuple[int, int]]:
    return [(month.new_end_user_cents, month.new_fee_cents) for month in months]


def _run(batch: Batch, *, moment: Moment) -> None:
    for (command_id,) in Command.select(Command.id).where(Command.batch == batch.id).order_by(Command.id).tuples():
        claim = claim_command(command_id, moment=moment, deadline=DEADLINE, gateway=GATEWAY)
        assert claim is not None
        assert record_outcome(claim, Confirmed(executed_at=moment.now), moment=moment, gateway=GATEWAY)


def _held() -> dict[int, tuple[int, date | None]]:
    rows = Subscription.select(Subscription.id, Subscription.quantity, Subscription.expires_on).tuples()
    return {pk: (quantity, expires_on) for pk, quantity, expires_on in rows}


def _shown(batch: Batch) -> dict[int, tuple[int, date | None]]:
    going = (SelectionRow.selection == batch.selection_id) & SelectionRow.is_ticked
    row = SelectionRow.select(SelectionRow.subscription, SelectionRow.new_quantity, SelectionRow.new_expires_on)
    return {pk: (quantity, expires_on) for pk, quantity, expires_on in row.where(going).tuples()}


def _rows_of(selection: Selection) -> list[SelectionRow]:
    return list(SelectionRow.select().where(SelectionRow.selection == selection.id, SelectionRow.is_ticked))


def _gains(row: SelectionRow) -> bool:
    return row.cheaper_quantity not in {None, row.quantity}


def _asks(command: BulkCommand, rows: list[SelectionRow]) -> None:
    """Every row asks for exactly what was typed, or what its line of the sheet says."""
    for row in rows:
        listed = None if command.listed is None else command.listed[row.subscription_id]
        if command.kind is CommandKind.MODIFY_QUANTITY:
            assert row.new_quantity == (listed or _changed(row.quantity, command))
        elif command.kind in {CommandKind.RENEW, CommandKind.REDUCE}:
            month = command.month if command.listed is None else listed
            assert row.new_expires_on == (None if month is None else date(month.year, month.month, 1))


def _changed(quantity: int, command: BulkCommand) -> int:
    changes = {
        QuantityChange.SET_TO: command.amount,
        QuantityChange.INCREASE_BY: quantity + command.amount,
        QuantityChange.DECREASE_BY: quantity - command.amount,
        QuantityChange.PERCENT: floor(Fraction(quantity * command.amount, 100) + Fraction(1, 2)),
    }
    return changes[command.change]


def _holds(world: World, data: st.DataObject) -> None:
    moment = data.draw(_moments(world))
    actor = _store(data.draw(changing(world, moment.month.next())))
    selection = select_matching(
        SubscriptionFilter(status=StatusFilter.ALL), order=PageRequest(), filter_text="", actor=actor, moment=moment
    )
    keys = [history.key for history in world.histories]
    command = data.draw(_commands(moment.now, keys))
    selection = plan_selection(selection.id, command, actor=actor, moment=moment)
    left_out = data.draw(st.sets(st.integers(1, LICENCES), max_size=3))
    selection = tick_rows(selection.id, sorted(left_out), is_ticked=False, actor=actor)
    _asks(command, _rows_of(selection))
    if plan_summary(selection).hints.rows and data.draw(st.booleans()):
        rows = _rows_of(selection)
        hinted = {row.subscription_id: row.cheaper_quantity for row in rows if _gains(row)}
        selection = take_cheaper(selection.id, None, actor=actor, moment=moment)
        taken = {row.subscription_id: row.new_quantity for row in _rows_of(selection) if row.takes_cheaper}
        # Where the cheaper quantity is the present one there is nothing left to ask for.
        assert taken == hinted
    summary = plan_summary(selection)
    months = summary.this_month, summary.next_month
    before = _held()
    assert _old(months) == _both_months(actor=actor, moment=moment)
    try:
        batch = start_batch(
            selection.id, version=selection.version, typed_rows=summary.ticked, actor=actor, moment=moment
        )
    except NothingSelected:
        assert summary.ticked == 0
        assert _new(months) == _old(months)
        return
    _run(batch, moment=moment)
    assert Command.select().where(Command.state != CommandState.CONFIRMED).count() == 0
    assert _new(months) == _both_months(actor=actor, moment=moment)
    assert _held() == {**before, **_shown(batch)}


@given(world=worlds(most=LICENCES), data=st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=_CHECKS, phases=_PHASES)
def test_a_plan_is_what_the_reports_show_after_it_ran(sqlite_database, world, data):
    with db.atomic() as transaction:
        _holds(world, data)
        transaction.rollback()


@pytest.mark.postgres
@given(world=worlds(most=LICENCES), data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=_CHECKS, phases=_PHASES)
def test_a_plan_is_what_the_reports_show_after_it_ran_on_postgresql(postgres_database, world, data):
    with db.atomic() as transaction:
        _holds(world, data)
        transaction.rollback()
