"""The throttle: what failures cost, and whom."""

from datetime import UTC, datetime, timedelta

import pytest

from auth.throttle import (
    FREE_BY_ADDRESS,
    FREE_BY_USERNAME,
    FREE_TOGETHER,
    LONGEST_DELAY,
    Tally,
    address_hash,
    judge,
    username_hash,
)

NOW = datetime(2017, 7, 23, 12, 0, tzinfo=UTC)
NONE = Tally()


def tally(count, seconds_ago=0):
    return Tally(count=count, latest=NOW - timedelta(seconds=seconds_ago))


def verdict(*, together=NONE, by_address=NONE, by_username=NONE):
    return judge(together=together, by_address=by_address, by_username=by_username, now=NOW)


def test_without_failures_nothing_waits():
    assert verdict().is_allowed
    assert verdict().delay_seconds == 0


def test_a_few_failures_cost_nothing():
    few = tally(FREE_TOGETHER - 1)
    assert verdict(together=few, by_address=few, by_username=few).is_allowed


@pytest.mark.parametrize(
    ("more", "seconds"), [(0, 5), (1, 10), (2, 20), (3, 40), (6, 320), (7, 640), (8, 900), (10_000, 900)]
)
def test_the_wait_doubles_up_to_a_quarter_of_an_hour(more, seconds):
    assert verdict(together=tally(FREE_TOGETHER + more)).wait_seconds == seconds
    assert verdict(by_address=tally(FREE_BY_ADDRESS + more)).wait_seconds == seconds


def test_the_wait_runs_from_the_latest_failure():
    assert verdict(together=tally(FREE_TOGETHER + 2, seconds_ago=19.5)).wait_seconds == 1
    assert verdict(together=tally(FREE_TOGETHER + 2, seconds_ago=20)).is_allowed


def test_the_longer_of_two_waits_counts():
    both = verdict(together=tally(FREE_TOGETHER + 3), by_address=tally(FREE_BY_ADDRESS))
    assert both.wait_seconds == 40


def test_strangers_who_guess_at_a_user_name_only_slow_its_user_down():
    attacked = verdict(by_username=tally(1_000_000))
    assert attacked.is_allowed
    assert attacked.delay_seconds == LONGEST_DELAY


def test_the_delay_grows_with_the_failures_of_a_user_name():
    assert verdict(by_username=tally(FREE_BY_USERNAME)).delay_seconds == 0
    assert verdict(by_username=tally(FREE_BY_USERNAME + 5)).delay_seconds == pytest.approx(0.5)


def test_a_user_name_is_one_key_however_it_is_typed():
    assert username_hash(" Ops ", secret="s") == username_hash("ops", secret="s")
    assert username_hash("ops", secret="s") != username_hash("ops2", secret="s")


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("unknown", "unknown", True),
    ],
)
def test_an_address_is_one_line(first, second, is_one):
    assert (address_hash(first, secret="s") == address_hash(second, secret="s")) is is_one


def test_keys_tell_neither_the_name_nor_the_address_without_the_secret():
    assert username_hash("ops", secret="s") != username_hash("ops", secret="t")
    assert username_hash("192.0.2.1", secret="s") != address_hash("192.0.2.1", secret="s")
    assert len(address_hash("192.0.2.1", secret="s")) == 64
