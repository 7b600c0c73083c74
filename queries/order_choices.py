"""What New Subscription offers: a reseller's customers, the namesake of a new one, an order to repeat."""

from typing import NamedTuple

from access import Actor
from licensing.search_key import search_key
from licensing.states import OrderState
from models import Command, Customer, Subscription
from queries.listing import key_contains
from queries.scope import visible

# More do not fit a native select; the rest is found by typing a part of the name.
CHOICES = 200


class CustomerChoice(NamedTuple):
    """A customer to pick."""

    id: int
    company_name: str
    city: str

    def __str__(self) -> str:
        return f"{self.company_name}, {self.city}" if self.city else self.company_name


def customer_choices(reseller_id: int | None, *, name_contains: str, actor: Actor) -> tuple[list[CustomerChoice], bool]:
    """The first of the reseller's customers by name, and whether there are more than those."""
    query = visible(Customer, Customer.id, Customer.company_name, Customer.city, actor=actor).where(
        Customer.reseller == reseller_id, ~Customer.is_archived
    )
    wanted = _storable(name_contains).strip()
    if wanted:
        query = query.where(key_contains(Customer.name_key, wanted))
    rows = list(query.order_by(Customer.name_key, Customer.id).limit(CHOICES + 1).tuples())
    return [CustomerChoice(*row) for row in rows[:CHOICES]], len(rows) > CHOICES


def customer_to_pick(customer_id: int | None, *, reseller_id: int | None, actor: Actor) -> Customer | None:
    """The reseller's customer of that id, None for a foreign, archived or missing one."""
    query = visible(Customer, actor=actor).where(
        Customer.id == customer_id, Customer.reseller == reseller_id, ~Customer.is_archived
    )
    return query.first()  # type: ignore[no-any-return]


def namesake(company_name: str, *, reseller_id: int | None, actor: Actor) -> Customer | None:
    """The reseller's customer whose name is the same but for case and accents."""
    key = search_key(_storable(company_name))
    query = visible(Customer, actor=actor).where(
        Customer.reseller == reseller_id, Customer.name_key == key, ~Customer.is_archived
    )
    return query.order_by(Customer.id).first() if key else None


def failed_order(subscription_pk: int | None, *, actor: Actor) -> Subscription | None:
    """An order that was refused and may be ordered again; None for anything else."""
    query = visible(Subscription, actor=actor).where(
        Subscription.id == subscription_pk, Subscription.order_state == OrderState.FAILED
    )
    return query.first()  # type: ignore[no-any-return]


def order_of_form(request_key: str, *, actor: Actor) -> Command | None:
    """The Create command that the form of this key has made already."""
    return visible(Command, actor=actor).where(Command.request_key == request_key).first()  # type: ignore[no-any-return]


def _storable(text: str) -> str:
    """The text without NUL, which no stored name holds and PostgreSQL refuses to compare with."""
    return text.replace("\x00", "")
