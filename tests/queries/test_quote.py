"""What an order would cost, planned by the dated prices, discounts and settings of the book."""

from datetime import date

import pytest

from access import Role
from licensing.billing import ChargeReason
from licensing.impact import Impact
from licensing.refusals import Refusal, RefusalCode
from models import ResellerDiscount, Setting
from queries.quote import plan_order, tariff_of
from tests.small_book import MOMENT, actor, add_price_list, add_product, add_reseller

DISTRIBUTOR = actor(Role.DISTRIBUTOR_OPERATOR)


@pytest.fixture
def book(rolled_back):
    return add_reseller("Bluth Company"), add_product()


def plan(book, quantity, by=DISTRIBUTOR):
    reseller, product = book
    return plan_order(product.id, reseller_id=reseller.id, quantity=quantity, actor=by, moment=MOMENT)


def test_an_order_is_priced_by_its_band_and_the_resellers_discount(book):
    planned = plan(book, 10)
    assert isinstance(planned, Impact)
    # 10 x 7.70 = 77.00, less 22% = 60.06
    assert (planned.after.rate.sku_code, planned.after.end_user_cents, planned.after.fee_cents) == (
        "KL4864X10",
        7700,
        6006,
    )


def test_the_first_month_is_free_unless_the_setting_of_that_month_says_full(book):
    assert plan(book, 10).this_month.after.use.reason is ChargeReason.FIRST_MONTH_FREE
    Setting.create(name="first_month", valid_from=date(2017, 8, 1), value="full")
    assert plan(book, 10).this_month.after.fee_cents == 0
    Setting.create(name="first_month", valid_from=date(2017, 7, 1), value="full")
    assert plan(book, 10).this_month.after.fee_cents == 6006


def test_each_month_is_charged_by_its_own_prices_and_discount(book):
    reseller, product = book
    add_price_list(product, valid_from=date(2017, 8, 1), bands=((5, 14, 1000),))
    ResellerDiscount.create(reseller=reseller, valid_from=date(2017, 8, 1), basis_points=1000)
    planned = plan(book, 10)
    assert planned.after.fee_cents == 6006
    assert planned.next_month.after.fee_cents == 9000


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        (None, RefusalCode.QUANTITY_MISSING),
        (0, RefusalCode.QUANTITY_OUTSIDE_BANDS),
        (4, RefusalCode.QUANTITY_OUTSIDE_BANDS),
        (15, RefusalCode.QUANTITY_OUTSIDE_BANDS),
        (10**9, RefusalCode.QUANTITY_OUTSIDE_BANDS),
    ],
)
def test_a_quantity_without_a_band_is_refused_in_words(book, quantity, code):
    refused = plan(book, quantity)
    assert isinstance(refused, Refusal)
    assert refused.code is code


def test_another_resellers_discount_is_not_read(book):
    reseller, product = book
    stranger = actor(Role.RESELLER_USER, reseller=add_reseller("Sitwell Enterprises", discount=1800))
    assert tariff_of(product.id, reseller_id=reseller.id, actor=stranger).discounts == ()
    assert plan(book, 10, by=stranger).after.fee_cents == 7700


def test_a_product_without_prices_has_an_empty_tariff(rolled_back):
    assert tariff_of(987654, reseller_id=1, actor=DISTRIBUTOR).price_tables == ()
