"""What Home shows: seats in use, what ends soon, requests that failed or whose outcome is unknown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from peewee import ModelSelect, fn

from access import Actor
from licensing.moment import Moment
from licensing.states import CommandState, OrderState
from licensing.terms import local_date
from models import Command, Customer, Reseller, Subscription
from queries.billing import ReportFilter, ReportTotals, ResellerRow, reseller_report
from queries.scope import in_scope, visible

_LIVE = Subscription.order_state == OrderState.LIVE
_UNKNOWN = (CommandState.UNKNOWN, CommandState.PARKED)
FAILED_DAYS = 30


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


def requests_in_need(*, limit: int, failed_since: datetime, actor: Actor) -> list[Command]:
    """The newest requests whose outcome is unknown, then those that failed since that instant, with customer."""
    has_failed = (Command.state == CommandState.REJECTED) & (Command.requested_at >= failed_since)
    query = (
        Command.select(Command, Subscription, Customer)
        .join(Subscription)
        .join(Customer)
        .where(Command.state.in_(_UNKNOWN) | has_failed)
        .order_by(Command.state == CommandState.REJECTED, Command.requested_at.desc(), Command.id.desc())
        .limit(limit)
    )
    return list(in_scope(query, actor=actor, model=Command))


def number_of_resellers(*, actor: Actor) -> int:
    """How many resellers the actor sees."""
    return int(visible(Reseller, Reseller.id, actor=actor).where(~Reseller.is_archived).count())


@dataclass(frozen=True, slots=True)
class ResellerMonth:
    """One reseller's month: seats charged, amounts in cents, discount in basis points."""

    reseller_id: int
    reseller: str
    quantity: int
    end_user_cents: int
    discount_basis_points: int
    fee_cents: int


def month_so_far(*, actor: Actor, moment: Moment) -> tuple[list[ResellerMonth], ReportTotals]:
    """The Reseller Report of the running month, added up by reseller, and its totals."""
    rows, totals = reseller_report(moment.month, ReportFilter(as_of=moment.now), actor=actor, zone=moment.zone)
    groups = groupby(rows, key=lambda row: row.reseller_id)
    return [_reseller_month(list(lines)) for _id, lines in groups], totals


def _reseller_month(lines: list[ResellerRow]) -> ResellerMonth:
    return ResellerMonth(
        reseller_id=lines[0].reseller_id,
        reseller=lines[0].reseller,
        quantity=sum(line.quantity for line in lines),
        end_user_cents=sum(line.end_user_cents for line in lines),
        discount_basis_points=lines[0].discount_basis_points,
        fee_cents=sum(line.fee_cents for line in lines),
    )


def _ending(query: ModelSelect, today: date, *, within: int | None = None) -> ModelSelect:
    ending = query.where(_LIVE, Subscription.ended_on > today)
    return ending if within is None else ending.where(Subscription.ended_on <= today + timedelta(within))
