"""What every adapter owes: each of the eight commands takes effect once, or is refused, and says so."""

from datetime import UTC

import pytest

from gateways.base import Snapshot
from licensing.commands import Confirmed, NotExecuted, Rejected, Unknown
from licensing.states import CommandKind
from tests.gateways.conftest import CUSTOMER, ZONE, month_from_now, seconds_ago

REFUSED_WITHOUT_EXTENSIONS = [CommandKind.SOFT_CANCEL, CommandKind.RECREATE, CommandKind.REDUCE]


def next_month():
    return month_from_now(1).astimezone(ZONE).date()


@pytest.mark.parametrize("kind", CommandKind)
def test_each_command_is_confirmed_and_takes_effect_once(desk, vendor, kind):
    request = desk.ready(kind)
    outcome = desk.gateway.execute(request)
    assert isinstance(outcome, Confirmed)
    assert outcome.subscription_id in vendor.licences()
    assert vendor.effects(request.reference) == 1


@pytest.mark.parametrize("kind", CommandKind)
def test_a_confirmation_states_the_vendors_instant_in_utc(desk, kind):
    outcome = desk.gateway.execute(desk.ready(kind))
    assert outcome.executed_at.tzinfo is UTC
    assert -1 < seconds_ago(outcome.executed_at) < 10


@pytest.mark.parametrize("kind", CommandKind)
def test_a_command_settles_as_it_was_answered(desk, kind):
    request = desk.ready(kind)
    outcome = desk.gateway.execute(request)
    finding = desk.gateway.settle(request)
    assert isinstance(finding, Confirmed)
    assert (finding.subscription_id, finding.activation_code, finding.executed_at) == (
        outcome.subscription_id,
        outcome.activation_code,
        outcome.executed_at,
    )


def details_after(desk, kind) -> Snapshot:
    request = desk.ready(kind)
    outcome = desk.gateway.execute(request)
    details = desk.gateway.read_details(outcome.subscription_id)
    assert isinstance(details, Snapshot)
    return details


def test_create_gives_an_active_licence_with_its_codes(desk, vendor):
    outcome = desk.gateway.execute(desk.create_request())
    details = desk.gateway.read_details(outcome.subscription_id)
    assert outcome.activation_code == vendor.licences()[outcome.subscription_id]["activation_code"]
    assert (outcome.subscription_id.islower(), outcome.activation_code.isupper()) == (True, True)
    assert (details.status, details.quantity, details.expires_on, details.cancelled_on) == ("Active", 12, None, None)
    assert details.customer == CUSTOMER


def test_create_with_an_expiration_is_limited_to_it(desk):
    details = desk.gateway.read_details(desk.licence(expires_at=month_from_now(6)))
    assert details.expires_on == month_from_now(6).astimezone(ZONE).date()


def test_soft_cancel_ends_use_with_the_month(desk):
    details = details_after(desk, CommandKind.SOFT_CANCEL)
    assert (details.status, details.cancelled_on, details.expires_on) == ("PendingCancellation", next_month(), None)


def test_hard_cancel_ends_use_with_the_month(desk):
    details = details_after(desk, CommandKind.HARD_CANCEL)
    assert (details.status, details.cancelled_on, details.expires_on) == ("HardCancelled", next_month(), None)


def test_renew_moves_the_expiration(desk):
    details = details_after(desk, CommandKind.RENEW)
    assert details.expires_on == month_from_now(14).astimezone(ZONE).date()


def test_renew_without_a_date_makes_a_cancelled_licence_unlimited(desk):
    licence = desk.licence(expires_at=month_from_now(4))
    desk.gateway.execute(desk.request(CommandKind.SOFT_CANCEL, licence))
    desk.gateway.execute(desk.request(CommandKind.RENEW, licence))
    details = desk.gateway.read_details(licence)
    assert (details.status, details.expires_on, details.cancelled_on) == ("Active", None, None)


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


@pytest.mark.parametrize("kind", CommandKind)
@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_a_readable_refusal_is_rejected_with_its_words(desk, vendor, kind, status):
    request = desk.ready(kind)
    vendor.fault("refuse", status=status, code="CreditLimit", message="The credit limit is exceeded: ćevapi.")
    outcome = desk.gateway.execute(request)
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.message) == ("CreditLimit", "The credit limit is exceeded: ćevapi.")
    assert len(outcome.error_reference) == 36
    assert vendor.effects(request.reference) == 0


def test_a_refusal_is_found_again_when_asked_for(desk, vendor):
    request = desk.ready(CommandKind.MODIFY_QUANTITY)
    vendor.fault("refuse", code="CreditLimit")
    refused = desk.gateway.execute(request)
    finding = desk.gateway.settle(request)
    assert isinstance(finding, Rejected)
    assert (finding.code, finding.error_reference) == (refused.code, refused.error_reference)


def test_the_vendors_own_rules_reject(desk):
    licence = desk.licence()
    desk.gateway.execute(desk.request(CommandKind.HARD_CANCEL, licence))
    again = desk.gateway.execute(desk.request(CommandKind.HARD_CANCEL, licence))
    unknown = desk.gateway.execute(desk.request(CommandKind.HARD_CANCEL, "00000000-0000-0000-0000-000000000000"))
    assert (again.code, unknown.code) == ("AlreadyHardCancelled", "SubscriptionUnknown")


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_sign_in_holds_the_gateway(desk, vendor, status):
    request = desk.ready(CommandKind.SOFT_CANCEL)
    vendor.fault("refuse", status=status)
    outcome = desk.gateway.execute(request)
    assert isinstance(outcome, NotExecuted)
    assert outcome.holds_gateway


@pytest.mark.parametrize(
    ("status", "retry_after", "seconds"), [(429, None, None), (429, 7, 7.0), (503, 12, 12.0), (503, 10**9, 86_400.0)]
)
def test_a_throttle_known_as_not_executed_comes_back_later(desk, vendor, status, retry_after, seconds):
    request = desk.ready(CommandKind.SOFT_CANCEL)
    vendor.fault("fail", status=status, retry_after=retry_after)
    outcome = desk.gateway.execute(request)
    assert isinstance(outcome, NotExecuted)
    assert (outcome.retry_after_seconds, outcome.holds_gateway) == (seconds, False)


@pytest.mark.parametrize("status", [429, 503])
def test_a_throttle_is_unknown_where_nothing_is_known_of_it(desk, vendor, adapter, status):
    request = desk.ready(CommandKind.SOFT_CANCEL)
    vendor.fault("fail", status=status, retry_after=5)
    cautious = adapter.gateway(vendor.vendor_url, throttle_means_not_executed=False)
    assert isinstance(cautious.execute(request), Unknown)


@pytest.mark.parametrize("status", [201, 204, 301, 307, 402, 418, 500, 502, 503, 504])
def test_every_other_status_is_unknown(desk, vendor, status):
    request = desk.ready(CommandKind.SOFT_CANCEL)
    vendor.fault("fail", status=status)
    assert isinstance(desk.gateway.execute(request), Unknown)


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
