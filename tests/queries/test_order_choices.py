"""What New Subscription offers: only what is the actor's, found whatever case and accents."""

import pytest

from access import Role
from licensing.states import OrderState
from queries.order_choices import CHOICES, customer_choices, customer_to_pick, failed_order, namesake, order_of_form
from tests.small_book import actor, add_command, add_customer, add_product, add_reseller, add_subscription

DISTRIBUTOR = actor(Role.DISTRIBUTOR_OPERATOR)


@pytest.fixture
def bluth(rolled_back):
    return add_reseller("Bluth Company")


@pytest.fixture
def sitwell(rolled_back):
    return add_reseller("Sitwell Enterprises")


def test_the_customers_of_one_reseller_by_name_archived_ones_left_out(bluth, sitwell):
    for name in ("Živa", "voća", "Adriatic"):
        add_customer(name, reseller=bluth)
    add_customer("Gone", reseller=bluth, is_archived=True)
    add_customer("Lipa", reseller=sitwell)
    choices, has_more = customer_choices(bluth.id, name_contains="", actor=DISTRIBUTOR)
    assert [choice.company_name for choice in choices] == ["Adriatic", "voća", "Živa"]
    assert not has_more


def test_no_reseller_has_no_customers(bluth):
    add_customer("Tunel", reseller=bluth)
    assert customer_choices(None, name_contains="", actor=DISTRIBUTOR) == ([], False)


def test_more_than_fit_are_told_and_found_by_a_part_of_the_name(bluth):
    for number in range(CHOICES + 1):
        add_customer(f"Firma {number:03d}", reseller=bluth)
    choices, has_more = customer_choices(bluth.id, name_contains="", actor=DISTRIBUTOR)
    assert (len(choices), has_more) == (CHOICES, True)
    choices, has_more = customer_choices(bluth.id, name_contains="FÍRMA 200", actor=DISTRIBUTOR)
    assert ([str(choice) for choice in choices], has_more) == (["Firma 200"], False)


@pytest.mark.parametrize("text", ["a\x00b", "\x00", "%", "_", "'"])
def test_odd_letters_find_nothing_and_break_nothing(bluth, text):
    add_customer("Tunel", reseller=bluth)
    found, _has_more = customer_choices(bluth.id, name_contains=text, actor=DISTRIBUTOR)
    assert len(found) == (1 if text == "\x00" else 0)
    assert namesake(text, reseller_id=bluth.id, actor=DISTRIBUTOR) is None


def test_a_namesake_differs_by_case_and_accents_only(bluth, sitwell):
    known = add_customer("Prerada voća d.o.o.", reseller=bluth)
    for name in ("PRERADA VOCA D.O.O.", "Prerada  voća d.o.o.", "prerada voća d.o.o. "):
        assert namesake(name, reseller_id=bluth.id, actor=DISTRIBUTOR) == known
    assert namesake("Prerada voća", reseller_id=bluth.id, actor=DISTRIBUTOR) is None
    assert namesake("Prerada voća d.o.o.", reseller_id=sitwell.id, actor=DISTRIBUTOR) is None


def test_nothing_of_another_reseller_is_found(bluth, sitwell):
    customer = add_customer("Lipa", reseller=sitwell)
    failed = add_subscription(customer, product=add_product(), state=OrderState.FAILED)
    add_command(failed, request_key="the key")
    clerk = actor(Role.RESELLER_USER, reseller=bluth)
    assert customer_choices(sitwell.id, name_contains="", actor=clerk) == ([], False)
    assert customer_to_pick(customer.id, reseller_id=sitwell.id, actor=clerk) is None
    assert namesake("Lipa", reseller_id=sitwell.id, actor=clerk) is None
    assert failed_order(failed.id, actor=clerk) is None
    assert order_of_form("the key", actor=clerk) is None


def test_only_a_refused_order_is_ordered_again(bluth):
    customer, product = add_customer("Tunel", reseller=bluth), add_product()
    failed = add_subscription(customer, product=product, state=OrderState.FAILED)
    live = add_subscription(customer, product=product)
    assert failed_order(failed.id, actor=DISTRIBUTOR) == failed
    assert failed_order(live.id, actor=DISTRIBUTOR) is None
    assert failed_order(None, actor=DISTRIBUTOR) is None
