"""What the dialogs of the commands say and show before anything is sent."""

from datetime import UTC, date, datetime

import pytest

from app import create_app
from clock import real_now
from licensing.states import CommandKind
from models import AuditEntry, Command
from tests.admin_views.browser import Browser, config_for
from tests.admin_views.desk import text
from tests.admin_views.ordering import cancelled, desk_before_now, dialog, fields, licence, shown
from tests.desk import again

PHRASES = {
    "whose": "Tunel d.o.o. · Endpoint - Basic",
    "date": "Expiration Date",
    "sure": "Are you sure you want to do",
    "until": "* License will be active until the end of the month.",
    "before": "* The new expiration date must be before the current exp.date.",
    "blank": "* For Unlimited ExpirationDate leave blank Date field.",
}


@pytest.fixture
def desk(app):
    return desk_before_now()


@pytest.fixture
def clerk(desk, browser_of):
    return browser_of(desk.user)


def impact(browser, subscription, kind, **typed):
    query = {"id": subscription.id, "kind": kind, **typed}
    return shown(text(browser.get("/subscriptions/command/impact/", query_string=query)))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (
            CommandKind.SOFT_CANCEL,
            "Soft Cancel {whose} {sure} Soft Cancel? {until}",
        ),
        (
            CommandKind.HARD_CANCEL,
            "Hard Cancel {whose} {sure} Hard Cancel? {until}",
        ),
        (
            CommandKind.MODIFY_QUANTITY,
            "Modify Quantity {whose} Quantity * now 12 · from 5 to 24",
        ),
        (
            CommandKind.REDUCE,
            "Reduce {date} {whose} New {date} from 2017-08 to 2017-11 {sure} Reduce {date}? {before}",
        ),
        (
            CommandKind.RENEW,
            "Renew Product {whose} New Expiration Date such as 2018-12, from 2018-01 on {sure} Renew product? {blank}",
        ),
    ],
)
def test_each_dialog_has_the_products_words(desk, clerk, kind, words):
    subscription = licence(desk, expires_on=date(2017, 12, 1))
    assert shown(dialog(clerk, subscription, kind)).startswith(words.format(**PHRASES))


@pytest.mark.parametrize(
    ("kind", "leave", "do", "mark"),
    [
        (CommandKind.SOFT_CANCEL, "No", "Yes", "primary"),
        (CommandKind.HARD_CANCEL, "No", "Yes", "solid-red"),
        (CommandKind.RENEW, "No", "Yes", "primary"),
        (CommandKind.REDUCE, "No", "Yes", "primary"),
        (CommandKind.MODIFY_QUANTITY, "Cancel", "ModifyQuantity", "primary"),
        (CommandKind.MODIFY_ATTRIBUTES, "Cancel", "Modify Attributes", "primary"),
    ],
)
def test_the_safe_answer_comes_first(desk, clerk, kind, leave, do, mark):
    page = dialog(clerk, licence(desk, expires_on=date(2017, 12, 1)), kind)
    assert page.index(f">{leave}</button>") < page.index(f">{do}</button>")
    assert f'class="btn {mark}" type="submit" form="command-form"' in page


def test_a_command_that_the_state_forbids_offers_no_yes(desk, clerk):
    page = dialog(clerk, licence(desk), CommandKind.RENEW)
    assert "Renew: nothing to renew, the licence is unlimited." in page
    assert ">Yes</button>" not in page


def test_without_htmx_the_dialog_opens_on_its_page(desk, clerk):
    subscription = licence(desk)
    page = text(clerk.get(f"/subscriptions/command/?id={subscription.id}&kind=SoftCancel"))
    assert '<dialog id="command-dialog" aria-labelledby="dialog-title" data-show>' in page
    assert "What each month costs" in page


def test_a_change_of_quantity_shows_sku_price_amounts_months_and_end(desk, clerk):
    assert impact(clerk, licence(desk), CommandKind.MODIFY_QUANTITY, quantity="8") == (
        "What the command will do Impact Now After Quantity 12 8 SKU KL4864X10 KL4864X5 List Price 7.70€ 10.00€ "
        "End user amount 92.40€ 80.00€ Reseller discount 22.00% 22.00% Reseller amount 72.07€ 62.40€ "
        "Use ends unlimited unlimited "
        "July 2017 stays a decrease counts from August 72.07€ August 2017 9.67€ less 62.40€ "
        "10 seats cost less than 8. The next price band is 7.70€ a seat: 77.00€ a month instead of 80.00€ "
        "(reseller 60.06€ instead of 62.40€). Use 10 seats"
    )


def test_an_increase_counts_in_the_current_month(desk, clerk):
    # 14 x 7.70 = 107.80, less 22% = 84.08
    words = impact(clerk, licence(desk), CommandKind.MODIFY_QUANTITY, quantity="14")
    assert "July 2017 an increase counts in the current month 12.01€ more 84.08€" in words
    assert "August 2017 12.01€ more 84.08€" in words


def test_a_cancel_shows_its_date_the_month_it_is_charged_to_and_how_to_undo_it(desk, clerk):
    words = shown(dialog(clerk, licence(desk), CommandKind.HARD_CANCEL))
    assert (
        "Quantity, SKU 12 · KL4864X10 12 · KL4864X10 License Expiration unlimited unlimited "
        "Cancellation date none 01.08.2017 Use ends unlimited 01.08.2017 00:00 "
        "July 2017 stays charged to the end of the month 72.07€ "
        "August 2017 use ends on 01.08.2017 72.07€ less 0.00€ "
        "Undo until 31.07.2017: Renew, with the former expiration already filled in, clears the cancellation "
        "without a gap."
    ) in words


def test_a_reduction_that_bites_later_says_from_which_month(desk, clerk):
    words = impact(clerk, licence(desk), CommandKind.REDUCE, expiration="2017-12")
    assert "License Expiration unlimited 01.12.2017 Use ends unlimited 01.12.2017 00:00" in words
    assert "Charged otherwise from December 2017." in words


@pytest.mark.parametrize("kind", [CommandKind.RENEW, CommandKind.RECREATE])
def test_undoing_a_cancel_proposes_the_former_expiration(desk, clerk, kind):
    subscription = cancelled(desk, expires_on=date(2017, 12, 1))
    page = dialog(clerk, subscription, kind)
    assert fields(page)["expiration"] == "2017-12"
    assert "Cancellation date 01.08.2017 none Use ends 01.08.2017 00:00 01.12.2017 00:00" in shown(page)
    assert "August 2017 use goes on 72.07€ more 72.07€" in shown(page)


@pytest.mark.parametrize(
    ("kind", "typed", "reason"),
    [
        (CommandKind.MODIFY_QUANTITY, {"quantity": "12"}, "The licence has 12 seats already."),
        (CommandKind.MODIFY_QUANTITY, {"quantity": ""}, "Enter a quantity from 5 to 24."),
        (CommandKind.MODIFY_QUANTITY, {"quantity": "١٢"}, "“١٢” is not a whole number such as 12."),
        (CommandKind.MODIFY_QUANTITY, {}, "Enter a quantity from 5 to 24."),
        (CommandKind.REDUCE, {"expiration": "2018-13"}, "“2018-13” is not a month such as 2018-12."),
        (CommandKind.REDUCE, {"expiration": ""}, "Reduce needs a new expiration date."),
    ],
)
def test_values_that_cannot_be_sent_show_the_reason_in_place_of_an_impact(desk, clerk, kind, typed, reason):
    assert impact(clerk, licence(desk), kind, **typed) == reason


def test_looking_at_an_impact_writes_nothing(desk, clerk):
    subscription = licence(desk)
    before = (again(subscription).version, Command.select().count(), AuditEntry.select().count())
    dialog(clerk, subscription, CommandKind.HARD_CANCEL)
    impact(clerk, subscription, CommandKind.MODIFY_QUANTITY, quantity="8")
    assert (again(subscription).version, Command.select().count(), AuditEntry.select().count()) == before


def test_in_the_last_half_hour_of_a_month_the_dialog_says_so(sqlite_database):
    late = datetime(2017, 7, 31, 21, 45, tzinfo=UTC)  # 23:45 in Belgrade
    desk = desk_before_now()
    subscription = licence(desk)
    offset = {"SEATDESK_CLOCK_OFFSET": str((late - real_now()).total_seconds())}
    clerk = Browser(create_app(config_for(sqlite_database, **offset))).enter(desk.user)
    assert (
        "July ends within half an hour. The command counts in the month in which the vendor executes it, "
        "which may be August."
    ) in shown(dialog(clerk, subscription, CommandKind.SOFT_CANCEL))


def test_earlier_in_the_month_it_does_not(desk, clerk):
    assert "half an hour" not in dialog(clerk, licence(desk), CommandKind.SOFT_CANCEL)
