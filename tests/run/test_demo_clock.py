import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from launcher import demo_clock
from launcher.words import StartRefused

BELGRADE = "Europe/Belgrade"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def kept(folder: Path, text: str, *, now: datetime = NOW) -> demo_clock.DemoClock:
    return demo_clock.kept(folder / "demo-clock.json", text, zone_name=BELGRADE, now=now)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2017-07-23T15:00", datetime(2017, 7, 23, 13, 0, tzinfo=UTC)),  # summer time, UTC+2
        ("2017-12-23T15:00", datetime(2017, 12, 23, 14, 0, tzinfo=UTC)),  # winter time, UTC+1
        ("2017-07-23T14:43:49", datetime(2017, 7, 23, 12, 43, 49, tzinfo=UTC)),
    ],
)
def test_the_demo_time_is_local_time_of_the_distributor(text, instant):
    assert demo_clock.instant_of(text, BELGRADE) == instant


@pytest.mark.parametrize(
    "text",
    [
        *("2017-07-23", "2017-07-23 15:00", "20170723T1500", "yesterday"),
        *("2017-07-23T15:00Z", "2017-07-23T15:00+02:00"),
        *("2017-02-30T15:00", "2017-07-23T25:00", "0001-01-01T00:00"),
    ],
)
def test_what_is_no_local_time_is_refused(text):
    with pytest.raises(StartRefused, match="must be a local time such as 2017-07-23T15:00"):
        demo_clock.instant_of(text, BELGRADE)


def test_a_local_time_that_the_clocks_skip_is_refused():
    with pytest.raises(StartRefused, match="which the clocks of Europe/Belgrade skip"):
        demo_clock.instant_of("2017-03-26T02:30", BELGRADE)


def test_an_unknown_zone_is_refused():
    with pytest.raises(StartRefused, match="SEATDESK_ZONE is no known time zone: 'Europe/Nowhere'"):
        demo_clock.instant_of("2017-07-23T15:00", "Europe/Nowhere")


def test_the_demo_time_becomes_an_offset_from_now(tmp_path):
    clock = kept(tmp_path, "2017-07-23T15:00")
    assert NOW + timedelta(seconds=clock.offset_seconds) == datetime(2017, 7, 23, 13, 0, tzinfo=UTC)
    assert clock.history_until == "2017-07-23T13:00:00Z"


def test_a_second_start_keeps_the_offset_so_that_the_clock_never_goes_back(tmp_path):
    first = kept(tmp_path, "2017-07-23T15:00")
    later = NOW + timedelta(hours=3)
    assert kept(tmp_path, "2017-07-23T15:00", now=later) == first
    assert kept(tmp_path, "", now=later) == first


def test_another_time_on_an_existing_book_is_refused(tmp_path):
    kept(tmp_path, "2017-07-23T15:00")
    with pytest.raises(
        StartRefused, match="begun at 2017-07-23T15:00, and its clock cannot be moved to 2017-09-01T09:00"
    ):
        kept(tmp_path, "2017-09-01T09:00")


def test_a_book_begun_with_the_real_time_keeps_it(tmp_path):
    assert kept(tmp_path, "") == demo_clock.DemoClock(demo_now="", offset_seconds=0.0, history_until="")
    with pytest.raises(StartRefused, match="begun with the real time"):
        kept(tmp_path, "2017-07-23T15:00")
    assert json.loads((tmp_path / "demo-clock.json").read_text())["offset_seconds"] == 0


def test_a_refused_time_leaves_no_book_behind(tmp_path):
    with pytest.raises(StartRefused):
        kept(tmp_path, "soon")
    assert kept(tmp_path, "2017-07-23T15:00").demo_now == "2017-07-23T15:00"
