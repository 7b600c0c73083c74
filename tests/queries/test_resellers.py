from datetime import date

import pytest

from access import Role
from licensing.terms import Month
from models import ResellerDiscount
from queries.listing import PageRequest
from queries.resellers import (
    ResellerFilter,
    discounts_of_reseller,
    reseller,
    reseller_names,
    resellers,
)
from tests.small_book import actor, add_reseller


@pytest.fixture
def book(database):
    bluth, sitwell = add_reseller(), add_reseller("Ćiro Sitwell", discount=1800)
    ResellerDiscount.create(reseller=bluth, valid_from=date(2017, 8, 1), basis_points=2500)
    return bluth, sitwell


def _rows(month="2017-07", who=None, **wanted):
    return resellers(ResellerFilter(**wanted), actor=who or actor(), month=Month.parse(month)).page(PageRequest()).rows


def test_the_discount_is_that_of_the_month(book):
    assert [(row.name, row.basis_points, row.valid_from) for row in _rows()] == [
        ("Bluth Company", 2200, date(2017, 1, 1)),
        ("Ćiro Sitwell", 1800, date(2017, 1, 1)),
    ]
    assert [row.basis_points for row in _rows("2017-08")] == [2500, 1800]
    assert [(row.basis_points, row.valid_from) for row in _rows("2016-12")] == [(0, None), (0, None)]


def test_a_name_is_found_whatever_case_and_accents(book):
    assert [row.name for row in _rows(name="CIRO")] == ["Ćiro Sitwell"]


def test_discounts_stand_newest_first(book):
    bluth, _sitwell = book
    assert [entry.basis_points for entry in discounts_of_reseller(bluth.id, actor=actor())] == [2500, 2200]


def test_a_reseller_knows_of_itself_only(book):
    bluth, sitwell = book
    who = actor(Role.RESELLER_ADMIN, reseller=sitwell)
    assert [row.name for row in _rows(who=who)] == ["Ćiro Sitwell"]
    assert reseller(bluth.id, actor=who) is None
    assert discounts_of_reseller(bluth.id, actor=who) == []
    assert reseller_names(actor=who) == [(sitwell.id, "Ćiro Sitwell")]
    assert len(reseller_names(actor=actor())) == 2
