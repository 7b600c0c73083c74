"""What a sheet asks of a licence, and how its values go through plan, batch and retry."""

from datetime import date

import pytest

from imports.changes import ChangeLine
from imports.sheets import SheetRow
from licensing.bulk import BulkCommand
from licensing.commands import Rejected
from licensing.states import CommandKind
from licensing.terms import Month
from models import Selection
from operations.adjust_plan import take_cheaper
from operations.plan_selection import plan_selection
from operations.retry_rows import retry_rows
from operations.sheet_changes import CHANGES, needed_command
from operations.take_sheet import take_sheet
from queries.selection import command_of
from queries.subscriptions import SubscriptionRow
from tests.bulk_desk import BulkDesk, commands_of, plan_of
from tests.desk import again

JUNE, DECEMBER = date(2018, 6, 1), date(2018, 12, 1)


@pytest.fixture
def desk(rolled_back):
    return BulkDesk()


def licence(quantity=12, expires_on=None):
    fields = dict.fromkeys(SubscriptionRow._fields)
    return SubscriptionRow(**{**fields, "id": 1, "quantity": quantity, "expires_on": expires_on})


def line(quantity=12, expires_on=None, *, has_expiration=True):
    return ChangeLine(SheetRow(2, {}), "x", quantity, has_expiration, expires_on)


@pytest.mark.parametrize(
    ("asked", "now", "needed"),
    [
        (line(), licence(), None),
        (line(None, has_expiration=False), licence(8, DECEMBER), None),
        (line(14), licence(), (CommandKind.MODIFY_QUANTITY, 14)),
        (line(14, JUNE), licence(), (CommandKind.MODIFY_QUANTITY, 14)),
        (line(expires_on=JUNE), licence(), (CommandKind.REDUCE, Month(2018, 6))),
        (line(expires_on=JUNE), licence(expires_on=DECEMBER), (CommandKind.REDUCE, Month(2018, 6))),
        (line(expires_on=DECEMBER), licence(expires_on=JUNE), (CommandKind.RENEW, Month(2018, 12))),
        (line(), licence(expires_on=JUNE), (CommandKind.RENEW, None)),
    ],
)
def test_a_difference_needs_its_command(asked, now, needed):
    assert needed_command(asked, now) == needed


def take(desk, text):
    return take_sheet(text.encode(), purpose=CHANGES, file_name="list.csv", actor=desk.actor, moment=desk.moment)


def sheet_of(pairs):
    rows = "".join(f"{licence.subscription_id},{quantity}\n" for licence, quantity in pairs)
    return f"Subscription ID,Quantity\n{rows}"


def planned(desk, text):
    take(desk, text)
    selection = Selection.get()
    return plan_selection(selection.id, command_of(selection), actor=desk.actor, moment=desk.moment)


def test_every_row_is_planned_with_its_own_value(desk):
    selection = planned(desk, sheet_of(zip(desk.licences(12, 12, 12), (14, 9, 99), strict=True)))
    assert [(row.is_eligible, row.after and row.after.quantity) for row in plan_of(selection)] == [
        (True, 14),
        (True, 9),
        (False, None),
    ]


def test_ids_are_found_in_any_case(desk):
    (licence,) = desk.licences(12)
    text = sheet_of([(licence, 14)]).replace(licence.subscription_id, licence.subscription_id.upper())
    assert take(desk, text).result["problems"] == []


def test_a_retry_keeps_the_value_of_each_row(desk):
    first, second = desk.licences(12, 12)
    batch = desk.start(planned(desk, sheet_of([(first, 14), (second, 9)])))
    commands = commands_of(batch)
    desk.send(commands[1], Rejected(code="LicenseBusy", message="busy"))
    chosen = retry_rows(batch.id, actor=desk.actor, moment=desk.moment)
    plan_selection(chosen.id, command_of(chosen), actor=desk.actor, moment=desk.moment)
    assert [(row.subscription_pk, row.after.quantity) for row in plan_of(chosen)] == [(second.id, 9)]
    assert again(batch).parameters == {"listed": {}}


def test_a_cheaper_quantity_can_be_taken_in_a_plan_of_a_sheet(desk):
    selection = planned(desk, sheet_of(zip(desk.licences(12, 12), (14, 9), strict=True)))
    cheaper = [row.cheaper.quantity for row in plan_of(selection) if row.cheaper]
    take_cheaper(selection.id, None, actor=desk.actor, moment=desk.moment)
    assert cheaper
    assert {row.after.quantity for row in plan_of(selection) if row.takes_cheaper} <= set(cheaper)


def test_a_listed_command_is_stored_and_read_back():
    for kind, listed in (
        (CommandKind.MODIFY_QUANTITY, {7: 14}),
        (CommandKind.RENEW, {7: Month(2018, 12), 8: None}),
        (CommandKind.REDUCE, {7: Month(2018, 6)}),
    ):
        command = BulkCommand(kind, listed=listed)
        assert BulkCommand.from_dict(kind, command.as_dict()) == command
        assert command.problems() == {}
