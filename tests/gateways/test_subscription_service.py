"""The subscription service beyond the contract: what it refuses, what reading proves, what must not be told."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateways.base import GatewayMisconfigured, Snapshot
from gateways.subscription_service import settlement
from gateways.subscription_service.answers import Done
from gateways.subscription_service.messages import last_day_of, own_subscriber_id
from licensing.commands import Confirmed, NotExecuted, NotFound, Rejected, Unknown, Unreadable
from licensing.states import CommandKind
from tests.gateways.conftest import CHANGES, CUSTOMER, SUBSCRIPTION_SERVICE, ZONE, Desk
from tests.simulator.process import SimulatorProcess
from tests.simulator.soap_call import activate, item, post_soap

ADAPTERS = (SUBSCRIPTION_SERVICE,)
REFUSED = [
    CommandKind.MODIFY_QUANTITY,
    CommandKind.MODIFY_ATTRIBUTES,
    CommandKind.REDUCE,
    CommandKind.RECREATE,
]
JULY = datetime(2017, 7, 23, 12, tzinfo=UTC)
AUGUST = datetime(2017, 8, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize("kind", REFUSED)
def test_what_the_service_cannot_do_is_refused_with_its_reason_and_never_sent(desk, vendor, kind):
    request = desk.request(kind, desk.licence(), **CHANGES[kind])
    outcome = desk.gateway.execute(request)
    assert isinstance(outcome, Rejected)
    assert outcome.message == desk.gateway.capabilities.support(kind).refusal
    assert vendor.ledger(request.reference) == []


@pytest.mark.parametrize("kind", REFUSED)
def test_a_licence_that_stands_as_asked_does_not_confirm_what_is_never_sent(desk, kind):
    """Its sender can be killed before the refusal is written down; then nobody can be asked what became of it."""
    asked = CHANGES[kind]
    licence = desk.licence(quantity=asked.get("quantity", 12), expires_at=asked.get("expires_at"))
    finding = desk.gateway.settle(desk.request(kind, licence, **asked))
    assert isinstance(finding, Unreadable)
    assert finding.is_permanent


def test_a_licence_of_the_other_service_is_never_asked_for(desk, vendor):
    of_the_other = desk.request(CommandKind.HARD_CANCEL, "1a00c301-10c8-9d6e-0ecc-39de0e709b02")
    outcome, finding = desk.gateway.execute(of_the_other), desk.gateway.settle(of_the_other)
    assert (outcome.code, finding.is_permanent) == ("NotSendable", True)
    assert vendor.ledger(of_the_other.reference) == []


def test_the_subscription_id_is_ours(desk):
    request = desk.create_request()
    assert desk.gateway.execute(request).subscription_id == own_subscriber_id(request.reference)


def test_a_create_can_be_asked_about_before_it_was_answered(desk):
    assert desk.gateway.capabilities.can_settle(CommandKind.CREATE)


def test_a_create_repeated_without_deduplication_activates_once(desk, vendor):
    vendor.settings(extensions={"deduplication": False})
    request = desk.create_request()
    made, again = desk.gateway.execute(request), desk.gateway.execute(request)
    assert isinstance(again, Unknown)
    found = desk.gateway.settle(request)
    assert (found.subscription_id, found.activation_code) == (made.subscription_id, made.activation_code)
    assert vendor.effects(request.reference) == 1


def test_a_transaction_id_of_other_bytes_leaves_the_command_open(desk, vendor):
    request = desk.create_request()
    desk.gateway.execute(request)
    assert isinstance(desk.gateway.execute(replace(request, quantity=13)), Unknown)
    assert vendor.effects(request.reference) == 1


def test_a_service_that_lets_nobody_read_leaves_the_unknown_to_a_person(desk, vendor):
    vendor.settings(extensions={"details": False})
    request = desk.ready(CommandKind.HARD_CANCEL)
    finding = desk.gateway.settle(request)
    assert (type(finding), finding.is_permanent) == (Unreadable, True)
    assert finding.reason.startswith("601")


def test_a_refusal_with_status_200_is_rejected_in_part_and_in_whole(desk, vendor):
    request = desk.ready(CommandKind.RENEW)
    vendor.fault("refuse", status=200, code="77")
    assert desk.gateway.execute(request).code == "77"
    paused = own_subscriber_id("paused")
    post_soap(vendor, activate(paused), transaction_id="paused-1")
    post_soap(vendor, item("Pause", paused, PauseTime="2017-08-01T00:00:00Z"), transaction_id="paused-2")
    assert desk.gateway.execute(desk.request(CommandKind.SOFT_CANCEL, paused)).code == "303"
    assert desk.gateway.read_details(paused).status == "Paused"


def test_a_wrong_password_holds_the_gateway_and_is_told_to_nobody(adapter, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    names = {"SIMULATOR_USER": "seatdesk", "SIMULATOR_PASSWORD": "right"}
    vendor = SimulatorProcess(tmp_path, SIMULATOR_HISTORY_UNTIL="2017-04-01T00:00+02:00", **names)
    outcomes = [
        adapter.gateway(adapter.url(vendor), password=word).execute(Desk(None).create_request())
        for word in ("right", "wr<ong>")
    ]
    vendor.stop()
    assert isinstance(outcomes[0], Confirmed)
    assert (type(outcomes[1]), outcomes[1].holds_gateway) == (NotExecuted, True)
    told = caplog.text + repr(outcomes)
    assert "seatdesk" not in told
    assert "right" not in told
    assert "ong" not in told.replace("wrong", "")


def test_a_password_that_comes_back_is_masked(adapter, vendor):
    gateway = adapter.gateway(adapter.url(vendor), password="s3cr3t-&-word")
    vendor.fault("refuse", message="You said s3cr3t-&-word.")
    outcome = gateway.execute(Desk(None).create_request())
    assert "s3cr3t" not in outcome.evidence.request + outcome.evidence.response


@pytest.mark.parametrize("options", [{"password": "a\x00"}, {"password": "\ud800"}])
def test_credentials_that_cannot_be_sent_are_refused_without_being_told(adapter, options):
    with pytest.raises(GatewayMisconfigured) as refused:
        adapter.gateway("https://vendor.example/soap/upi", **options)
    assert options["password"] not in str(refused.value)


# What reading proves: a licence as it stands against a command, without a wire.

ORDERED = Desk(None).create_request()


def asked(kind, **fields):
    return replace(ORDERED, kind=kind, subscription_id="abc", requested_at=JULY, **fields)


def shown(status, end, **values):
    plain = {"SubscriberId": "abc", "LicenseCount": "12", "ProductId": "KL4864XIKMG", "ActivationCode": "A-1"}
    return Done(values={**plain, "Status": status, "EndTime": end, **values}, stated_at=None)


def finding(request, told, *, read_at=JULY):
    return settlement.finding_of(request, told, read_at=read_at, zone=ZONE)


IN_2018 = datetime(2018, 11, 30, 23, tzinfo=UTC)
CREATE = asked(CommandKind.CREATE, expires_at=IN_2018)
RENEW = asked(CommandKind.RENEW, expires_at=IN_2018)
UNLIMITED = asked(CommandKind.RENEW, expires_at=None)
SOFT, HARD = asked(CommandKind.SOFT_CANCEL), asked(CommandKind.HARD_CANCEL)


@pytest.mark.parametrize(
    ("request_", "status", "end", "found"),
    [
        (CREATE, "Started", "2018-11-30", Confirmed),
        (CREATE, "NotStarted", "2018-11-30", Confirmed),
        (CREATE, "Started", "2018-12-31", Unreadable),
        (CREATE, "Started", "indefinite", Unreadable),
        (CREATE, "HardCancelled", "2018-11-30", Unreadable),
        (RENEW, "Started", "2018-11-30", Confirmed),
        (RENEW, "Started", "2017-11-30", NotFound),
        (RENEW, "SoftCancelled", "2018-11-30", NotFound),
        (RENEW, "Paused", "2018-11-30", NotFound),
        (UNLIMITED, "Started", "indefinite", Confirmed),
        (UNLIMITED, "Started", "2018-11-30", NotFound),
        (SOFT, "SoftCancelled", "2017-07-31", Confirmed),
        (SOFT, "SoftCancelled", "2017-06-30", NotFound),
        (SOFT, "Started", "2017-07-31", NotFound),
        (SOFT, "HardCancelled", "2017-07-31", NotFound),
        (HARD, "HardCancelled", "2017-07-31", Confirmed),
        (HARD, "SoftCancelled", "2017-07-31", NotFound),
        (HARD, "Started", "indefinite", NotFound),
    ],
)
def test_how_a_licence_stands_proves_a_command_or_is_one_negative_read(request_, status, end, found):
    assert isinstance(finding(request_, shown(status, end)), found)


@pytest.mark.parametrize("request_", [CREATE, RENEW, SOFT, HARD])
@pytest.mark.parametrize("told", [{"Status": ""}, {"Status": "Frozen"}, {"EndTime": ""}, {"EndTime": "soon"}])
def test_a_service_that_shows_too_little_leaves_it_to_a_person(request_, told):
    found = finding(request_, shown("Started", "2018-11-30", **told))
    assert (type(found), found.is_permanent) == (Unreadable, True)


@pytest.mark.parametrize(
    "told", [{"LicenseCount": "13"}, {"LicenseCount": ""}, {"ProductId": "KIS"}, {"ActivationCode": ""}]
)
def test_a_licence_that_was_not_ordered_so_is_left_to_a_person(told):
    found = finding(CREATE, shown("Started", "2018-11-30", **told))
    assert (type(found), found.is_permanent) == (Unreadable, True)


@pytest.mark.parametrize("request_", [CREATE, RENEW])
def test_what_may_have_been_executed_in_another_month_is_left_to_a_person(request_):
    found = finding(request_, shown("Started", "2018-11-30"), read_at=AUGUST)
    assert (type(found), found.is_permanent) == (Unreadable, True)


@pytest.mark.parametrize(("request_", "status"), [(SOFT, "SoftCancelled"), (HARD, "HardCancelled")])
def test_a_cancel_counts_in_the_month_whose_end_it_named(request_, status):
    found = finding(request_, shown(status, "2017-07-31"), read_at=AUGUST)
    assert found.executed_at == datetime(2017, 7, 31, 21, 59, 59, tzinfo=UTC)
    assert settlement.counted_at(request_, JULY, ZONE) == JULY


def test_a_request_without_its_time_proves_nothing(adapter):
    found = finding(replace(HARD, requested_at=None), shown("HardCancelled", "2017-07-31"))
    assert (type(found), found.is_permanent) == (Unreadable, True)


@pytest.mark.parametrize(
    ("status", "end", "expires_on", "cancelled_on"),
    [
        ("Started", "indefinite", None, None),
        ("Started", "2018-11-30", "2018-12-01", None),
        ("Paused", "indefinite", None, None),
        ("SoftCancelled", "2017-07-31", None, "2017-08-01"),
        ("HardCancelled", "2017-07-31", None, "2017-08-01"),
    ],
)
def test_a_snapshot_has_the_first_day_without_use(status, end, expires_on, cancelled_on):
    seen = settlement.snapshot_of("abc", shown(status, end))
    assert isinstance(seen, Snapshot)
    days = tuple(day and day.isoformat() for day in (seen.expires_on, seen.cancelled_on))
    assert (seen.quantity, *days) == (12, expires_on, cancelled_on)
    assert (seen.customer, seen.modified_at, seen.last_reference) == (None, None, None)


@pytest.mark.parametrize("told", [{"Status": "Frozen"}, {"EndTime": ""}, {"LicenseCount": ""}])
def test_a_snapshot_that_lacks_something_is_unreadable(told):
    assert isinstance(settlement.snapshot_of("abc", shown("Started", "indefinite", **told)), Unreadable)


def test_the_last_day_is_the_day_before_the_first_unusable_one():
    assert last_day_of(CREATE, ZONE).isoformat() == "2018-11-30"
    early = replace(CREATE, expires_at=IN_2018 + timedelta(days=1))
    assert last_day_of(early, ZONE).isoformat() == "2018-12-01"


def test_the_customer_is_not_sent(desk, vendor):
    request = desk.create_request()
    evidence = desk.gateway.execute(request).evidence
    assert CUSTOMER.company_name not in evidence.request
    assert CUSTOMER.email not in evidence.request
