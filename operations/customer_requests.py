"""What a change of a customer's details asks of the vendor: ModifyAttributes for each licence that can still be used.

Called inside the transaction that changes the record (domain.md, Life cycle, Customer details).
"""

import uuid

from access import Actor
from database import locked
from licensing.commands import CustomerDetails
from licensing.moment import Moment
from licensing.states import CommandKind, OrderState
from models import Command, Customer, Subscription
from operations.command_rules import refusal_of
from operations.request_command import CommandRequest, queue_command
from queries.licences import open_command_of


def queue_details_for_licences(
    customer: Customer, details: CustomerDetails, *, actor: Actor, moment: Moment, except_pk: int | None = None
) -> list[Command]:
    """Queue one request for each usable licence. One with an open command gets none and shows the difference.

    except_pk is a licence for which the vendor has these details already. The customer is locked by the caller; its
    licences are here, so that no command for one of them can come in between.
    """
    live = Subscription.select().where(
        Subscription.customer == customer.id,
        Subscription.order_state == OrderState.LIVE,
        Subscription.id != (except_pk or 0),
    )
    return [
        queue_command(_request(subscription, details), subscription, actor=actor, moment=moment)
        for subscription in locked(live.order_by(Subscription.id))
        if _takes_details(subscription, moment=moment)
    ]


def _takes_details(subscription: Subscription, *, moment: Moment) -> bool:
    refused = refusal_of(
        CommandKind.MODIFY_ATTRIBUTES,
        subscription,
        quantity=None,
        expires_on=None,
        moment=moment,
        open_command=open_command_of(subscription),
    )
    return refused is None


def _request(subscription: Subscription, details: CustomerDetails) -> CommandRequest:
    return CommandRequest(
        kind=CommandKind.MODIFY_ATTRIBUTES,
        subscription_pk=subscription.id,
        version=subscription.version,
        request_key=str(uuid.uuid4()),
        details=details,
    )
