"""Price lists are taken whole, from a month to come, and never leave a licence without a band (domain.md, Bands)."""

from datetime import date

import pytest

from access import AccessDenied, Role
from licensing.price_list import PriceRow
from licensing.states import CommandKind, CommandState, OrderState
from licensing.terms import Month
from models import AuditEntry, Price, PriceList, Product, Sku
from operations.price_lists import PriceListRefused, delete_price_list, take_prices
from operations.record_refusals import RecordInUse
from operations.refusals import NotFound
from queries.prices import bands_of_product
from tests.desk import at_once
from tests.small_book import (
    MOMENT,
    actor,
    add_command,
    add_customer,
    add_price_list,
    add_product,
    add_reseller,
    add_subscription,
)

pytestmark = pytest.mark.usefixtures("database")
AUGUST, SEPTEMBER = Month(2017, 8), Month(2017, 9)
NEW = (("KL4864X5", 5, 9, 1100), ("KL4864X10", 10, 14, 800))


def rows(*bands, product="4864"):
    return [PriceRow(number, product, *band) for number, band in enumerate(bands, 2)]


def take(*bands, product="4864", names=None, month=AUGUST, role=Role.DISTRIBUTOR_OPERATOR):
    return take_prices(
        rows(*bands, product=product), names=names or {}, valid_from=month, actor=actor(role), moment=MOMENT
    )


def delete(price_list, role=Role.DISTRIBUTOR_OPERATOR):
    delete_price_list(price_list.id, actor=actor(role), moment=MOMENT)


def reasons(*bands, **options):
    with pytest.raises(PriceListRefused) as refused:
        take(*bands, **options)
    return [(problem.row_number, str(problem)) for problem in refused.value.problems]


def prices(product, month):
    return [(band.sku_code, band.price_cents) for band in bands_of_product(product.id, month=month)]


def licence(product, quantity, **columns):
    return add_subscription(
        add_customer("Tunel d.o.o.", reseller=add_reseller()), product=product, quantity=quantity, **columns
    )


def test_new_prices_hold_from_their_month_and_leave_the_running_one_as_it_is():
    product = add_product()
    (taken,) = take(*NEW)
    assert prices(product, MOMENT.month) == [("KL4864X5", 1000), ("KL4864X10", 770)]
    assert prices(product, AUGUST) == [("KL4864X5", 1100), ("KL4864X10", 800)]
    entry = AuditEntry.get(AuditEntry.subject == "price_list")
    assert (entry.action, entry.subject_id) == ("price_list.imported", taken.id)
    assert entry.details["valid_from"] == "2017-08"
    assert entry.details["bands"][0] == ["KL4864X5", 5, 9, 1100]


def test_a_list_for_the_same_month_is_replaced_whole():
    product = add_product()
    take(*NEW, ("KL4864X15", 15, 20, 500))
    take(*NEW)
    assert prices(product, AUGUST) == [("KL4864X5", 1100), ("KL4864X10", 800)]
    assert PriceList.select().count() == 2
    assert Sku.get_or_none(Sku.code == "KL4864X15") is None


def test_a_new_product_comes_with_its_name():
    take(("KL1", 1, 99, 500), product="5000", names={"5000": " Šta  god "})
    product = Product.get(Product.code == "5000")
    assert (product.name, product.name_key) == ("Šta god", "sta god")
    assert reasons(("KL2", 1, 99, 500), product="6000") == [(2, "6000 is a new product: give its name.")]
    assert Product.get_or_none(Product.code == "6000") is None


def test_a_product_is_not_renamed_by_a_price_list():
    add_product()
    assert reasons(*NEW, names={"4864": "Endpoint"}) == [(2, "The product 4864 is called “Endpoint - Basic”.")]


@pytest.mark.parametrize("month", [MOMENT.month, MOMENT.month.previous()])
def test_a_month_that_has_begun_is_refused(month):
    add_product()
    assert reasons(*NEW, month=month) == [(None, f"{month} has begun; a price list is valid from a later month.")]


def test_gaps_overlaps_and_negative_prices_are_refused_with_their_rows():
    add_product()
    found = reasons(("KL4864X5", 5, 9, -1), ("KL4864X10", 11, 14, 800), ("KL4864X14", 14, 20, 700))
    assert found == [
        (2, "The price -0.01 is negative."),
        (3, "There is a gap: row 2 ends at 9 and this band begins at 11."),
        (4, "The band begins at 14 and overlaps row 3, which ends at 14."),
    ]
    assert PriceList.select().count() == 1


def test_a_price_beyond_what_amounts_can_hold_is_refused():
    add_product()
    assert reasons(("KL4864X5", 5, 9, 100_000_001)) == [(2, "The price 1000000.01 is far too large.")]


def test_a_sku_of_another_product_is_refused():
    add_product()
    add_product("9999", "Another", bands=((1, 9, 100),))
    found = reasons(("KL9999X1", 5, 9, 1100))
    assert found == [(2, "The SKU KL9999X1 belongs to the product 9999.")]


@pytest.mark.parametrize("code", ["KL\x00", "\u202ekl", "K" * 31])
def test_a_sku_that_cannot_be_stored_is_refused(code):
    add_product()
    assert len(reasons((code, 5, 9, 1100))) == 1


def test_a_licence_that_runs_on_is_not_left_without_a_band():
    licence(add_product(), 12)
    words = "A licence of 4864 with 12 seats would be left without a band."
    assert reasons(("KL4864X5", 5, 9, 1100)) == [(2, words)]


def test_a_licence_that_has_ended_by_then_or_was_refused_counts_for_nothing():
    product = add_product()
    licence(product, 12, expires_on=date(2017, 8, 1))
    take(("KL4864X5", 5, 9, 1100))
    delete(PriceList.get(PriceList.valid_from == AUGUST.first_day))
    add_subscription(add_customer("Big", reseller=add_reseller("Other")), product=product, state=OrderState.FAILED)
    take(("KL4864X5", 5, 9, 1100))


def test_a_quantity_that_is_being_asked_for_counts_too():
    subscription = licence(add_product(), 7)
    add_command(subscription, kind=CommandKind.MODIFY_QUANTITY, state=CommandState.QUEUED, quantity=14)
    words = "A licence of 4864 with 14 seats would be left without a band."
    assert reasons(("KL4864X5", 5, 9, 1100)) == [(2, words)]


def test_one_wrong_product_and_none_is_taken():
    add_product()
    wrong = [*rows(*NEW), PriceRow(9, "7000", "KL7", 5, 4, 100)]
    with pytest.raises(PriceListRefused):
        take_prices(wrong, names={"7000": "New"}, valid_from=AUGUST, actor=actor(Role.DISTRIBUTOR_ADMIN), moment=MOMENT)
    assert (PriceList.select().count(), Product.select().count()) == (1, 1)


@pytest.mark.parametrize("role", [Role.RESELLER_ADMIN, Role.RESELLER_USER, Role.AUDITOR])
def test_prices_are_the_distributors(role):
    add_product()
    reseller = None if role is Role.AUDITOR else add_reseller()
    with pytest.raises(AccessDenied):
        take_prices(rows(*NEW), names={}, valid_from=AUGUST, actor=actor(role, reseller=reseller), moment=MOMENT)
    with pytest.raises(AccessDenied):
        delete_price_list(1, actor=actor(role, reseller=reseller), moment=MOMENT)


def test_a_list_to_come_is_taken_back_and_the_one_before_goes_on():
    product = add_product()
    (taken,) = take(*NEW, ("KL4864X15", 15, 20, 500))
    delete(taken)
    assert prices(product, SEPTEMBER) == [("KL4864X5", 1000), ("KL4864X10", 770)]
    assert Sku.get_or_none(Sku.code == "KL4864X15") is None
    assert AuditEntry.select().where(AuditEntry.action == "price_list.deleted").count() == 1


def test_the_only_list_of_a_product_that_was_never_sold_takes_the_product_with_it():
    (taken,) = take(("KL1", 1, 99, 500), product="5000", names={"5000": "New"})
    delete(taken)
    assert (Product.select().count(), Sku.select().count(), Price.select().count()) == (0, 0, 0)


def test_a_list_whose_month_has_begun_stays():
    add_product()
    with pytest.raises(RecordInUse, match="2017-01 has begun"):
        delete(PriceList.get())
    assert PriceList.select().count() == 1


def test_a_list_to_come_stays_while_a_licence_would_be_left_without_a_band():
    product = add_product()
    later = add_price_list(product, valid_from=date(2017, 8, 1), bands=((5, 9, 900), (10, 99, 800)))
    licence(product, 50)
    with pytest.raises(RecordInUse, match="50 seats would be left without a band"):
        delete(later)


def test_a_list_that_is_not_there_cannot_be_deleted():
    with pytest.raises(NotFound):
        delete_price_list(987_654, actor=actor(Role.DISTRIBUTOR_ADMIN), moment=MOMENT)


def test_two_who_take_prices_at_once_leave_one_whole_list():
    add_product()
    cheap = tuple((sku, low, high, 100) for sku, low, high, _cents in NEW)
    at_once(lambda: take(*NEW), lambda: take(*cheap))
    lists = PriceList.select().where(PriceList.valid_from == AUGUST.first_day)
    assert lists.count() == 1
    stored = {price.price_cents for price in Price.select().where(Price.price_list == lists.get().id)}
    assert stored in ({1100, 800}, {100})
