"""What people decide about a request: adopt, send again, close, cancel; and what is on hold, release."""

from datetime import timedelta

import pytest

from app import create_app
from clock import real_now
from licensing.states import CommandKind, CommandState, OrderState
from models import Adoption, Command, GatewayHold
from tests.admin_views.browser import NOW, Browser, config_for
from tests.admin_views.desk import HOSTILE, set_up, text
from tests.admin_views.request_pages import flashes, page_of, parked, send
from tests.desk import again, audited, state_of
from tests.small_book import add_command

DECIDED = {"adopt": "confirmed", "absent": "queued", "close": "closed"}


@pytest.fixture
def desk(app):
    return set_up()


def test_an_adoption_is_noted_with_the_time_of_the_distributors_zone(desk, browser_of):
    command = parked(desk)
    browser = browser_of(desk.people["ops"])
    assert "The vendor is read before it is saved." in flashes(browser, send(browser, "adopt", command))
    stated = Adoption.get()
    assert (stated.subscription_id, stated.activation_code) == ("5300d101-aaaa", "5300D101-BBBB")
    assert stated.executed_at.isoformat() == "2017-07-22T09:45:10+00:00"
    assert stated.stated_by == desk.people["ops"]
    assert state_of(command) == CommandState.PARKED
    page = page_of(browser, command)
    assert "What was stated is being read at the vendor." in page
    assert "every 2s" in page


def test_a_refused_adoption_says_why_and_keeps_what_was_typed(desk, browser_of):
    command = parked(desk)
    browser = browser_of(desk.people["ops"])
    send(browser, "adopt", command)
    Adoption.update(state="refused", answer="The vendor shows 12 seats, not 10.").execute()
    page = page_of(browser, command)
    assert "The vendor shows 12 seats, not 10." in page
    assert 'value="5300d101-aaaa"' in page
    assert 'value="22.07.2017 11:45:10"' in page
    assert "every 2s" not in page


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"subscription_id": ""}, "This is required."),
        ({"subscription_id": "a b"}, "Letters, figures and dashes only"),
        ({"subscription_id": "x" * 61}, "at most 60 fit"),
        ({"activation_code": "\x00"}, "cannot be seen"),
        ({"activation_code": "\u202e"}, "cannot be seen"),
        ({"executed_at": ""}, "This is required."),
        ({"executed_at": "2017-07-22"}, "is not a time such as 23.07.2017 14:45:10."),
        ({"executed_at": "31.02.2017 10:00"}, "is not a time such as"),
        ({"executed_at": "٢٢.07.2017 11:45"}, "is not a time such as"),
        ({"executed_at": "26.03.2017 02:30"}, "is a time that the clocks skipped."),
        ({"executed_at": "22.07.2017 11:00"}, "so it was executed later."),
        ({"executed_at": "22.07.2017 13:00"}, "This lies in the future."),
        ({"executed_at": "01.01.9999 10:00"}, "This lies in the future."),
        ({"executed_at": HOSTILE}, "is not a time such as"),
    ],
)
def test_a_wrong_value_is_named_beside_its_field_and_nothing_is_noted(desk, browser_of, form, why):
    command = parked(desk)
    answer = send(browser_of(desk.people["ops"]), "adopt", command, **form)
    assert answer.status_code == 422
    page = text(answer)
    assert why in page
    assert 'aria-invalid="true"' in page
    assert 'value="5300D101-BBBB"' in page or "activation_code" in form
    assert HOSTILE not in page
    assert Adoption.select().count() == 0


def test_confirmed_absent_queues_it_again(desk, browser_of):
    command = parked(desk)
    browser = browser_of(desk.people["ops"])
    assert "with the same reference, is sent once more" in flashes(browser, send(browser, "absent", command))
    assert (state_of(command), again(command).reference) == (CommandState.QUEUED, command.reference)


def test_a_half_executed_renewal_is_not_called_absent_by_mistake(desk, browser_of):
    command = parked(desk, licence=desk.licence, kind=CommandKind.RENEW)
    assert "Only where the vendor shows no trace of it" in page_of(browser_of(desk.people["ops"]), command)
    order = parked(desk)
    assert "no trace of it" not in page_of(browser_of(desk.people["ops"]), order)


def test_absence_is_not_taken_while_the_vendor_may_still_execute_it(desk, browser_of):
    command = parked(desk, minutes=5)
    browser = browser_of(desk.people["ops"])
    page = page_of(browser, command)
    assert "until then the vendor may still execute it." in page
    assert 'aria-disabled="true"' in page
    assert "may still execute it until" in flashes(browser, send(browser, "absent", command))
    assert state_of(command) == CommandState.PARKED


def test_closing_takes_a_reason_and_leaves_a_failed_order(desk, browser_of):
    command = parked(desk)
    browser = browser_of(desk.people["ops"])
    answer = send(browser, "close", command, reason=" ")
    assert (answer.status_code, "This is required." in text(answer)) == (422, True)
    flashes(browser, send(browser, "close", command))
    assert state_of(command) == CommandState.CLOSED
    assert again(command.subscription).order_state == OrderState.FAILED
    assert "The customer withdrew" in text(browser_of(desk.people["john"]).get("/requests/?standing=withdrawn"))


@pytest.mark.parametrize("what", DECIDED)
def test_a_second_click_changes_nothing_and_says_so(desk, browser_of, what):
    command = parked(desk)
    browser = browser_of(desk.people["ops"])
    send(browser, what, command)
    Adoption.update(state="taken").execute()
    Command.update(state=DECIDED[what]).execute()
    before = audited("command", command.id)
    assert "the request has moved on meanwhile" in flashes(browser, send(browser, what, command))
    assert audited("command", command.id) == before


@pytest.mark.parametrize("attempt", ["0", "2", "", "x", "9" * 40])
@pytest.mark.parametrize("what", DECIDED)
def test_a_decision_about_another_attempt_is_not_taken(desk, browser_of, what, attempt):
    command = parked(desk)
    browser = browser_of(desk.people["ops"])
    assert "the request has moved on meanwhile" in flashes(browser, send(browser, what, command, attempt=attempt))
    assert state_of(command) == CommandState.PARKED


@pytest.mark.parametrize("person", ["audit", "blake", "john"])
@pytest.mark.parametrize("what", DECIDED)
def test_only_the_distributor_decides(desk, browser_of, what, person):
    command = parked(desk)
    assert send(browser_of(desk.people[person]), what, command).status_code == 403
    assert (state_of(command), Adoption.select().count()) == (CommandState.PARKED, 0)


def test_a_queued_request_is_cancelled_by_its_reseller_and_never_sent(desk, browser_of):
    command = add_command(desk.licence, kind=CommandKind.RENEW, state=CommandState.QUEUED)
    browser = browser_of(desk.people["john"])
    assert "Cancel the request" in page_of(browser, command)
    answer = browser.post(f"/requests/cancel/?id={command.id}")
    assert "It was not sent, and will not be." in flashes(browser, answer)
    assert state_of(command) == CommandState.CANCELLED
    page = page_of(browser, command)
    assert "Cancelled by John before it was sent" in page
    assert "Cancel the request" not in page
    assert "the request has moved on meanwhile" in flashes(browser, browser.post(f"/requests/cancel/?id={command.id}"))


def test_a_request_that_came_back_says_when_it_is_sent_again_and_that_it_was_not_executed(desk, browser_of):
    due_at = real_now() + timedelta(seconds=59)
    command = add_command(desk.licence, kind=CommandKind.RENEW, state=CommandState.QUEUED, attempt=1, due_at=due_at)
    browser = browser_of(desk.people["john"])
    page = page_of(browser, command)
    assert "Waits to be sent again at 12:00:" in page or "Waits to be sent again at 12:01:" in page
    assert "The vendor has not executed it; it is not sent again." in page
    answer = browser.post(f"/requests/cancel/?id={command.id}")
    assert "The vendor has not executed it, and it is not sent again." in flashes(browser, answer)


def test_a_half_done_request_offers_no_cancel_and_takes_none(desk, browser_of):
    command = add_command(desk.licence, kind=CommandKind.RENEW, state=CommandState.QUEUED, completed_steps=1)
    browser = browser_of(desk.people["ops"])
    assert "Cancel the request" not in page_of(browser, command)
    assert "stays half done" in flashes(browser, browser.post(f"/requests/cancel/?id={command.id}"))
    assert state_of(command) == CommandState.QUEUED


def test_an_auditor_cancels_nothing(desk, browser_of):
    command = add_command(desk.licence, kind=CommandKind.RENEW, state=CommandState.QUEUED)
    browser = browser_of(desk.people["audit"])
    assert "Cancel the request" not in page_of(browser, command)
    assert browser.post(f"/requests/cancel/?id={command.id}").status_code == 403
    assert state_of(command) == CommandState.QUEUED


def test_a_hold_is_released_by_the_distributor(desk, browser_of):
    GatewayHold.create(gateway="order service", reason="HTTP 401", held_at=NOW)
    for person in ("audit", "blake", "john"):
        browser = browser_of(desk.people[person])
        assert ">Release</button>" not in text(browser.get("/requests/"))
        assert browser.post("/requests/release/", {"gateway": "order service"}).status_code == 403
    browser = browser_of(desk.people["ops"])
    page = text(browser.get("/requests/"))
    assert "Sending is on hold" in page
    assert "HTTP 401" in page
    released = browser.post("/requests/release/", {"gateway": "order service"})
    assert "what is queued is sent now" in flashes(browser, released)
    assert GatewayHold.select().count() == 0
    for gateway in ("order service", "", HOSTILE, "\x00"):
        again_released = browser.post("/requests/release/", {"gateway": gateway})
        assert "Nothing is on hold any more." in flashes(browser, again_released)


def test_a_gateway_for_which_postgres_cannot_look_is_not_on_hold(postgres_database):
    browser = Browser(create_app(config_for(postgres_database))).enter(set_up().people["ops"])
    answer = browser.post("/requests/release/", {"gateway": "order\x00service"})
    assert "Nothing is on hold any more." in flashes(browser, answer)


def test_a_hold_for_reconciliation_says_what_it_waits_for(desk, browser_of):
    GatewayHold.create(gateway="order service", reason="Restored", held_at=NOW, needs_reconciliation=True)
    browser = browser_of(desk.people["admin"])
    page = text(browser.get("/requests/"))
    assert "once a reconciliation that began after the hold finds no difference" in page
    released = browser.post("/requests/release/", {"gateway": "order service"})
    assert "Sending stays on hold until a reconciliation" in flashes(browser, released)
    assert GatewayHold.select().count() == 1
