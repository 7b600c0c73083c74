from datetime import UTC, datetime

from licensing.billing import Rate, Tariff
from licensing.commands import TermSpan
from licensing.pricing import Band, Discount, PriceTable
from licensing.report_lines import (
    BilledLicence,
    Named,
    left_out,
    licence_months,
    reseller_lines,
    reseller_totals,
    summary_lines,
    summary_totals,
)
from licensing.search_key import search_key
from licensing.terms import Month, months_between
from tests.licensing import demo_book
from tests.licensing.demo_book import ZONE, local

NOW = local("2017-12-31 12:00:00")
JULY = Month(2017, 7)
CREATED_AT = datetime(2017, 1, 10, tzinfo=UTC)
BASIC = PriceTable(Month(2017, 1), demo_book.bands("4864"))
TWENTY_TWO = Discount(Month(2017, 1), 2200)


def named(name: str, key: str | None = None) -> Named:
    return Named(key or name, name, search_key(name))


def licence(key: int, quantity: int = 12, *, customer="Acme", reseller="Bluth", product="Basic", tariff=None):
    return BilledLicence(
        key=key,
        reseller=named(reseller),
        customer=customer if isinstance(customer, Named) else named(customer),
        product=named(product),
        terms=(TermSpan(quantity, CREATED_AT),),
        tariff=tariff or Tariff((BASIC,), (TWENTY_TWO,)),
    )


def summary(*licences: BilledLicence, first: Month = JULY, last: Month = JULY):
    return summary_lines(licence_months(licences, months_between(first, last), now=NOW, zone=ZONE))


def report(*licences: BilledLicence):
    return reseller_lines(licence_months(licences, [JULY], now=NOW, zone=ZONE))


def test_licences_of_one_customer_are_added_before_rounding():
    # 6 × 7.70 × 0.78 = 36.036 each: 36.04 + 36.04 would be 72.08, together they are 72.072
    tariff = Tariff((PriceTable(JULY, (Band("S", 1, 99, 770),)),), (TWENTY_TWO,))
    lines = summary(licence(1, 6, tariff=tariff), licence(2, 6, tariff=tariff))
    assert [(line.quantity, line.fee_cents) for line in lines] == [(12, 7207)]
    assert [part.licence.key for part in lines[0].parts] == [1, 2]


def test_the_band_is_picked_by_each_licence_and_never_by_the_sum():
    lines = report(licence(1, 9), licence(2, 9))
    assert [(line.rate, line.quantity) for line in lines] == [(Rate("KL4864XIEMG", 1000, 2200), 18)]


def test_customers_of_the_same_name_have_lines_of_their_own():
    first, second = named("Acme", "a"), named("Acme", "b")
    assert [line.quantity for line in summary(licence(1, customer=first), licence(2, customer=second))] == [12, 12]
    assert [line.quantity for line in report(licence(1, customer=first), licence(2, customer=second))] == [24]


def test_a_change_of_price_splits_the_summary_line_and_the_way_back_joins_it():
    july, august, september = (PriceTable(month, (Band("S", 1, 99, cents),)) for month, cents in _PRICES)
    lines = summary(licence(1, tariff=Tariff((july, august, september))), last=Month(2017, 9))
    assert [(line.rate.price_cents, len(line.months), line.total_cents) for line in lines] == [
        (100, 2, 2400),
        (110, 1, 1320),
    ]


_PRICES = ((JULY, 100), (Month(2017, 8), 110), (Month(2017, 9), 100))


def test_a_change_of_discount_splits_the_summary_line():
    tariff = Tariff((BASIC,), (TWENTY_TWO, Discount(Month(2017, 8), 2500)))
    lines = summary(licence(1, tariff=tariff), last=Month(2017, 9))
    assert [(line.rate.discount_basis_points, [str(m) for m in line.months]) for line in lines] == [
        (2200, ["2017-07"]),
        (2500, ["2017-08", "2017-09"]),
    ]


def test_reseller_lines_are_ordered_by_reseller_product_name_and_sku_without_accents():
    lines = report(
        licence(1, reseller="Žito"),
        licence(2, reseller="acme"),
        licence(3, reseller="Acme", product="Članak"),
        licence(4, reseller="Acme", product="card", quantity=5),
        licence(5, reseller="Acme", product="card", quantity=10),
    )
    shown = [(line.reseller.name, line.product.name, line.rate.sku_code) for line in lines]
    assert shown == [
        ("acme", "Basic", "KL4864XIKMG"),
        ("Acme", "card", "KL4864XIEMG"),
        ("Acme", "card", "KL4864XIKMG"),
        ("Acme", "Članak", "KL4864XIKMG"),
        ("Žito", "Basic", "KL4864XIKMG"),
    ]


def test_summary_lines_of_one_sku_are_ordered_by_customer_and_quantity():
    tariff = Tariff((PriceTable(Month(2017, 1), (Band("S", 1, 99, 100),)),))
    changing = BilledLicence(
        key=3,
        reseller=named("Bluth"),
        customer=named("ćup"),
        product=named("Basic"),
        terms=(TermSpan(20, CREATED_AT, local("2017-08-01 00:00:00")), TermSpan(10, local("2017-08-01 00:00:00"))),
        tariff=tariff,
    )
    lines = summary(
        licence(1, customer="Dva", tariff=tariff),
        changing,
        licence(2, customer="Breg", tariff=tariff),
        last=Month(2017, 8),
    )
    shown = [(line.customer.name, line.quantity) for line in lines]
    assert shown == [("Breg", 12), ("ćup", 10), ("ćup", 20), ("Dva", 12)]


def test_totals_add_the_columns_as_shown():
    lines = summary(licence(1, 12), licence(2, 14, customer="Beta"), last=Month(2017, 9))
    totals = summary_totals(lines)
    assert (totals.end_user_cents, totals.fee_cents) == (9240 + 10780, 7207 + 8408)
    assert totals.total_cents == 3 * 7207 + 3 * 8408


def test_a_report_without_licences_has_no_lines_and_totals_of_zero():
    assert report() == ()
    assert reseller_totals(()).fee_cents == summary_totals(()).total_cents == 0


def test_a_licence_without_a_price_is_left_out_and_not_charged():
    book = licence_months([licence(1, 4)], [JULY], now=NOW, zone=ZONE)
    assert reseller_lines(book) == ()
    assert [part.charge.use.reason for part in left_out(book)] == ["no_price"]
