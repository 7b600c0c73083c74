"""What every adapter owes: each command that it offers takes effect once, or is refused, and says so."""

from datetime import UTC

import pytest

from gateways.base import Snapshot
from licensing.commands import Confirmed, NotExecuted, Rejected, Unknown
from licensing.states import CommandKind
from tests.gateways.conftest import ZONE, month_from_now, seconds_ago


def next_month():
    return month_from_now(1).astimezone(ZONE).date()


def test_each_command_is_confirmed_and_takes_effect_once(desk, vendor, offered_kind):
    request = desk.ready(offered_kind)
    outcome = desk.gateway.execute(request)
    assert isinstance(outcome, Confirmed)
    assert outcome.subscription_id in vendor.licences()
    assert vendor.effects(request.reference) == 1


def test_a_confirmation_states_the_vendors_instant_in_utc(desk, offered_kind):
    outcome = desk.gateway.execute(desk.ready(offered_kind))
    assert outcome.executed_at.tzinfo is UTC
    assert -1 < seconds_ago(outcome.executed_at) < 10


def test_a_command_settles_as_it_was_answered(desk, offered_kind):
    request = desk.ready(offered_kind)
    outcome = desk.gateway.execute(request)
    finding = desk.gateway.settle(request)
    assert isinstance(finding, Confirmed)
    assert (finding.subscription_id, finding.activation_code) == (outcome.subscription_id, outcome.activation_code)
    assert -1 < seconds_ago(finding.executed_at) < 10


def details_after(desk, kind) -> Snapshot:
    request = desk.ready(kind)
    outcome = desk.gateway.execute(request)
    details = desk.gateway.read_details(outcome.subscription_id)
    assert isinstance(details, Snapshot)
    return details


def test_create_gives_a_running_licence_with_its_codes(desk, vendor):
    outcome = desk.gateway.execute(desk.create_request())
    details = desk.gateway.read_details(outcome.subscription_id)
    assert outcome.activation_code == vendor.licences()[outcome.subscription_id]["activation_code"]
    assert outcome.activation_code.isupper()
    assert (details.quantity, details.expires_on, details.cancelled_on) == (12, None, None)


def test_create_with_an_expiration_is_limited_to_it(desk):
    details = desk.gateway.read_details(desk.licence(expires_at=month_from_now(6)))
    assert details.expires_on == month_from_now(6).astimezone(ZONE).date()


@pytest.mark.parametrize("kind", [CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL])
def test_a_cancel_ends_use_with_the_month(desk, kind):
    details = details_after(desk, kind)
    assert (details.cancelled_on, details.expires_on) == (next_month(), None)


def test_renew_moves_the_expiration(desk):
    details = details_after(desk, CommandKind.RENEW)
    assert details.expires_on == month_from_now(14).astimezone(ZONE).date()


def test_renew_without_a_date_makes_a_cancelled_licence_unlimited(desk):
    licence = desk.licence(expires_at=month_from_now(4))
    desk.gateway.execute(desk.request(CommandKind.SOFT_CANCEL, licence))
    desk.gateway.execute(desk.request(CommandKind.RENEW, licence))
    details = desk.gateway.read_details(licence)
    assert (details.expires_on, details.cancelled_on) == (None, None)


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_a_readable_refusal_is_rejected_with_its_words(desk, vendor, offered_kind, status):
    request = desk.ready(offered_kind)
    vendor.fault("refuse", status=status, code="CreditLimit", message="The credit limit is exceeded: ćevapi.")
    outcome = desk.gateway.execute(request)
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.message) == ("CreditLimit", "The credit limit is exceeded: ćevapi.")
    assert vendor.effects(request.reference) == 0


def test_the_vendors_own_rules_reject(desk, adapter):
    licence = desk.licence()
    desk.gateway.execute(desk.request(CommandKind.HARD_CANCEL, licence))
    again = desk.gateway.execute(desk.request(CommandKind.HARD_CANCEL, licence))
    unknown = desk.gateway.execute(desk.request(CommandKind.HARD_CANCEL, adapter.unknown_licence))
    assert (type(again), type(unknown)) == (Rejected, Rejected)
    assert (again.code, unknown.code) == (adapter.already_hard_cancelled_code, adapter.unknown_licence_code)


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
    cautious = adapter.gateway(adapter.url(vendor), throttle_means_not_executed=False)
    assert isinstance(cautious.execute(request), Unknown)


@pytest.mark.parametrize("status", [201, 204, 301, 307, 402, 418, 500, 502, 503, 504])
def test_every_other_status_is_unknown(desk, vendor, status):
    request = desk.ready(CommandKind.SOFT_CANCEL)
    vendor.fault("fail", status=status)
    assert isinstance(desk.gateway.execute(request), Unknown)


def test_every_command_is_offered_or_refused_with_a_reason(desk, adapter):
    commands = desk.gateway.capabilities.commands
    assert set(commands) == set(CommandKind)
    assert {kind for kind, support in commands.items() if support.is_offered} == set(adapter.offered)
    assert all(support.is_offered != bool(support.refusal) for support in commands.values())
