from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from licensing.commands import Licence
from licensing.terms import (
    Month,
    cancellation_date,
    day_start,
    is_in_last_half_hour,
    is_usable,
    local_date,
    month_of,
    month_start,
    months_between,
    require_aware,
    use_ends_at,
    use_ends_on,
)

BELGRADE = ZoneInfo("Europe/Belgrade")
SECOND = timedelta(seconds=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def live(expires_on: date | None = None, cancelled_on: date | None = None) -> Licence:
    return Licence(is_live=True, is_failed=False, quantity=12, expires_on=expires_on, cancelled_on=cancelled_on)


def test_a_month_is_read_and_written():
    assert Month.parse("2018-12") == Month(2018, 12)
    assert str(Month(2017, 7)) == "2017-07"
    assert Month(2017, 7).first_day == date(2017, 7, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2018-13",
        "2018-00",
        "2018-1",
        "18-12",
        "2018/12",
        " 2018-12",
        "2018-12\n",
        "٢٠١٨-١٢",
        "2018-12-01",
        "",
        "0000-01",
    ],
)
def test_what_is_no_month_is_refused_by_name(text):
    with pytest.raises(ValueError, match="is not a month"):
        Month.parse(text)


def test_months_are_counted_across_years():
    assert Month(2017, 12).next() == Month(2018, 1)
    assert Month(2018, 1).previous() == Month(2017, 12)
    assert Month(2017, 7).plus(-19) == Month(2015, 12)
    assert sorted([Month(2018, 1), Month(2017, 12)]) == [Month(2017, 12), Month(2018, 1)]
    assert months_between(Month(2017, 11), Month(2018, 1)) == (Month(2017, 11), Month(2017, 12), Month(2018, 1))
    assert months_between(Month(2018, 1), Month(2017, 12)) == ()


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("Europe/Belgrade", date(2017, 8, 1), "2017-07-31 22:00:00"),
        ("Europe/Belgrade", date(2017, 12, 1), "2017-11-30 23:00:00"),
        ("Africa/Cairo", date(2014, 8, 1), "2014-07-31 22:00:00"),  # 00:00 is skipped: the day begins at 01:00
        ("America/Havana", date(2012, 4, 1), "2012-04-01 05:00:00"),
        ("America/Toronto", date(2026, 11, 1), "2026-11-01 04:00:00"),
        ("America/St_Johns", date(2009, 11, 1), "2009-11-01 02:30:00"),  # 00:01 becomes 23:01 of the 31st
        ("America/Scoresbysund", date(2024, 3, 31), "2024-03-31 01:00:00"),  # the gap begins before midnight
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30 10:00:00"),  # a day that does not exist
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30 10:00:00"),
    ],
)
def test_a_day_begins_at_the_first_instant_that_shows_it(zone, day, start):
    assert day_start(day, ZoneInfo(zone)) == utc(start)


def test_a_gap_that_begins_before_midnight_is_searched_to_the_second():
    zone = ZoneInfo("America/Toronto")
    start = day_start(date(1919, 3, 31), zone)
    assert local_date(start, zone) == date(1919, 3, 31)
    assert local_date(start - SECOND, zone) == date(1919, 3, 30)
    assert start.astimezone(zone).strftime("%H:%M:%S") == "00:30:00"


def test_a_month_that_has_begun_stays_begun_when_clocks_go_back_over_midnight():
    zone = ZoneInfo("America/St_Johns")
    shown_again = utc("2009-11-01 02:40:00")
    assert local_date(shown_again, zone) == date(2009, 10, 31)
    assert month_of(shown_again, zone) == Month(2009, 11)
    assert cancellation_date(shown_again, zone) == date(2009, 12, 1)


def test_months_of_every_zone_leave_no_gap_and_do_not_overlap():
    months = months_between(Month(2000, 1), Month(2040, 12))
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        previous_start = month_start(Month(1999, 12), zone)
        for month in months:
            start = month_start(month, zone)
            assert previous_start < start, (name, month)
            assert local_date(start, zone) == month.first_day, (name, month)
            assert local_date(start - SECOND, zone) < month.first_day, (name, month)
            previous_start = start


EDGE_ZONES = (
    "Europe/Belgrade",
    "America/St_Johns",
    "Africa/Cairo",
    "America/Havana",
    "Pacific/Apia",
    "Asia/Amman",
    "UTC",
)


@pytest.mark.parametrize("name", EDGE_ZONES)
def test_every_instant_around_a_months_edge_belongs_to_exactly_one_month(name):
    zone = ZoneInfo(name)
    for month in months_between(Month(2000, 1), Month(2040, 12)):
        start = month_start(month, zone)
        assert month_of(start, zone) == month
        assert month_of(start - SECOND, zone) == month.previous()
        for minutes in range(10, 130, 10):
            assert month_of(start + timedelta(minutes=minutes), zone) == month
            assert month_of(start - timedelta(minutes=minutes), zone) == month.previous()


@pytest.mark.parametrize(
    ("executed_at", "cancelled_on"),
    [
        ("2017-06-30 21:59:59", date(2017, 7, 1)),
        ("2017-06-30 22:00:00", date(2017, 8, 1)),
        ("2017-07-23 12:29:01", date(2017, 8, 1)),
        ("2017-12-31 12:00:00", date(2018, 1, 1)),
    ],
)
def test_a_cancel_ends_use_on_the_first_of_the_next_month(executed_at, cancelled_on):
    assert cancellation_date(utc(executed_at), BELGRADE) == cancelled_on


@pytest.mark.parametrize(
    ("now", "is_last"),
    [
        ("2017-07-31 21:29:59", False),
        ("2017-07-31 21:30:00", True),
        ("2017-07-31 21:59:59", True),
        ("2017-07-31 22:00:00", False),
    ],
)
def test_last_half_hour_of_a_month(now, is_last):
    assert is_in_last_half_hour(utc(now), BELGRADE) is is_last


@pytest.mark.parametrize(
    ("expires_on", "cancelled_on", "ends_on"),
    [
        (None, None, None),
        (date(2018, 12, 1), None, date(2018, 12, 1)),
        (None, date(2017, 8, 1), date(2017, 8, 1)),
        (date(2018, 12, 1), date(2017, 8, 1), date(2017, 8, 1)),
        (date(2017, 8, 1), date(2017, 9, 1), date(2017, 8, 1)),
    ],
)
def test_use_ends_at_the_earlier_of_both_dates(expires_on, cancelled_on, ends_on):
    assert use_ends_on(live(expires_on, cancelled_on)) == ends_on


def test_a_licence_is_usable_until_the_first_instant_of_its_last_date():
    licence = live(expires_on=date(2018, 12, 1))
    assert use_ends_at(licence, BELGRADE) == utc("2018-11-30 23:00:00")
    assert is_usable(licence, utc("2018-11-30 22:59:59"), BELGRADE)
    assert not is_usable(licence, utc("2018-11-30 23:00:00"), BELGRADE)


def test_what_the_vendor_does_not_know_is_not_usable():
    pending = Licence(is_live=False, is_failed=False, quantity=12)
    assert not is_usable(pending, utc("2017-07-01 00:00:00"), BELGRADE)


def test_an_instant_without_an_offset_is_refused():
    with pytest.raises(ValueError, match="has no offset"):
        require_aware(datetime(2017, 7, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="has no offset"):
        local_date(datetime(2017, 7, 1), BELGRADE)  # noqa: DTZ001
