import pytest

from licensing.price_list import PriceRow, price_list_problems
from licensing.terms import Month
from tests.licensing import demo_book

JULY, AUGUST = Month(2017, 7), Month(2017, 8)


def row(number: int, low: int, high: int, *, sku: str = "", product: str = "4864", cents: int = 100) -> PriceRow:
    return PriceRow(number, product, sku or f"SKU{number}", low, high, cents)


def problems(*rows: PriceRow, valid_from: Month = AUGUST, live: dict | None = None) -> list:
    found = price_list_problems(rows, valid_from=valid_from, current_month=JULY, live_quantities=live or {})
    return [(problem.row_number, str(problem)) for problem in found]


def test_the_demo_price_list_has_no_problems():
    demo = [
        PriceRow(
            number,
            found["product_code"],
            found["sku_code"],
            int(found["min_quantity"]),
            int(found["max_quantity"]),
            int(found["price_eur"].replace(".", "")),
        )
        for number, found in enumerate(demo_book.rows("price_list.csv"), start=2)
    ]
    assert len(demo) == 74
    assert problems(*demo, live={"4864": {5, 12, 9999}, "4313": {24}}) == []


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([row(2, 5, 9), row(3, 11, 14)], (3, "There is a gap: row 2 ends at 9 and this band begins at 11.")),
        ([row(2, 5, 9), row(3, 9, 14)], (3, "The band begins at 9 and overlaps row 2, which ends at 9.")),
        ([row(2, 5, 9, cents=-1)], (2, "The price -0.01 is negative.")),
        ([row(2, 0, 9)], (2, "The band begins at 0, below 1.")),
        ([row(2, 9, 5)], (2, "The band ends at 5, before it begins at 9.")),
        ([row(2, 5, 9, sku="A"), row(3, 10, 14, sku="A")], (3, "The SKU A stands in row 2 already.")),
        ([], (None, "The price list has no rows.")),
    ],
)
def test_a_fault_is_named_with_its_row(rows, problem):
    assert problems(*rows) == [problem]


def test_rows_may_stand_in_any_order():
    assert problems(row(2, 10, 14), row(3, 5, 9)) == []


def test_each_product_has_bands_of_its_own():
    assert problems(row(2, 5, 9), row(3, 5, 9, product="4863")) == []


def test_a_price_of_zero_is_allowed():
    assert problems(row(2, 5, 9, cents=0)) == []


@pytest.mark.parametrize("month", [Month(2017, 7), Month(2017, 6)])
def test_a_month_that_has_begun_is_refused(month):
    message = f"{month} has begun; a price list is valid from a later month."
    assert problems(row(2, 5, 9), valid_from=month) == [(None, message)]


@pytest.mark.parametrize(("quantity", "number"), [(4, 2), (15, 3)])
def test_a_live_quantity_left_without_a_band_is_refused_at_the_nearest_row(quantity, number):
    message = f"A licence of 4864 with {quantity} seats would be left without a band."
    assert problems(row(2, 5, 9), row(3, 10, 14), live={"4864": {quantity, 7}, "4863": {1}}) == [(number, message)]


def test_every_fault_is_told_at_once_in_order_of_rows():
    found = problems(row(2, 5, 9), row(3, 12, 14, cents=-5), row(4, 14, 20), valid_from=JULY)
    assert [number for number, _ in found] == [None, 3, 3, 4]
