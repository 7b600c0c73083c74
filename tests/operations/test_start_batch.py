"""Starting the batch of a plan: what was shown runs, once; what changed in between is set aside and listed."""

from datetime import date
from functools import partial

import pytest

from access import AccessDenied, Role
from licensing.bulk import BulkCommand
from licensing.bulk_reasons import BulkReason
from licensing.commands import Confirmed
from licensing.refusals import RefusalCode
from licensing.states import CommandKind, CommandState
from licensing.terms import Month
from models import AuditEntry, Batch, Command, Customer, Selection, Setting, Subscription
from operations.adjust_plan import take_cheaper, tick_rows
from operations.bulk_refusals import NothingSelected, PlanOutdated
from operations.customers import change_customer
from operations.forget_selections import KEPT, forget_selections
from operations.plan_selection import plan_selection
from operations.record_refusals import FieldsRefused
from operations.refusals import NotFound
from operations.start_batch import start_batch
from queries.batch import NoSuchBatch, find_batch, result_rows
from queries.licences import details_of
from tests.bulk_desk import PLUS_2, SOFT_CANCEL, BulkDesk, city, commands_of, plan_of, reasons_of, set_to
from tests.desk import again, at_once, audited
from tests.small_book import actor, add_customer, add_reseller, add_user

ADMIN = Role.DISTRIBUTOR_ADMIN


@pytest.fixture
def desk(rolled_back: str) -> BulkDesk:
    return BulkDesk()


def set_aside(batch: Batch) -> list[tuple[int, str]]:
    return [(row.subscription_pk, row.reason_code) for row in result_rows(batch) if row.is_set_aside]


def shape(command: Command) -> dict:
    """A command without what differs from one to the next."""
    own = {"id", "reference", "request_key", "subscription", "batch"}
    return {name: value for name, value in command.__data__.items() if name not in own}


def test_every_ticked_row_becomes_one_command(desk: BulkDesk) -> None:
    first, second, top, third = desk.licences(12, 8, 24, 11)
    selection = desk.plan([first, second, top, third], PLUS_2)
    selection = tick_rows(selection.id, [4], is_ticked=False, actor=desk.actor)
    batch = desk.start(selection)
    assert [(command.subscription_id, command.quantity) for command in commands_of(batch)] == [
        (first.id, 14),
        (second.id, 10),
    ]
    assert (batch.rows, batch.set_aside, batch.left_out) == (2, 0, 2)
    assert (batch.kind, batch.parameters) == ("ModifyQuantity", {"change": "increase by", "amount": 2})
    assert (batch.started_by_id, batch.started_at) == (desk.user.id, desk.now)
    assert again(selection).state == "started"


@pytest.mark.parametrize(
    ("command", "values"),
    [
        (SOFT_CANCEL, {}),
        (BulkCommand(CommandKind.HARD_CANCEL), {}),
        (BulkCommand(CommandKind.REDUCE, month=Month(2017, 11)), {"expires_on": date(2017, 11, 1)}),
        (BulkCommand(CommandKind.RENEW, month=Month(2018, 3)), {"expires_on": date(2018, 3, 1)}),
        (BulkCommand(CommandKind.RENEW, is_unlimited=True), {}),
        (set_to(8), {"quantity": 8}),
    ],
    ids=str,
)
def test_a_row_becomes_the_command_that_a_single_click_writes(desk: BulkDesk, command, values) -> None:
    bulk, single = (desk.licence(12, expires_on=date(2017, 12, 1)) for _ in range(2))
    (written,) = commands_of(desk.batch([bulk], command))
    clicked = desk.ask(command.kind, single, **values)
    assert shape(written) == shape(again(clicked))
    assert written.request_key is None
    assert len(written.reference) == 36


def test_details_become_the_command_that_a_single_click_writes(desk: BulkDesk) -> None:
    confirmed = details_of(desk.customer).as_dict()
    bulk = desk.licence(12, confirmed_details=confirmed)
    single = desk.licence(12, customer=add_customer("Hotel", reseller=desk.reseller), confirmed_details=confirmed)
    (written,) = commands_of(desk.batch([bulk], city("Split")))
    details = city("Split").details(details_of(desk.customer))
    clicked = desk.ask(CommandKind.MODIFY_ATTRIBUTES, single, details=details)
    assert shape(written) == shape(again(clicked))


def test_each_command_and_the_batch_have_their_audit_entries(desk: BulkDesk) -> None:
    batch = desk.batch(desk.licences(12, 8))
    for command in commands_of(batch):
        assert audited("command", command.id) == ["subscription.command.requested"]
    entry = AuditEntry.get(AuditEntry.subject == "batch")
    assert (entry.action, entry.subject_id, entry.reseller_id) == ("batch.started", batch.id, desk.reseller.id)
    assert (entry.actor_id, entry.at) == (desk.user.id, desk.now)
    assert entry.details["rows"] == 2


def test_a_second_click_gives_the_same_batch(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(12), PLUS_2)
    first = desk.start(selection)
    assert desk.start(selection).id == first.id
    assert desk.start(selection, version=99).id == first.id
    assert (Batch.select().count(), Command.select().count()) == (1, 1)


def test_two_clicks_at_once_are_one_batch(database: str) -> None:
    desk = BulkDesk()
    selection = desk.plan(desk.licences(12, 8), PLUS_2)
    click = partial(start_batch, selection.id, version=selection.version, actor=desk.actor, moment=desk.moment)
    batches = at_once(*[click] * 4)
    assert len({batch.id for batch in batches}) == 1
    assert (Batch.select().count(), Command.select().count()) == (1, 2)
    assert AuditEntry.select().where(AuditEntry.subject == "batch").count() == 1


def test_two_batches_at_once_on_the_same_rows_send_each_row_once(database: str) -> None:
    desk = BulkDesk()
    licences = desk.licences(*range(5, 15))
    starts = []
    for licences_in_order, command in ((licences, PLUS_2), (licences[::-1], SOFT_CANCEL)):
        selection = desk.plan(licences_in_order, command)
        starts.append(
            partial(start_batch, selection.id, version=selection.version, actor=desk.actor, moment=desk.moment)
        )
    batches = [again(batch) for batch in at_once(*starts)]
    assert sum(batch.rows - batch.set_aside for batch in batches) == 10
    assert Command.select().count() == Command.select(Command.subscription).distinct().count() == 10
    assert sum(len(set_aside(batch)) for batch in batches) == 10


def test_a_click_on_one_row_and_a_batch_at_once_send_the_row_once(database: str) -> None:
    desk = BulkDesk()
    licence, other = desk.licences(12, 12)
    selection = desk.plan([licence, other], PLUS_2)
    start = partial(start_batch, selection.id, version=selection.version, actor=desk.actor, moment=desk.moment)
    at_once(start, partial(desk.ask, CommandKind.SOFT_CANCEL, licence))
    assert Command.select().where(Command.subscription == licence).count() == 1
    assert Command.select().where(Command.subscription == other).count() == 1


def test_a_row_that_changed_since_the_plan_is_set_aside(desk: BulkDesk) -> None:
    kept, changed = desk.licences(12, 12)
    selection = desk.plan([changed, kept], PLUS_2)
    desk.done(CommandKind.MODIFY_QUANTITY, changed, quantity=20)
    batch = desk.start(selection)
    assert [command.subscription_id for command in commands_of(batch)] == [kept.id]
    assert (batch.rows, batch.set_aside) == (2, 1)
    assert set_aside(batch) == [(changed.id, BulkReason.CHANGED)]
    assert again(changed).quantity == 20


def test_a_row_that_got_a_command_since_the_plan_is_set_aside_naming_it(desk: BulkDesk) -> None:
    kept, taken = desk.licences(12, 12)
    selection = desk.plan([taken, kept], PLUS_2)
    desk.ask(CommandKind.SOFT_CANCEL, taken)
    batch = desk.start(selection)
    assert set_aside(batch) == [(taken.id, RefusalCode.OPEN_COMMAND)]
    assert str(plan_of(batch.selection)[0].reason) == "Not sent: SoftCancel of 14:46:35 came in between."


def test_a_batch_of_which_every_row_was_set_aside_lists_them(desk: BulkDesk) -> None:
    licence = desk.licence(12)
    selection = desk.plan([licence], PLUS_2)
    desk.done(CommandKind.MODIFY_QUANTITY, licence, quantity=20)
    batch = desk.start(selection)
    assert (batch.rows, batch.set_aside, commands_of(batch)) == (1, 1, [])


def test_a_plan_that_changed_since_it_was_shown_does_not_start(desk: BulkDesk) -> None:
    shown = desk.plan(desk.licences(12, 8), PLUS_2)
    for change in (
        lambda: tick_rows(shown.id, [2], is_ticked=False, actor=desk.actor),
        lambda: take_cheaper(shown.id, [1], actor=desk.actor, moment=desk.moment),
        lambda: desk.plan_again(shown, SOFT_CANCEL),
    ):
        change()
        with pytest.raises(PlanOutdated, match="look at it again"):
            desk.start(shown)
    assert Command.select().count() == 0


def test_a_plan_of_last_month_must_be_calculated_again(desk: BulkDesk) -> None:
    desk.at("2017-07-31T23:59:59")
    selection = desk.plan(desk.licences(12), PLUS_2)
    desk.at("2017-08-01T00:00:00")
    with pytest.raises(PlanOutdated, match="A new month"):
        desk.start(selection)
    assert desk.start(desk.plan_again(selection, PLUS_2)).rows == 1


def test_rows_without_a_plan_do_not_start(desk: BulkDesk) -> None:
    with pytest.raises(PlanOutdated):
        desk.start(desk.select(desk.licences(12)))


def test_a_plan_without_a_ticked_row_does_not_start(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(24), PLUS_2)
    with pytest.raises(NothingSelected):
        desk.start(selection)
    assert Batch.select().count() == 0


def test_above_the_limit_the_number_of_rows_must_be_typed(desk: BulkDesk) -> None:
    Setting.create(name="confirm_rows", valid_from=date(2017, 1, 1), value="2")
    selection = desk.plan(desk.licences(12, 11, 8), PLUS_2)
    for typed in (None, 2, 4):
        with pytest.raises(FieldsRefused, match="Type 3") as refused:
            desk.start(selection, typed_rows=typed)
        assert list(refused.value.problems) == ["typed_rows"]
    assert desk.start(selection, typed_rows=3).rows == 3


def test_up_to_the_limit_nothing_is_typed(desk: BulkDesk) -> None:
    Setting.create(name="confirm_rows", valid_from=date(2017, 1, 1), value="1")
    Setting.create(name="confirm_rows", valid_from=date(2017, 7, 1), value="3")
    Setting.create(name="confirm_rows", valid_from=date(2017, 8, 1), value="1")
    assert desk.start(desk.plan(desk.licences(12, 11, 8), PLUS_2)).rows == 3


def test_a_started_selection_is_neither_planned_nor_changed(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(12), PLUS_2)
    desk.start(selection)
    with pytest.raises(PlanOutdated):
        plan_selection(selection.id, SOFT_CANCEL, actor=desk.actor, moment=desk.moment)
    with pytest.raises(PlanOutdated):
        tick_rows(selection.id, None, is_ticked=False, actor=desk.actor)


def test_only_the_owner_who_may_run_commands_starts(desk: BulkDesk) -> None:
    selection = desk.plan(desk.licences(12), PLUS_2)
    for other in (desk.colleague(), actor(user=add_user("radomir", role=ADMIN))):
        with pytest.raises(NotFound):
            desk.start(selection, by=other)
    with pytest.raises(AccessDenied):
        desk.start(selection, by=actor(Role.AUDITOR, user=desk.user))
    assert Command.select().count() == 0


def test_the_record_changes_with_the_start_and_its_other_licences_follow(desk: BulkDesk) -> None:
    chosen, other = desk.licences(12, 8)
    waiting = desk.licence(8)
    desk.ask(CommandKind.SOFT_CANCEL, waiting)
    batch = desk.start(desk.plan([chosen], city("Split")))
    customer = again(desk.customer)
    assert (customer.city, customer.version) == ("Split", 2)
    commands = commands_of(batch)
    assert [command.subscription_id for command in commands] == [chosen.id, other.id]
    assert {command.details["city"] for command in commands} == {"Split"}
    assert audited("customer", customer.id) == ["customer.changed"]
    entry = AuditEntry.get(AuditEntry.subject == "customer")
    assert entry.details == {"city": ["Sarajevo", "Split"]}


def test_a_record_of_which_no_row_goes_stays(desk: BulkDesk) -> None:
    hotel = add_customer("Hotel Adriatic", reseller=desk.reseller, city="Rovinj")
    selection = desk.plan([desk.licence(12), desk.licence(12, customer=hotel)], city("Split"))
    selection = tick_rows(selection.id, [2], is_ticked=False, actor=desk.actor)
    desk.start(selection)
    assert (again(desk.customer).city, again(hotel).city) == ("Split", "Rovinj")


def test_a_record_that_changed_since_the_plan_is_left_alone(desk: BulkDesk) -> None:
    licence = desk.licence(12)
    selection = desk.plan([licence], city("Split"))
    Subscription.update(expires_on=date(2017, 1, 1), ended_on=date(2017, 1, 1)).execute()
    details = city("Mostar").details(details_of(desk.customer))
    change_customer(desk.customer.id, details, version=1, actor=desk.actor, moment=desk.moment)
    Subscription.update(expires_on=None, ended_on=None).execute()
    batch = desk.start(selection)
    assert set_aside(batch) == [(licence.id, BulkReason.DETAILS_CHANGED)]
    assert again(desk.customer).city == "Mostar"


def test_a_batch_is_seen_by_those_who_see_all_its_resellers(desk: BulkDesk) -> None:
    sitwell = add_reseller("Sitwell Enterprises")
    foreign = desk.licence(12, customer=add_customer("Bingo promet d.o.o.", reseller=sitwell))
    operator = actor(Role.DISTRIBUTOR_OPERATOR, user=add_user("radomir", role=Role.DISTRIBUTOR_OPERATOR))
    own = desk.batch([desk.licence(12)])
    # The foreign row is left out of the run, and yet its reseller's: nobody of Bluth Company sees this batch.
    mixed = desk.start(desk.plan([desk.licence(12), foreign], PLUS_2, by=operator), by=operator)
    colleague, auditor = desk.colleague(), actor(Role.AUDITOR, user=add_user("lupe", role=Role.AUDITOR))
    sitwells = actor(Role.RESELLER_USER, reseller=sitwell, user=add_user("sally", reseller=sitwell))
    for seer in (desk.actor, colleague, operator, auditor):
        assert find_batch(own.id, actor=seer).id == own.id
    for seer in (operator, auditor):
        assert find_batch(mixed.id, actor=seer).id == mixed.id
    for batch, blind in ((own, sitwells), (mixed, sitwells), (mixed, desk.actor), (mixed, colleague)):
        with pytest.raises(NoSuchBatch):
            find_batch(batch.id, actor=blind)
    with pytest.raises(NoSuchBatch):
        find_batch(987_654, actor=operator)


def test_what_a_batch_queued_is_claimed_and_done_like_any_command(desk: BulkDesk) -> None:
    licence = desk.licence(12)
    batch = desk.batch([licence], set_to(8))
    desk.answer_all(batch)
    (command,) = commands_of(batch)
    assert (command.state, again(licence).quantity) == (CommandState.CONFIRMED, 8)
    assert reasons_of(batch.selection) == [""]


def test_rows_that_wait_until_the_month_has_turned_are_not_sent(desk: BulkDesk) -> None:
    desk.at("2017-07-31T23:59:58")
    early, late = desk.licences(12, 12)
    batch = desk.batch([early, late], SOFT_CANCEL)
    first, second = commands_of(batch)
    desk.send(first, Confirmed())
    desk.at("2017-08-01T00:00:00")
    assert desk.claim(second) is None
    assert [command.state for command in commands_of(batch)] == ["confirmed", "rejected"]
    assert "A new month has begun" in again(second).error_message
    assert (again(early).cancelled_on, again(late).cancelled_on) == (date(2017, 8, 1), None)


def test_a_single_click_that_waits_until_the_month_has_turned_goes_on(desk: BulkDesk) -> None:
    desk.at("2017-07-31T23:59:58")
    command = desk.ask(CommandKind.SOFT_CANCEL, desk.licence(12))
    desk.at("2017-08-01T00:00:00")
    assert desk.claim(command) is not None


def test_selections_that_nobody_started_are_forgotten_and_started_ones_stay(desk: BulkDesk) -> None:
    left = desk.plan(desk.licences(12), PLUS_2)
    started = desk.batch(desk.licences(12)).selection
    assert forget_selections(moment=desk.moment) is False
    desk.wait(KEPT)
    desk.wait(1)
    young = desk.select(desk.licences(12))
    assert forget_selections(moment=desk.moment) is True
    assert forget_selections(moment=desk.moment) is False
    kept = {pk for (pk,) in Selection.select(Selection.id).tuples()}
    assert kept == {started.id, young.id}
    assert left.id not in kept
    assert Customer.select().count() == 1
