"""What every adapter owes when the vendor misbehaves: unknown is called unknown, and settled by reading alone."""

import pytest

from licensing.commands import Confirmed, NotExecuted, NotFound, Unknown, Unreadable
from licensing.states import CommandKind

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


@pytest.mark.parametrize(("rule", "is_executed"), LOST, ids=ids_of_lost)
def test_a_lost_answer_is_unknown_and_settled_by_asking(desk, vendor, single_call_kind, rule, is_executed):
    request = desk.ready(single_call_kind)
    vendor.fault(**rule)
    outcome = desk.gateway.execute(request)
    assert isinstance(outcome, Unknown)
    assert outcome.evidence.was_written
    finding = desk.gateway.settle(request)
    assert isinstance(finding, Confirmed if is_executed else NotFound)
    assert vendor.effects(request.reference) == int(is_executed)


@pytest.mark.parametrize(("executes", "effects"), [("at_once", 1), ("never", 0)])
def test_silence_beyond_the_deadline_is_unknown(desk, hasty, vendor, executes, effects):
    request = desk.ready(CommandKind.HARD_CANCEL)
    vendor.fault("hang", executes=executes, seconds=0.6)
    assert isinstance(hasty.execute(request), Unknown)
    assert vendor.effects(request.reference) == effects


def test_a_command_executed_late_is_not_found_first_and_then_confirmed(desk, hasty, vendor, eventually):
    request = desk.ready(CommandKind.HARD_CANCEL)
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
    request = desk.ready(CommandKind.HARD_CANCEL)
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
    request = desk.ready(CommandKind.HARD_CANCEL)
    desk.gateway.settle(request)
    assert vendor.ledger(request.reference) == []
    assert vendor.ledger()[0]["operation"] in {"find", "getdetails", "GetInfo"}


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
    request = desk.ready(CommandKind.HARD_CANCEL)
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


def test_the_same_request_is_the_same_bytes_on_every_attempt(desk, vendor, offered_kind):
    request = desk.ready(offered_kind)
    vendor.fault("drop", times=2)
    first, again = desk.gateway.execute(request), desk.gateway.execute(request)
    assert first.evidence.request == again.evidence.request


def test_a_licence_that_the_vendor_does_not_know_is_not_found(desk, adapter):
    assert isinstance(desk.gateway.read_details(adapter.unknown_licence), NotFound)


def test_evidence_shows_the_exchange_but_no_activation_code(desk, vendor):
    request = desk.create_request()
    confirmed = desk.gateway.execute(request)
    found = desk.gateway.settle(request)
    texts = [confirmed.evidence.request, confirmed.evidence.response, found.evidence.response]
    assert all(confirmed.activation_code not in text for text in texts)
    assert request.reference in confirmed.evidence.request
    assert confirmed.subscription_id in confirmed.evidence.response
    assert (confirmed.evidence.http_status, confirmed.evidence.was_written) == (200, True)


def test_a_vendor_that_is_not_there_has_executed_nothing(adapter, desk, refused_url):
    gone = adapter.gateway(refused_url)
    outcome = gone.execute(desk.create_request())
    assert (type(outcome), outcome.holds_gateway, outcome.evidence.was_written) == (NotExecuted, False, False)
    assert isinstance(gone.settle(desk.create_request()), Unreadable)
