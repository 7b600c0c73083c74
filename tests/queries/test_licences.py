"""A subscription's row as the life-cycle rules see it."""

from datetime import date, timedelta

import pytest

from access import Role
from licensing.commands import CustomerDetails, TermSpan
from licensing.states import OPEN_STATES, CancelKind, CommandState, OrderState
from models import Customer, Product, Reseller, Term
from queries.licences import (
    NoSuchSubscription,
    details_of,
    find_subscription,
    licence_of,
    open_command_of,
    terms_of,
)
from tests.small_book import NOW, actor, add_command, add_customer, add_product, add_reseller, add_subscription


@pytest.fixture
def reseller(rolled_back: str) -> Reseller:
    return add_reseller()


@pytest.fixture
def customer(reseller: Reseller) -> Customer:
    return add_customer("Tunel d.o.o.", reseller=reseller, city="Sarajevo", fax="033 1")


@pytest.fixture
def product(reseller: Reseller) -> Product:
    return add_product()


def test_a_live_row_is_a_licence_with_its_dates(customer: Customer, product: Product) -> None:
    row = add_subscription(customer, product=product, expires_on=date(2018, 1, 1), cancelled_on=date(2017, 8, 1))
    licence = licence_of(row)
    assert (licence.is_live, licence.is_failed, licence.quantity) == (True, False, 10)
    assert (licence.expires_on, licence.cancelled_on) == (date(2018, 1, 1), date(2017, 8, 1))
    assert (licence.is_hard_cancelled, licence.created_at) == (False, NOW)
    row.cancel_kind = CancelKind.HARD
    assert licence_of(row).is_hard_cancelled


@pytest.mark.parametrize(
    ("state", "seen"),
    [(OrderState.PENDING, (False, False)), (OrderState.LIVE, (True, False)), (OrderState.FAILED, (False, True))],
)
def test_the_state_of_the_order_is_seen(
    customer: Customer, product: Product, state: OrderState, seen: tuple[bool, bool]
) -> None:
    licence = licence_of(add_subscription(customer, product=product, state=state))
    assert (licence.is_live, licence.is_failed) == seen


def test_terms_come_oldest_first_and_those_of_others_do_not(customer: Customer, product: Product) -> None:
    row, other = (add_subscription(customer, product=product) for _ in range(2))
    later = NOW + timedelta(days=3)
    Term.create(subscription=row, quantity=8, starts_at=later)
    Term.create(subscription=row, quantity=12, starts_at=NOW, ends_at=later)
    Term.create(subscription=other, quantity=5, starts_at=NOW)
    assert terms_of(row) == (TermSpan(12, NOW, later), TermSpan(8, later, None))


@pytest.mark.parametrize("state", list(CommandState))
def test_a_command_on_its_way_is_open_and_a_settled_one_is_not(
    customer: Customer, product: Product, state: CommandState
) -> None:
    row, other = (add_subscription(customer, product=product) for _ in range(2))
    command = add_command(row, state=state)
    assert open_command_of(row) == (command if state in OPEN_STATES else None)
    assert open_command_of(other) is None


def test_a_subscription_of_another_reseller_does_not_exist(customer: Customer, product: Product) -> None:
    row = add_subscription(customer, product=product)
    own, foreign = (actor(Role.RESELLER_USER, reseller=r) for r in (customer.reseller, add_reseller("Sitwell")))
    assert find_subscription(row.id, actor=own) == row
    assert find_subscription(row.id, actor=actor(Role.AUDITOR)) == row
    for subscription_pk, somebody in ((row.id, foreign), (987_654, foreign), (987_654, own)):
        with pytest.raises(NoSuchSubscription):
            find_subscription(subscription_pk, actor=somebody)


def test_the_details_are_all_those_of_the_record(customer: Customer) -> None:
    expected = CustomerDetails(company_name="Tunel d.o.o.", country="RS", city="Sarajevo", fax="033 1")
    assert details_of(customer) == expected
