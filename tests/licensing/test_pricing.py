import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.money import end_user_cents
from licensing.pricing import (
    Band,
    Discount,
    NoPriceList,
    PriceTable,
    QuantityOutsideBands,
    cheaper_quantity,
    discount_for,
    find_band,
    price_table_for,
    quantity_limits,
)
from licensing.terms import Month
from tests.licensing import demo_book

BASIC = demo_book.bands("4864")


@pytest.mark.parametrize(
    ("quantity", "price"),
    [(5, 1000), (9, 1000), (10, 770), (14, 770), (15, 354), (24, 318), (25, 285), (9999, 108)],
)
def test_the_band_of_the_quantity_prices_all_seats(quantity, price):
    assert find_band(BASIC, quantity).price_cents == price


@pytest.mark.parametrize("quantity", [4, 0, -12, 10000, 10**9])
def test_a_quantity_outside_the_bands_is_refused_naming_the_limits(quantity):
    with pytest.raises(QuantityOutsideBands, match=f"{quantity} is outside .* from 5 to 9999") as refused:
        find_band(BASIC, quantity)
    assert (refused.value.min_quantity, refused.value.max_quantity) == (5, 9999)


def test_a_product_without_bands_has_no_limits():
    with pytest.raises(NoPriceList):
        quantity_limits(())


def test_a_month_is_charged_by_the_table_that_is_valid_in_it():
    old, new = PriceTable(Month(2017, 1), BASIC), PriceTable(Month(2017, 8), BASIC[:1])
    assert price_table_for([new, old], Month(2017, 7)) is old
    assert price_table_for([new, old], Month(2017, 8)) is new
    assert price_table_for([new, old], Month(2019, 1)) is new


def test_a_month_before_the_first_price_list_has_no_price():
    with pytest.raises(NoPriceList, match="valid in 2016-12"):
        price_table_for([PriceTable(Month(2017, 1), BASIC)], Month(2016, 12))


def test_a_month_has_the_discount_that_is_valid_in_it():
    discounts = [Discount(Month(2017, 8), 2500), Discount(Month(2017, 1), 2200)]
    assert discount_for(discounts, Month(2016, 12)) == 0
    assert discount_for(discounts, Month(2017, 7)) == 2200
    assert discount_for(discounts, Month(2017, 8)) == 2500


@pytest.mark.parametrize(
    ("quantity", "cheaper"),
    [
        (24, 25),  # 76.32 and 71.25
        (8, 10),  # 80.00 and 77.00
        (7, 15),  # 70.00: 10 seats are 77.00, 15 are 53.10
        (5, None),  # 50.00 and 53.10
        (10, 15),
        (22, None),  # 69.96 and 71.25
        (25, None),
        (9999, None),
    ],
)
def test_the_nearest_larger_quantity_that_costs_less_in_all(quantity, cheaper):
    assert cheaper_quantity(BASIC, quantity) == cheaper


@given(st.integers(5, 1600))
def test_no_nearer_quantity_costs_less(quantity):
    def amount(seats: int) -> int:
        return end_user_cents(seats, find_band(BASIC, seats).price_cents)

    found = cheaper_quantity(BASIC, quantity)
    limit = 9999 if found is None else found - 1
    assert all(amount(seats) >= amount(quantity) for seats in range(quantity, min(limit, quantity + 1000) + 1))
    assert found is None or amount(found) < amount(quantity)


def test_equal_amounts_are_no_hint():
    bands = (Band("A", 1, 9, 100), Band("B", 10, 19, 90))
    assert cheaper_quantity(bands, 9) is None
