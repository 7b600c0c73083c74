"""Which licences the change of customers' details reaches beside those that somebody chose."""

from access import Actor
from licensing.moment import Moment
from licensing.states import OrderState
from licensing.terms import local_date
from models import Customer, SelectionRow, Subscription
from queries.scope import visible


def other_licences(selection_id: int, *, field_name: str, value: str, actor: Actor, moment: Moment) -> list[int]:
    """The other usable licences of customers whose record changes: of those with an eligible row in the selection.

    Licences with an open command are among them: they get no request, and the plan says so.
    """
    today = local_date(moment.now, moment.zone)
    chosen = SelectionRow.select(SelectionRow.subscription).where(SelectionRow.selection == selection_id)
    changing = (
        SelectionRow.select(Customer.id)
        .join_from(SelectionRow, Subscription)
        .join_from(Subscription, Customer)
        .where(SelectionRow.selection == selection_id, SelectionRow.is_eligible, getattr(Customer, field_name) != value)
    )
    others = visible(Subscription, Subscription.id, actor=actor).where(
        Subscription.customer.in_(changing),
        Subscription.id.not_in(chosen),
        Subscription.order_state == OrderState.LIVE,
        Subscription.ended_on.is_null() | (Subscription.ended_on > today),
    )
    return [pk for (pk,) in others.order_by(Subscription.customer, Subscription.id).tuples()]
