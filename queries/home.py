"""What Home shows: seats in use, what ends soon, requests that failed or whose outcome is unknown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from peewee import ModelSelect, fn

from access import Actor
from licensing.moment import Moment
from licensing.states import CommandState, OrderState
from licensing.terms import local_date
from models import Command, Customer, Reseller, Subscription
from queries.scope import in_scope, visible

_LIVE = Subscription.order_state == OrderState.LIVE
UNKNOWN_STATES = (CommandState.UNKNOWN, CommandState.PARKED)
FAILED_STATES = (CommandState.REJECTED,)


@dataclass(frozen=True, slots=True)
class SeatsInUse:
    """Seats of all licences that can be used today, and the number of these licences."""

    seats: int
    subscriptions: int


def seats_in_use(*, actor: Actor, moment: Moment) -> SeatsInUse:
    """Live licences whose use has not ended on the distributor's date of today."""
    today = local_date(moment.now, moment.zone)
    query = visible(Subscription, fn.SUM(Subscription.quantity), fn.COUNT(Subscription.id), actor=actor)
    seats, subscriptions = query.where(
        _LIVE, Subscription.ended_on.is_null() | (Subscription.ended_on > today)
    ).tuples()[0]
    return SeatsInUse(int(seats or 0), subscriptions)


def endings_within(days: Sequence[int], *, actor: Actor, moment: Moment) -> dict[int, int]:
    """How many licences end within so many days from today; a longer span includes the shorter."""
    today = local_date(moment.now, moment.zone)
    query = visible(Subscription, Subscription.ended_on, fn.COUNT(Subscription.id), actor=actor)
    rows = list(_ending(query, today, within=max(days)).group_by(Subscription.ended_on).tuples())
    return {span: sum(count for ended_on, count in rows if ended_on <= today + timedelta(span)) for span in days}


def next_endings(*, limit: int, actor: Actor, moment: Moment) -> list[Subscription]:
    """The licences that end next, soonest first, with their customers."""
    today = local_date(moment.now, moment.zone)
    query = visible(Subscription, Subscription, Customer.company_name, actor=actor).join(Customer)
    return list(_ending(query, today).order_by(Subscription.ended_on, Subscription.id).limit(limit))


def requests_by_state(*, actor: Actor) -> dict[CommandState, int]:
    """How many requests are in each of the states that need a person."""
    query = visible(Command, Command.state, fn.COUNT(Command.id), actor=actor)
    rows = query.where(Command.state.in_((*UNKNOWN_STATES, *FAILED_STATES))).group_by(Command.state)
    return {CommandState(state): count for state, count in rows.tuples()}


def requests_in_need(*, limit: int, actor: Actor) -> list[Command]:
    """The newest requests that failed or whose outcome is unknown, the unknown first, with customer."""
    query = (
        Command.select(Command, Subscription, Customer)
        .join(Subscription)
        .join(Customer)
        .where(Command.state.in_((*UNKNOWN_STATES, *FAILED_STATES)))
        .order_by(Command.state == CommandState.REJECTED, Command.requested_at.desc(), Command.id.desc())
        .limit(limit)
    )
    return list(in_scope(query, actor=actor, model=Command))


def number_of_resellers(*, actor: Actor) -> int:
    """How many resellers the actor sees."""
    return int(visible(Reseller, Reseller.id, actor=actor).where(~Reseller.is_archived).count())


def _ending(query: ModelSelect, today: date, *, within: int | None = None) -> ModelSelect:
    ending = query.where(_LIVE, Subscription.ended_on > today)
    return ending if within is None else ending.where(Subscription.ended_on <= today + timedelta(within))
