"""The order service beyond the common contract: its extensions, its own words, its plain form."""

from dataclasses import replace

import pytest

from gateways.order_service.config import Extension
from licensing.commands import Confirmed, NotFound, Rejected, Unknown, Unreadable
from licensing.states import CommandKind
from tests.gateways.conftest import CUSTOMER, ORDER_SERVICE, ZONE, month_from_now
from tests.gateways.test_contract_commands import details_after

ADAPTERS = (ORDER_SERVICE,)
REFUSED_WITHOUT_EXTENSIONS = [CommandKind.SOFT_CANCEL, CommandKind.RECREATE, CommandKind.REDUCE]


def test_a_command_settles_with_the_very_time_that_was_stated(desk, offered_kind):
    request = desk.ready(offered_kind)
    outcome = desk.gateway.execute(request)
    finding = desk.gateway.settle(request)
    assert isinstance(finding, Confirmed)
    assert (finding.subscription_id, finding.activation_code, finding.executed_at) == (
        outcome.subscription_id,
        outcome.activation_code,
        outcome.executed_at,
    )


def test_create_gives_an_active_licence_with_ids_in_their_cases(desk, vendor):
    outcome = desk.gateway.execute(desk.create_request())
    details = desk.gateway.read_details(outcome.subscription_id)
    assert outcome.activation_code == vendor.licences()[outcome.subscription_id]["activation_code"]
    assert (outcome.subscription_id.islower(), outcome.activation_code.isupper()) == (True, True)
    assert (details.status, details.quantity, details.expires_on, details.cancelled_on) == ("Active", 12, None, None)
    assert details.customer == CUSTOMER


def test_recreate_sets_quantity_customer_and_clears_the_cancellation(desk):
    details = details_after(desk, CommandKind.RECREATE)
    assert (details.status, details.quantity, details.cancelled_on) == ("Active", 20, None)


def test_modify_quantity_is_absolute(desk):
    assert details_after(desk, CommandKind.MODIFY_QUANTITY).quantity == 8


def test_modify_attributes_sends_the_whole_customer(desk):
    customer = details_after(desk, CommandKind.MODIFY_ATTRIBUTES).customer
    assert (customer.country, customer.city, customer.address_line_1, customer.email) == ("XK", "Priština", "", "")


def test_reduce_brings_the_expiration_forward(desk):
    details = details_after(desk, CommandKind.REDUCE)
    assert details.expires_on == month_from_now(3).astimezone(ZONE).date()


@pytest.mark.parametrize(
    ("kind", "status"), [(CommandKind.SOFT_CANCEL, "PendingCancellation"), (CommandKind.HARD_CANCEL, "HardCancelled")]
)
def test_a_cancelled_licence_says_so(desk, kind, status):
    assert details_after(desk, kind).status == status


def test_a_refusal_is_found_again_when_asked_for(desk, vendor):
    request = desk.ready(CommandKind.MODIFY_QUANTITY)
    vendor.fault("refuse", code="CreditLimit")
    refused = desk.gateway.execute(request)
    finding = desk.gateway.settle(request)
    assert isinstance(finding, Rejected)
    assert (finding.code, finding.error_reference) == (refused.code, refused.error_reference)


def test_a_refusal_gives_the_id_that_support_asks_for(desk, vendor):
    vendor.fault("refuse")
    assert len(desk.gateway.execute(desk.create_request()).error_reference) == 36


@pytest.mark.parametrize("kind", REFUSED_WITHOUT_EXTENSIONS)
def test_what_the_service_does_not_offer_is_never_sent(desk, vendor, adapter, kind):
    request = desk.ready(kind)
    plain = adapter.gateway(vendor.vendor_url, extensions=frozenset())
    outcome = plain.execute(request)
    assert isinstance(outcome, Rejected)
    assert outcome.message == plain.capabilities.support(kind).refusal
    assert vendor.ledger(request.reference) == []


@pytest.mark.parametrize("kind", [kind for kind in CommandKind if kind not in REFUSED_WITHOUT_EXTENSIONS])
def test_the_plain_service_does_the_other_five(desk, vendor, adapter, kind):
    request = desk.ready(kind)
    vendor.settings(extensions=dict.fromkeys(("softcancel", "recreate", "reduce", "effective_at", "details"), False))
    plain = adapter.gateway(vendor.vendor_url, extensions=frozenset())
    outcome = plain.execute(request)
    assert isinstance(outcome, Confirmed)
    assert outcome.executed_at is None


def test_a_customer_that_cannot_be_put_into_words_is_never_sent(desk, vendor):
    lost = desk.create_request(customer=type(CUSTOMER)(company_name="Nowhere", country="QQ"))
    outcome = desk.gateway.execute(lost)
    assert (outcome.code, outcome.message) == ("NotSendable", "'QQ' is no country code.")
    assert vendor.ledger(lost.reference) == []


def test_a_vendor_without_deduplication_executes_a_repeated_request_again(desk, vendor):
    vendor.settings(extensions={"deduplication": False})
    request = desk.ready(CommandKind.CREATE)
    first, again = desk.gateway.execute(request), desk.gateway.execute(request)
    assert first.subscription_id != again.subscription_id
    assert vendor.effects(request.reference) == 2


def test_without_find_the_last_reference_of_the_licence_settles(desk, vendor, adapter):
    vendor.settings(extensions={"find": False})
    gateway = adapter.gateway(vendor.vendor_url, extensions=frozenset({"details"}))
    request = desk.ready(CommandKind.MODIFY_QUANTITY)
    assert isinstance(gateway.settle(request), NotFound)
    vendor.fault("drop", executes="at_once")
    assert isinstance(gateway.execute(request), Unknown)
    finding = gateway.settle(request)
    assert isinstance(finding, Confirmed)
    assert finding.executed_at is not None


@pytest.mark.parametrize(("extensions", "kind"), [((), CommandKind.HARD_CANCEL), (("details",), CommandKind.CREATE)])
def test_what_can_never_be_asked_is_permanently_unreadable(desk, vendor, adapter, extensions, kind):
    gateway = adapter.gateway(vendor.vendor_url, extensions=frozenset(extensions))
    request = desk.ready(kind)
    requests_before = len(vendor.ledger())
    assert gateway.settle(request).is_permanent
    assert len(vendor.ledger()) == requests_before


def test_a_licence_that_somebody_else_has_changed_since_proves_no_absence(adapter, vendor, desk):
    """Its last reference is no longer ours, whether ours was executed before or not."""
    request = desk.ready(CommandKind.MODIFY_QUANTITY)
    vendor.settings(extensions={"details": True, "find": False})
    gateway = adapter.gateway(adapter.url(vendor), extensions=frozenset({Extension.DETAILS}))
    vendor.fault("drop", executes="at_once")
    assert isinstance(gateway.execute(request), Unknown)
    stranger = replace(desk.request(CommandKind.MODIFY_QUANTITY, request.subscription_id), quantity=9)
    assert isinstance(gateway.execute(stranger), Confirmed)
    finding = gateway.settle(request)
    assert (type(finding), finding.is_permanent) == (Unreadable, True)
    assert "changed" in finding.reason
