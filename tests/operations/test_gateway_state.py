"""The circuit breaker and the holds of a gateway."""

from datetime import timedelta

import pytest

from access import SYSTEM, AccessDenied, Role
from licensing.commands import Confirmed, Evidence, NotExecuted, NotFound, Rejected, Unknown
from licensing.states import CommandKind, CommandState
from models import AuditEntry, GatewayContact, GatewayHold, Reconciliation
from operations.decision_refusals import DecisionRefused
from operations.gateway_contact import FAILURES_BEFORE_DOWN, FIRST_PROBE_AFTER, PROBE_LIMIT, note_contact
from operations.gateway_holds import hold_gateway, release_hold
from operations.refusals import NotFound as NotThere
from tests.desk import DEADLINE, GATEWAY, Desk, again, at_once, created, state_of
from tests.small_book import actor

OPERATOR = actor(Role.DISTRIBUTOR_OPERATOR)
ASKED = Evidence(request="POST /create", was_written=True)
REFUSED = NotExecuted(reason="Connection refused", evidence=Evidence(request="POST /create"))
LOST = Unknown(reason="The connection was closed", evidence=ASKED)


def said(status: int) -> Evidence:
    return Evidence(request="POST /create", response="{}", http_status=status, was_written=True)


def contact() -> GatewayContact | None:
    return GatewayContact.get_or_none(GatewayContact.gateway == GATEWAY)


def take_down(desk: Desk) -> None:
    for _ in range(FAILURES_BEFORE_DOWN):
        note_contact(REFUSED, gateway=GATEWAY, moment=desk.moment)


def happened(prefix: str) -> list[str]:
    rows = AuditEntry.select(AuditEntry.action).where(AuditEntry.action.startswith(prefix)).order_by(AuditEntry.id)
    return [action for (action,) in rows.tuples()]


def test_five_failures_in_a_row_take_the_gateway_down(desk: Desk) -> None:
    commands = [desk.order() for _ in range(FAILURES_BEFORE_DOWN + 1)]
    for command in commands[:-1]:
        assert contact() is None or contact().down_since is None
        desk.send(command, REFUSED)
    assert (contact().failures, contact().down_since) == (FAILURES_BEFORE_DOWN, desk.now)
    assert desk.claim(commands[-1]) is None
    assert state_of(commands[-1]) == CommandState.QUEUED
    assert again(commands[-1]).attempt == 0
    assert happened("gateway") == ["gateway.down"]


@pytest.mark.parametrize("silence", [REFUSED, LOST, Unknown(reason="HTTP 503", evidence=said(503))])
def test_no_answer_is_a_failure(desk: Desk, silence) -> None:
    note_contact(silence, gateway=GATEWAY, moment=desk.moment)
    assert contact().failures == 1


@pytest.mark.parametrize(
    "answer",
    [
        created(evidence=said(200)),
        Rejected(code="602", message="bad", evidence=said(422)),
        NotExecuted(reason="HTTP 503", retry_after_seconds=3, evidence=said(503)),
        Unknown(reason="HTTP 500", evidence=said(500)),
        NotFound(evidence=said(404)),
    ],
)
def test_any_answer_ends_the_row_of_failures_and_brings_the_gateway_up(desk: Desk, answer) -> None:
    take_down(desk)
    note_contact(answer, gateway=GATEWAY, moment=desk.moment)
    assert (contact().failures, contact().down_since, contact().probe_due_at) == (0, None, None)
    assert desk.claim(desk.order()) is not None
    assert happened("gateway") == ["gateway.down", "gateway.up"]


def test_what_was_not_tried_says_nothing_about_the_vendor(desk: Desk) -> None:
    note_contact(Rejected(code="NotOffered", message="no"), gateway=GATEWAY, moment=desk.moment)
    note_contact(NotExecuted(reason="The lease was too short"), gateway=GATEWAY, moment=desk.moment)
    bad_certificate = NotExecuted(reason="certificate", holds_gateway=True, evidence=ASKED)
    note_contact(bad_certificate, gateway=GATEWAY, moment=desk.moment)
    assert contact() is None


def test_one_command_at_a_time_tries_whether_it_answers_again(desk: Desk) -> None:
    commands = [desk.order() for _ in range(3)]
    take_down(desk)
    assert desk.claim(commands[0]) is None
    desk.wait(FIRST_PROBE_AFTER)
    probe = desk.claim(commands[0])
    assert probe is not None
    assert desk.claim(commands[1]) is None
    desk.answer(probe, created(evidence=said(200)))
    assert desk.claim(commands[1]) is not None
    assert desk.claim(commands[2]) is not None


def test_probes_come_less_and_less_often(desk: Desk) -> None:
    take_down(desk)
    waits = []
    for _ in range(8):
        desk.real_now = contact().probe_due_at
        note_contact(REFUSED, gateway=GATEWAY, moment=desk.moment)
        waits.append(contact().probe_due_at - desk.real_now)
    assert waits[:3] == [2 * FIRST_PROBE_AFTER, 4 * FIRST_PROBE_AFTER, 8 * FIRST_PROBE_AFTER]
    assert waits[-1] == PROBE_LIMIT
    assert happened("gateway") == ["gateway.down"]


def test_a_probe_that_is_never_heard_of_makes_room_for_the_next(desk: Desk) -> None:
    first, second = desk.order(), desk.order()
    take_down(desk)
    desk.wait(FIRST_PROBE_AFTER)
    assert desk.claim(first) is not None
    desk.wait(2 * DEADLINE + timedelta(seconds=4))
    assert desk.claim(second) is None
    desk.wait(1)
    assert desk.claim(second) is not None


def test_two_workers_at_once_get_one_probe(database: str) -> None:
    desk = Desk()
    first, second = desk.order(), desk.order()
    take_down(desk)
    desk.wait(FIRST_PROBE_AFTER)
    claims = at_once(lambda: desk.claim(first), lambda: desk.claim(second))
    assert sum(claim is not None for claim in claims) == 1


def test_failures_at_once_are_all_counted(database: str) -> None:
    desk = Desk()
    at_once(*[lambda: note_contact(LOST, gateway=GATEWAY, moment=desk.moment)] * 4)
    assert contact().failures == 4


def test_a_refused_sign_in_holds_the_gateway_once_and_says_who_released_it(desk: Desk) -> None:
    refused = NotExecuted(reason="HTTP 401", holds_gateway=True, evidence=said(401))
    first, second = desk.order(), desk.order()
    claims = [desk.claim(first), desk.claim(second)]
    for claim in claims:
        desk.answer(claim, refused)
    assert GatewayHold.get().reason == "HTTP 401"
    desk.wait(60)
    assert desk.claim(first) is None
    release_hold(GATEWAY, actor=OPERATOR, moment=desk.moment)
    assert desk.claim(first) is not None
    assert happened("gateway") == ["gateway.held", "gateway.released"]


def test_what_is_not_held_cannot_be_released(desk: Desk) -> None:
    with pytest.raises(NotThere):
        release_hold(GATEWAY, actor=OPERATOR, moment=desk.moment)


@pytest.mark.parametrize("role", [Role.RESELLER_ADMIN, Role.RESELLER_USER, Role.AUDITOR])
def test_only_the_distributor_holds_and_releases(desk: Desk, role: Role) -> None:
    person = actor(role)
    with pytest.raises(AccessDenied):
        hold_gateway(GATEWAY, reason="x", actor=person, moment=desk.moment)
    hold_gateway(GATEWAY, reason="x", actor=SYSTEM, moment=desk.moment)
    with pytest.raises(AccessDenied):
        release_hold(GATEWAY, actor=person, moment=desk.moment)
    assert GatewayHold.select().count() == 1


def run(desk: Desk, **columns) -> Reconciliation:
    values = {"source": "vendor", "state": "finished", "started_at": desk.now, "lease_until": desk.real_now}
    return Reconciliation.create(**{**values, **columns})


def test_a_hold_for_reconciliation_stays_until_a_later_one_is_clean(desk: Desk) -> None:
    run(desk)
    desk.wait(60)
    hold_gateway(GATEWAY, reason="Restored", actor=OPERATOR, moment=desk.moment, needs_reconciliation=True)
    desk.wait(60)
    for unclean in ({"open_cases": 1}, {"unreadable": 1}, {"left_out": 1}, {"state": "failed"}, {"state": "running"}):
        newest = run(desk, **unclean)
        with pytest.raises(DecisionRefused, match="stays on hold"):
            release_hold(GATEWAY, actor=OPERATOR, moment=desk.moment)
        Reconciliation.update(state="failed").where(Reconciliation.id == newest.id).execute()
    run(desk)
    release_hold(GATEWAY, actor=OPERATOR, moment=desk.moment)
    assert GatewayHold.select().count() == 0


def test_a_hold_for_another_reason_becomes_one_for_reconciliation(desk: Desk) -> None:
    assert hold_gateway(GATEWAY, reason="HTTP 401", actor=SYSTEM, moment=desk.moment) is True
    desk.wait(60)
    held = {"actor": SYSTEM, "moment": desk.moment, "needs_reconciliation": True}
    assert hold_gateway(GATEWAY, reason="Restored", **held) is False
    assert hold_gateway(GATEWAY, reason="Restored", **held) is False
    hold = GatewayHold.get()
    assert (hold.reason, hold.needs_reconciliation, hold.held_at) == ("HTTP 401; Restored", True, desk.now)


def test_a_composed_command_counts_by_its_last_call(desk: Desk) -> None:
    subscription = desk.live()
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    command = desk.ask(CommandKind.RENEW, subscription)
    desk.send(command, NotExecuted(reason="Connection refused", completed_steps=1, evidence=ASKED))
    assert contact().failures == 1
    desk.wait(60)
    desk.send(command, Confirmed(evidence=said(200)))
    assert contact().failures == 0
