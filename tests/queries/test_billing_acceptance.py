"""The acceptance figures of domain.md, from the demo book in a real database, by the set-based query."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from access import SYSTEM
from licensing.billing import MonthNotBegun
from licensing.moment import Moment
from licensing.terms import Month, months_between
from models import Reseller
from operations.load_demo import load_demo
from queries.billing import ReportFilter, reseller_report, summary_report

BELGRADE = ZoneInfo("Europe/Belgrade")
DEMO = Path(__file__).resolve().parents[2] / "demo"
JULY = Month(2017, 7)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BELGRADE)


@pytest.fixture
def book(database: str) -> None:
    now = local("2017-08-23T16:00")
    load_demo(DEMO, password="a demo pass phrase", moment=Moment(now, now, BELGRADE))


def bluth(as_of: str) -> ReportFilter:
    return ReportFilter(as_of=local(as_of), reseller_id=Reseller.get(Reseller.name == "Bluth Company").id)


@pytest.mark.usefixtures("book")
class TestBluthCompany:
    def test_july_as_of_the_22nd_is_476_43_in_four_lines(self) -> None:
        rows, totals = reseller_report(JULY, bluth("2017-07-22T12:00"), actor=SYSTEM, zone=BELGRADE)
        assert [(r.sku, r.quantity, r.price_cents, r.end_user_cents, r.fee_cents) for r in rows] == [
            ("KL4864XIKMG", 48, 770, 36960, 28829),
            ("KL4551XIKMG", 10, 1750, 17500, 13650),
            ("KL4151XIEMG", 8, 250, 2000, 1560),
            ("KL4251XIEMG", 6, 770, 4620, 3604),
        ]
        assert (totals.quantity, totals.end_user_cents, totals.fee_cents) == (72, 61080, 47643)

    def test_the_summary_of_july_is_one_cent_less_in_seven_lines(self) -> None:
        rows, totals = summary_report([JULY], bluth("2017-07-22T12:00"), actor=SYSTEM, zone=BELGRADE)
        assert [(r.customer, r.quantity, r.fee_cents) for r in rows] == [
            ("Hotel Adriatic", 10, 6006),
            ("Prerada voća d.o.o.", 12, 7207),
            ("test company", 12, 7207),
            ("UKC Mostar", 14, 8408),
            ("Osnovni sud Bugojno", 10, 13650),
            ("Big Big d.o.o.", 8, 1560),
            ("Bingo promet d.o.o.", 6, 3604),
        ]
        assert (totals.end_user_cents, totals.total_cents) == (61080, 47642)

    @pytest.mark.parametrize(("month", "figures"), [(JULY, (82, 68780, 53649)), (Month(2017, 8), (84, 73540, 57362))])
    def test_the_whole_history(self, month: Month, figures: tuple[int, int, int]) -> None:
        _, totals = reseller_report(month, bluth("2017-08-23T16:00"), actor=SYSTEM, zone=BELGRADE)
        assert (totals.quantity, totals.end_user_cents, totals.fee_cents) == figures

    def test_five_months_of_summary_are_2823_89_in_twelve_lines(self) -> None:
        months = months_between(Month(2017, 4), Month(2017, 8))
        rows, totals = summary_report(months, bluth("2017-08-23T16:00"), actor=SYSTEM, zone=BELGRADE)
        tunel = {(r.quantity, r.months): r.total_cents for r in rows if r.customer.startswith("Tunel")}
        assert tunel == {(12, 2): 14414, (10, 3): 18018}
        assert (len(rows), totals.lines, totals.total_cents) == (12, 12, 282389)

    def test_a_page_carries_the_totals_of_all_lines(self) -> None:
        rows, totals = reseller_report(JULY, bluth("2017-07-22T12:00"), actor=SYSTEM, zone=BELGRADE, limit=1, offset=1)
        assert [row.sku for row in rows] == ["KL4551XIKMG"]
        assert (totals.lines, totals.fee_cents) == (4, 47643)

    def test_a_month_that_has_not_begun_is_refused(self) -> None:
        with pytest.raises(MonthNotBegun):
            reseller_report(Month(2017, 9), bluth("2017-08-23T16:00"), actor=SYSTEM, zone=BELGRADE)
