"""One subscription as the life-cycle rules see it."""

from dataclasses import fields
from datetime import date

from access import Actor
from licensing.commands import CustomerDetails, Licence, TermSpan
from licensing.states import OPEN_STATES, CancelKind, OrderState
from models import Command, Customer, Subscription, Term
from queries.scope import visible
from queries.subscriptions import SubscriptionRow


class NoSuchSubscription(LookupError):
    """No subscription of that id exists for the actor."""


def find_subscription(subscription_pk: int, *, actor: Actor) -> Subscription:
    """The subscription with its customer, product, SKU and reseller. Raises NoSuchSubscription."""
    found = visible(Subscription, actor=actor).where(Subscription.id == subscription_pk).first()
    if found is None:
        raise NoSuchSubscription(subscription_pk)
    return found  # type: ignore[no-any-return]


def licence_of(subscription: Subscription) -> Licence:
    """The subscription's row as a Licence."""
    return Licence(
        is_live=subscription.order_state == OrderState.LIVE,
        is_failed=subscription.order_state == OrderState.FAILED,
        quantity=subscription.quantity,
        expires_on=subscription.expires_on,
        cancelled_on=subscription.cancelled_on,
        is_hard_cancelled=subscription.cancel_kind == CancelKind.HARD,
        created_at=subscription.activated_at,
    )


def licence_of_row(row: SubscriptionRow) -> Licence:
    """A line of the Subscription List as a Licence, without the instant at which it began."""
    dates = {"expires_on": row.expires_on, "cancelled_on": row.cancelled_on}
    return licence_standing(row.order_state, **dates, cancel_kind=row.cancel_kind, quantity=row.quantity)


def licence_standing(
    order_state: str,
    *,
    expires_on: date | None,
    cancelled_on: date | None,
    cancel_kind: str | None,
    quantity: int = 1,
) -> Licence:
    """The columns that a status is made of as a Licence."""
    return Licence(
        is_live=order_state == OrderState.LIVE,
        is_failed=order_state == OrderState.FAILED,
        quantity=quantity,
        expires_on=expires_on,
        cancelled_on=cancelled_on,
        is_hard_cancelled=cancel_kind == CancelKind.HARD,
    )


def terms_of(subscription: Subscription) -> tuple[TermSpan, ...]:
    """The subscription's terms, oldest first."""
    rows = (
        Term.select(Term.quantity, Term.starts_at, Term.ends_at)
        .where(Term.subscription == subscription.id)
        .order_by(Term.starts_at)
        .tuples()
    )
    return tuple(TermSpan(*row) for row in rows)


def open_command_of(subscription: Subscription) -> Command | None:
    """The command of the subscription that is on its way, if any."""
    query = Command.select().where(Command.subscription == subscription.id, Command.state.in_(OPEN_STATES))
    return query.first()  # type: ignore[no-any-return]


def details_of(customer: Customer) -> CustomerDetails:
    """The customer's record as the block that the vendor keeps per licence."""
    return CustomerDetails(**{field.name: getattr(customer, field.name) for field in fields(CustomerDetails)})
