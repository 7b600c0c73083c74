"""What a bulk command asks of one licence, and which forms cannot be planned at all."""

from datetime import UTC, date, datetime

import pytest

from licensing.bulk import BULK_FIELDS, LARGEST_AMOUNT, BulkCommand, QuantityChange
from licensing.bulk_plan import Details, Subject, plan_row
from licensing.bulk_reasons import BulkReason, reason_label, use_instead
from licensing.commands import CustomerDetails, Licence, TermSpan
from licensing.impact import Holding, Impact, Proposal, plan_command
from licensing.refusals import FORBIDDEN, OpenCommand, RefusalCode
from licensing.states import CommandKind
from licensing.terms import Month
from tests.licensing.demo_book import ZONE, tariff

NOW = datetime(2017, 7, 23, 12, 0, tzinfo=UTC)
BASIC = tariff("4864", "Bluth Company")
CREATED_AT = datetime(2017, 3, 6, 9, 0, tzinfo=UTC)
DETAILS = CustomerDetails(company_name="Tunel d.o.o.", country="BA", city="Sarajevo")


def changes(change: QuantityChange, amount: int | None) -> BulkCommand:
    return BulkCommand(CommandKind.MODIFY_QUANTITY, change=change, amount=amount)


def holding(quantity: int = 12, **values: object) -> Holding:
    licence = Licence(is_live=True, is_failed=False, quantity=quantity, created_at=CREATED_AT, **values)
    return Holding(licence, (TermSpan(quantity, CREATED_AT),), BASIC)


@pytest.mark.parametrize(
    ("change", "amount", "before", "after"),
    [
        (QuantityChange.SET_TO, 25, 12, 25),
        (QuantityChange.INCREASE_BY, 2, 12, 14),
        (QuantityChange.DECREASE_BY, 2, 12, 10),
        (QuantityChange.DECREASE_BY, 20, 12, -8),
        (QuantityChange.PERCENT, 110, 10, 11),
        (QuantityChange.PERCENT, 110, 15, 17),  # 16.5 is rounded up
        (QuantityChange.PERCENT, 110, 14, 15),  # 15.4
        (QuantityChange.PERCENT, 50, 13, 7),  # 6.5
        (QuantityChange.PERCENT, 100, 13, 13),
    ],
)
def test_the_new_quantity_is_absolute(change, amount, before, after):
    assert changes(change, amount).new_quantity(before) == after


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (BulkCommand(CommandKind.CREATE), "kind"),
        (BulkCommand(CommandKind.RECREATE), "kind"),
        (BulkCommand(CommandKind.MODIFY_QUANTITY, amount=2), "change"),
        (changes(QuantityChange.SET_TO, None), "amount"),
        (changes(QuantityChange.SET_TO, 0), "amount"),
        (changes(QuantityChange.INCREASE_BY, -1), "amount"),
        (changes(QuantityChange.PERCENT, LARGEST_AMOUNT + 1), "amount"),
        (BulkCommand(CommandKind.RENEW), "month"),
        (BulkCommand(CommandKind.RENEW, month=Month(2018, 1), is_unlimited=True), "month"),
        (BulkCommand(CommandKind.REDUCE), "month"),
        (BulkCommand(CommandKind.REDUCE, is_unlimited=True), "month"),
        (BulkCommand(CommandKind.MODIFY_ATTRIBUTES, value="Split"), "field_name"),
        (BulkCommand(CommandKind.MODIFY_ATTRIBUTES, field_name="company_name", value="Split"), "field_name"),
        (BulkCommand(CommandKind.MODIFY_ATTRIBUTES, field_name="password", value="Split"), "field_name"),
    ],
)
def test_a_form_that_cannot_be_planned_names_its_field(command, field):
    assert list(command.problems()) == [field]


WHOLE = [
    BulkCommand(CommandKind.SOFT_CANCEL),
    BulkCommand(CommandKind.HARD_CANCEL),
    BulkCommand(CommandKind.RENEW, month=Month(2018, 1)),
    BulkCommand(CommandKind.RENEW, is_unlimited=True),
    BulkCommand(CommandKind.REDUCE, month=Month(2018, 1)),
    changes(QuantityChange.PERCENT, 110),
    *(BulkCommand(CommandKind.MODIFY_ATTRIBUTES, field_name=name, value="x") for name in BULK_FIELDS),
]


@pytest.mark.parametrize("command", WHOLE, ids=str)
def test_a_command_is_stored_and_read_back_whole(command):
    assert command.problems() == {}
    assert BulkCommand.from_dict(str(command.kind), command.as_dict()) == command


@pytest.mark.parametrize(
    ("command", "subject", "proposal"),
    [
        (changes(QuantityChange.INCREASE_BY, 2), holding(12), Proposal(CommandKind.MODIFY_QUANTITY, quantity=14)),
        (BulkCommand(CommandKind.SOFT_CANCEL), holding(), Proposal(CommandKind.SOFT_CANCEL)),
        (
            BulkCommand(CommandKind.REDUCE, month=Month(2017, 12)),
            holding(),
            Proposal(CommandKind.REDUCE, expires_on=date(2017, 12, 1)),
        ),
        (
            BulkCommand(CommandKind.RENEW, is_unlimited=True),
            holding(expires_on=date(2017, 12, 1)),
            Proposal(CommandKind.RENEW),
        ),
    ],
    ids=str,
)
def test_an_eligible_row_has_the_figures_of_the_dialog(command, subject, proposal):
    plan = plan_row(command, Subject(subject), now=NOW, zone=ZONE)
    dialog = plan_command(proposal, subject, now=NOW, zone=ZONE)
    assert isinstance(dialog, Impact)
    assert (plan.proposal, plan.left_out) == (proposal, None)
    assert (plan.before, plan.after, plan.cheaper) == (dialog.before, dialog.after, dialog.cheaper)
    assert (plan.this_month.old, plan.this_month.new) == (dialog.this_month.before, dialog.this_month.after)
    assert (plan.next_month.old, plan.next_month.new) == (dialog.next_month.before, dialog.next_month.after)
    assert (plan.this_month.note, plan.next_month.note) == (dialog.this_month.note, dialog.next_month.note)


def test_a_row_left_out_keeps_its_charges_and_says_why():
    plan = plan_row(changes(QuantityChange.SET_TO, 4), Subject(holding(12)), now=NOW, zone=ZONE)
    assert plan.left_out.code == RefusalCode.QUANTITY_OUTSIDE_BANDS
    assert "from 5 to" in str(plan.left_out.reason)
    assert plan.after is None
    assert plan.this_month.old == plan.this_month.new
    assert plan.this_month.new.fee_cents == 7207
    assert plan.next_month.new.fee_cents == 7207


def test_a_decrease_below_nothing_names_the_limits_too():
    plan = plan_row(changes(QuantityChange.DECREASE_BY, 12), Subject(holding(12)), now=NOW, zone=ZONE)
    assert str(plan.left_out.reason).startswith("0 is outside the volume bands")


def test_an_open_command_and_an_unknown_outcome_are_two_reasons():
    waiting = Holding(holding().licence, (), BASIC, OpenCommand(CommandKind.RENEW, NOW))
    codes = [
        plan_row(BulkCommand(CommandKind.SOFT_CANCEL), Subject(waiting, is_unknown=unknown), now=NOW, zone=ZONE)
        for unknown in (False, True)
    ]
    assert [plan.left_out.code for plan in codes] == [RefusalCode.OPEN_COMMAND, BulkReason.OUTCOME_UNKNOWN]


@pytest.mark.parametrize(
    ("wanted", "confirmed", "code"),
    [
        ("Split", "Split", BulkReason.SAME_DETAILS),
        ("Split", "Sarajevo", None),  # the record has it, the vendor not: it is sent again
        ("Sarajevo", "Split", None),  # the vendor has it, the record not: the record changes
        ("Sarajevo", "Sarajevo", None),
        ("Split", None, None),
    ],
)
def test_details_that_everybody_has_already_are_not_sent(wanted, confirmed, code):
    details = Details(
        wanted=CustomerDetails("Tunel d.o.o.", "BA", city=wanted),
        confirmed=None if confirmed is None else CustomerDetails("Tunel d.o.o.", "BA", city=confirmed),
    )
    command = BulkCommand(CommandKind.MODIFY_ATTRIBUTES, field_name="city", value="Split")
    plan = plan_row(command, Subject(holding(), details=details), now=NOW, zone=ZONE)
    assert (None if plan.left_out is None else plan.left_out.code) == code


def test_one_field_changes_and_the_others_stay():
    changed = BulkCommand(CommandKind.MODIFY_ATTRIBUTES, field_name="phone", value="12").details(DETAILS)
    assert changed.as_dict() == {**DETAILS.as_dict(), "phone": "12"}


def test_every_reason_for_which_a_bulk_row_can_be_left_out_has_words():
    single_only = {
        RefusalCode.ORDERED_ALREADY,
        RefusalCode.ACTIVE,
        RefusalCode.DATE_MISSING,
        RefusalCode.DATE_NOT_FIRST,
        RefusalCode.QUANTITY_MISSING,
        RefusalCode.DETAILS_MISSING,
    }
    codes = {*RefusalCode, *BulkReason} - single_only
    assert [code for code in codes if str(reason_label(code)) == code] == []
    assert [code for code in codes for kind in CommandKind if str(use_instead(kind, code)) == ""] == []
    assert str(use_instead(CommandKind.MODIFY_QUANTITY, RefusalCode.ENDED)) == "Recreate with the new quantity"
    assert use_instead(CommandKind.SOFT_CANCEL, RefusalCode.ENDED) is None
    assert {code for code, _ in FORBIDDEN.values()} - codes == {RefusalCode.ACTIVE}
