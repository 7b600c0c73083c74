"""The register of customers: create, change, archive, delete. The record holds the details that are wanted.

What the vendor holds per licence follows by requests, which customer_requests.py queues in the same transaction.
"""

from dataclasses import dataclass, fields
from typing import Any

from peewee import IntegrityError

from access import Actor, Permission
from database import locked, write_transaction
from licensing.commands import CustomerDetails
from licensing.moment import Moment
from licensing.search_key import search_key
from licensing.states import OrderState
from licensing.terms import day_start
from licensing.wording import Sentence
from models import Command, Customer, Reseller, Subscription
from operations.audit import AuditAction, record
from operations.countries import countries
from operations.customer_requests import queue_details_for_licences
from operations.record_refusals import FieldsRefused, RecordChanged, RecordInUse
from operations.refusals import CustomerTwin, NotFound
from operations.text_rules import column_problem, email_problem, tidy
from queries.licences import details_of
from queries.scope import visible

_REQUIRED = frozenset({"company_name", "country"})


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """The record as it now stands, and the requests to the vendor that its change queued."""

    customer: Customer
    commands: tuple[Command, ...] = ()


def checked_details(details: CustomerDetails) -> CustomerDetails:
    """The details as they are stored: tidied, each within its column. Raises FieldsRefused naming every bad field."""
    tidied = CustomerDetails.from_dict({name: tidy(value) for name, value in details.as_dict().items()})
    problems = {field.name: _problem(field.name, getattr(tidied, field.name)) for field in fields(tidied)}
    found = {name: problem for name, problem in problems.items() if problem is not None}
    if found:
        raise FieldsRefused(found)
    return tidied


def _problem(name: str, value: str) -> Sentence | None:
    if name == "country":
        return None if value in countries() else Sentence("Select a country from the list.")
    column = getattr(Customer, name)
    problem = column_problem(value, column, is_required=name in _REQUIRED)
    if problem is None and name == "company_name" and not search_key(value):
        return Sentence("“%(value)s” has no letter or figure.", {"value": value})
    return email_problem(value) if problem is None and name == "email" else problem


def create_customer(
    details: CustomerDetails,
    *,
    reseller_id: int | None,
    actor: Actor,
    moment: Moment,
    is_new_customer_meant: bool = False,
) -> Customer:
    """Add a customer of the reseller.

    Raises AccessDenied; FieldsRefused; CustomerTwin where the reseller has a customer of that name but for case and
    accents and the person has not said that a new one is meant (product.md, Screens 5).
    """
    actor.require(Permission.EDIT_CUSTOMERS)
    with write_transaction():
        reseller = _reseller(reseller_id, actor=actor)
        wanted = checked_details(details)
        if not is_new_customer_meant:
            _refuse_twin(wanted, reseller_id=reseller.id)
        customer = Customer.create(reseller=reseller, name_key=search_key(wanted.company_name), **wanted.as_dict())
        _audit(AuditAction.CUSTOMER_CREATED, customer, actor=actor, moment=moment, details=wanted.as_dict())
    return customer  # type: ignore[no-any-return]


def change_customer(
    customer_id: int,
    details: CustomerDetails,
    *,
    version: int,
    actor: Actor,
    moment: Moment,
    is_new_customer_meant: bool = False,
) -> CustomerChange:
    """Change the record from the version that the form showed; nothing is written where nothing differs.

    One ModifyAttributes is queued for each of the customer's licences that can be used and has no open command.
    Raises AccessDenied; NotFound; FieldsRefused; RecordChanged where somebody else was first; CustomerTwin where the
    new name is another customer's.
    """
    actor.require(Permission.EDIT_CUSTOMERS)
    with write_transaction():
        customer = _locked_customer(customer_id, actor=actor)
        wanted = checked_details(details)
        if customer.version != version:
            raise RecordChanged(customer)
        changes = _changes(details_of(customer), wanted)
        if "company_name" in changes and not is_new_customer_meant:
            _refuse_twin(wanted, reseller_id=customer.reseller_id, except_id=customer.id)
        if not changes:
            return CustomerChange(customer)
        _write(customer, {**wanted.as_dict(), "name_key": search_key(wanted.company_name)})
        _audit(AuditAction.CUSTOMER_CHANGED, customer, actor=actor, moment=moment, details=changes)
        commands = queue_details_for_licences(customer, wanted, actor=actor, moment=moment)
    return CustomerChange(customer, tuple(commands))


def delete_customer(customer_id: int, *, actor: Actor, moment: Moment) -> None:
    """Delete a customer that never had a licence. Raises AccessDenied, NotFound, RecordInUse."""
    actor.require(Permission.EDIT_CUSTOMERS)
    try:
        with write_transaction():
            customer = _locked_customer(customer_id, actor=actor)
            _refuse_deleting_with_licences(customer)
            Customer.delete().where(Customer.id == customer.id).execute()
            name = {"company_name": customer.company_name}
            _audit(AuditAction.CUSTOMER_DELETED, customer, actor=actor, moment=moment, details=name)
    except IntegrityError as reason:
        # An order was placed for the customer between our look and the deletion.
        raise RecordInUse(Sentence("The customer has licences and cannot be deleted.")) from reason


def archive_customer(customer_id: int, *, actor: Actor, moment: Moment) -> None:
    """Take a customer out of the lists and pickers. Raises AccessDenied, NotFound, RecordInUse while one is usable."""
    actor.require(Permission.EDIT_CUSTOMERS)
    with write_transaction():
        customer = _locked_customer(customer_id, actor=actor)
        usable = _usable_licences(customer, moment=moment)
        if usable:
            values = {"name": customer.company_name, "count": str(usable)}
            template = "“%(name)s” has licences that can still be used (%(count)s) and cannot be archived."
            raise RecordInUse(Sentence(template, values))
        if not customer.is_archived:
            _write(customer, {"is_archived": True})
            _audit(AuditAction.CUSTOMER_ARCHIVED, customer, actor=actor, moment=moment)


def restore_customer(customer_id: int, *, actor: Actor, moment: Moment) -> None:
    """Put an archived customer back. Raises AccessDenied, NotFound."""
    actor.require(Permission.EDIT_CUSTOMERS)
    with write_transaction():
        customer = _locked_customer(customer_id, actor=actor)
        if customer.is_archived:
            _write(customer, {"is_archived": False})
            details = {"is_archived": [True, False]}
            _audit(AuditAction.CUSTOMER_CHANGED, customer, actor=actor, moment=moment, details=details)


def _reseller(reseller_id: int | None, *, actor: Actor) -> Reseller:
    wanted = actor.reseller_id if actor.reseller_id is not None else reseller_id
    query = visible(Reseller, actor=actor).where(Reseller.id == wanted, ~Reseller.is_archived)
    reseller = query.first() if reseller_id in {None, wanted} else None
    if reseller is None:
        raise FieldsRefused({"reseller": Sentence("Select a reseller from the list.")})
    return reseller  # type: ignore[no-any-return]


def _locked_customer(customer_id: int, *, actor: Actor) -> Customer:
    customer = locked(visible(Customer, actor=actor).where(Customer.id == customer_id)).first()
    if customer is None:
        raise NotFound(customer_id)
    return customer  # type: ignore[no-any-return]


def _refuse_twin(details: CustomerDetails, *, reseller_id: int, except_id: int | None = None) -> None:
    key = search_key(details.company_name)
    query = Customer.select().where(Customer.reseller == reseller_id, Customer.name_key == key, ~Customer.is_archived)
    twin = query.where(Customer.id != (except_id or 0)).order_by(Customer.id).first()
    if twin is not None:
        raise CustomerTwin(twin)


def _changes(before: CustomerDetails, after: CustomerDetails) -> dict[str, list[str]]:
    old, new = before.as_dict(), after.as_dict()
    return {name: [old[name], new[name]] for name in new if old[name] != new[name]}


def _write(customer: Customer, columns: dict[str, Any]) -> None:
    Customer.update(**columns, version=Customer.version + 1).where(Customer.id == customer.id).execute()
    for name, value in columns.items():
        setattr(customer, name, value)
    customer.version += 1


def _refuse_deleting_with_licences(customer: Customer) -> None:
    licences = Subscription.select().where(Subscription.customer == customer.id).count()
    if licences:
        values = {"name": customer.company_name, "count": str(licences)}
        template = "“%(name)s” has licences in the list (%(count)s) and cannot be deleted. Archive it instead."
        raise RecordInUse(Sentence(template, values))


def _usable_licences(customer: Customer, *, moment: Moment) -> int:
    """Licences not yet ended, and orders not yet answered: an end is the first of a month (domain.md, Dates)."""
    query = Subscription.select(Subscription.ended_on).where(
        Subscription.customer == customer.id, Subscription.order_state != OrderState.FAILED
    )
    ends = [ended_on for (ended_on,) in query.tuples()]
    return sum(1 for day in ends if day is None or moment.now < day_start(day, moment.zone))


def _audit(
    action: AuditAction,
    customer: Customer,
    *,
    actor: Actor,
    moment: Moment,
    details: dict[str, Any] | None = None,
) -> None:
    record(
        action,
        actor=actor,
        now=moment.now,
        subject="customer",
        subject_id=customer.id,
        reseller_id=customer.reseller_id,
        details=details,
    )
