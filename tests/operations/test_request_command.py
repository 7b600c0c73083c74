"""Asking for a command: one at a time, once per form, by those who may, as the life cycle allows."""

import uuid
from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from access import AccessDenied, Role
from licensing.commands import CustomerDetails, Rejected, Unknown
from licensing.states import CommandKind, CommandState, OrderState
from models import AuditEntry, Command, Price, Subscription
from operations.refusals import CommandRefused, NotFound, VersionConflict
from operations.request_command import CommandRequest, request_command
from tests.desk import DETAILS, Desk, again, at_once, audited, created, state_of
from tests.small_book import actor, add_customer, add_reseller, add_subscription, add_user


def requests_of(subscription: Subscription) -> list[str]:
    rows = Command.select(Command.kind).where(Command.subscription == subscription.id).order_by(Command.id)
    return [kind for (kind,) in rows.tuples()]


def test_a_request_is_a_command_due_at_once_and_an_audit_entry(desk: Desk) -> None:
    subscription = desk.live(quantity=12)
    command = desk.ask(CommandKind.MODIFY_QUANTITY, subscription, quantity=8)
    assert (command.state, command.quantity) == (CommandState.QUEUED, 8)
    assert (command.requested_at, command.due_at) == (desk.now, desk.real_now)
    assert command.change == {"quantity": 12, "expires_on": None, "details": None}
    assert audited("command", command.id) == ["subscription.command.requested"]
    assert again(subscription).quantity == 12


def test_a_second_click_gets_the_first_command_even_after_it_was_confirmed(desk: Desk) -> None:
    subscription = desk.live(quantity=12)
    request = desk.request_of(CommandKind.MODIFY_QUANTITY, subscription, quantity=8)
    first = request_command(request, actor=desk.actor, moment=desk.moment)
    assert request_command(request, actor=desk.actor, moment=desk.moment) == first
    desk.send(first, created())
    assert request_command(request, actor=desk.actor, moment=desk.moment) == first
    assert requests_of(subscription) == ["Create", "ModifyQuantity"]


def test_a_double_click_on_two_threads_gets_the_same_command_twice(database: str) -> None:
    desk = Desk()
    subscription = desk.live()
    request = desk.request_of(CommandKind.SOFT_CANCEL, subscription)
    found = at_once(*[partial(request_command, request, actor=desk.actor, moment=desk.moment)] * 2)
    command = Command.get(Command.kind == CommandKind.SOFT_CANCEL)
    assert found == [command, command]
    assert audited("subscription", subscription.id) == []


def test_two_requests_at_once_for_one_subscription_become_one_command(database: str) -> None:
    desk = Desk()
    subscription = desk.live()
    asks = [desk.request_of(kind, subscription) for kind in (CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL)]
    found = at_once(*(partial(request_command, ask, actor=desk.actor, moment=desk.moment) for ask in asks))
    (refused,) = [answer for answer in found if isinstance(answer, CommandRefused)]
    assert "is on its way" in refused.reason
    assert len(requests_of(subscription)) == 2


def test_a_request_key_of_another_user_is_not_found(desk: Desk) -> None:
    subscription = desk.live()
    request = desk.request_of(CommandKind.SOFT_CANCEL, subscription)
    request_command(request, actor=desk.actor, moment=desk.moment)
    colleague = actor(Role.RESELLER_USER, reseller=desk.reseller, user=add_user("john", reseller=desk.reseller))
    with pytest.raises(NotFound):
        request_command(request, actor=colleague, moment=desk.moment)
    assert requests_of(subscription) == ["Create", "SoftCancel"]


def test_a_licence_that_changed_since_the_form_was_shown_is_a_conflict(desk: Desk) -> None:
    subscription = desk.live()
    stale = desk.request_of(CommandKind.MODIFY_QUANTITY, subscription, quantity=9)
    desk.done(CommandKind.MODIFY_QUANTITY, subscription, quantity=8)
    with pytest.raises(VersionConflict) as conflict:
        request_command(stale, actor=desk.actor, moment=desk.moment)
    assert conflict.value.current.quantity == 8
    assert requests_of(subscription) == ["Create", "ModifyQuantity"]


def test_a_foreign_subscription_and_one_that_does_not_exist_answer_alike(desk: Desk) -> None:
    other = add_reseller("Sitwell Enterprises")
    foreign = add_subscription(add_customer("Lipa Logistika", reseller=other), product=desk.product)
    before = AuditEntry.select().count()
    for subscription_pk in (foreign.id, 987_654):
        request = CommandRequest(CommandKind.SOFT_CANCEL, subscription_pk, 1, str(uuid.uuid4()))
        with pytest.raises(NotFound):
            request_command(request, actor=desk.actor, moment=desk.moment)
    assert (Command.select().count(), AuditEntry.select().count()) == (0, before)


def test_an_auditor_may_not_ask_for_a_command(desk: Desk) -> None:
    subscription = desk.live()
    with pytest.raises(AccessDenied):
        desk.ask(CommandKind.SOFT_CANCEL, subscription, by=actor(Role.AUDITOR, reseller=desk.reseller))
    assert requests_of(subscription) == ["Create"]


def test_what_the_life_cycle_refuses_leaves_an_audit_entry_and_no_request(desk: Desk) -> None:
    subscription = desk.live()
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    with pytest.raises(CommandRefused, match="already cancelled"):
        desk.ask(CommandKind.SOFT_CANCEL, subscription)
    assert audited("subscription", subscription.id) == ["subscription.command.refused"]
    entry = AuditEntry.get(AuditEntry.subject == "subscription")
    assert (entry.actor, entry.reseller, entry.details["kind"]) == (desk.user, desk.reseller, "SoftCancel")
    assert requests_of(subscription) == ["Create", "SoftCancel"]


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        (CommandKind.MODIFY_QUANTITY, {"quantity": 12}, "quantity"),
        (CommandKind.MODIFY_QUANTITY, {"quantity": 25}, "quantity"),
        (CommandKind.MODIFY_QUANTITY, {"quantity": -1}, "quantity"),
        (CommandKind.MODIFY_QUANTITY, {"quantity": 10**12}, "quantity"),
        (CommandKind.MODIFY_QUANTITY, {}, "quantity"),
        (CommandKind.REDUCE, {}, "expires_on"),
        (CommandKind.REDUCE, {"expires_on": date(2017, 7, 1)}, "expires_on"),
        (CommandKind.REDUCE, {"expires_on": date(2017, 9, 2)}, "expires_on"),
        (CommandKind.RENEW, {"expires_on": date(2018, 12, 1)}, ""),
        (CommandKind.RECREATE, {"quantity": 10, "details": DETAILS}, ""),
    ],
)
def test_a_refused_value_names_its_field(desk: Desk, kind: CommandKind, values: dict, field: str) -> None:
    subscription = desk.live(quantity=12)
    with pytest.raises(CommandRefused) as refused:
        desk.ask(kind, subscription, **values)
    assert refused.value.field == field
    assert requests_of(subscription) == ["Create"]


def test_while_a_command_is_open_a_second_one_is_refused_in_words(desk: Desk) -> None:
    subscription = desk.live()
    first = desk.ask(CommandKind.MODIFY_QUANTITY, subscription, quantity=8)
    refusal = "ModifyQuantity of 14:46:35 is on its way."
    for state in (CommandState.QUEUED, CommandState.SENDING, CommandState.UNKNOWN, CommandState.PARKED):
        Command.update(state=state).where(Command.id == first.id).execute()
        with pytest.raises(CommandRefused) as refused:
            desk.ask(CommandKind.SOFT_CANCEL, subscription)
        assert refused.value.reason == refusal


def test_a_settled_command_lets_the_next_one_pass(desk: Desk) -> None:
    subscription = desk.live()
    desk.send(desk.ask(CommandKind.SOFT_CANCEL, subscription), Rejected(code="409", message="Busy"))
    assert desk.ask(CommandKind.SOFT_CANCEL, subscription).state == CommandState.QUEUED


def test_a_pending_order_takes_no_command(desk: Desk) -> None:
    order = desk.order()
    with pytest.raises(CommandRefused, match="Pending"):
        desk.ask(CommandKind.SOFT_CANCEL, order.subscription)


def test_a_failed_order_takes_no_command_and_no_second_create(desk: Desk) -> None:
    order = desk.send(desk.order(), Rejected(code="422", message="No such SKU"))
    assert again(order.subscription).order_state == OrderState.FAILED
    for kind in (CommandKind.SOFT_CANCEL, CommandKind.CREATE):
        with pytest.raises(CommandRefused):
            desk.ask(kind, order.subscription, quantity=12)
    assert requests_of(order.subscription) == ["Create"]


@pytest.mark.parametrize("kind", [CommandKind.MODIFY_ATTRIBUTES, CommandKind.RECREATE])
def test_a_command_that_carries_details_is_refused_without_them(desk: Desk, kind: CommandKind) -> None:
    subscription = desk.live()
    if kind is CommandKind.RECREATE:
        desk.done(CommandKind.SOFT_CANCEL, subscription)
    with pytest.raises(CommandRefused) as refused:
        desk.ask(kind, subscription, quantity=10)
    assert refused.value.field == "company_name"


def test_values_that_a_command_does_not_carry_are_not_stored(desk: Desk) -> None:
    subscription = desk.live()
    command = desk.ask(
        CommandKind.SOFT_CANCEL, subscription, quantity=10**12, expires_on=date(2018, 1, 1), details=DETAILS
    )
    assert (command.quantity, command.expires_on, command.details) == (None, None, None)


def test_a_month_without_prices_is_a_refusal_not_a_failure(desk: Desk) -> None:
    subscription = desk.live()
    Price.delete().execute()
    with pytest.raises(CommandRefused, match="no prices"):
        desk.ask(CommandKind.MODIFY_QUANTITY, subscription, quantity=9)
    assert audited("subscription", subscription.id) == ["subscription.command.refused"]


def test_recreate_keeps_how_the_licence_stood(desk: Desk) -> None:
    subscription = desk.live(customer_id=None, details=DETAILS, quantity=12)
    desk.done(CommandKind.HARD_CANCEL, subscription)
    moved = replace(DETAILS, city="Novi Sad")
    command = desk.ask(CommandKind.RECREATE, subscription, quantity=10, details=moved)
    assert CustomerDetails.from_dict(command.details) == moved
    assert command.change["quantity"] == 12
    assert CustomerDetails.from_dict(command.change["details"]) == DETAILS


def test_an_unknown_outcome_keeps_the_subscription_closed_to_others(desk: Desk) -> None:
    subscription = desk.live()
    command = desk.send(desk.ask(CommandKind.SOFT_CANCEL, subscription), Unknown(reason="The answer was lost"))
    assert state_of(command) == CommandState.UNKNOWN
    with pytest.raises(CommandRefused, match="on its way"):
        desk.ask(CommandKind.HARD_CANCEL, subscription)
