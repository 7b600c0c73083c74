"""Renew over the order service is two calls: the second may fail alone and is continued."""

from dataclasses import replace

from licensing.commands import Confirmed, NotExecuted, NotFound, Rejected, Unknown
from licensing.states import CommandKind
from tests.gateways.conftest import ORDER_SERVICE

ADAPTERS = (ORDER_SERVICE,)


def test_a_lost_second_answer_is_settled_without_a_third_call(desk, vendor):
    request = desk.ready(CommandKind.RENEW)
    vendor.fault("drop", operation="modifyexpiration", executes="at_once")
    outcome = desk.gateway.execute(request)
    assert isinstance(outcome, Unknown)
    assert outcome.completed_steps == 1
    finding = desk.gateway.settle(replace(request, completed_steps=1))
    assert isinstance(finding, Confirmed)


def test_a_second_call_that_never_arrived_is_continued_alone(desk, vendor):
    request = desk.ready(CommandKind.RENEW)
    vendor.fault("drop", operation="modifyexpiration")
    desk.gateway.execute(request)
    missing = desk.gateway.settle(replace(request, completed_steps=1))
    assert (type(missing), missing.completed_steps) == (NotFound, 1)
    outcome = desk.gateway.execute(replace(request, completed_steps=missing.completed_steps))
    assert isinstance(outcome, Confirmed)
    assert vendor.effects(request.reference) == 1


def test_a_lost_first_answer_is_settled_as_the_first_step_done(desk, vendor):
    request = desk.ready(CommandKind.RENEW)
    vendor.fault("drop", operation="renew", executes="at_once")
    outcome = desk.gateway.execute(request)
    assert (type(outcome), outcome.completed_steps) == (Unknown, 0)
    finding = desk.gateway.settle(request)
    assert (type(finding), finding.completed_steps) == (NotFound, 1)


def test_the_same_is_seen_in_the_licences_last_reference(desk, vendor, adapter):
    by_details = adapter.gateway(vendor.vendor_url, extensions=frozenset({"details"}))
    request = desk.ready(CommandKind.RENEW)
    vendor.fault("drop", operation="renew", executes="at_once")
    desk.gateway.execute(request)
    assert by_details.settle(request).completed_steps == 1
    desk.gateway.execute(replace(request, completed_steps=1))
    assert isinstance(by_details.settle(request), Confirmed)


def test_a_refused_second_call_says_that_the_first_stands(desk, vendor):
    request = desk.ready(CommandKind.RENEW)
    vendor.fault("refuse", operation="modifyexpiration", code="TermTooLong")
    outcome = desk.gateway.execute(request)
    assert (type(outcome), outcome.code, outcome.completed_steps) == (Rejected, "TermTooLong", 1)


def test_an_undone_second_call_says_when_the_first_was_executed(desk, vendor, adapter):
    by_details = adapter.gateway(vendor.vendor_url, extensions=frozenset({"details"}))
    for kind in ("refuse", "drop"):
        request = desk.ready(CommandKind.RENEW)
        vendor.fault(kind, operation="modifyexpiration")
        outcome = desk.gateway.execute(request)
        first = vendor.ledger(request.reference)[0]["executed_at"]
        for said in (outcome, desk.gateway.settle(request), by_details.settle(request)):
            assert said.begun_at.isoformat(timespec="microseconds") == first


def test_a_throttled_second_call_is_queued_from_there(desk, vendor):
    request = desk.ready(CommandKind.RENEW)
    vendor.fault("fail", operation="modifyexpiration", status=429, retry_after=4)
    outcome = desk.gateway.execute(request)
    assert (type(outcome), outcome.completed_steps, outcome.retry_after_seconds) == (NotExecuted, 1, 4.0)


def test_both_calls_share_one_deadline(desk, adapter, vendor):
    request = desk.ready(CommandKind.RENEW)
    vendor.settings(latency_ms=600)
    outcome = adapter.gateway(vendor.vendor_url, timeout_seconds=1.0).execute(request)
    assert (type(outcome), outcome.completed_steps) == (Unknown, 1)


def test_the_command_counts_from_the_first_call(desk, vendor):
    request = desk.ready(CommandKind.RENEW)
    vendor.settings(latency_ms=50)
    outcome = desk.gateway.execute(request)
    first = vendor.ledger(request.reference)[0]["executed_at"]
    assert outcome.executed_at.isoformat(timespec="microseconds") == first


def test_evidence_shows_both_calls(desk):
    outcome = desk.gateway.execute(desk.ready(CommandKind.RENEW))
    assert "/renew" in outcome.evidence.request
    assert "/modifyexpiration" in outcome.evidence.request
