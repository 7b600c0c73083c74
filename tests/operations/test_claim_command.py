"""Claiming a queued command: once, when due, under a lease, and only while our own rules still allow it."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from licensing.commands import CustomerDetails, NotExecuted
from licensing.states import CommandKind, CommandState, OrderState
from models import Attempt, Command, GatewayHold, Price, PriceList
from operations.claim_command import claim_command
from tests.desk import DEADLINE, DETAILS, GATEWAY, Desk, again, at_once, audited, local, state_of
from tests.small_book import add_price_list

HALF_A_SECOND = timedelta(milliseconds=500)


def attempts_of(command: Command) -> list[tuple[int, str]]:
    rows = Attempt.select(Attempt.number, Attempt.purpose).where(Attempt.command == command.id)
    return list(rows.order_by(Attempt.id).tuples())


def test_a_claim_is_a_lease_that_outlasts_the_call_and_an_attempt(desk: Desk) -> None:
    command = desk.order()
    claim = desk.claim(command)
    held = again(command)
    assert (held.state, held.attempt, held.lease) == (CommandState.SENDING, 1, claim.lease)
    assert held.lease_until == claim.lease_until > desk.real_now + 2 * DEADLINE
    assert attempts_of(command) == [(1, "execute")]


def test_the_request_carries_what_was_ordered(desk: Desk) -> None:
    command = desk.order(customer_id=None, details=DETAILS, quantity=12)
    request = desk.claim(command).request
    assert (request.kind, request.reference) == (CommandKind.CREATE, command.reference)
    assert (request.vendor_pin, request.sku_code, request.quantity) == ("BLUTH", "KL4864X10", 12)
    assert (request.customer, request.subscription_id, request.expires_at) == (DETAILS, None, None)


def test_an_expiration_is_sent_as_the_first_instant_of_that_day_in_the_distributors_zone(desk: Desk) -> None:
    subscription = desk.live()
    command = desk.ask(CommandKind.REDUCE, subscription, expires_on=date(2017, 12, 1))
    request = desk.claim(command).request
    assert request.expires_at == datetime(2017, 11, 30, 23, 0, tzinfo=UTC)
    assert request.subscription_id == subscription.subscription_id


def test_every_attempt_carries_the_same_request(desk: Desk) -> None:
    command = desk.order()
    first = desk.claim(command)
    desk.answer(first, NotExecuted(reason="Connection refused"))
    desk.wait(60)
    second = desk.claim(command)
    assert second.request == first.request
    assert second.lease != first.lease
    assert attempts_of(command) == [(1, "execute"), (2, "execute")]


def test_two_workers_at_once_get_one_claim(database: str) -> None:
    desk = Desk()
    command = desk.order()
    take = partial(claim_command, command.id, moment=desk.moment, deadline=DEADLINE, gateway=GATEWAY)
    claims = [claim for claim in at_once(*[take] * 4) if claim is not None]
    assert [claim.command_id for claim in claims] == [command.id]
    assert attempts_of(command) == [(1, "execute")]


def test_a_command_that_is_not_due_is_left_alone(desk: Desk) -> None:
    command = desk.order()
    Command.update(due_at=desk.real_now + HALF_A_SECOND).where(Command.id == command.id).execute()
    assert desk.claim(command) is None
    assert state_of(command) == CommandState.QUEUED
    desk.wait(HALF_A_SECOND)
    assert desk.claim(command) is not None


@pytest.mark.parametrize("state", [state for state in CommandState if state is not CommandState.QUEUED])
def test_only_a_queued_command_is_claimed(desk: Desk, state: CommandState) -> None:
    command = desk.order()
    Command.update(state=state).where(Command.id == command.id).execute()
    assert desk.claim(command) is None
    assert state_of(command) == state
    assert attempts_of(command) == []


def test_an_id_that_does_not_exist_is_nothing_to_send(desk: Desk) -> None:
    assert claim_command(987_654, moment=desk.moment, deadline=DEADLINE, gateway=GATEWAY) is None


def test_a_held_gateway_sends_nothing_until_it_is_released(desk: Desk) -> None:
    command = desk.order()
    GatewayHold.create(gateway=GATEWAY, reason="HTTP 401", held_at=desk.now)
    assert desk.claim(command) is None
    assert state_of(command) == CommandState.QUEUED
    GatewayHold.delete().execute()
    assert desk.claim(command) is not None


def test_the_hold_of_another_gateway_holds_nothing(desk: Desk) -> None:
    GatewayHold.create(gateway="subscription service", reason="HTTP 401", held_at=desk.now)
    assert desk.claim(desk.order()) is not None


def test_a_date_that_became_too_early_when_the_month_turned_is_rejected_by_our_rule(desk: Desk) -> None:
    subscription = desk.live()
    desk.at("2017-07-31T23:59:59")
    command = desk.ask(CommandKind.REDUCE, subscription, expires_on=date(2017, 8, 1))
    desk.at("2017-08-01T00:00:00")
    assert desk.claim(command) is None
    stopped = again(command)
    assert (stopped.state, stopped.error_code) == (CommandState.REJECTED, "Seatdesk")
    assert "too early" in stopped.error_message
    assert (stopped.settled_at, attempts_of(command)) == (local("2017-08-01T00:00:00"), [])
    assert audited("command", command.id)[-1] == "subscription.command.rejected"
    assert again(subscription).expires_on is None


def test_a_cancel_that_waited_until_the_licence_had_ended_is_rejected_by_our_rule(desk: Desk) -> None:
    subscription = desk.live(expires_on=date(2017, 8, 1))
    command = desk.ask(CommandKind.SOFT_CANCEL, subscription)
    desk.at("2017-08-01T00:00:01")
    assert desk.claim(command) is None
    assert "expired on 01.08.2017" in again(command).error_message


def test_a_quantity_that_the_new_months_bands_do_not_hold_is_rejected_by_our_rule(desk: Desk) -> None:
    subscription = desk.live(quantity=12)
    add_price_list(desk.product, valid_from=date(2017, 8, 1), bands=((5, 14, 900),))
    command = desk.ask(CommandKind.MODIFY_QUANTITY, subscription, quantity=20)
    desk.at("2017-08-01T00:00:00")
    assert desk.claim(command) is None
    assert "from 5 to 14" in again(command).error_message


def test_an_order_that_the_new_months_bands_do_not_hold_becomes_a_failed_order(desk: Desk) -> None:
    add_price_list(desk.product, valid_from=date(2017, 8, 1), bands=((5, 11, 900),))
    command = desk.order(quantity=12)
    desk.at("2017-08-01T00:00:00")
    assert desk.claim(command) is None
    assert again(command).error_code == "Seatdesk"
    assert again(command.subscription).order_state == OrderState.FAILED


def test_a_month_without_prices_rejects_and_does_not_fail_the_job(desk: Desk) -> None:
    subscription = desk.live(quantity=12)
    command = desk.ask(CommandKind.MODIFY_QUANTITY, subscription, quantity=8)
    Price.delete().execute()
    PriceList.delete().execute()
    assert desk.claim(command) is None
    assert again(command).state == CommandState.REJECTED


def test_a_rejection_by_our_rule_frees_the_subscription(desk: Desk) -> None:
    subscription = desk.live()
    desk.at("2017-07-31T23:59:59")
    command = desk.ask(CommandKind.REDUCE, subscription, expires_on=date(2017, 8, 1))
    desk.at("2017-08-01T00:00:00")
    desk.claim(command)
    assert desk.ask(CommandKind.REDUCE, subscription, expires_on=date(2017, 9, 1)).state == CommandState.QUEUED


def test_a_half_done_command_goes_on_though_the_rule_would_forbid_it_now(desk: Desk) -> None:
    subscription = desk.live(expires_on=date(2017, 9, 1))
    command = desk.ask(CommandKind.RENEW, subscription, expires_on=date(2017, 10, 1))
    desk.answer(desk.claim(command), NotExecuted(reason="Connection refused", completed_steps=1))
    desk.wait(60)
    desk.at("2017-10-01T00:00:00")
    claim = desk.claim(command)
    assert claim.request.completed_steps == 1


def test_details_are_those_that_were_asked_for_not_those_of_today(desk: Desk) -> None:
    subscription = desk.live()
    command = desk.ask(CommandKind.MODIFY_ATTRIBUTES, subscription, details=DETAILS)
    desk.customer.city = "Banja Luka"
    desk.customer.save()
    assert desk.claim(command).request.customer == CustomerDetails.from_dict(command.details) == DETAILS
