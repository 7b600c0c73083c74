"""The acceptance figures of domain.md, line by line, from a replay of the demo book."""

from datetime import datetime

import pytest

from licensing.billing import ChargeReason, MonthNotBegun
from licensing.report_lines import (
    LicenceMonth,
    left_out,
    licence_months,
    reseller_lines,
    reseller_totals,
    summary_lines,
    summary_totals,
)
from licensing.terms import Month, months_between
from tests.licensing.demo_book import ZONE, licences, local

AS_OF = local("2017-07-22 12:00:00")
LATER = local("2017-09-01 00:00:00")
BLUTH = "Bluth Company"
APRIL, JULY, AUGUST = Month(2017, 4), Month(2017, 7), Month(2017, 8)


def parts(first: Month, last: Month, *, until: datetime | None = None, reseller=BLUTH) -> tuple[LicenceMonth, ...]:
    book = licences(until=until, reseller=reseller)
    return licence_months(book, months_between(first, last), now=until or LATER, zone=ZONE)


def test_reseller_report_of_july_as_of_22_july():
    lines = reseller_lines(parts(JULY, JULY, until=AS_OF))
    shown = [
        (line.rate.sku_code, line.quantity, line.rate.price_cents, line.end_user_cents, line.fee_cents)
        for line in lines
    ]
    assert shown == [
        ("KL4864XIKMG", 48, 770, 36960, 28829),
        ("KL4551XIKMG", 10, 1750, 17500, 13650),
        ("KL4151XIEMG", 8, 250, 2000, 1560),
        ("KL4251XIEMG", 6, 770, 4620, 3604),
    ]
    assert {line.rate.discount_basis_points for line in lines} == {2200}
    totals = reseller_totals(lines)
    assert (totals.quantity, totals.end_user_cents, totals.fee_cents) == (72, 61080, 47643)


def test_summary_report_of_july_as_of_22_july_is_one_cent_less():
    lines = summary_lines(parts(JULY, JULY, until=AS_OF))
    assert [(line.customer.name, line.quantity, line.fee_cents) for line in lines] == [
        ("Hotel Adriatic", 10, 6006),
        ("Prerada voća d.o.o.", 12, 7207),
        ("test company", 12, 7207),
        ("UKC Mostar", 14, 8408),
        ("Osnovni sud Bugojno", 10, 13650),
        ("Big Big d.o.o.", 8, 1560),
        ("Bingo promet d.o.o.", 6, 3604),
    ]
    totals = summary_totals(lines)
    assert (totals.end_user_cents, totals.fee_cents, totals.total_cents) == (61080, 47642, 47642)


def test_what_july_leaves_out_as_of_22_july():
    out = left_out(parts(JULY, JULY, until=AS_OF))
    shown = [(part.licence.customer.name, part.charge.use.quantity, part.charge.use.reason) for part in out]
    assert shown == [
        ("Tunel d.o.o.", 10, ChargeReason.ENDED),
        ("Poliklinika Srce", 9, ChargeReason.ENDED),
        ("Hotel Adriatic", 6, ChargeReason.FIRST_MONTH_FREE),
    ]
    assert [part.charge.use.since for part in out] == [
        local("2017-07-01 00:00:00"),
        local("2017-06-01 00:00:00"),
        local("2017-07-15 08:05:18"),
    ]


@pytest.mark.parametrize(
    ("month", "quantity", "end_user", "fee"), [(JULY, 82, 68780, 53649), (AUGUST, 84, 73540, 57362)]
)
def test_reseller_report_with_the_whole_history(month, quantity, end_user, fee):
    totals = reseller_totals(reseller_lines(parts(month, month)))
    assert (totals.quantity, totals.end_user_cents, totals.fee_cents) == (quantity, end_user, fee)


def test_summary_report_from_april_to_august():
    lines = summary_lines(parts(APRIL, AUGUST))
    shown = [
        (line.customer.name, line.rate.sku_code, line.quantity, len(line.months), line.total_cents) for line in lines
    ]
    assert shown == [
        ("Hotel Adriatic", "KL4864XIEMG", 6, 1, 4680),
        ("Poliklinika Srce", "KL4864XIEMG", 9, 2, 14040),
        ("Prerada voća d.o.o.", "KL4864XIEMG", 8, 1, 6240),
        ("Hotel Adriatic", "KL4864XIKMG", 10, 4, 24024),
        ("Prerada voća d.o.o.", "KL4864XIKMG", 12, 4, 28828),
        ("test company", "KL4864XIKMG", 12, 5, 36035),
        ("Tunel d.o.o.", "KL4864XIKMG", 10, 3, 18018),
        ("Tunel d.o.o.", "KL4864XIKMG", 12, 2, 14414),
        ("UKC Mostar", "KL4864XIKMG", 14, 5, 42040),
        ("Osnovni sud Bugojno", "KL4551XIKMG", 10, 5, 68250),
        ("Big Big d.o.o.", "KL4151XIEMG", 8, 5, 7800),
        ("Bingo promet d.o.o.", "KL4251XIEMG", 6, 5, 18020),
    ]
    assert summary_totals(lines).total_cents == 282389


def test_months_of_one_summary_line_need_not_adjoin():
    tunel = [line for line in summary_lines(parts(Month(2017, 5), AUGUST)) if line.customer.key == "tunel"]
    assert [(line.quantity, [str(month) for month in line.months]) for line in tunel] == [
        (10, ["2017-06", "2017-07", "2017-08"]),
        (12, ["2017-05"]),
    ]


def test_the_summary_of_several_months_is_the_sum_of_its_months():
    whole = summary_totals(summary_lines(parts(APRIL, AUGUST))).total_cents
    single = [summary_totals(summary_lines(parts(m, m))).total_cents for m in months_between(APRIL, AUGUST)]
    assert whole == sum(single)


def test_resellers_are_told_apart_and_ordered():
    lines = reseller_lines(parts(JULY, JULY, reseller=None))
    assert [line.reseller.name for line in lines] == [BLUTH] * 4 + ["Sitwell Enterprises"] * 3
    sitwell = [(line.rate.sku_code, line.quantity, line.fee_cents) for line in lines[4:]]
    # 7 × 10.00 × 0.82 = 57.40; 55 × 3.71 × 0.82 = 167.321; 120 × 5.23 × 0.82 = 514.632
    assert sitwell == [("KL4864XIEMG", 7, 5740), ("KL4863XIQMG", 55, 16732), ("KL4551XIRMG", 120, 51463)]


def test_every_licence_of_a_month_is_charged_or_left_out_once():
    book = parts(JULY, JULY)
    counted = [part for line in reseller_lines(book) for part in line.parts]
    assert sorted(part.licence.key for part in (*counted, *left_out(book))) == list(range(1, 12))


def test_a_report_on_a_month_that_has_not_begun_is_refused():
    with pytest.raises(MonthNotBegun, match="2017-08 has not begun"):
        parts(JULY, AUGUST, until=AS_OF)
