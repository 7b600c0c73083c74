"""What a person decides about a parked command: adopt what exists, confirm that it is absent, close it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from access import AccessDenied, Role
from licensing.commands import Confirmed, Evidence, NotFound, Rejected, Unknown, Unreadable
from licensing.states import CommandKind, CommandState, OrderState
from licensing.vendor_licence import VendorLicence
from models import Adoption, Attempt, Command
from operations.decision_refusals import AlreadyDecided, DecisionRefused
from operations.parked_commands import close_parked, confirm_absent
from operations.record_refusals import FieldsRefused
from operations.refusals import NotFound as NotThere
from operations.state_adoption import Statement, state_adoption
from operations.take_adoption import stated_adoption, take_adoption
from tests.desk import LATENESS, Desk, again, at_once, audited, local, spans, state_of
from tests.small_book import actor, add_reseller, add_user

OPERATOR = actor(Role.DISTRIBUTOR_OPERATOR)
NEW_ID, NEW_CODE = "0badcafe-aaaa-4d6e-8ecc-39de0e709b02", "0BADCAFE-BBBB-4C58-9346-85FE2B77F269"
NO_READS = Unreadable(reason="This service shows no details", is_permanent=True)
SEEN = VendorLicence(
    quantity=12, expires_on=None, cancelled_on=None, evidence=Evidence("GET getdetails", "{}", http_status=200)
)


def parked(desk: Desk, command: Command) -> Command:
    """The command after its answer was lost, as a service that cannot be asked leaves it."""
    desk.send(command, Unknown(reason="The connection was closed"))
    desk.wait(2)
    desk.read(command, Unreadable(reason="The service cannot be asked", is_permanent=True))
    return again(command)


def absent(desk: Desk, command: Command, **changes) -> Command:
    values = {"attempt": command.attempt, "actor": OPERATOR, "moment": desk.moment, "lateness": LATENESS, **changes}
    return confirm_absent(command.id, **values)


def close(desk: Desk, command: Command, **changes) -> Command:
    values = {"attempt": command.attempt, "reason": "No longer wanted", "actor": OPERATOR, "moment": desk.moment}
    return close_parked(command.id, **{**values, **changes})


def statement(desk: Desk, command: Command, **changes) -> Statement:
    stated = Statement(command.id, command.attempt, command.requested_at + timedelta(seconds=1), NEW_ID, NEW_CODE)
    return replace(stated, **changes)


def adopt(desk: Desk, command: Command, reading=SEEN, *, by=OPERATOR, **changes) -> bool:
    state_adoption(statement(desk, command, **changes), actor=by, moment=desk.moment)
    return take_adoption(stated_adoption(command.id, moment=desk.moment), reading, moment=desk.moment)


def decisions(command: Command) -> list[tuple[str, str]]:
    rows = Attempt.select(Attempt.result, Attempt.note).where(
        Attempt.command == command.id, Attempt.purpose == "person"
    )
    return list(rows.order_by(Attempt.id).tuples())


def test_an_adopted_order_is_confirmed_with_the_ids_and_the_time_that_the_person_found(desk: Desk) -> None:
    command = parked(desk, desk.order())
    ops = add_user("ops", role=Role.DISTRIBUTOR_OPERATOR, name="Radomir", surname="Ljubojević")
    assert adopt(desk, command, by=actor(Role.DISTRIBUTOR_OPERATOR, user=ops)) is True
    licence = again(command.subscription)
    assert (licence.subscription_id, licence.activation_code) == (NEW_ID, NEW_CODE)
    assert licence.order_state == OrderState.LIVE
    assert again(command).executed_at == command.requested_at + timedelta(seconds=1)
    assert spans(licence) == [(12, "2017-07-23 14:46:36", None)]
    assert audited("command", command.id)[-3:] == [
        "subscription.command.stated",
        "subscription.command.confirmed",
        "subscription.command.adopted",
    ]
    assert decisions(command) == [("Adopted", "Radomir Ljubojević")]
    read = Attempt.get(Attempt.command == command.id, Attempt.purpose == "person")
    assert (read.request, read.http_status) == ("GET getdetails", 200)


def test_the_month_of_a_cancel_is_that_of_the_time_entered(desk: Desk) -> None:
    subscription = desk.live(at="2017-05-10T10:00:00")
    desk.at("2017-07-31T23:59:58")
    command = parked(desk, desk.ask(CommandKind.HARD_CANCEL, subscription))
    desk.at("2017-08-01T09:00:00")
    shown = replace(SEEN, cancelled_on=local("2017-08-01T12:00:00").date())
    assert adopt(desk, command, shown, executed_at=local("2017-08-01T00:00:01")) is False
    assert "time entered means 01.09.2017" in Adoption.get(Adoption.command == command.id).answer
    assert adopt(desk, command, shown, executed_at=local("2017-07-31T23:59:59")) is True
    assert again(subscription).cancelled_on.isoformat() == "2017-08-01"


def test_a_service_that_cannot_be_read_leaves_the_word_to_the_person(desk: Desk) -> None:
    command = parked(desk, desk.order())
    assert adopt(desk, command, NO_READS) is True
    assert state_of(command) == CommandState.CONFIRMED


@pytest.mark.parametrize(
    ("reading", "why"),
    [
        (NotFound(), "no licence with this Subscription ID"),
        (Unreadable(reason="HTTP 503"), "could not be read (HTTP 503)"),
        (replace(SEEN, quantity=10), "10 seats, not 12"),
        (replace(SEEN, expires_on=local("2018-01-01T12:00:00").date()), "expiration 01.01.2018, not unlimited"),
    ],
)
def test_what_the_vendor_does_not_show_is_not_adopted(desk: Desk, reading, why: str) -> None:
    command = parked(desk, desk.order())
    assert adopt(desk, command, reading) is False
    assert state_of(command) == CommandState.PARKED
    assert again(command.subscription).subscription_id is None
    assert why in Adoption.get(Adoption.command == command.id).answer
    assert decisions(command)[0][0] == "Not adopted"
    assert adopt(desk, command) is True


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subscription_id": ""}, "subscription_id"),
        ({"subscription_id": "two words"}, "subscription_id"),
        ({"subscription_id": "x" * 61}, "subscription_id"),
        ({"subscription_id": "a\x00b"}, "subscription_id"),
        ({"activation_code": ""}, "activation_code"),
        ({"activation_code": "٣"}, "activation_code"),
        ({"executed_at": local("2017-07-23T14:40:00")}, "executed_at"),
        ({"executed_at": local("2017-07-24T14:40:00")}, "executed_at"),
    ],
)
def test_a_statement_that_cannot_be_is_refused_with_its_field(desk: Desk, changes, field: str) -> None:
    command = parked(desk, desk.order())
    with pytest.raises(FieldsRefused) as refused:
        state_adoption(statement(desk, command, **changes), actor=OPERATOR, moment=desk.moment)
    assert list(refused.value.problems) == [field]
    assert not Adoption.select().where(Adoption.command == command.id).exists()


def test_the_ids_of_another_licence_are_refused(desk: Desk) -> None:
    other = desk.live()
    command = parked(desk, desk.order())
    ids = {"subscription_id": other.subscription_id, "activation_code": other.activation_code}
    with pytest.raises(FieldsRefused) as refused:
        state_adoption(statement(desk, command, **ids), actor=OPERATOR, moment=desk.moment)
    assert set(refused.value.problems) == set(ids)


def test_an_id_that_another_licence_got_meanwhile_is_not_adopted(desk: Desk) -> None:
    command = parked(desk, desk.order())
    state_adoption(statement(desk, command), actor=OPERATOR, moment=desk.moment)
    desk.send(desk.order(), Confirmed(subscription_id=NEW_ID, activation_code="OTHER"))
    assert take_adoption(stated_adoption(command.id, moment=desk.moment), SEEN, moment=desk.moment) is False
    assert state_of(command) == CommandState.PARKED


def test_a_second_click_on_adopt_is_the_same_statement(desk: Desk) -> None:
    command = parked(desk, desk.order())
    first = state_adoption(statement(desk, command), actor=OPERATOR, moment=desk.moment)
    assert state_adoption(statement(desk, command), actor=OPERATOR, moment=desk.moment).id == first.id
    assert stated_adoption(command.id, moment=desk.moment).adoption_id == first.id
    assert stated_adoption(command.id, moment=desk.moment) is None


def test_an_adoption_that_was_lost_on_its_way_is_read_again_after_a_minute(desk: Desk) -> None:
    command = parked(desk, desk.order())
    state_adoption(statement(desk, command), actor=OPERATOR, moment=desk.moment)
    assert stated_adoption(command.id, moment=desk.moment) is not None
    desk.wait(61)
    assert stated_adoption(command.id, moment=desk.moment) is not None


def test_an_adoption_is_taken_once(desk: Desk) -> None:
    command = parked(desk, desk.order())
    state_adoption(statement(desk, command), actor=OPERATOR, moment=desk.moment)
    stated = stated_adoption(command.id, moment=desk.moment)
    assert [take_adoption(stated, SEEN, moment=desk.moment) for _ in range(2)] == [True, False]
    assert len(spans(command.subscription)) == 1


def test_what_was_confirmed_absent_is_sent_again_with_the_same_reference(desk: Desk) -> None:
    command = parked(desk, desk.order())
    desk.wait(LATENESS + timedelta(minutes=1))
    queued = absent(desk, command)
    assert (queued.state, queued.reference, queued.error_message) == (CommandState.QUEUED, command.reference, "")
    claim = desk.claim(queued)
    assert (claim.request.reference, again(command).attempt) == (command.reference, 2)
    assert decisions(command) == [("Confirmed absent", "Somebody")]
    assert "subscription.command.requeued" in audited("command", command.id)


def test_absence_proves_nothing_while_the_vendor_may_still_execute_it(desk: Desk) -> None:
    command = parked(desk, desk.order())
    desk.wait(again(command).deadline_at + LATENESS - desk.real_now - timedelta(seconds=1))
    with pytest.raises(DecisionRefused, match="may still execute it until 15:02:05"):
        absent(desk, command)
    assert state_of(command) == CommandState.PARKED
    desk.wait(1)
    assert absent(desk, command).state == CommandState.QUEUED


def test_a_closed_order_is_failed_and_charged_nowhere(desk: Desk) -> None:
    command = parked(desk, desk.order())
    closed = close(desk, command, reason="  The customer   withdrew ")
    assert (closed.state, closed.error_message) == (CommandState.CLOSED, "The customer withdrew")
    assert closed.settled_at == desk.now
    assert again(command.subscription).order_state == OrderState.FAILED
    assert spans(command.subscription) == []
    assert decisions(command) == [("Closed", "Somebody: The customer withdrew")]


def test_closing_another_command_leaves_the_licence_as_it_was(desk: Desk) -> None:
    subscription = desk.live(quantity=12)
    command = parked(desk, desk.ask(CommandKind.MODIFY_QUANTITY, subscription, quantity=8))
    close(desk, command)
    assert (again(subscription).quantity, again(subscription).order_state) == (12, OrderState.LIVE)
    assert desk.ask(CommandKind.MODIFY_QUANTITY, subscription, quantity=9).state == CommandState.QUEUED


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\x00b"])
def test_closing_takes_a_reason(desk: Desk, reason: str) -> None:
    command = parked(desk, desk.order())
    with pytest.raises(FieldsRefused) as refused:
        close(desk, command, reason=reason)
    assert list(refused.value.problems) == ["reason"]
    assert state_of(command) == CommandState.PARKED


@pytest.mark.parametrize("decide", [absent, close, adopt])
def test_the_same_decision_twice_is_taken_once(desk: Desk, decide) -> None:
    command = parked(desk, desk.order())
    desk.wait(LATENESS + timedelta(minutes=1))
    decide(desk, command)
    before = audited("command", command.id)
    with pytest.raises(AlreadyDecided):
        decide(desk, command)
    assert audited("command", command.id) == before


@pytest.mark.parametrize("decide", [absent, close, adopt])
def test_a_page_of_an_earlier_attempt_decides_nothing(desk: Desk, decide) -> None:
    command = parked(desk, desk.order())
    desk.wait(LATENESS + timedelta(minutes=1))
    parked(desk, absent(desk, command))
    desk.wait(LATENESS + timedelta(minutes=1))
    with pytest.raises(AlreadyDecided):
        decide(desk, command)
    assert state_of(command) == CommandState.PARKED


@pytest.mark.parametrize("decide", [absent, close, adopt])
def test_only_a_parked_command_is_decided_about(desk: Desk, decide) -> None:
    command = desk.send(desk.order(), Unknown(reason="lost"))
    with pytest.raises(AlreadyDecided):
        decide(desk, command)


@pytest.mark.parametrize("role", [Role.RESELLER_ADMIN, Role.RESELLER_USER, Role.AUDITOR])
def test_only_the_distributor_decides(desk: Desk, role: Role) -> None:
    command = parked(desk, desk.order())
    person = actor(role, reseller=desk.reseller)
    before = audited("command", command.id)
    with pytest.raises(AccessDenied):
        absent(desk, command, actor=person)
    for reason in ("enough", ""):
        with pytest.raises(AccessDenied):
            close(desk, command, actor=person, reason=reason)
    with pytest.raises(AccessDenied):
        state_adoption(statement(desk, command), actor=person, moment=desk.moment)
    assert (state_of(command), audited("command", command.id)) == (CommandState.PARKED, before)


def test_a_command_out_of_sight_is_as_one_that_does_not_exist(desk: Desk) -> None:
    command = parked(desk, desk.order())
    stranger = actor(Role.DISTRIBUTOR_OPERATOR, reseller=add_reseller("Sitwell Enterprises"))
    for command_id in (command.id, 987_654_321):
        with pytest.raises(NotThere):
            close_parked(command_id, attempt=1, reason="x", actor=stranger, moment=desk.moment)


def test_a_half_done_renewal_is_adopted_from_its_first_call_whatever_time_is_entered(desk: Desk) -> None:
    subscription = desk.live()
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    command = desk.ask(CommandKind.RENEW, subscription)
    begun_at = desk.now + timedelta(seconds=4)
    command = desk.send(command, Rejected(code="TermTooLong", message="No", completed_steps=1, begun_at=begun_at))
    desk.wait(60)
    assert adopt(desk, command, executed_at=desk.now) is True
    assert again(command).executed_at == begun_at


def test_the_rest_of_a_half_done_renewal_is_sent_again_at_once(desk: Desk) -> None:
    subscription = desk.live()
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    command = desk.send(
        desk.ask(CommandKind.RENEW, subscription), Rejected(code="TermTooLong", message="No", completed_steps=1)
    )
    assert absent(desk, command).completed_steps == 1
    assert desk.claim(command).request.completed_steps == 1


def test_two_people_who_decide_at_once_take_one_decision(database: str) -> None:
    desk = Desk()
    command = parked(desk, desk.order())
    desk.wait(LATENESS + timedelta(minutes=1))
    done = at_once(lambda: absent(desk, command), lambda: close(desk, command), lambda: close(desk, command))
    assert sum(isinstance(result, Command) for result in done) == 1
    assert sum(isinstance(result, AlreadyDecided) for result in done) == 2


def test_a_decision_ends_a_statement_that_was_not_read_yet(desk: Desk) -> None:
    command = parked(desk, desk.order())
    state_adoption(statement(desk, command), actor=OPERATOR, moment=desk.moment)
    stated = stated_adoption(command.id, moment=desk.moment)
    close(desk, command)
    assert take_adoption(stated, SEEN, moment=desk.moment) is False
    assert state_of(command) == CommandState.CLOSED
