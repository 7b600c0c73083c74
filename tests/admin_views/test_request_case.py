"""The page of one request: what happened to it, what went over the wire, and who sees which of it."""

import re
from datetime import date, timedelta

import pytest

from clock import real_now
from licensing.commands import Evidence, Rejected, Unreadable, VendorRequest
from licensing.moment import Moment
from licensing.states import CommandKind, CommandState
from models import AuditEntry, Command
from operations.seal_audit import seal_audit
from operations.settle_command import OpenQuestion, settle_command
from tests.admin_views.browser import NOW
from tests.admin_views.desk import CANARY, HOSTILE, set_up, text
from tests.admin_views.request_pages import LOST, page_of, parked
from tests.desk import state_of
from tests.small_book import ZONE, add_command


@pytest.fixture
def desk(app):
    return set_up()


def test_the_panel_of_the_oldest_parked_request_stands_above_the_list(desk, browser_of):
    parked(desk, minutes=20)
    page = text(browser_of(desk.people["ops"]).get("/requests/"))
    for words in (
        "One outcome is unknown: Create for Tunel d.o.o.",
        "open for 20 minutes",
        "Sent once: Create, Endpoint - Basic, 10 seats KL4864X10, 77.00€ a month",
        LOST,
        "A person looks it up in the vendor&#39;s portal",
        "The licence exists at the vendor",
        'value="22.07.2017 11:40:00"',
        "Read from the vendor before it is saved.",
        "Confirmed absent: send again",
        "Neither: give it up",
    ):
        assert words in page, words
    parked(desk, licence=desk.licence, kind=CommandKind.RENEW, minutes=90)
    page = text(browser_of(desk.people["ops"]).get("/requests/"))
    assert "2 outcomes are unknown. The oldest: Renew for Tunel d.o.o." in page
    assert "/requests/?standing=parked" in page


@pytest.mark.parametrize("query", ["?company_name=tunel", "?standing=confirmed", "?command=Renew"])
def test_a_list_about_other_requests_has_no_panel_above_it(desk, browser_of, query):
    parked(desk)
    assert "The licence exists at the vendor" not in text(browser_of(desk.people["ops"]).get(f"/requests/{query}"))


@pytest.mark.parametrize("person", ["audit", "blake", "john"])
def test_who_cannot_decide_sees_what_happened_and_no_form(desk, browser_of, person):
    command = parked(desk)
    browser = browser_of(desk.people[person])
    assert "One outcome is unknown" not in text(browser.get("/requests/"))
    page = page_of(browser, command)
    assert LOST in page
    assert "Adopt the vendor" not in page
    assert "Close the request" not in page


@pytest.mark.parametrize(("person", "is_shown"), [("ops", True), ("audit", True), ("blake", False), ("john", False)])
def test_what_went_over_the_wire_is_for_those_who_see_all_resellers(desk, browser_of, person, *, is_shown):
    page = page_of(browser_of(desk.people[person]), parked(desk))
    assert ("POST /create" in page) is is_shown
    assert HOSTILE not in page


def test_the_page_asks_for_itself_only_while_something_moves(desk, browser_of):
    command = add_command(desk.licence, kind=CommandKind.RENEW, state=CommandState.QUEUED)
    browser = browser_of(desk.people["john"])
    page = page_of(browser, command)
    live = re.search(r'hx-get="([^"]+)"', page)[1].replace("&amp;", "&")
    assert browser.get(live).status_code == 204
    Command.update(state=CommandState.CONFIRMED, executed_at=NOW).execute()
    moved = browser.get(live)
    assert (moved.status_code, "Confirmed" in text(moved)) == (200, True)
    assert "hx-get" not in text(moved)


def test_the_page_tells_every_attempt_and_every_entry(desk, browser_of):
    command = parked(desk, licence=desk.licence, kind=CommandKind.MODIFY_QUANTITY, change={"quantity": 12})
    moment = Moment(now=NOW, real_now=real_now(), zone=ZONE)
    Command.update(state=CommandState.UNKNOWN).execute()
    request = VendorRequest(kind=CommandKind.MODIFY_QUANTITY, reference=command.reference, vendor_pin="B")
    question = OpenQuestion(command.id, 1, None, moment.real_now, request)
    evidence = Evidence(request="GET /find", response='{"ActivationCode":"***"}', http_status=503)
    for _ in range(2):
        settle_command(question, Unreadable(reason="HTTP 503", evidence=evidence), moment=moment, lateness=timedelta())
    refused = Rejected(code="TermTooLong", message="At most a year", completed_steps=1)
    settle_command(question, refused, moment=moment, lateness=timedelta())
    page = page_of(browser_of(desk.people["ops"]), command)
    for words in (
        "Sent once: ModifyQuantity, 12 → 10 seats",
        "The vendor was asked 2 times: HTTP 503",
        "GET /find",
        "HTTP 503 · HTTP 503",
        "Left to a person",
        "reason: TermTooLong At most a year",
        "Send the rest again",
        "ErrorCode",
    ):
        assert words in page, words
    assert AuditEntry.select().where(AuditEntry.subject_id == command.id).count() == 1
    assert seal_audit() >= 1


def test_no_activation_code_appears_on_the_page_of_a_request(desk, browser_of):
    command = add_command(desk.licence, kind=CommandKind.CREATE, quantity=10)
    page = page_of(browser_of(desk.people["ops"]), command)
    assert desk.licence.subscription_id in page
    assert desk.licence.activation_code not in page


def test_a_request_of_the_list_leads_to_its_page_and_from_there_to_its_subscription(desk, browser_of):
    command = add_command(desk.licence, kind=CommandKind.RENEW, state=CommandState.CONFIRMED, executed_at=NOW)
    browser = browser_of(desk.people["john"])
    assert f'href="/requests/case/?id={command.id}"' in text(browser.get("/requests/"))
    assert f'href="/subscriptions/edit/?id={desk.licence.id}"' in page_of(browser, command)


@pytest.mark.parametrize("path", ["case/", "case/live/", "case/adopt/", "case/absent/", "case/close/", "cancel/"])
@pytest.mark.parametrize("wrong", ["foreign", "missing", "x", "", "-1", "9" * 40, "1%00"])
def test_a_foreign_a_missing_and_a_senseless_id_are_not_found(desk, browser_of, path, wrong):
    foreign = add_command(desk.foreign_licence, kind=CommandKind.RENEW, state=CommandState.QUEUED)
    asked = {"foreign": foreign.id, "missing": 987_654_321}.get(wrong, wrong)
    browser = browser_of(desk.people["john"])
    address = f"/requests/{path}?id={asked}"
    answer = browser.get(address) if path in {"case/", "case/live/"} else browser.post(address)
    # Stating what exists at the vendor is judged by the right before anything else.
    assert answer.status_code == (403 if path == "case/adopt/" else 404)
    assert CANARY not in text(answer)
    assert state_of(foreign) == CommandState.QUEUED


@pytest.mark.parametrize("wrong", ["987654321", "x", "", "-1"])
@pytest.mark.parametrize("path", ["case/adopt/", "case/absent/", "case/close/", "cancel/"])
def test_what_does_not_exist_is_not_found_by_the_distributor_either(desk, browser_of, path, wrong):
    assert browser_of(desk.people["ops"]).post(f"/requests/{path}?id={wrong}").status_code == 404


def test_a_stranger_is_sent_to_the_sign_in(desk, browser):
    command = parked(desk)
    for path in (f"case/?id={command.id}", f"case/live/?id={command.id}"):
        assert browser.get(f"/requests/{path}").headers["Location"].startswith("/login")
    for path in ("case/adopt/", "case/absent/", "case/close/", "cancel/", "release/"):
        assert browser.post(f"/requests/{path}?id={command.id}").headers["Location"].startswith("/login")
    assert state_of(command) == CommandState.PARKED


def test_a_request_that_came_with_a_history_says_so(desk, browser_of):
    command = add_command(desk.licence, kind=CommandKind.RENEW, expires_on=date(2017, 12, 1), executed_at=NOW)
    page = page_of(browser_of(desk.people["ops"]), command)
    assert "Taken over as executed: Renew" in page
