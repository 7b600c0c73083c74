"""Customers: the list, one record, and how many licences hang on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from peewee import JOIN, ModelSelect

from access import Actor
from licensing.search_key import search_key
from licensing.states import OPEN_STATES, OrderState
from models import Command, Customer, Reseller, Subscription
from queries.listing import Listing, Sort, key_contains
from queries.scope import in_scope, visible


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """Parts of the texts, whatever their case and accents; country is a code; archived customers are apart."""

    company_name: str = ""
    city: str = ""
    country: str = ""
    email: str = ""
    reseller_id: int | None = None
    is_archived: bool = False

    @property
    def is_set(self) -> bool:
        """Whether anything narrows the list beyond its usual view."""
        return self != CustomerFilter()


class CustomerRow(NamedTuple):
    """One line of the list; country is the code."""

    id: int
    reseller: str
    company_name: str
    city: str
    country: str
    email: str
    phone: str
    contact_person: str


_SORTS = {
    "reseller": Sort(Reseller.name_key, through=Customer.reseller),
    "company_name": Sort(Customer.name_key),
}


def customers(wanted: CustomerFilter, *, actor: Actor) -> Listing[CustomerRow]:
    """The customers that match, by name."""
    return Listing(
        ids=_matching(wanted, actor=actor),
        rows_of=_rows,
        sorts=_SORTS,
        is_filtered=wanted.is_set,
        own_sort="company_name",
    )


def _matching(wanted: CustomerFilter, *, actor: Actor) -> ModelSelect:
    query = visible(Customer, Customer.id, actor=actor).where(Customer.is_archived == wanted.is_archived)
    if wanted.company_name:
        query = query.where(key_contains(Customer.name_key, wanted.company_name))
    if wanted.city:
        query = query.where(Customer.city.in_(_cities_like(wanted.city, actor=actor)))
    if wanted.country:
        query = query.where(Customer.country == wanted.country)
    if wanted.email:
        query = query.where(Customer.email.contains(wanted.email))
    if wanted.reseller_id is not None:
        query = query.where(Customer.reseller == wanted.reseller_id)
    return query


def _cities_like(text: str, *, actor: Actor) -> list[str]:
    """The cities, as written, whose search key has every word: a city has no stored key, and there are few."""
    words = search_key(text).split()
    known = visible(Customer, Customer.city, actor=actor).distinct().tuples()
    return [city for (city,) in known if words and all(word in search_key(city) for word in words)]


def _rows(ids: Sequence[int]) -> Mapping[int, CustomerRow]:
    query = (
        Customer.select(
            Customer.id,
            Reseller.name,
            Customer.company_name,
            Customer.city,
            Customer.country,
            Customer.email,
            Customer.phone,
            Customer.contact_person,
        )
        .join(Reseller)
        .where(Customer.id.in_(ids))
    )
    return {row[0]: CustomerRow(*row) for row in query.tuples()}


def customer(customer_id: int, *, actor: Actor) -> Customer | None:
    """The record with its reseller; None for a foreign or missing id."""
    query = in_scope(Customer.select(Customer, Reseller).join(Reseller), actor=actor, model=Customer)
    return query.where(Customer.id == customer_id).first()  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class CustomerLicences:
    """How many licences a customer has: in the list, usable, and usable with no command on its way."""

    total: int
    usable: int
    free: int


def licences_of_customer(customer_id: int, *, actor: Actor, today: date) -> CustomerLicences:
    """Failed orders stand in the list; orders not yet answered count as usable, and as busy."""
    is_open = (Command.subscription == Subscription.id) & Command.state.in_(OPEN_STATES)
    rows = (
        visible(Subscription, Subscription.order_state, Subscription.ended_on, Command.state, actor=actor)
        .join_from(Subscription, Command, JOIN.LEFT_OUTER, on=is_open)
        .where(Subscription.customer == customer_id)
        .tuples()
    )
    licences = list(rows)
    usable = [row for row in licences if row[0] != OrderState.FAILED and (row[1] is None or row[1] > today)]
    return CustomerLicences(len(licences), len(usable), sum(1 for row in usable if row[2] is None))
