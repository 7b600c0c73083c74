"""The Subscription List: its filters and rows, and which licences have which status on a business date."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from peewee import JOIN, Field, ModelSelect, fn

from access import Actor
from database import literals
from licensing.states import OPEN_STATES, CommandState, OrderState
from licensing.terms import Month
from models import Command, Customer, Product, Reseller, Sku, Subscription, SubscriptionCount, User
from queries.listing import Listing, Sort, key_contains, ordering
from queries.scope import in_scope, visible

_UUID_LENGTH = 36


class StatusFilter(StrEnum):
    """The choices of the Status filter; the value stands in the address.

    USABLE is what Home counts: live and not ended, whatever is on its way.
    """

    NOT_FAILED = "not-failed"
    ALL = "all"
    USABLE = "usable"
    ACTIVE = "active"
    CANCELLED_RUNNING = "cancelled-running"
    CANCELLED_ENDED = "cancelled-ended"
    EXPIRED = "expired"
    PENDING = "pending"
    UNKNOWN = "unknown"
    PARKED = "parked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Expiration:
    """What License Expiration is compared with: a month, or unlimited."""

    month: Month | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionFilter:
    """The filters of the list; texts are any part of the value in any case.

    ends_before limits to licences whose use ends after the business date and before that day.
    """

    reseller_id: int | None = None
    status: StatusFilter = StatusFilter.NOT_FAILED
    product_id: int | None = None
    expiration: Expiration | None = None
    subscription_id: str = ""
    sku: str = ""
    activation_code: str = ""
    company_name: str = ""
    ends_before: date | None = None


class SubscriptionRow(NamedTuple):
    """One line of the list and of its export. open_state is the state of the command on its way, if any."""

    id: int
    reseller: str
    company_name: str
    city: str
    country: str
    product: str
    sku: str
    quantity: int
    subscription_id: str | None
    activation_code: str | None
    order_state: str
    expires_on: date | None
    cancelled_on: date | None
    cancel_kind: str | None
    name: str | None
    surname: str | None
    open_state: str | None


_SORTS = {
    "reseller": Sort(Reseller.name_key, through=Subscription.reseller),
    "company_name": Sort(Customer.name_key, through=Subscription.customer),
    "product": Sort(Product.name_key, through=Subscription.product),
    "sku": Sort(Sku.code, through=Subscription.sku),
    "quantity": Sort(Subscription.quantity, is_text=False),
    "subscription_id": Sort(Subscription.subscription_id),
    "expiration": Sort(Subscription.expires_on, is_text=False),
    "user": Sort(User.name_key, through=Subscription.ordered_by),
}


def subscriptions(wanted: SubscriptionFilter, *, actor: Actor, today: date) -> Listing[SubscriptionRow]:
    """The subscriptions that match, in the order in which they were entered.

    today is the business date in the distributor's zone: use ends on the first instant of the date stored.
    """
    conditions = _conditions(wanted, actor=actor, today=today)
    ids = visible(Subscription, Subscription.id, actor=actor)
    return Listing(
        ids=ids.where(*conditions) if conditions else ids,
        rows_of=_rows,
        total=_total(wanted, actor=actor),
        whole=_whole(conditions, actor=actor),
        make=SubscriptionRow._make,
        fields=SubscriptionRow._fields,
        sorts=_SORTS,
        is_filtered=wanted not in {SubscriptionFilter(), SubscriptionFilter(status=StatusFilter.ALL)},
    )


_KEPT = {
    StatusFilter.NOT_FAILED: SubscriptionCount.listed,
    StatusFilter.ALL: SubscriptionCount.listed + SubscriptionCount.failed,
    StatusFilter.FAILED: SubscriptionCount.failed,
}


def _total(wanted: SubscriptionFilter, *, actor: Actor) -> Callable[[], int] | None:
    """The total out of the counts that are kept by reseller, where nothing but those and the failed orders is asked."""
    if wanted.status not in _KEPT or wanted != SubscriptionFilter(reseller_id=wanted.reseller_id, status=wanted.status):
        return None
    kept = visible(SubscriptionCount, fn.COALESCE(fn.SUM(_KEPT[wanted.status]), 0), actor=actor)
    if wanted.reseller_id is not None:
        kept = kept.where(SubscriptionCount.reseller == wanted.reseller_id)
    return lambda: int(kept.scalar())


def _whole(conditions: list[Any], *, actor: Actor) -> ModelSelect:
    query = in_scope(_joined(), actor=actor, model=Subscription)
    return query.where(*conditions) if conditions else query


def _conditions(wanted: SubscriptionFilter, *, actor: Actor, today: date) -> list[Any]:
    found = _status_conditions(wanted.status, today=today)
    if wanted.reseller_id is not None:
        found.append(Subscription.reseller == wanted.reseller_id)
    if wanted.product_id is not None:
        found.append(Subscription.product == wanted.product_id)
    if wanted.expiration is not None:
        found.append(_expires(wanted.expiration))
    if wanted.ends_before is not None:
        found += [Subscription.ended_on > today, Subscription.ended_on < wanted.ends_before]
    return found + _text_conditions(wanted, actor=actor)


def _text_conditions(wanted: SubscriptionFilter, *, actor: Actor) -> list[Any]:
    found: list[Any] = []
    if wanted.subscription_id:
        found.append(id_contains(Subscription.subscription_id, wanted.subscription_id))
    if wanted.activation_code:
        found.append(id_contains(Subscription.activation_code, wanted.activation_code))
    if wanted.sku:
        found.append(Subscription.sku.in_(Sku.select(Sku.id).where(Sku.code.contains(wanted.sku))))
    if wanted.company_name:
        found.append(Subscription.customer.in_(customers_named(wanted.company_name, actor=actor)))
    return found


def customers_named(text: str, *, actor: Actor) -> ModelSelect:
    """The ids of the customers whose name has every word of the text, whatever case and accents."""
    return visible(Customer, Customer.id, actor=actor).where(key_contains(Customer.name_key, text))


def id_contains(column: Field, text: str) -> Any:
    """The condition for a part of a vendor's id in any case; a whole one is looked up by the index."""
    if len(text) >= _UUID_LENGTH:
        return column.in_({text, text.lower(), text.upper()})
    return column.contains(text)


def _expires(wanted: Expiration) -> Any:
    if wanted.month is None:
        return Subscription.expires_on.is_null() & (Subscription.order_state == OrderState.LIVE)
    return Subscription.expires_on == wanted.month.first_day


def _status_conditions(status: StatusFilter, *, today: date) -> list[Any]:
    """The rows that show that status; an open command hides the status behind it (product.md, Status texts)."""
    if status is StatusFilter.ALL:
        return []
    if status is StatusFilter.NOT_FAILED:
        return [Subscription.order_state != OrderState.FAILED]
    if status is StatusFilter.FAILED:
        return [Subscription.order_state == OrderState.FAILED]
    if status is StatusFilter.USABLE:
        return [Subscription.order_state == OrderState.LIVE, _is_usable(today)]
    if status in _OPEN:
        return [Subscription.id.in_(_with_open_command(_OPEN[status]))]
    settled = ~Subscription.id.in_(_with_open_command(OPEN_STATES))
    return [Subscription.order_state == OrderState.LIVE, _standing(status, today=today), settled]


_OPEN = {
    StatusFilter.PENDING: (CommandState.QUEUED, CommandState.SENDING),
    StatusFilter.UNKNOWN: (CommandState.UNKNOWN,),
    StatusFilter.PARKED: (CommandState.PARKED,),
}


def _with_open_command(states: Sequence[CommandState]) -> ModelSelect:
    # All open states are named in any case: they are what the index of open commands holds.
    is_open = Command.state.in_(literals(OPEN_STATES))
    return Command.select(Command.subscription).where(is_open, Command.state.in_(states))


def _is_usable(today: date) -> Any:
    return Subscription.ended_on.is_null() | (Subscription.ended_on > today)


def _standing(status: StatusFilter, *, today: date) -> Any:
    """licensing.lifecycle.licence_state as conditions; ended_on is the earlier of both dates."""
    is_usable = _is_usable(today)
    has_ended = Subscription.ended_on <= today
    by_cancellation = Subscription.cancelled_on == Subscription.ended_on
    match status:
        case StatusFilter.ACTIVE:
            return is_usable & Subscription.cancelled_on.is_null()
        case StatusFilter.CANCELLED_RUNNING:
            return is_usable & Subscription.cancelled_on.is_null(is_null=False)
        case StatusFilter.CANCELLED_ENDED:
            return has_ended & by_cancellation
        case _:
            is_expired = Subscription.cancelled_on.is_null() | (Subscription.cancelled_on != Subscription.ended_on)
            return has_ended & is_expired


def _rows(ids: Sequence[int]) -> Mapping[int, SubscriptionRow]:
    query = _joined().where(Subscription.id.in_(ids))
    return {row[0]: SubscriptionRow(*row) for row in query.tuples()}


def _joined() -> ModelSelect:
    is_open = (Command.subscription == Subscription.id) & Command.state.in_(literals(OPEN_STATES))
    return (
        Subscription.select(
            Subscription.id,
            Reseller.name,
            Customer.company_name,
            Customer.city,
            Customer.country,
            Product.name,
            Sku.code,
            Subscription.quantity,
            Subscription.subscription_id,
            Subscription.activation_code,
            Subscription.order_state,
            Subscription.expires_on,
            Subscription.cancelled_on,
            Subscription.cancel_kind,
            User.name,
            User.surname,
            Command.state,
        )
        .join_from(Subscription, Reseller)
        .join_from(Subscription, Customer)
        .join_from(Subscription, Product)
        .join_from(Subscription, Sku)
        .join_from(Subscription, User, JOIN.LEFT_OUTER)
        .join_from(Subscription, Command, JOIN.LEFT_OUTER, on=is_open)
    )


def product_names(*, actor: Actor) -> list[tuple[int, str]]:
    """Id and name of every product, by name: for filters."""
    query = in_scope(Product.select(Product.id, Product.name), actor=actor, model=Product)
    return list(query.order_by(ordering(Product.name_key, is_text=True), Product.id).tuples())
