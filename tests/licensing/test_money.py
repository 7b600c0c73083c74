from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.money import (
    end_user_cents,
    fee_cents,
    format_hundredths,
    parse_basis_points,
    parse_hundredths,
    round_half_up_div,
)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"), [(5, 10, 1), (4, 10, 0), (15, 10, 2), (25, 10, 3), (0, 7, 0), (-5, 10, 0)]
)
def test_halves_are_rounded_up(numerator, denominator, rounded):
    assert round_half_up_div(numerator, denominator) == rounded


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6))
def test_rounding_is_the_nearest_whole_number_and_up_at_a_half(numerator, denominator):
    distance = round_half_up_div(numerator, denominator) - Fraction(numerator, denominator)
    assert Fraction(-1, 2) < distance <= Fraction(1, 2)


def test_division_by_zero_is_refused():
    with pytest.raises(ValueError, match="cannot divide by 0"):
        round_half_up_div(1, 0)


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "fee"),
    [
        (48, 770, 2200, 28829),  # 288.288
        (10, 770, 2200, 6006),
        (12, 770, 2200, 7207),  # 72.072
        (14, 770, 2200, 8408),  # 84.084
        (6, 770, 2200, 3604),  # 36.036
        (1, 1, 5000, 1),  # half a cent
        (1, 1, 5001, 0),
        (9999, 108, 0, 1079892),
        (5, 1000, 10000, 0),
    ],
)
def test_fee_is_rounded_once_half_up(quantity, price, discount, fee):
    assert fee_cents(quantity=quantity, price_cents=price, discount_basis_points=discount) == fee


@pytest.mark.parametrize("discount", [-1, 10001])
def test_a_discount_outside_0_to_100_percent_is_refused(discount):
    with pytest.raises(ValueError, match="basis points"):
        fee_cents(quantity=1, price_cents=1, discount_basis_points=discount)


def test_end_user_amount_needs_no_rounding():
    assert end_user_cents(24, 318) == 7632


@pytest.mark.parametrize(("hundredths", "text"), [(7700, "77.00"), (5, "0.05"), (-105, "-1.05"), (0, "0.00")])
def test_amounts_have_two_decimals(hundredths, text):
    assert format_hundredths(hundredths) == text


@given(st.integers(-(10**11), 10**11), st.sampled_from([".", ","]))
def test_what_is_written_is_read_back(hundredths, mark):
    assert parse_hundredths(format_hundredths(hundredths, mark), mark) == hundredths


@pytest.mark.parametrize(("text", "hundredths"), [("77", 7700), ("77.5", 7750), (" 10.00 ", 1000), ("0.01", 1)])
def test_amounts_are_read(text, hundredths):
    assert parse_hundredths(text) == hundredths


@pytest.mark.parametrize("text", ["", ".", "1.234", "1,00", "1e9", "٧٧", "1 000", "--1", "NaN", "77€", "1" * 13])
def test_what_is_no_amount_is_refused_by_name(text):
    with pytest.raises(ValueError, match="is not an amount"):
        parse_hundredths(text)


def test_a_decimal_point_is_no_decimal_comma():
    with pytest.raises(ValueError, match="such as 77,00"):
        parse_hundredths("1.50", ",")


@pytest.mark.parametrize("text", ["-0.01", "100.01"])
def test_a_percentage_outside_0_to_100_is_refused(text):
    with pytest.raises(ValueError, match="not a discount"):
        parse_basis_points(text)


def test_a_percentage_is_read_as_basis_points():
    assert parse_basis_points("22.00") == 2200
