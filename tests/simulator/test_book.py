"""The seeded book against the figures of history.csv, written out by hand."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from simulator.book import seed
from simulator.ledger import Ledger
from simulator.settings import BOOK_DIRECTORY

ZONE = ZoneInfo("Europe/Belgrade")
TUNEL, PRERADA, PRERADA_SECOND = "1a00c301", "3800c301", "02000300"
# First eight characters of the Subscription ID: quantity, SKU, expiration, cancellation.
BEFORE_23_JULY = {
    TUNEL: (10, "KL4864XIKMG", "2017-12-01", "2017-07-01"),
    "2000c301": (14, "KL4864XIKMG", None, None),
    "2600c301": (10, "KL4551XIKMG", None, None),
    "2c00c301": (6, "KL4251XIEMG", None, None),
    "3200c301": (9, "KL4864XIEMG", None, "2017-06-01"),
    PRERADA: (12, "KL4864XIKMG", None, None),
    "3e00c301": (8, "KL4151XIEMG", "2017-11-01", None),
    "0200f901": (12, "KL4864XIKMG", None, None),
    "0200fe02": (10, "KL4864XIKMG", None, None),
    "5200d101": (55, "KL4863XIQMG", None, None),
    "5300d101": (7, "KL4864XIEMG", None, "2017-08-01"),
    "5400d101": (120, "KL4551XIRMG", None, None),
    "07000000": (6, "KL4864XIEMG", "2017-12-01", None),
}
WHOLE = BEFORE_23_JULY | {
    TUNEL: (10, "KL4864XIKMG", None, None),
    PRERADA: (8, "KL4864XIEMG", "2017-12-01", None),
    PRERADA_SECOND: (10, "KL4864XIKMG", "2018-12-01", "2017-08-01"),
}


@pytest.fixture
def seeded(tmp_path):
    def seed_until(until):
        ledger = Ledger(str(tmp_path / "vendor.db"))
        rows = seed(ledger, book=BOOK_DIRECTORY, zone=ZONE, until=until)
        return rows, {licence.subscription_id[:8]: licence for licence in ledger.licences()}

    return seed_until


def day(instant):
    if instant is None:
        return None
    local = instant.astimezone(ZONE)
    assert (local.hour, local.minute, local.second) == (0, 0, 0)
    return local.date().isoformat()


def figures(licences):
    return {
        key: (licence.quantity, licence.sku, day(licence.expires_at), day(licence.cancelled_at))
        for key, licence in licences.items()
    }


def test_the_book_on_22_july_2017_at_noon(seeded):
    rows, licences = seeded(datetime(2017, 7, 22, 12, tzinfo=ZONE))
    assert rows == 22
    assert figures(licences) == BEFORE_23_JULY


def test_the_whole_book_has_fourteen_subscriptions(seeded):
    rows, licences = seeded(None)
    assert (rows, len(licences)) == (31, 14)
    assert figures(licences) == WHOLE


def test_seats_of_bluth_charged_in_july_as_of_22_july(seeded):
    _, licences = seeded(datetime(2017, 7, 22, 12, tzinfo=ZONE))
    july = datetime(2017, 7, 1, tzinfo=ZONE)
    charged = [
        licence.quantity
        for licence in licences.values()
        if licence.reseller == "BLUTH01" and licence.created_at < july and licence.is_usable(july)
    ]
    assert sum(charged) == 72


def test_codes_and_instants_are_those_of_the_history(seeded):
    _, licences = seeded(None)
    assert licences[TUNEL].activation_code == "D7942163-27A8-4C58-9346-85FE2B77F269"
    assert licences[TUNEL].created_at == datetime(2017, 3, 23, 16, 43, 4, tzinfo=UTC)
    assert licences[TUNEL].modified_at == datetime(2017, 7, 23, 12, 36, 23, tzinfo=UTC)
    assert licences[PRERADA_SECOND].is_hard_cancelled


def test_changed_addresses_stand_and_the_rest_of_the_customer_stays(seeded):
    _, licences = seeded(None)
    lines = {key: licences[key].customer["Address"]["AddressLine1"] for key in (TUNEL, PRERADA, PRERADA_SECOND)}
    assert lines == {
        TUNEL: "Drinska ulica 99",
        PRERADA: "Milana Rakića 321",
        PRERADA_SECOND: "Milana Rakića 321",
    }
    assert licences[TUNEL].customer["Contacts"]["Name"] == "Mirsad Golub"
    assert licences[TUNEL].customer["Address"]["Country"] == "BIH"


def test_a_second_start_seeds_nothing_again(seeded, tmp_path):
    seeded(None)
    ledger = Ledger(str(tmp_path / "vendor.db"))
    assert not ledger.is_empty()
    # One request for each of the 31 rows, and a second for each of the two Renews.
    assert len(ledger.recent(limit=1000)) == 33
