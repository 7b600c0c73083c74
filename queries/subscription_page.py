"""One subscription with all that its page shows: row, terms, tariff, requests, the reach of its customer's details."""

from collections.abc import Sequence
from dataclasses import dataclass

from peewee import JOIN

from access import Actor
from licensing.billing import MonthCharge, month_charge
from licensing.commands import CustomerDetails
from licensing.impact import Holding
from licensing.lifecycle import licence_state
from licensing.moment import Moment
from licensing.refusals import OpenCommand
from licensing.states import OPEN_STATES, CommandKind, LicenceState
from licensing.terms import Month, is_usable, month_of, months_between, use_ends_on
from models import Command, Customer, Product, Reseller, Sku, Subscription, User
from queries.licences import NoSuchSubscription, details_of, licence_of, terms_of
from queries.quote import tariff_of
from queries.scope import in_scope, visible

_MONTHS_BACK = 24
_MONTHS_AHEAD = 2
_TAKES_DETAILS = frozenset({LicenceState.ACTIVE, LicenceState.SOFT_CANCELLED, LicenceState.HARD_CANCELLED})


@dataclass(frozen=True, slots=True)
class SubscriptionPage:
    """A subscription as its page shows it; requests are all there are, newest first."""

    subscription: Subscription
    holding: Holding
    requests: tuple[Command, ...]

    @property
    def open_command(self) -> Command | None:
        """The request that is on its way, if any."""
        return next((request for request in self.requests if request.state in OPEN_STATES), None)

    @property
    def wanted(self) -> CustomerDetails:
        """The customer's details as the record has them."""
        return details_of(self.subscription.customer)

    @property
    def confirmed(self) -> CustomerDetails | None:
        """The customer's details as the vendor last confirmed them for this licence."""
        stored = self.subscription.confirmed_details
        return None if stored is None else CustomerDetails.from_dict(stored)


@dataclass(frozen=True, slots=True)
class DetailsReach:
    """Whom a change of the customer's details reaches: other licences that get a request, and those that cannot yet."""

    others: int
    waiting: int


def subscription_page(subscription_pk: int | None, *, actor: Actor) -> SubscriptionPage:
    """The page of that subscription. Raises NoSuchSubscription for a foreign or missing one."""
    subscription = _joined(subscription_pk, actor=actor)
    requests = _requests(subscription)
    waiting = next((request for request in requests if request.state in OPEN_STATES), None)
    holding = Holding(
        licence=licence_of(subscription),
        terms=terms_of(subscription),
        tariff=tariff_of(subscription.product_id, reseller_id=subscription.reseller_id, actor=actor),
        open_command=None if waiting is None else OpenCommand(CommandKind(waiting.kind), waiting.requested_at),
    )
    return SubscriptionPage(subscription=subscription, holding=holding, requests=requests)


def _joined(subscription_pk: int | None, *, actor: Actor) -> Subscription:
    query = (
        Subscription.select(Subscription, Customer, Product, Sku, Reseller)
        .join_from(Subscription, Customer)
        .join_from(Subscription, Product)
        .join_from(Subscription, Sku)
        .join_from(Subscription, Reseller)
        .where(Subscription.id == subscription_pk)
    )
    found = in_scope(query, actor=actor, model=Subscription).first()
    if found is None:
        raise NoSuchSubscription(subscription_pk)
    return found  # type: ignore[no-any-return]


def _requests(subscription: Subscription) -> tuple[Command, ...]:
    query = (
        Command.select(Command, User)
        .join(User, JOIN.LEFT_OUTER)
        .where(Command.subscription == subscription.id)
        .order_by(Command.requested_at.desc(), Command.id.desc())
    )
    return tuple(query)


def month_charges(holding: Holding, *, moment: Moment) -> tuple[MonthCharge, ...]:
    """What each month costs from the first one (two years back at most) to two months ahead, or to the end of use."""
    if not holding.terms:
        return ()
    first = max(month_of(holding.terms[0].starts_at, moment.zone), moment.month.plus(-_MONTHS_BACK))
    months = months_between(first, _last_month(holding, moment=moment))
    return tuple(month_charge(holding.terms, month, tariff=holding.tariff, zone=moment.zone) for month in months)


def _last_month(holding: Holding, *, moment: Moment) -> Month:
    ends_on = use_ends_on(holding.licence)
    if ends_on is None or is_usable(holding.licence, moment.now, moment.zone):
        return moment.month.plus(_MONTHS_AHEAD)
    return min(Month.of(ends_on), moment.month)


def details_reach(page: SubscriptionPage, *, actor: Actor, moment: Moment) -> DetailsReach:
    """The customer's other usable licences: those without an open request, and those with one."""
    usable = [other for other in _others(page, actor=actor) if _takes_details(other, moment=moment)]
    waiting = _with_open_command([other.id for other in usable])
    return DetailsReach(others=len(usable) - waiting, waiting=waiting)


def _others(page: SubscriptionPage, *, actor: Actor) -> list[Subscription]:
    query = visible(Subscription, actor=actor).where(
        Subscription.customer == page.subscription.customer_id, Subscription.id != page.subscription.id
    )
    return list(query)


def _takes_details(subscription: Subscription, *, moment: Moment) -> bool:
    return licence_state(licence_of(subscription), moment.now, moment.zone) in _TAKES_DETAILS


def _with_open_command(ids: Sequence[int]) -> int:
    if not ids:
        return 0
    return int(Command.select().where(Command.subscription.in_(ids), Command.state.in_(OPEN_STATES)).count())
