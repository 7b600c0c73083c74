"""The order service's words: built from a request and read from an answer, without a wire."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pycountry
import pytest

from gateways.base import Capabilities
from gateways.order_service import messages
from gateways.order_service.config import Extension, OrderServiceConfig
from gateways.order_service.evidence import masked
from licensing.commands import CustomerDetails, VendorRequest
from licensing.states import CommandKind

ZONE = ZoneInfo("Europe/Belgrade")
LICENCE = "1a00c301-10c8-9d6e-0ecc-39de0e709b02"
CUSTOMER = CustomerDetails(
    company_name="Tunel d.o.o.",
    country="BA",
    address_line_1="Drinska ulica 77",
    city="Sarajevo",
    post_code="71000",
    email="info@tunel-sa.ba",
    website="www.tunel-sa.ba",
    phone="033 123 456",
    fax="033 123 457",
    contact_person="Mirsad Golub",
)
CREATE = VendorRequest(
    kind=CommandKind.CREATE,
    reference="cmd-1",
    vendor_pin="BLUTH01",
    sku_code="KL4864XIKMG",
    quantity=12,
    expires_at=datetime(2018, 11, 30, 23, tzinfo=UTC),
    customer=CUSTOMER,
)
DETAILS = {
    "SubscriptionId": LICENCE,
    "Status": "Active",
    "Quantity": 12,
    "Expiration": "2018-12-01T00:00:00+01:00",
    "CancellationDate": "2017-07-31T22:00:00Z",
    "Customer": messages.customer_block(CUSTOMER),
    "ModifiedAt": "2017-07-23T14:43:49+02:00",
    "LastReference": "cmd-7",
}


def build(request, operation, step=0):
    return messages.build_call(request, operation, step=step, partner="SEATDESK", zone=ZONE)


def test_a_create_is_put_into_these_words():
    call = build(CREATE, "create")
    assert (call.method, call.path, call.headers["X-Request-Reference"]) == ("POST", "/create", "cmd-1")
    assert json.loads(call.body) == {
        "BillingPlan": "PAYG",
        "Sku": "KL4864XIKMG",
        "Quantity": 12,
        "Expiration": "2018-12-01T00:00:00+01:00",
        "Customer": {
            "Contacts": {
                "CompanyName": "Tunel d.o.o.",
                "Name": "Mirsad Golub",
                "Email": "info@tunel-sa.ba",
                "Phone": "033 123 456",
            },
            "Address": {
                "AddressLine1": "Drinska ulica 77",
                "AddressLine2": "",
                "City": "Sarajevo",
                "State": "",
                "Zip": "71000",
                "Country": "BIH",
            },
        },
        "Distributor": {"Partner": "SEATDESK", "Reseller": "BLUTH01"},
        "ExternalReference": {"ExternalOrderId": "cmd-1"},
    }


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("hardcancel", {"SubscriptionId"}),
        ("softcancel", {"SubscriptionId"}),
        ("renew", {"SubscriptionId"}),
        ("modifyexpiration", {"SubscriptionId", "Expiration"}),
        ("reduce", {"SubscriptionId", "Expiration"}),
        ("modifyquantity", {"SubscriptionId", "Quantity"}),
        ("modifyattributes", {"SubscriptionId", "Customer"}),
        ("recreate", {"SubscriptionId", "Quantity", "Expiration", "Customer"}),
    ],
)
def test_the_other_calls_carry_only_what_they_need(operation, fields):
    assert set(json.loads(build(replace(CREATE, subscription_id=LICENCE), operation).body)) == fields


@pytest.mark.parametrize(
    ("expires_at", "text"),
    [
        (None, None),
        (datetime(2017, 7, 31, 22, tzinfo=UTC), "2017-08-01T00:00:00+02:00"),
        (datetime(2017, 12, 31, 23, tzinfo=UTC), "2018-01-01T00:00:00+01:00"),
    ],
)
def test_the_expiration_is_the_first_unusable_midnight_with_its_offset(expires_at, text):
    assert messages.expiration_text(expires_at, ZONE) == text


def test_the_second_call_has_a_reference_of_its_own():
    renewed = replace(CREATE, subscription_id=LICENCE)
    references = [build(renewed, "renew", step).headers["X-Request-Reference"] for step in (0, 1)]
    assert references == ["cmd-1", "cmd-1.2"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"reference": ""},
        {"reference": "a b"},
        {"reference": "a\r\nHost: evil"},
        {"reference": "x" * 65},
        {"sku_code": None},
        {"quantity": None},
        {"customer": None},
        {"customer": replace(CUSTOMER, country="BIH")},
        {"customer": replace(CUSTOMER, city="\ud800")},
    ],
)
def test_a_request_that_cannot_be_said_is_refused(wrong):
    with pytest.raises(messages.NotSendable):
        build(replace(CREATE, **wrong), "create")


def test_every_country_and_kosovo_go_there_and_back():
    codes = [country.alpha_2 for country in pycountry.countries] + ["XK"]
    assert [messages.country_alpha_2(messages.country_alpha_3(code)) for code in codes] == codes
    assert messages.country_alpha_3("XK") == "XKX"


def test_details_are_read_as_dates_of_the_distributors_zone():
    snapshot = messages.read_snapshot(DETAILS, subscription_id=LICENCE, zone=ZONE)
    assert (snapshot.expires_on, snapshot.cancelled_on) == (date(2018, 12, 1), date(2017, 8, 1))
    assert snapshot.modified_at == datetime(2017, 7, 23, 12, 43, 49, tzinfo=UTC)
    assert (snapshot.quantity, snapshot.last_reference) == (12, "cmd-7")
    assert snapshot.customer == replace(CUSTOMER, website="", fax="")


@pytest.mark.parametrize(
    "wrong",
    [
        {"SubscriptionId": "another"},
        {"Quantity": None},
        {"Quantity": "12"},
        {"ModifiedAt": None},
        {"Expiration": "2018-12"},
        {"Expiration": "9999-12-31T23:59:59+00:00"},
        {"CancellationDate": 5},
        {"Customer": None},
        {"Customer": {"Contacts": {"CompanyName": "A"}, "Address": {"Country": "QQQ"}}},
        {"Customer": {"Contacts": [], "Address": {}}},
    ],
)
def test_details_that_cannot_be_read_are_said_to_be_so(wrong):
    with pytest.raises(messages.AnswerUnreadable):
        messages.read_snapshot(DETAILS | wrong, subscription_id=LICENCE, zone=ZONE)


@pytest.mark.parametrize(
    "wrong",
    [{"SubscriptionId": ""}, {"SubscriptionId": "x" * 65}, {"SubscriptionId": "a\x00"}, {"ActivationCode": None}],
)
def test_a_create_without_usable_ids_is_no_confirmation(wrong):
    answer = {"SubscriptionId": LICENCE, "ActivationCode": "D7942163-27A8-4C58-9346-85FE2B77F269"} | wrong
    with pytest.raises(messages.AnswerUnreadable):
        messages.read_confirmation(answer, CREATE, operation="create")


def test_a_refusals_words_are_made_storable():
    error = messages.read_error({"ErrorCode": 17, "Message": "a\x00b\ud800" + "x" * 5000, "ErrorId": ["no"]})
    assert (error.code, error.message[:3], len(error.message), error.error_id) == ("17", "ab?", 999, "")


@pytest.mark.parametrize(
    "body",
    [
        b'{"ActivationCode": "D7942163-27A8", "Status": 1}',
        b'{"activationcode":"D7942163-27A8',
        b'{"Answer": {"LicenseId" : "D7942163-27A8"}}',
    ],
)
def test_codes_are_masked_in_whole_and_cut_bodies(body):
    assert "D794" not in masked(body)
    assert "***" in masked(body)


class TestCapabilities:
    """What the service can do is data; the plain service is the one that public clients know."""

    def capabilities(self, *extensions: Extension) -> Capabilities:
        config = OrderServiceConfig(
            base_url="http://127.0.0.1/", partner="SEATDESK", zone=ZONE, extensions=frozenset(extensions)
        )
        return config.capabilities()

    def test_every_command_kind_is_offered_or_refused_with_a_reason(self):
        plain = self.capabilities()
        assert set(plain.commands) == set(CommandKind)
        assert all(support.is_offered != bool(support.refusal) for support in plain.commands.values())

    def test_renew_is_composed_and_nothing_else(self):
        composed = {kind for kind, support in self.capabilities(*Extension).commands.items() if support.is_composed}
        assert composed == {CommandKind.RENEW}

    def test_the_plain_service_can_settle_nothing(self):
        assert not any(self.capabilities().can_settle(kind) for kind in CommandKind)

    def test_details_settle_what_is_offered_but_a_create(self):
        able = self.capabilities(Extension.DETAILS)
        settled = {kind for kind in CommandKind if able.can_settle(kind)}
        assert settled == {kind for kind in CommandKind if able.support(kind).is_offered} - {CommandKind.CREATE}

    def test_find_settles_everything_that_is_offered(self):
        able = self.capabilities(*Extension)
        assert all(able.can_settle(kind) for kind in CommandKind)
        plain = self.capabilities(Extension.FIND)
        assert [plain.can_settle(kind) for kind in CommandKind] == [
            plain.support(kind).is_offered for kind in CommandKind
        ]
