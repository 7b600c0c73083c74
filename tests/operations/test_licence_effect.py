"""What confirmed commands leave in the tables: dates, SKU, terms; the same as licensing.effects, on both databases."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from licensing.commands import Confirmed, CustomerDetails, Licence, TermSpan
from licensing.effects import apply_command
from licensing.states import CancelKind, CommandKind, CommandState
from models import Command, Subscription, Term
from operations.licence_effect import apply_effect
from queries.licences import licence_of, terms_of
from tests.desk import DETAILS, Desk, again, local, spans
from tests.small_book import ZONE, add_command, add_price_list

QUANTITY_KINDS = {CommandKind.MODIFY_QUANTITY, CommandKind.RECREATE}
DATED_KINDS = {CommandKind.RENEW, CommandKind.RECREATE, CommandKind.REDUCE}
CHANGES = [kind for kind in CommandKind if kind is not CommandKind.CREATE]


def executed(desk: Desk, kind: CommandKind, subscription: Subscription, *, at: str, **values: object) -> Subscription:
    """The licence after the vendor stated that it executed the command at that local time."""
    command = desk.ask(kind, subscription, **values)
    desk.send(command, Confirmed(executed_at=local(at)))
    return again(subscription)


def test_a_soft_cancel_ends_use_with_the_month_and_leaves_the_expiration(desk: Desk) -> None:
    subscription = desk.live(at="2017-05-10T10:00:00", expires_on=date(2018, 1, 1))
    licence = executed(desk, CommandKind.SOFT_CANCEL, subscription, at="2017-07-23T14:00:00")
    assert (licence.expires_on, licence.cancelled_on) == (date(2018, 1, 1), date(2017, 8, 1))
    assert (licence.cancel_kind, licence.ended_on, licence.last_request) == (
        CancelKind.SOFT,
        date(2017, 8, 1),
        "SoftCancel",
    )
    assert spans(licence) == [(12, "2017-05-10 10:00:00", "2017-08-01 00:00:00")]


def test_a_hard_cancel_after_a_soft_one_keeps_the_date(desk: Desk) -> None:
    subscription = desk.live(at="2017-05-10T10:00:00")
    executed(desk, CommandKind.SOFT_CANCEL, subscription, at="2017-07-23T14:00:00")
    licence = executed(desk, CommandKind.HARD_CANCEL, subscription, at="2017-07-24T14:00:00")
    assert (licence.cancel_kind, licence.cancelled_on) == (CancelKind.HARD, date(2017, 8, 1))


def test_renew_clears_the_cancellation_and_keeps_the_term_whole(desk: Desk) -> None:
    subscription = desk.live(at="2017-05-10T10:00:00")
    executed(desk, CommandKind.HARD_CANCEL, subscription, at="2017-07-23T14:00:00")
    licence = executed(desk, CommandKind.RENEW, subscription, at="2017-07-24T14:00:00", expires_on=date(2018, 12, 1))
    assert (licence.cancelled_on, licence.cancel_kind) == (None, None)
    assert (licence.expires_on, licence.ended_on) == (date(2018, 12, 1), date(2018, 12, 1))
    assert spans(licence) == [(12, "2017-05-10 10:00:00", "2018-12-01 00:00:00")]


def test_a_licence_that_starts_again_after_its_end_has_a_gap(desk: Desk) -> None:
    subscription = desk.live(at="2017-03-10T10:00:00")
    desk.done(CommandKind.SOFT_CANCEL, subscription, at="2017-04-10T10:00:00")
    desk.at("2017-07-23T14:00:00")
    licence = executed(desk, CommandKind.RECREATE, subscription, at="2017-07-23T14:00:00", quantity=20, details=DETAILS)
    assert spans(licence) == [(12, "2017-03-10 10:00:00", "2017-05-01 00:00:00"), (20, "2017-07-23 14:00:00", None)]
    assert (licence.quantity, licence.sku.code) == (20, "KL4864X15")
    assert CustomerDetails.from_dict(licence.confirmed_details) == DETAILS


def test_modify_quantity_moves_the_sku_with_the_band(desk: Desk) -> None:
    subscription = desk.live(at="2017-05-10T10:00:00", quantity=12)
    licence = executed(desk, CommandKind.MODIFY_QUANTITY, subscription, at="2017-07-23T14:00:00", quantity=8)
    assert (licence.quantity, licence.sku.code) == (8, "KL4864X5")
    assert spans(licence) == [(12, "2017-05-10 10:00:00", "2017-07-23 14:00:00"), (8, "2017-07-23 14:00:00", None)]


def test_the_sku_is_that_of_the_month_in_which_the_vendor_executed_it(desk: Desk) -> None:
    subscription = desk.live(at="2017-05-10T10:00:00", quantity=12)
    add_price_list(desk.product, valid_from=date(2017, 8, 1), bands=((1, 100, 500),))
    desk.at("2017-07-31T23:59:59")
    command = desk.ask(CommandKind.MODIFY_QUANTITY, subscription, quantity=8)
    claim = desk.claim(command)
    desk.wait(2)
    desk.answer(claim, Confirmed(executed_at=local("2017-08-01T00:00:00")))
    assert again(subscription).sku.code == "KL4864X1"


def test_a_recreate_with_the_same_quantity_takes_the_sku_of_its_month(desk: Desk) -> None:
    subscription = desk.live(at="2017-05-10T10:00:00", quantity=12)
    desk.done(CommandKind.SOFT_CANCEL, subscription, at="2017-07-10T10:00:00")
    add_price_list(desk.product, valid_from=date(2017, 8, 1), bands=((1, 100, 500),))
    desk.at("2017-08-02T10:00:00")
    desk.done(CommandKind.RECREATE, subscription, quantity=12, details=DETAILS)
    assert again(subscription).sku.code == "KL4864X1"


def test_modify_attributes_changes_the_confirmed_details_and_no_term(desk: Desk) -> None:
    subscription = desk.live(at="2017-05-10T10:00:00")
    before = spans(subscription)
    moved = replace(DETAILS, city="Novi Sad")
    licence = executed(desk, CommandKind.MODIFY_ATTRIBUTES, subscription, at="2017-07-23T14:00:00", details=moved)
    assert CustomerDetails.from_dict(licence.confirmed_details) == moved
    assert (spans(licence), licence.last_request) == (before, "ModifyAttributes")


@pytest.mark.parametrize(
    ("stated", "ends_on"),
    [("2017-07-31T23:59:59", date(2017, 8, 1)), ("2017-08-01T00:00:00", date(2017, 9, 1))],
)
def test_the_vendors_time_decides_the_month_not_that_of_the_request_or_the_answer(
    desk: Desk, stated: str, ends_on: date
) -> None:
    subscription = desk.live(at="2017-05-10T10:00:00", quantity=12)
    desk.at("2017-07-31T23:59:58")
    claim = desk.claim(desk.ask(CommandKind.SOFT_CANCEL, subscription))
    desk.at("2017-08-01T00:00:20")
    desk.answer(claim, Confirmed(executed_at=local(stated)))
    assert again(subscription).cancelled_on == ends_on
    assert spans(subscription)[-1][2] == f"{ends_on} 00:00:00"


def test_commands_in_the_same_second_leave_the_last_quantity_and_no_empty_term(desk: Desk) -> None:
    subscription = desk.live(at="2017-05-10T10:00:00", quantity=12)
    for quantity in (8, 20, 10):
        executed(desk, CommandKind.MODIFY_QUANTITY, subscription, at="2017-07-23T14:00:00", quantity=quantity)
    assert spans(subscription) == [
        (12, "2017-05-10 10:00:00", "2017-07-23 14:00:00"),
        (10, "2017-07-23 14:00:00", None),
    ]


def test_back_to_the_old_quantity_in_the_same_second_is_one_term_again(desk: Desk) -> None:
    subscription = desk.live(at="2017-05-10T10:00:00", quantity=12)
    for quantity in (8, 12):
        executed(desk, CommandKind.MODIFY_QUANTITY, subscription, at="2017-07-23T14:00:00", quantity=quantity)
    assert spans(subscription) == [(12, "2017-05-10 10:00:00", None)]


def test_a_term_names_the_command_that_set_its_quantity(desk: Desk) -> None:
    subscription = desk.live(at="2017-05-10T10:00:00", quantity=12)
    executed(desk, CommandKind.MODIFY_QUANTITY, subscription, at="2017-07-23T14:00:00", quantity=8)
    executed(desk, CommandKind.SOFT_CANCEL, subscription, at="2017-07-23T15:00:00")
    named = Command.select(Command.kind).join(Term).where(Term.subscription == subscription.id).order_by(Term.starts_at)
    assert [kind for (kind,) in named.tuples()] == ["Create", "ModifyQuantity"]


@pytest.mark.parametrize("seed", range(10))
def test_the_rows_are_what_licensing_effects_says_after_any_commands(desk: Desk, seed: int) -> None:
    """Twelve commands in any order, some in the same second or at a month's edge; effects judge nothing."""
    chance = random.Random(seed)  # noqa: S311 - a seed that can be run again, not a secret
    subscription = desk.live(at="2017-03-10T10:00:00", quantity=12)
    licence, terms = licence_of(subscription), terms_of(subscription)
    at = subscription.activated_at
    for _ in range(12):
        at = _later(at, chance)
        command = _drawn(chance, subscription, at=at)
        apply_effect(command, executed_at=at, zone=ZONE)
        licence, terms = _expected(command, licence, terms, at=at)
        assert licence_of(again(subscription)) == licence
        assert terms_of(subscription) == terms


def _later(at: datetime, chance: random.Random) -> datetime:
    edge = local(f"2017-{chance.randint(4, 12):02d}-01T00:00:00")
    step = timedelta(seconds=chance.choice([0, 0.4, 1, 3600, 86400 * 9]))
    return max(at + step, edge) if chance.random() < 0.2 else at + step


def _drawn(chance: random.Random, subscription: Subscription, *, at: datetime) -> Command:
    kind = chance.choice(CHANGES)
    month = date(2017 + chance.randint(0, 1), chance.randint(1, 12), 1)
    return add_command(
        subscription,
        kind=kind,
        state=CommandState.CONFIRMED,
        at=at,
        quantity=chance.randint(5, 24) if kind in QUANTITY_KINDS else None,
        expires_on=chance.choice([None, month]) if kind in DATED_KINDS else None,
    )


def _expected(
    command: Command, licence: Licence, terms: tuple[TermSpan, ...], *, at: datetime
) -> tuple[Licence, tuple[TermSpan, ...]]:
    return apply_command(
        CommandKind(command.kind),
        licence,
        terms,
        executed_at=at,
        zone=ZONE,
        quantity=command.quantity,
        expires_on=command.expires_on,
    )
