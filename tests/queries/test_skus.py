from datetime import date

import pytest

from access import Role
from licensing.terms import Month
from queries.listing import PageRequest
from queries.skus import SkuFilter, skus
from tests.small_book import actor, add_price_list, add_product, add_reseller


@pytest.fixture
def products(database):
    return add_product("4864", "Basic"), add_product("4551", "Advanced", bands=((1, 99, 1750),))


def _rows(month="2017-07", **wanted):
    request = PageRequest(sort=wanted.pop("sort", ""), is_descending=wanted.pop("down", False))
    return skus(SkuFilter(**wanted), actor=actor(), month=Month.parse(month)).page(request).rows


def test_bands_stand_product_after_product_smallest_first(products):
    assert [(row.product, row.min_quantity, row.max_quantity, row.price_cents) for row in _rows()] == [
        ("Basic", 5, 9, 1000),
        ("Basic", 10, 14, 770),
        ("Advanced", 1, 99, 1750),
    ]


def test_a_later_price_list_replaces_the_product_whole_from_its_month(products):
    basic, _advanced = products
    add_price_list(basic, valid_from=date(2017, 8, 1), bands=((1, 14, 800),))
    assert [row.price_cents for row in _rows("2017-07")] == [1000, 770, 1750]
    assert [row.price_cents for row in _rows("2017-08")] == [800, 1750]
    assert _rows("2016-12") == []


def test_a_part_of_the_code_finds_it_in_any_case(products):
    codes = {"kl4551x": 1, "4864X1": 1, "x": 3, "%": 0, "_": 0, "nope": 0}
    assert {code: len(_rows(code=code)) for code in codes} == codes


def test_every_column_can_be_turned_round(products):
    for sort in ("product", "code", "min_quantity", "max_quantity", "price"):
        up, down = _rows(sort=sort), _rows(sort=sort, down=True)
        assert [row.id for row in down] == [row.id for row in up][::-1], sort
        assert len(up) == 3


def test_everybody_reads_the_same_list(products):
    seen = skus(SkuFilter(), actor=actor(Role.RESELLER_USER, reseller=add_reseller()), month=Month(2017, 7))
    assert seen.count() == (3, True)
