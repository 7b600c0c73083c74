"""Customer details per licence: the record holds what is wanted, each licence what the vendor confirmed (domain.md).

ModifyAttributes changes the record at once and asks for every usable licence; Recreate does so when it is confirmed.
"""

from dataclasses import replace

from access import SYSTEM, Actor, Permission
from database import locked, write_transaction
from licensing.commands import CustomerDetails
from licensing.moment import Moment
from licensing.search_key import search_key
from models import Command, Customer, Subscription
from operations.audit import AuditAction, record
from operations.customer_requests import queue_details_for_licences
from operations.customers import change_customer, checked_details
from operations.earlier_command import earlier_command
from operations.refusals import CommandRefused, NotFound
from operations.request_command import CommandRequest, request_command
from queries.licences import details_of
from queries.scope import visible


def modify_attributes(
    request: CommandRequest,
    details: CustomerDetails,
    *,
    customer_version: int,
    actor: Actor,
    moment: Moment,
    is_new_customer_meant: bool = False,
) -> tuple[Command, ...]:
    """Change the customer's record and ask for this licence and the customer's other usable ones; this one comes first.

    customer_version is that of the record when the form was shown. A repeated request key gives the first command.
    Raises what request_command and change_customer raise; nothing is written then but the refusal's audit entry.
    """
    actor.require(Permission.RUN_COMMANDS)
    refused: CommandRefused | None = None
    commands: tuple[Command, ...] = ()
    with write_transaction():
        _lock_customer_of(request, actor=actor)
        # Under the lock: the first click of a double click may have been writing while the second one came.
        first = earlier_command(request.request_key, actor=actor)
        if first is not None:
            return (first,)
        try:
            own = request_command(replace(request, details=checked_details(details)), actor=actor, moment=moment)
        except CommandRefused as reason:
            # The entry about the refusal is kept, so the transaction ends normally.
            refused = reason
        else:
            change = change_customer(
                own.subscription.customer_id,
                details,
                version=customer_version,
                actor=actor,
                moment=moment,
                is_new_customer_meant=is_new_customer_meant,
            )
            commands = (own, *change.commands)
    if refused is not None:
        raise refused
    return commands


def send_details_again(request: CommandRequest, *, actor: Actor, moment: Moment) -> Command:
    """Ask for this licence alone to get the details of the record. Raises what request_command raises."""
    actor.require(Permission.RUN_COMMANDS)
    with write_transaction():
        details = details_of(_locked_subscription(request, actor=actor).customer)
    return request_command(replace(request, details=details), actor=actor, moment=moment)


def _lock_customer_of(request: CommandRequest, *, actor: Actor) -> None:
    subscription = visible(Subscription, actor=actor).where(Subscription.id == request.subscription_pk).first()
    if subscription is None:
        raise NotFound(request.subscription_pk)
    lock_customer(subscription)


def lock_customer(subscription: Subscription) -> None:
    """Hold the record of the licence's customer: whoever needs both locks the customer first, then the licences."""
    locked(Customer.select().where(Customer.id == subscription.customer_id)).first()


def _locked_subscription(request: CommandRequest, *, actor: Actor) -> Subscription:
    subscription = locked(visible(Subscription, actor=actor).where(Subscription.id == request.subscription_pk)).first()
    if subscription is None:
        raise NotFound(request.subscription_pk)
    return subscription  # type: ignore[no-any-return]


def adopt_recreated_details(command: Command, *, moment: Moment) -> None:
    """After a Recreate was confirmed: what it changed becomes the record's, and the customer's other licences follow.

    Only the fields that the Recreate changed are taken, so that a later edit of another field is not undone. Called
    inside the transaction that confirms the command and has locked the customer; nothing here may refuse what the
    vendor has done.
    """
    customer = Customer.get_by_id(command.subscription.customer_id)
    before = details_of(customer)
    wanted = replace(before, **_changed_by(command))
    if wanted == before:
        return
    Customer.update(**wanted.as_dict(), name_key=search_key(wanted.company_name), version=Customer.version + 1).where(
        Customer.id == customer.id
    ).execute()
    old, new = before.as_dict(), wanted.as_dict()
    record(
        AuditAction.CUSTOMER_CHANGED,
        actor=SYSTEM,
        now=moment.now,
        subject="customer",
        subject_id=customer.id,
        reseller_id=customer.reseller_id,
        details={name: [old[name], new[name]] for name in new if old[name] != new[name]},
    )
    has_them = command.details == new
    queue_details_for_licences(
        customer, wanted, actor=SYSTEM, moment=moment, except_pk=command.subscription_id if has_them else None
    )


def _changed_by(command: Command) -> dict[str, str]:
    wanted = CustomerDetails.from_dict(command.details).as_dict() if command.details else {}
    held = (command.change or {}).get("details") or {}
    return {name: value for name, value in wanted.items() if value != held.get(name, "")}
