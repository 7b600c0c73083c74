"""Edges of an instant at which the statement must not be off by one, each on both databases."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from access import SYSTEM
from licensing.terms import Month, month_start
from models import Setting, Term
from queries.billing import reseller_report, summary_report
from queries.charged_licences import ReportFilter
from tests.small_book import add_customer, add_product, add_reseller, add_subscription

ZONE = ZoneInfo("Europe/Belgrade")
JULY = Month(2017, 7)
BEGIN, END = month_start(JULY, ZONE), month_start(JULY.next(), ZONE)
SECOND = timedelta(seconds=1)
LATER = datetime(2017, 12, 1, tzinfo=UTC)


@pytest.fixture
def licence(database):
    """A licence with these terms: (seats, from, to)."""
    product = add_product()
    customer = add_customer("Acme", reseller=add_reseller())

    def add(*terms):
        subscription = add_subscription(customer, product=product, activated_at=terms[0][1])
        for quantity, starts_at, ends_at in terms:
            Term.create(subscription=subscription, quantity=quantity, starts_at=starts_at, ends_at=ends_at)
        return subscription

    return add


def seats(*, as_of=LATER, month=JULY) -> int:
    return reseller_report(month, ReportFilter(as_of), actor=SYSTEM, zone=ZONE)[1].quantity


def test_a_command_counts_at_its_very_second_and_not_before(licence):
    changed_at = datetime(2017, 7, 10, 14, 20, 10, tzinfo=UTC)
    licence((10, datetime(2017, 3, 1, tzinfo=UTC), changed_at), (14, changed_at, None))
    assert seats(as_of=changed_at) == 14
    assert seats(as_of=changed_at - SECOND) == 10


def test_the_first_instant_of_a_month_belongs_to_it_and_the_last_second_to_the_one_before(licence):
    licence((14, BEGIN - 60 * SECOND, BEGIN), (10, BEGIN, END), (12, END, None))
    assert (seats(month=JULY), seats(month=JULY.next())) == (10, 12)


def test_created_at_the_first_instant_is_the_first_month(licence):
    licence((10, BEGIN, None))
    assert seats() == 0
    assert seats(month=JULY.next()) == 10


def test_a_charged_first_month_is_no_restart(licence):
    Setting.create(name="first_month", valid_from=JULY.first_day, value="full")
    Setting.create(name="restart_month", valid_from=JULY.first_day, value="free")
    licence((10, BEGIN, None))
    licence((14, BEGIN + SECOND, None))
    assert seats() == 24


@pytest.mark.parametrize(("begins_again", "charged"), [(BEGIN, 10), (BEGIN + SECOND, 0)])
def test_only_a_gap_makes_a_free_restart(licence, begins_again, charged):
    Setting.create(name="restart_month", valid_from=JULY.first_day, value="free")
    licence((14, datetime(2017, 3, 1, tzinfo=UTC), BEGIN), (10, begins_again, None))
    assert seats() == charged


def test_a_setting_holds_from_its_month_on(licence):
    Setting.create(name="first_month", valid_from=date(2017, 8, 1), value="full")
    licence((10, BEGIN, None))
    licence((12, END, None))
    assert (seats(), seats(month=JULY.next())) == (0, 22)


def test_a_page_beyond_the_last_is_empty(licence):
    licence((10, datetime(2017, 3, 1, tzinfo=UTC), None))
    rows, totals = summary_report([JULY], ReportFilter(LATER), actor=SYSTEM, zone=ZONE, limit=50, offset=50)
    assert (rows, totals.lines) == ([], 0)
