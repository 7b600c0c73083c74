"""Order a licence: customer, subscription, Create command and audit entries in one transaction."""

import uuid
from dataclasses import dataclass

from peewee import IntegrityError

from access import Actor, Permission
from database import write_transaction
from licensing.commands import CustomerDetails
from licensing.moment import Moment
from licensing.pricing import Band, NoPriceList, QuantityOutsideBands, find_band
from licensing.search_key import search_key
from licensing.states import CommandKind, CommandState, OrderState
from models import Command, Customer, Product, Reseller, Sku, Subscription
from operations.audit import AuditAction, record
from operations.earlier_command import earlier_command
from operations.refusals import CustomerTwin, FieldRefused, NotFound
from queries.licences import details_of
from queries.prices import bands_of_product
from queries.scope import visible


@dataclass(frozen=True, slots=True)
class Order:
    """What the form of New Subscription asks for.

    Either customer_id (an existing customer, whose details are taken as they are) or details of a new one.
    request_key came with the form: the same key is the same order, however often it arrives.
    """

    request_key: str
    reseller_id: int
    product_id: int
    quantity: int
    customer_id: int | None = None
    details: CustomerDetails | None = None
    is_new_customer_meant: bool = False


def order_subscription(order: Order, *, actor: Actor, moment: Moment) -> Command:
    """Write the order down and give its Create command, which the clock or a wake then sends.

    A repeated request_key gives the first command. Raises AccessDenied, NotFound for a reseller that the actor cannot
    know of, FieldRefused naming the field, CustomerTwin when the person must say which customer is meant.
    """
    actor.require(Permission.RUN_COMMANDS)
    try:
        with write_transaction():
            first = earlier_command(order.request_key, actor=actor)
            return first if first is not None else _place(order, actor=actor, moment=moment)
    except (IntegrityError, CustomerTwin):
        # Both clicks of a double click looked before either had written; what the faster one wrote counts.
        first = earlier_command(order.request_key, actor=actor)
        if first is None:
            raise
        return first


def _place(order: Order, *, actor: Actor, moment: Moment) -> Command:
    reseller = _reseller(order.reseller_id, actor=actor)
    band = _band(order, moment=moment)
    customer = _customer(order, reseller=reseller, actor=actor, moment=moment)
    subscription = Subscription.create(
        reseller=reseller,
        customer=customer,
        product=order.product_id,
        sku=Sku.get(Sku.code == band.sku_code),
        quantity=order.quantity,
        order_state=OrderState.PENDING,
        ordered_by=actor.user_id,
        ordered_at=moment.now,
    )
    command: Command = Command.create(
        reference=str(uuid.uuid4()),
        request_key=order.request_key,
        kind=CommandKind.CREATE,
        state=CommandState.QUEUED,
        subscription=subscription,
        reseller=reseller,
        requested_by=actor.user_id,
        requested_at=moment.now,
        quantity=order.quantity,
        sku_code=band.sku_code,
        details=details_of(customer).as_dict(),
        due_at=moment.real_now,
    )
    record(
        AuditAction.SUBSCRIPTION_ORDERED,
        actor=actor,
        now=moment.now,
        subject="command",
        subject_id=command.id,
        reseller_id=reseller.id,
        details={"subscription": subscription.id, "sku": band.sku_code, "quantity": order.quantity},
    )
    return command


def _reseller(reseller_id: int, *, actor: Actor) -> Reseller:
    reseller: Reseller | None = (
        visible(Reseller, actor=actor).where(Reseller.id == reseller_id, ~Reseller.is_archived).first()
    )
    if reseller is None:
        raise NotFound(reseller_id)
    return reseller


def _band(order: Order, *, moment: Moment) -> Band:
    if Product.get_or_none(Product.id == order.product_id) is None:
        raise FieldRefused("product", "Select a product from the list.")
    try:
        return find_band(bands_of_product(order.product_id, month=moment.month), order.quantity)
    except NoPriceList as reason:
        raise FieldRefused("product", "This product has no prices this month.") from reason
    except QuantityOutsideBands as reason:
        raise FieldRefused("quantity", str(reason)) from reason


def _customer(order: Order, *, reseller: Reseller, actor: Actor, moment: Moment) -> Customer:
    if order.customer_id is not None:
        known = visible(Customer, actor=actor).where(
            Customer.id == order.customer_id, Customer.reseller == reseller, ~Customer.is_archived
        )
        customer: Customer | None = known.first()
        if customer is None:
            raise FieldRefused("customer", "Select a customer from the list.")
        return customer
    if order.details is None:
        raise FieldRefused("company_name", "Enter the company name.")
    if not order.is_new_customer_meant:
        _refuse_twin(order.details, reseller=reseller)
    return _create_customer(order.details, reseller=reseller, actor=actor, moment=moment)


def _refuse_twin(details: CustomerDetails, *, reseller: Reseller) -> None:
    twin = Customer.get_or_none(
        Customer.reseller == reseller,
        Customer.name_key == search_key(details.company_name),
        ~Customer.is_archived,
    )
    if twin is not None:
        raise CustomerTwin(twin)


def _create_customer(details: CustomerDetails, *, reseller: Reseller, actor: Actor, moment: Moment) -> Customer:
    created: Customer = Customer.create(
        reseller=reseller, name_key=search_key(details.company_name), **details.as_dict()
    )
    record(
        AuditAction.CUSTOMER_CREATED,
        actor=actor,
        now=moment.now,
        subject="customer",
        subject_id=created.id,
        reseller_id=reseller.id,
    )
    return created
