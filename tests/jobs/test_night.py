"""The nightly reconciliation: once a night, by the business clock in the distributor's zone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config import Config, read_config
from jobs.night import Night, is_due
from licensing.moment import Moment
from models import Reconciliation
from operations.reconcile import begin_reconciliation, fail_reconciliation, finish_reconciliation
from queries.reconciliations import newest_run
from tests.small_book import ZONE

HOUR = timedelta(hours=1)


def at(text: str) -> Moment:
    now = datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)
    return Moment(now=now, real_now=now, zone=ZONE)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("2017-07-23T01:59:59", False),
        ("2017-07-23T02:00:00", True),
        ("2017-07-23T04:59:59", True),
        ("2017-07-23T05:00:00", False),
        ("2017-07-23T14:00:00", False),
        ("2017-10-29T02:30:00", True),
        ("2017-03-26T03:00:00", True),
    ],
)
def test_it_is_due_at_night(rolled_back: str, *, text: str, due: bool) -> None:
    assert is_due(moment=at(text)) is due


def test_once_a_night(rolled_back: str) -> None:
    run = begin_reconciliation(source="vendor", moment=at("2017-07-23T02:00:01"))
    assert not is_due(moment=at("2017-07-23T02:00:02"))
    finish_reconciliation(run, moment=at("2017-07-23T02:10:00"))
    assert not is_due(moment=at("2017-07-23T04:59:00"))
    assert is_due(moment=at("2017-07-24T02:00:00"))


def test_one_by_day_does_not_stand_for_the_nights(rolled_back: str) -> None:
    run = begin_reconciliation(source="vendor", moment=at("2017-07-22T16:00:00"))
    finish_reconciliation(run, moment=at("2017-07-22T16:01:00"))
    assert is_due(moment=at("2017-07-23T02:00:00"))


def test_one_that_failed_is_tried_again_after_half_an_hour(rolled_back: str) -> None:
    run = begin_reconciliation(source="vendor", moment=at("2017-07-23T02:00:00"))
    fail_reconciliation(run, reason="The vendor is down", moment=at("2017-07-23T02:01:00"))
    assert not is_due(moment=at("2017-07-23T02:29:59"))
    assert is_due(moment=at("2017-07-23T02:30:00"))


def config_for(database: str, folder: Path) -> Config:
    address = "http://127.0.0.1:1/Subscriptions/v2.0/api/Subscription/"
    return read_config(
        {
            "SEATDESK_ENV": "test",
            "DATABASE_URL": database,
            "SEATDESK_INSTANCE": str(folder),
            "SEATDESK_VENDOR_URL": address,
        }
    )


def test_the_clock_begins_one_beside_its_ticking(database: str, tmp_path: Path) -> None:
    night = Night(config_for(database, tmp_path))
    assert night.begin_when_due(moment=at("2017-07-23T14:00:00")) is False
    assert night.begin_when_due(moment=at("2017-07-23T02:00:00")) is True
    night.wait()
    run = newest_run()
    assert (run.source, run.state, run.compared) == ("vendor", "finished", 0)


def test_a_night_that_breaks_off_leaves_the_clock_going(database: str, tmp_path: Path) -> None:
    Reconciliation.create(
        source="vendor", started_at=at("2017-07-22T02:00:00").now, lease_until=datetime.now(UTC) + HOUR
    )
    night = Night(config_for(database, tmp_path))
    assert night.begin_when_due(moment=at("2017-07-23T02:00:00")) is True
    night.wait()
    assert newest_run().state == "running"
