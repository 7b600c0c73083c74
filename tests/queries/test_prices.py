"""Prices, discounts and choices of a month."""

from datetime import date

import pytest

from access import Role
from licensing.pricing import Band, NoPriceList
from licensing.terms import Month
from models import Product, ResellerDiscount
from queries.prices import (
    bands_of_product,
    discount_of_reseller,
    price_months,
    products_for_sale,
    resellers_for_choice,
)
from tests.small_book import actor, add_price_list, add_product, add_reseller

JULY, AUGUST = Month(2017, 7), Month(2017, 8)
pytestmark = pytest.mark.usefixtures("rolled_back")


def test_the_bands_are_those_of_the_newest_list_that_has_begun() -> None:
    product = add_product(bands=((10, 14, 770), (5, 9, 1000)))
    add_price_list(product, valid_from=date(2017, 8, 1), bands=((5, 99, 500),))
    add_product("9999", "Another", bands=((1, 1, 1),))
    assert bands_of_product(product.id, month=JULY) == (
        Band("KL4864X5", 5, 9, 1000),
        Band("KL4864X10", 10, 14, 770),
    )
    assert bands_of_product(product.id, month=AUGUST) == (Band("KL4864X5", 5, 99, 500),)
    assert bands_of_product(product.id, month=Month(2031, 1)) == bands_of_product(product.id, month=AUGUST)


def test_a_month_before_the_first_list_has_no_prices() -> None:
    product = add_product()
    for product_id in (product.id, 987_654):
        with pytest.raises(NoPriceList):
            bands_of_product(product_id, month=Month(2016, 12))


def test_the_discount_is_that_of_the_month() -> None:
    reseller = add_reseller(discount=2200)
    ResellerDiscount.create(reseller=reseller, valid_from=date(2017, 8, 1), basis_points=2500)
    everybody = actor(Role.DISTRIBUTOR_OPERATOR)
    months = (Month(2016, 12), JULY, AUGUST, Month(2018, 1))
    found = [discount_of_reseller(reseller.id, month=month, actor=everybody) for month in months]
    assert found == [0, 2200, 2500, 2500]


def test_the_discount_of_another_reseller_is_not_told() -> None:
    own, other = add_reseller("Bluth Company"), add_reseller("Sitwell Enterprises", discount=1800)
    user = actor(Role.RESELLER_USER, reseller=own)
    assert discount_of_reseller(own.id, month=JULY, actor=user) == 2200
    assert discount_of_reseller(other.id, month=JULY, actor=user) == 0


def test_products_for_sale_are_those_with_prices_this_month_by_name() -> None:
    second, first = add_product("2", "Šta god"), add_product("1", "Endpoint")
    later = Product.create(code="3", name="Later", name_key="later")
    add_price_list(later, valid_from=date(2017, 8, 1), bands=((1, 9, 100),))
    add_price_list(first, valid_from=date(2017, 6, 1), bands=((1, 9, 100),))
    assert products_for_sale(month=JULY) == [(first.id, "Endpoint"), (second.id, "Šta god")]
    assert [name for _id, name in products_for_sale(month=AUGUST)] == ["Endpoint", "Later", "Šta god"]


def test_a_reseller_can_order_for_itself_alone_and_the_distributor_for_all_that_are_not_archived() -> None:
    own, other = add_reseller("Bluth Company"), add_reseller("Amway")
    gone = add_reseller("Gone")
    gone.is_archived = True
    gone.save()
    assert resellers_for_choice(actor=actor(Role.RESELLER_USER, reseller=own)) == [(own.id, "Bluth Company")]
    names = [name for _id, name in resellers_for_choice(actor=actor(Role.DISTRIBUTOR_ADMIN))]
    assert names == ["Amway", "Bluth Company"]
    assert other.name in names


def test_the_months_of_a_products_lists() -> None:
    product = add_product()
    add_price_list(product, valid_from=date(2017, 8, 1), bands=((5, 9, 900),))
    assert price_months(product.id) == [date(2017, 1, 1), date(2017, 8, 1)]
