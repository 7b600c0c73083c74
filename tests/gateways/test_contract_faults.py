"""What every adapter owes when the vendor misbehaves: unknown is called unknown, and settled by reading alone."""

from dataclasses import replace

import pytest

from licensing.commands import Confirmed, NotExecuted, NotFound, Rejected, Unknown, Unreadable
from licensing.states import CommandKind

KINDS = [kind for kind in CommandKind if kind is not CommandKind.RENEW]
# Faults that leave the caller without an answer it can trust, and whether the command was executed.
LOST = [
    ({"kind": "drop", "executes": "at_once"}, True),
    ({"kind": "drop"}, False),
    ({"kind": "outage"}, False),
    ({"kind": "truncate", "executes": "at_once"}, True),
    ({"kind": "fail", "status": 500, "executes": "at_once"}, True),
    ({"kind": "fail", "status": 500}, False),
]
ids_of_lost = [f"{rule['kind']}-{'executed' if executed else 'not-executed'}" for rule, executed in LOST]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("rule", "is_executed"), LOST, ids=ids_of_lost)
def test_a_lost_answer_is_unknown_and_settled_by_asking(desk, vendor, kind, rule, is_executed):
    request = desk.ready(kind)
    vendor.fault(**rule)
    outcome = desk.gateway.execute(request)
    assert isinstance(outcome, Unknown)
    assert outcome.evidence.was_written
    finding = desk.gateway.settle(request)
    assert isinstance(finding, Confirmed if is_executed else NotFound)
    assert vendor.effects(request.reference) == int(is_executed)


@pytest.mark.parametrize(("executes", "effects"), [("at_once", 1), ("never", 0)])
def test_silence_beyond_the_deadline_is_unknown(desk, hasty, vendor, executes, effects):
    request = desk.ready(CommandKind.MODIFY_QUANTITY)
    vendor.fault("hang", executes=executes, seconds=0.6)
    assert isinstance(hasty.execute(request), Unknown)
    assert vendor.effects(request.reference) == effects


def test_a_command_executed_late_is_not_found_first_and_then_confirmed(desk, hasty, vendor, eventually):
    request = desk.ready(CommandKind.MODIFY_QUANTITY)
    vendor.fault("hang", executes="late", seconds=1.2)
    assert isinstance(hasty.execute(request), Unknown)
    assert isinstance(desk.gateway.settle(request), NotFound)
    eventually(lambda: isinstance(desk.gateway.settle(request), Confirmed))
    assert vendor.effects(request.reference) == 1


def test_a_dropped_command_may_be_executed_late_too(desk, vendor, eventually):
    request = desk.ready(CommandKind.HARD_CANCEL)
    vendor.fault("drop", executes="late", seconds=0.2)
    assert isinstance(desk.gateway.execute(request), Unknown)
    eventually(lambda: isinstance(desk.gateway.settle(request), Confirmed))


def test_a_vendor_slower_than_usual_is_waited_for_within_the_deadline(desk, vendor):
    request = desk.ready(CommandKind.MODIFY_QUANTITY)
    vendor.settings(latency_ms=150)
    assert isinstance(desk.gateway.execute(request), Confirmed)


def test_a_vendor_that_finds_nothing_for_a_while_is_one_negative_read(desk, vendor):
    request = desk.ready(CommandKind.CREATE)
    vendor.fault("drop", executes="at_once")
    desk.gateway.execute(request)
    vendor.fault("not_found", times=2)
    assert isinstance(desk.gateway.settle(request), NotFound)
    assert isinstance(desk.gateway.settle(request), NotFound)
    assert isinstance(desk.gateway.settle(request), Confirmed)


def test_settling_sends_no_command(desk, vendor):
    request = desk.ready(CommandKind.MODIFY_QUANTITY)
    desk.gateway.settle(request)
    assert vendor.ledger(request.reference) == []
    assert vendor.ledger()[0]["operation"] in {"find", "getdetails"}


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "outage"},
        {"kind": "drop"},
        {"kind": "truncate", "executes": "at_once"},
        {"kind": "fail", "status": 500},
        {"kind": "fail", "status": 429, "retry_after": 3},
        {"kind": "refuse", "status": 403},
        {"kind": "refuse", "status": 404, "code": "OperationUnknown"},
    ],
    ids=lambda rule: f"{rule['kind']}-{rule.get('status', '')}",
)
def test_a_failed_read_finds_out_nothing(desk, vendor, rule):
    request = desk.ready(CommandKind.MODIFY_QUANTITY)
    desk.gateway.execute(request)
    vendor.fault(**rule, operation="reads", times=2)
    finding = desk.gateway.settle(request)
    details = desk.gateway.read_details(request.subscription_id)
    assert isinstance(finding, Unreadable)
    assert isinstance(details, Unreadable)
    assert not finding.is_permanent


def test_the_same_reference_is_executed_once_where_the_vendor_deduplicates(desk, vendor):
    request = desk.ready(CommandKind.CREATE)
    first, again = desk.gateway.execute(request), desk.gateway.execute(request)
    assert (first.subscription_id, first.executed_at) == (again.subscription_id, again.executed_at)
    assert vendor.effects(request.reference) == 1


def test_a_vendor_without_deduplication_executes_a_repeated_request_again(desk, vendor):
    vendor.settings(extensions={"deduplication": False})
    request = desk.ready(CommandKind.CREATE)
    first, again = desk.gateway.execute(request), desk.gateway.execute(request)
    assert first.subscription_id != again.subscription_id
    assert vendor.effects(request.reference) == 2


@pytest.mark.parametrize("kind", CommandKind)
def test_the_same_request_is_the_same_bytes_on_every_attempt(desk, vendor, kind):
    request = desk.ready(kind)
    vendor.fault("drop", times=2)
    first, again = desk.gateway.execute(request), desk.gateway.execute(request)
    assert first.evidence.request == again.evidence.request


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


def test_a_licence_that_the_vendor_does_not_know_is_not_found(desk):
    assert isinstance(desk.gateway.read_details("00000000-0000-0000-0000-000000000000"), NotFound)


def test_evidence_shows_the_exchange_but_no_activation_code(desk, vendor):
    request = desk.create_request()
    confirmed = desk.gateway.execute(request)
    found = desk.gateway.settle(request)
    texts = [confirmed.evidence.request, confirmed.evidence.response, found.evidence.response]
    assert all(confirmed.activation_code not in text for text in texts)
    assert request.reference in confirmed.evidence.request
    assert confirmed.subscription_id in confirmed.evidence.response
    assert (confirmed.evidence.http_status, confirmed.evidence.was_written) == (200, True)


class TestRenewInTwoCalls:
    """Renew is composed of two calls; the second may fail alone and is continued."""

    def test_a_lost_second_answer_is_settled_without_a_third_call(self, desk, vendor):
        request = desk.ready(CommandKind.RENEW)
        vendor.fault("drop", operation="modifyexpiration", executes="at_once")
        outcome = desk.gateway.execute(request)
        assert isinstance(outcome, Unknown)
        assert outcome.completed_steps == 1
        finding = desk.gateway.settle(replace(request, completed_steps=1))
        assert isinstance(finding, Confirmed)

    def test_a_second_call_that_never_arrived_is_continued_alone(self, desk, vendor):
        request = desk.ready(CommandKind.RENEW)
        vendor.fault("drop", operation="modifyexpiration")
        desk.gateway.execute(request)
        missing = desk.gateway.settle(replace(request, completed_steps=1))
        assert (type(missing), missing.completed_steps) == (NotFound, 1)
        outcome = desk.gateway.execute(replace(request, completed_steps=missing.completed_steps))
        assert isinstance(outcome, Confirmed)
        assert vendor.effects(request.reference) == 1

    def test_a_lost_first_answer_is_settled_as_the_first_step_done(self, desk, vendor):
        request = desk.ready(CommandKind.RENEW)
        vendor.fault("drop", operation="renew", executes="at_once")
        outcome = desk.gateway.execute(request)
        assert (type(outcome), outcome.completed_steps) == (Unknown, 0)
        finding = desk.gateway.settle(request)
        assert (type(finding), finding.completed_steps) == (NotFound, 1)

    def test_the_same_is_seen_in_the_licences_last_reference(self, desk, vendor, adapter):
        by_details = adapter.gateway(vendor.vendor_url, extensions=frozenset({"details"}))
        request = desk.ready(CommandKind.RENEW)
        vendor.fault("drop", operation="renew", executes="at_once")
        desk.gateway.execute(request)
        assert by_details.settle(request).completed_steps == 1
        desk.gateway.execute(replace(request, completed_steps=1))
        assert isinstance(by_details.settle(request), Confirmed)

    def test_a_refused_second_call_says_that_the_first_stands(self, desk, vendor):
        request = desk.ready(CommandKind.RENEW)
        vendor.fault("refuse", operation="modifyexpiration", code="TermTooLong")
        outcome = desk.gateway.execute(request)
        assert (type(outcome), outcome.code, outcome.completed_steps) == (Rejected, "TermTooLong", 1)

    def test_an_undone_second_call_says_when_the_first_was_executed(self, desk, vendor, adapter):
        by_details = adapter.gateway(vendor.vendor_url, extensions=frozenset({"details"}))
        for kind in ("refuse", "drop"):
            request = desk.ready(CommandKind.RENEW)
            vendor.fault(kind, operation="modifyexpiration")
            outcome = desk.gateway.execute(request)
            first = vendor.ledger(request.reference)[0]["executed_at"]
            for said in (outcome, desk.gateway.settle(request), by_details.settle(request)):
                assert said.begun_at.isoformat(timespec="microseconds") == first

    def test_a_throttled_second_call_is_queued_from_there(self, desk, vendor):
        request = desk.ready(CommandKind.RENEW)
        vendor.fault("fail", operation="modifyexpiration", status=429, retry_after=4)
        outcome = desk.gateway.execute(request)
        assert (type(outcome), outcome.completed_steps, outcome.retry_after_seconds) == (NotExecuted, 1, 4.0)

    def test_both_calls_share_one_deadline(self, desk, adapter, vendor):
        request = desk.ready(CommandKind.RENEW)
        vendor.settings(latency_ms=600)
        outcome = adapter.gateway(vendor.vendor_url, timeout_seconds=1.0).execute(request)
        assert (type(outcome), outcome.completed_steps) == (Unknown, 1)

    def test_the_command_counts_from_the_first_call(self, desk, vendor):
        request = desk.ready(CommandKind.RENEW)
        vendor.settings(latency_ms=50)
        outcome = desk.gateway.execute(request)
        first = vendor.ledger(request.reference)[0]["executed_at"]
        assert outcome.executed_at.isoformat(timespec="microseconds") == first

    def test_evidence_shows_both_calls(self, desk):
        outcome = desk.gateway.execute(desk.ready(CommandKind.RENEW))
        assert "/renew" in outcome.evidence.request
        assert "/modifyexpiration" in outcome.evidence.request


def test_a_vendor_that_is_not_there_has_executed_nothing(adapter, desk, refused_url):
    gone = adapter.gateway(refused_url)
    outcome = gone.execute(desk.create_request())
    assert (type(outcome), outcome.holds_gateway, outcome.evidence.was_written) == (NotExecuted, False, False)
    assert isinstance(gone.settle(desk.create_request()), Unreadable)
