from datetime import date

import pytest

from access import AccessDenied, Role
from licensing.states import CommandKind, CommandState, OrderState
from queries.customers import CustomerFilter, CustomerLicences, customer, customers, licences_of_customer
from queries.listing import PageRequest
from tests.small_book import TODAY, actor, add_command, add_customer, add_product, add_reseller, add_subscription


@pytest.fixture
def book(database):
    bluth, sitwell = add_reseller(), add_reseller("Sitwell Enterprises")
    add_customer("Prerada voća d.o.o.", reseller=bluth, city="Beograd", email="office@prerada.rs")
    add_customer("Poliklinika 100%_Srce", reseller=bluth, city="Čačak", country="HR", email="Info@Srce.example")
    add_customer("Đurđevak ŽITO", reseller=sitwell, city="ČAČAK")
    add_customer("Old one", reseller=bluth, is_archived=True)
    return bluth, sitwell


def _found(who=None, **wanted):
    return [
        row.company_name for row in customers(CustomerFilter(**wanted), actor=who or actor()).page(PageRequest()).rows
    ]


def test_a_name_is_found_by_its_words_whatever_case_and_accents(book):
    for text in ("voca", "VOĆA", "voća", "d.o.o. prerada", "rada voc", "  voca  "):
        assert _found(company_name=text) == ["Prerada voća d.o.o."], text


def test_every_word_must_be_there(book):
    numbers = {text: len(_found(company_name=text)) for text in ("djurdjevak", "žito", "zito đurđ", "zito voca")}
    assert numbers == {"djurdjevak": 1, "žito": 1, "zito đurđ": 1, "zito voca": 0}


def test_wildcards_are_letters(book):
    texts = {"%": 1, "_": 1, "100%": 1, "0_s": 0, "\\": 0, "%%": 0}
    assert {text: len(_found(company_name=text)) for text in texts} == texts


def test_a_text_without_letters_finds_nothing_rather_than_everything(book):
    assert _found(company_name="\u200f") == []
    assert _found(city="\u200f") == []


def test_cities_are_found_alike_on_both_databases(book):
    assert _found(city="cacak") == ["Đurđevak ŽITO", "Poliklinika 100%_Srce"]
    assert _found(city="čačak", country="HR") == ["Poliklinika 100%_Srce"]


def test_email_and_reseller_narrow_the_list(book):
    bluth, _sitwell = book
    assert _found(email="info@SRCE") == ["Poliklinika 100%_Srce"]
    assert _found(reseller_id=bluth.id, city="cacak") == ["Poliklinika 100%_Srce"]


def test_archived_customers_are_apart(book):
    assert _found(is_archived=True) == ["Old one"]


def test_another_resellers_rows_do_not_exist(book):
    bluth, sitwell = book
    who = actor(Role.RESELLER_USER, reseller=sitwell)
    assert _found(who) == ["Đurđevak ŽITO"]
    assert _found(who, reseller_id=bluth.id) == []
    foreign = customers(CustomerFilter(), actor=actor()).page(PageRequest()).rows[-1].id
    assert customer(foreign, actor=who) is None
    assert customer(foreign, actor=actor()) is not None
    assert customer(10**12, actor=who) is None


def test_licences_of_a_customer_are_counted_in_scope(book):
    bluth, sitwell = book
    owner = add_customer("Owner", reseller=bluth)
    product = add_product()
    add_subscription(owner, product=product, cancelled_on=date(2017, 8, 1))
    add_subscription(owner, product=product, cancelled_on=date(2017, 7, 1))
    add_subscription(owner, product=product, state=OrderState.FAILED)
    busy = add_subscription(owner, product=product)
    add_command(busy, kind=CommandKind.RENEW, state=CommandState.PARKED)
    counted = licences_of_customer(owner.id, actor=actor(), today=TODAY)
    assert counted == CustomerLicences(total=4, usable=2, free=1)
    foreign = actor(Role.RESELLER_USER, reseller=sitwell)
    assert licences_of_customer(owner.id, actor=foreign, today=TODAY) == CustomerLicences(0, 0, 0)


def test_the_list_needs_the_right_to_read(book):
    class Nobody:
        reseller_id = None

        def require(self, permission):
            raise AccessDenied

    with pytest.raises(AccessDenied):
        customers(CustomerFilter(), actor=Nobody())
