"""How price lists stand in a month, and which quantities run on into new prices."""

from datetime import date

import pytest

from access import Role
from licensing.states import CommandKind, CommandState, OrderState
from licensing.terms import Month
from queries.listing import PageRequest
from queries.price_lists import (
    PriceListFilter,
    Standing,
    price_lists,
    price_rows,
    running_quantities,
    shown_price_list,
)
from tests.small_book import (
    actor,
    add_command,
    add_customer,
    add_price_list,
    add_product,
    add_reseller,
    add_subscription,
)

JULY, AUGUST, SEPTEMBER = Month(2017, 7), Month(2017, 8), Month(2017, 9)
EVERYBODY = actor(Role.DISTRIBUTOR_OPERATOR)
pytestmark = pytest.mark.usefixtures("rolled_back")


@pytest.fixture
def lists():
    """A product with three lists, and one with a single list."""
    product = add_product()
    add_price_list(product, valid_from=date(2017, 6, 1), bands=((5, 9, 900), (10, 14, 700)))
    to_come = add_price_list(product, valid_from=date(2017, 9, 1), bands=((5, 9, 1100), (10, 20, 800)))
    add_product("9999", "Another", bands=((1, 1, 1),))
    return product, to_come


def found(month=JULY, **wanted):
    page = price_lists(PriceListFilter(**wanted), actor=EVERYBODY, month=month).page(PageRequest())
    return [(row.product_code, str(Month.of(row.valid_from)), row.standing) for row in page.rows]


def test_the_newest_begun_list_of_each_product_holds(lists):
    assert found() == [
        ("4864", "2017-09", Standing.TO_COME),
        ("4864", "2017-06", Standing.HOLDS),
        ("4864", "2017-01", Standing.PAST),
        ("9999", "2017-01", Standing.HOLDS),
    ]
    assert found(month=SEPTEMBER)[0] == ("4864", "2017-09", Standing.HOLDS)


@pytest.mark.parametrize(
    ("standing", "months"),
    [(Standing.PAST, ["2017-01"]), (Standing.HOLDS, ["2017-06", "2017-01"]), (Standing.TO_COME, ["2017-09"])],
)
def test_each_standing_can_be_asked_for(lists, standing, months):
    assert [month for _code, month, _standing in found(standing=standing)] == months


def test_a_list_shows_its_bands_and_what_they_cost_before(lists):
    _product, to_come = lists
    shown = shown_price_list(to_come.id, actor=EVERYBODY, month=JULY)
    assert [(band.sku_code, band.price_cents) for band in shown.bands] == [("KL4864X5", 1100), ("KL4864X10", 800)]
    assert shown.before == {"KL4864X5": 900, "KL4864X10": 700}
    assert shown_price_list(987_654, actor=EVERYBODY, month=JULY) is None


def test_a_price_sheet_begins_with_the_prices_of_the_month(lists):
    rows = price_rows(actor=EVERYBODY, month=JULY)
    assert [(row.sku, row.price_cents) for row in rows] == [("KL4864X5", 900), ("KL4864X10", 700), ("KL9999X1", 1)]


def test_quantities_run_on_unless_the_licence_has_ended_or_was_never_made(lists):
    product, _to_come = lists
    customer = add_customer("Tunel d.o.o.", reseller=add_reseller())
    add_subscription(customer, product=product, quantity=6)
    add_subscription(customer, product=product, quantity=7, expires_on=date(2017, 9, 1))
    add_subscription(customer, product=product, quantity=8, state=OrderState.FAILED)
    pending = add_subscription(customer, product=product, quantity=9, state=OrderState.PENDING)
    add_command(pending, kind=CommandKind.MODIFY_QUANTITY, state=CommandState.UNKNOWN, quantity=11)
    assert running_quantities([product.id], month=SEPTEMBER) == {product.id: {6, 9, 11}}
    assert running_quantities([product.id], month=AUGUST) == {product.id: {6, 7, 9, 11}}
