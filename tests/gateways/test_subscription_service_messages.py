"""The subscription service's words: built from a request, the same bytes on every attempt, without a wire."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from gateways.subscription_service import messages
from gateways.subscription_service.codes import MEANINGS
from gateways.subscription_service.config import SubscriptionServiceConfig
from licensing.commands import VendorRequest
from licensing.states import CommandKind

ZONE = ZoneInfo("Europe/Belgrade")
SENDER = messages.Sender(user_name="seatdesk", password="open <sesame> & čaj")
LICENCE = "4f0f5a4b1c8b4fb0a9f5b77a2b8f1f10"
OPERATIONS = {
    CommandKind.CREATE: "Activate",
    CommandKind.RENEW: "Renew",
    CommandKind.SOFT_CANCEL: "SoftCancel",
    CommandKind.HARD_CANCEL: "HardCancel",
}
CREATE = VendorRequest(
    kind=CommandKind.CREATE,
    reference="7b0d9c1e-5f5c-4a38-8d8e-6d1a4b0e2f33",
    vendor_pin="BLUTH01",
    sku_code="KL4864XIKMG",
    quantity=12,
    expires_at=datetime(2018, 11, 30, 23, tzinfo=UTC),
    requested_at=datetime(2017, 7, 23, 12, 43, 49, 900_000, tzinfo=UTC),
)


def request(kind, **fields):
    return replace(CREATE, kind=kind, subscription_id=LICENCE, **fields)


def build(asked):
    item = messages.item_of(asked, OPERATIONS[asked.kind])
    return SENDER.command(asked, item, ZONE)


def item_in(call):
    container = etree.fromstring(call.body).find("{*}Body/{*}SubscriptionRequestContainer")
    (item,) = container.find("{*}SubscriptionRequest")
    return container, item


def test_a_create_is_put_into_these_words():
    call = build(CREATE)
    assert call.headers["SOAPAction"] == '"http://schemas.kaspersky.com/services/subscription/subscriptionRequest"'
    assert call.headers["Content-Type"] == "text/xml; charset=utf-8"
    container, item = item_in(call)
    assert container.findtext("{*}Timestamp") == "2017-07-23T12:43:49Z"
    assert container.findtext("{*}TransactionId") == CREATE.reference
    assert etree.QName(item).localname == "Activate"
    assert dict(item.attrib) == {
        "UnitId": messages.unit_id_of(CREATE.reference),
        "SubscriberId": messages.own_subscriber_id(CREATE.reference),
        "ActivationType": "Standard",
        "StartTime": "2017-07-23T12:43:49Z",
        "EndTime": "2018-11-30T12:00:00Z",
        "LicenseCount": "12",
        "ProductId": "KL4864XIKMG",
    }


def test_every_element_is_the_services_own():
    envelope = etree.fromstring(build(CREATE).body)
    names = [etree.QName(element) for element in envelope.iter()]
    soap = {name.localname for name in names if name.namespace == "http://schemas.xmlsoap.org/soap/envelope/"}
    assert soap == {"Envelope", "Header", "Body"}
    others = {name.namespace for name in names if name.localname not in soap}
    assert others == {"http://schemas.kaspersky.com/services/subscription/2.0/"}


def test_name_and_password_stand_in_the_header_as_they_are():
    access = etree.fromstring(build(CREATE).body).find("{*}Header/{*}AccessInfo")
    assert [element.text for element in access] == ["seatdesk", "open <sesame> & čaj"]


@pytest.mark.parametrize("kind", OPERATIONS)
def test_the_same_request_gives_the_same_bytes(kind):
    asked = CREATE if kind is CommandKind.CREATE else request(kind)
    assert build(asked) == build(replace(asked))


@pytest.mark.parametrize("kind", [CommandKind.RENEW, CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL])
def test_the_other_commands_carry_the_licence_and_an_end(kind):
    _, item = item_in(build(request(kind)))
    assert set(item.attrib) == {"UnitId", "SubscriberId", "EndTime"}
    assert item.get("SubscriberId") == LICENCE


@pytest.mark.parametrize("kind", [CommandKind.CREATE, CommandKind.RENEW])
def test_unlimited_is_indefinite(kind):
    asked = replace(CREATE, kind=kind, expires_at=None, subscription_id=LICENCE)
    assert item_in(build(asked))[1].get("EndTime") == "indefinite"


@pytest.mark.parametrize(
    ("requested_at", "last_day"),
    [
        (datetime(2017, 7, 1, tzinfo=UTC), date(2017, 7, 31)),
        (datetime(2017, 7, 31, 21, 59, 59, tzinfo=UTC), date(2017, 7, 31)),
        (datetime(2017, 7, 31, 22, tzinfo=UTC), date(2017, 8, 31)),
        (datetime(2017, 12, 31, 22, 59, tzinfo=UTC), date(2017, 12, 31)),
        (datetime(2018, 2, 10, tzinfo=UTC), date(2018, 2, 28)),
    ],
)
def test_a_cancel_names_the_last_day_of_the_month_in_which_it_was_requested(requested_at, last_day):
    asked = request(CommandKind.HARD_CANCEL, requested_at=requested_at)
    assert messages.last_day_of(asked, ZONE) == last_day


def test_ids_are_letters_and_digits_and_never_shared():
    references = [f"cmd-{number}-{half}" for number in range(1, 40) for half in (1, 11, 111)]
    ids = {messages.own_subscriber_id(reference) for reference in references}
    assert len(ids) == len(references)
    assert all(messages.SUBSCRIBER_ID.fullmatch(made) for made in ids)


def test_a_subscription_id_never_changes_from_release_to_release():
    assert messages.own_subscriber_id("7b0d9c1e-5f5c-4a38-8d8e-6d1a4b0e2f33") == "e863a56b5b7054828f46d21b8d95f4dc"


def test_every_question_has_a_transaction_of_its_own():
    first, second = messages.info_item(LICENCE), messages.info_item(LICENCE)
    assert first.transaction_id != second.transaction_id
    assert (first.operation, first.subscriber_id) == ("GetInfo", LICENCE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reference": ""},
        {"reference": "a b"},
        {"reference": "x" * 65},
        {"sku_code": None},
        {"sku_code": "KL\x00"},
        {"sku_code": "\ud800"},
        {"quantity": None},
        {"requested_at": None},
        {"kind": CommandKind.RENEW, "subscription_id": "1a00c301-10c8-9d6e-0ecc-39de0e709b02"},
        {"kind": CommandKind.RENEW, "subscription_id": None},
        {"kind": CommandKind.RENEW, "subscription_id": "x" * 51},
    ],
)
def test_a_request_that_cannot_be_said_is_refused(wrong):
    with pytest.raises(messages.NotSendable):
        build(replace(CREATE, **wrong))


def test_no_repr_tells_the_password():
    config = SubscriptionServiceConfig(endpoint="", user_name="", zone=ZONE, password="open <sesame>")
    for told in (repr(SENDER), repr(config), repr(build(CREATE))):
        assert "sesame" not in told


def test_every_code_of_the_table_has_a_meaning():
    table = "1 2 3 4 5 6 8 9 99 101 103 105 202 204 303 304 401 402 501 601 602"
    assert set(MEANINGS) == set(table.split())
