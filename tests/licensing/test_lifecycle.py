from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from licensing.commands import Licence
from licensing.expiration import LAST_EXPIRATION, LegalMonths, legal_months, proposed_expiration
from licensing.lifecycle import BUTTONS, check_parameters, licence_state, refusal, refusals
from licensing.refusals import OpenCommand, RefusalCode
from licensing.states import CommandKind, LicenceState
from licensing.terms import Month
from tests.licensing import demo_book

ZONE = ZoneInfo("Europe/Belgrade")
NOW = datetime(2017, 7, 23, 12, 0, tzinfo=UTC)
BASIC = demo_book.bands("4864")


def live(**values) -> Licence:
    return Licence(is_live=True, is_failed=False, quantity=12, **values)


PENDING = Licence(is_live=False, is_failed=False, quantity=12)
FAILED = Licence(is_live=False, is_failed=True, quantity=12)
UNLIMITED = live()
LIMITED = live(expires_on=date(2018, 12, 1))
SOFT = live(cancelled_on=date(2017, 8, 1))
HARD = live(cancelled_on=date(2017, 8, 1), is_hard_cancelled=True)
ENDED = live(cancelled_on=date(2017, 7, 1), is_hard_cancelled=True)
EXPIRED = live(expires_on=date(2017, 7, 1))
STATES = {
    "unlimited": UNLIMITED,
    "limited": LIMITED,
    "soft": SOFT,
    "hard": HARD,
    "ended": ENDED,
    "expired": EXPIRED,
}


@pytest.mark.parametrize(
    ("licence", "state"),
    [
        (PENDING, LicenceState.PENDING),
        (FAILED, LicenceState.FAILED),
        (UNLIMITED, LicenceState.ACTIVE),
        (LIMITED, LicenceState.ACTIVE),
        (SOFT, LicenceState.SOFT_CANCELLED),
        (HARD, LicenceState.HARD_CANCELLED),
        (ENDED, LicenceState.CANCELLED_ENDED),
        (EXPIRED, LicenceState.EXPIRED),
        (live(expires_on=date(2018, 12, 1), cancelled_on=date(2017, 7, 1)), LicenceState.CANCELLED_ENDED),
        (live(expires_on=date(2017, 7, 1), cancelled_on=date(2017, 7, 1)), LicenceState.CANCELLED_ENDED),
        (live(expires_on=date(2017, 7, 1), cancelled_on=date(2017, 9, 1)), LicenceState.EXPIRED),
    ],
)
def test_the_state_is_derived_from_the_dates(licence, state):
    assert licence_state(licence, NOW, ZONE) is state


def test_a_running_cancel_ends_at_the_first_instant_of_its_date():
    last_second = datetime(2017, 7, 31, 21, 59, 59, tzinfo=UTC)
    assert licence_state(SOFT, last_second, ZONE) is LicenceState.SOFT_CANCELLED
    assert licence_state(SOFT, datetime(2017, 7, 31, 22, 0, tzinfo=UTC), ZONE) is LicenceState.CANCELLED_ENDED


# The table of domain.md, Life cycle: a row for each command, "" where it is allowed.
TABLE = {
    CommandKind.SOFT_CANCEL: {
        "unlimited": "",
        "limited": "",
        "soft": "SoftCancel: already cancelled, use ends on 01.08.2017.",
        "hard": "SoftCancel: already cancelled, use ends on 01.08.2017.",
        "ended": "SoftCancel: the licence ended on 01.07.2017 after a cancellation.",
        "expired": "SoftCancel: the licence expired on 01.07.2017.",
    },
    CommandKind.HARD_CANCEL: {
        "unlimited": "",
        "limited": "",
        "soft": "",
        "hard": "HardCancel: already cancelled, use ends on 01.08.2017.",
        "ended": "HardCancel: the licence ended on 01.07.2017 after a cancellation.",
        "expired": "HardCancel: the licence expired on 01.07.2017.",
    },
    CommandKind.RENEW: {
        "unlimited": "Renew: nothing to renew, the licence is unlimited.",
        "limited": "",
        "soft": "",
        "hard": "",
        "ended": "",
        "expired": "",
    },
    CommandKind.RECREATE: {
        "unlimited": "Recreate is for a cancelled or expired subscription.",
        "limited": "Recreate is for a cancelled or expired subscription.",
        "soft": "",
        "hard": "",
        "ended": "",
        "expired": "",
    },
    CommandKind.MODIFY_ATTRIBUTES: {
        "unlimited": "",
        "limited": "",
        "soft": "",
        "hard": "",
        "ended": "ModifyAttributes: the licence ended on 01.07.2017 after a cancellation, use Recreate.",
        "expired": "ModifyAttributes: the licence expired on 01.07.2017, use Recreate.",
    },
    CommandKind.MODIFY_QUANTITY: {
        "unlimited": "",
        "limited": "",
        "soft": "ModifyQuantity: cancelled, use ends on 01.08.2017; use Recreate with the new quantity.",
        "hard": "ModifyQuantity: cancelled, use ends on 01.08.2017; use Recreate with the new quantity.",
        "ended": "ModifyQuantity: the licence ended on 01.07.2017 after a cancellation, "
        "use Recreate with the new quantity.",
        "expired": "ModifyQuantity: the licence expired on 01.07.2017, use Recreate with the new quantity.",
    },
    CommandKind.REDUCE: {
        "unlimited": "",
        "limited": "",
        "soft": "Reduce is for an active licence; this one is cancelled, use ends on 01.08.2017.",
        "hard": "Reduce is for an active licence; this one is cancelled, use ends on 01.08.2017.",
        "ended": "Reduce is for an active licence; this one ended on 01.07.2017 after a cancellation.",
        "expired": "Reduce is for an active licence; this one expired on 01.07.2017.",
    },
}


@pytest.mark.parametrize(("kind", "state"), [(kind, state) for kind, cells in TABLE.items() for state in cells])
def test_every_cell_of_the_life_cycle(kind, state):
    found = refusal(kind, STATES[state], now=NOW, zone=ZONE)
    assert ("" if found is None else str(found)) == TABLE[kind][state]


def test_the_buttons_are_the_seven_commands_of_the_table():
    assert set(BUTTONS) == set(TABLE) == set(CommandKind) - {CommandKind.CREATE}
    assert set(refusals(UNLIMITED, NOW, ZONE)) == set(BUTTONS)


@pytest.mark.parametrize(
    ("licence", "words"),
    [
        (PENDING, "Pending: the order is not answered yet."),
        (FAILED, "The order was refused and nothing exists at the vendor: use Order again."),
    ],
)
def test_nothing_can_be_done_to_what_the_vendor_does_not_know(licence, words):
    assert {str(found) for found in refusals(licence, NOW, ZONE).values()} == {words}


def test_create_is_for_an_order_that_the_vendor_does_not_know():
    assert refusal(CommandKind.CREATE, PENDING, now=NOW, zone=ZONE) is None
    assert refusal(CommandKind.CREATE, FAILED, now=NOW, zone=ZONE) is None
    found = refusal(CommandKind.CREATE, UNLIMITED, now=NOW, zone=ZONE)
    assert found is not None
    assert found.code is RefusalCode.ORDERED_ALREADY


def test_an_open_command_refuses_every_other_in_words():
    open_command = OpenCommand(CommandKind.MODIFY_QUANTITY, datetime(2017, 7, 23, 12, 43, 49, tzinfo=UTC))
    found = refusals(UNLIMITED, datetime(2017, 7, 23, 13, 0, tzinfo=UTC), ZONE, open_command=open_command)
    assert {str(reason) for reason in found.values()} == {"ModifyQuantity of 14:43:49 is on its way."}


def test_an_open_command_of_another_day_is_named_with_its_date():
    open_command = OpenCommand(CommandKind.RENEW, datetime(2017, 7, 21, 22, 30, 0, tzinfo=UTC))
    found = refusal(CommandKind.SOFT_CANCEL, UNLIMITED, now=NOW, zone=ZONE, open_command=open_command)
    assert str(found) == "Renew of 22.07.2017 00:30:00 is on its way."


def test_reduce_is_disabled_in_the_last_month_where_no_earlier_date_exists():
    found = refusal(CommandKind.REDUCE, live(expires_on=date(2017, 8, 1)), now=NOW, zone=ZONE)
    assert str(found) == "Reduce: no earlier date is possible, the licence expires on 01.08.2017."
    assert refusal(CommandKind.REDUCE, live(expires_on=date(2017, 9, 1)), now=NOW, zone=ZONE) is None


AUGUST = Month(2017, 8)


@pytest.mark.parametrize(
    ("kind", "licence", "months"),
    [
        (CommandKind.CREATE, PENDING, LegalMonths(AUGUST, LAST_EXPIRATION, allows_unlimited=True)),
        (CommandKind.RENEW, LIMITED, LegalMonths(Month(2019, 1), LAST_EXPIRATION, allows_unlimited=True)),
        (CommandKind.RENEW, SOFT, LegalMonths(AUGUST, LAST_EXPIRATION, allows_unlimited=True)),
        (CommandKind.RENEW, EXPIRED, LegalMonths(AUGUST, LAST_EXPIRATION, allows_unlimited=True)),
        (
            CommandKind.RENEW,
            live(expires_on=date(2018, 12, 1), cancelled_on=date(2017, 8, 1)),
            LegalMonths(AUGUST, LAST_EXPIRATION, allows_unlimited=True),
        ),
        (CommandKind.RECREATE, HARD, LegalMonths(AUGUST, LAST_EXPIRATION, allows_unlimited=True)),
        (CommandKind.REDUCE, UNLIMITED, LegalMonths(AUGUST, LAST_EXPIRATION, allows_unlimited=False)),
        (CommandKind.REDUCE, LIMITED, LegalMonths(AUGUST, Month(2018, 11), allows_unlimited=False)),
        (CommandKind.SOFT_CANCEL, UNLIMITED, None),
        (CommandKind.MODIFY_QUANTITY, UNLIMITED, None),
    ],
)
def test_the_months_a_command_may_set(kind, licence, months):
    assert legal_months(kind, licence, now=NOW, zone=ZONE) == months


@pytest.mark.parametrize(
    ("licence", "proposed"),
    [
        (live(expires_on=date(2018, 12, 1), cancelled_on=date(2017, 8, 1)), Month(2018, 12)),
        (live(expires_on=date(2017, 8, 1), cancelled_on=date(2017, 8, 1)), AUGUST),
        (live(expires_on=date(2018, 12, 1), cancelled_on=date(2017, 7, 1)), Month(2018, 12)),
        (live(expires_on=date(2017, 7, 1), cancelled_on=date(2017, 7, 1)), None),
        (SOFT, None),
        (LIMITED, None),
        (EXPIRED, None),
    ],
)
def test_after_a_cancel_the_former_expiration_is_proposed_while_it_can_be_set(licence, proposed):
    assert proposed_expiration(licence, now=NOW, zone=ZONE) == proposed


def faults(kind: CommandKind, licence: Licence, *, bands=BASIC, **values) -> tuple[str, str]:
    found = check_parameters(kind, licence, now=NOW, zone=ZONE, bands=bands, **values)
    return ("", "") if found is None else (found.field_name, str(found))


@pytest.mark.parametrize(
    ("kind", "licence", "chosen", "words"),
    [
        (CommandKind.RENEW, LIMITED, date(2019, 1, 1), ""),
        (CommandKind.RENEW, LIMITED, None, ""),
        (
            CommandKind.RENEW,
            LIMITED,
            date(2018, 12, 1),
            "2018-12 is too early; the earliest new expiration date is 2019-01.",
        ),
        (CommandKind.RENEW, SOFT, date(2017, 8, 1), ""),
        (
            CommandKind.RENEW,
            SOFT,
            date(2017, 7, 1),
            "2017-07 is too early; the earliest new expiration date is 2017-08.",
        ),
        (CommandKind.RENEW, SOFT, date(2017, 8, 2), "02.08.2017 is not the first day of a month."),
        (
            CommandKind.RENEW,
            SOFT,
            date(2200, 1, 1),
            "2200-01 is too late; the latest new expiration date is 2199-12.",
        ),
        (CommandKind.REDUCE, UNLIMITED, date(2017, 8, 1), ""),
        (CommandKind.REDUCE, UNLIMITED, None, "Reduce needs a new expiration date."),
        (CommandKind.REDUCE, LIMITED, date(2018, 11, 1), ""),
        (
            CommandKind.REDUCE,
            LIMITED,
            date(2018, 12, 1),
            "2018-12 is too late; the latest new expiration date is 2018-11.",
        ),
        (
            CommandKind.REDUCE,
            LIMITED,
            date(2019, 1, 1),
            "2019-01 is too late; the latest new expiration date is 2018-11.",
        ),
        (
            CommandKind.REDUCE,
            LIMITED,
            date(2017, 7, 1),
            "2017-07 is too early; the earliest new expiration date is 2017-08.",
        ),
    ],
)
def test_a_date_that_may_not_be_set_is_refused_with_the_one_that_may(kind, licence, chosen, words):
    assert faults(kind, licence, expires_on=chosen) == ("expires_on" if words else "", words)


@pytest.mark.parametrize(
    ("kind", "licence", "quantity", "words"),
    [
        (CommandKind.MODIFY_QUANTITY, UNLIMITED, 8, ""),
        (CommandKind.MODIFY_QUANTITY, UNLIMITED, 12, "The licence has 12 seats already."),
        (CommandKind.RECREATE, SOFT, 12, ""),
        (CommandKind.CREATE, PENDING, 12, ""),
        (CommandKind.CREATE, PENDING, None, "Enter a quantity from 5 to 9999."),
        (CommandKind.CREATE, PENDING, 4, "4 is outside the volume bands, which go from 5 to 9999."),
        (
            CommandKind.MODIFY_QUANTITY,
            UNLIMITED,
            10**9,
            "1000000000 is outside the volume bands, which go from 5 to 9999.",
        ),
        (CommandKind.RECREATE, SOFT, -5, "-5 is outside the volume bands, which go from 5 to 9999."),
    ],
)
def test_a_quantity_that_cannot_be_held_is_refused(kind, licence, quantity, words):
    assert faults(kind, licence, quantity=quantity) == ("quantity" if words else "", words)


def test_a_product_without_prices_cannot_be_ordered():
    found = faults(CommandKind.CREATE, PENDING, bands=(), quantity=12)
    assert found == ("quantity", "The product has no prices this month.")


def test_commands_without_values_need_no_prices():
    assert faults(CommandKind.HARD_CANCEL, UNLIMITED, bands=()) == ("", "")


@pytest.mark.parametrize(
    ("kind", "values", "code"),
    [
        (CommandKind.MODIFY_QUANTITY, {"quantity": 12}, RefusalCode.SAME_QUANTITY),
        (CommandKind.REDUCE, {"expires_on": date(2018, 12, 1)}, RefusalCode.DATE_TOO_LATE),
        (CommandKind.RENEW, {"expires_on": date(2018, 12, 1)}, RefusalCode.DATE_TOO_EARLY),
    ],
)
def test_a_claim_judges_state_and_values_at_once(kind, values, code):
    found = refusal(kind, LIMITED, now=NOW, zone=ZONE, **values)
    assert found is not None
    assert found.code is code


def test_a_month_that_rolled_over_while_a_command_waited_makes_its_date_illegal():
    august = datetime(2017, 7, 31, 22, 0, tzinfo=UTC)
    wanted = date(2017, 8, 1)
    assert refusal(CommandKind.REDUCE, UNLIMITED, now=NOW, zone=ZONE, expires_on=wanted) is None
    found = refusal(CommandKind.REDUCE, UNLIMITED, now=august, zone=ZONE, expires_on=wanted)
    assert found is not None
    assert found.code is RefusalCode.DATE_TOO_EARLY
