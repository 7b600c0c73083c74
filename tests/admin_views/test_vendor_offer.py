"""What the vendor's service cannot do is refused where it is asked for, with the reason, and becomes no request."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from app import create_app
from licensing.states import CommandKind
from models import Batch, Selection
from tests.admin_views.browser import Browser, config_for
from tests.admin_views.desk import text
from tests.admin_views.ordering import HTMX, commands_of, desk_before_now, dialog, dialog_form, licence, shown

REASON = "The vendor's order service has no SoftCancel."
SOAP = {"SEATDESK_VENDOR_KIND": "subscription", "SEATDESK_VENDOR_USER": "us", "SEATDESK_VENDOR_PASSWORD": "a password"}


@pytest.fixture
def desk(app):
    return desk_before_now()


@pytest.fixture
def clerk(desk, sqlite_database):
    """Somebody at a desk whose vendor has the known wire alone."""
    return at_desk(desk, sqlite_database, SEATDESK_VENDOR_EXTENSIONS="0")


def at_desk(desk, url, **environ):
    return Browser(create_app(config_for(url, **environ))).enter(desk.user)


def disabled_buttons(page):
    """The commands whose button cannot be pressed, each with the words that say why."""
    words = dict(re.findall(r'id="(why-\w+)"[^>]*>(.*?)</', page, re.DOTALL))
    found = re.findall(r'<button[^>]*aria-describedby="(why-\w+)"[^>]*>([^<]+)<', page)
    return {name.strip(): shown(words.get(reason_id, "")) for reason_id, name in found}


def test_its_button_is_disabled_and_says_why(desk, clerk):
    page = text(clerk.get(f"/subscriptions/edit/?id={licence(desk).id}"))
    disabled = disabled_buttons(page)
    assert {"Soft Cancel", "SoftCancel"} & set(disabled)
    assert not {"Hard Cancel", "HardCancel"} & set(disabled)
    assert REASON in shown(page)


def test_a_desk_that_has_it_offers_it(desk, browser_of):
    page = text(browser_of(desk.user).get(f"/subscriptions/edit/?id={licence(desk).id}"))
    assert REASON not in shown(page)


def test_its_dialog_says_so_before_anything_is_typed(desk, clerk):
    assert REASON in shown(dialog(clerk, licence(desk), CommandKind.SOFT_CANCEL))


def test_a_form_that_was_open_before_is_refused_and_becomes_no_request(desk, clerk, browser_of):
    subscription = licence(desk)
    before = len(commands_of(subscription))
    form = dialog_form(browser_of(desk.user), subscription, CommandKind.SOFT_CANCEL)
    form.pop("csrf_token")
    answer = clerk.post("/subscriptions/command/", form, headers=HTMX)
    assert answer.status_code == 409
    assert REASON in shown(text(answer))
    assert len(commands_of(subscription)) == before


def test_rows_are_not_planned_for_it(desk, clerk):
    answer = clerk.post(
        "/subscriptions/select/", {"command": "SoftCancel", "scope": "ticked", "row": [licence(desk).id]}
    )
    assert answer.status_code == 303
    assert REASON in shown(text(clerk.get(answer.location)))
    assert Selection.select().count() == 0


def test_a_plan_that_was_made_before_is_not_started(desk, clerk, browser_of):
    rows = {"command": "SoftCancel", "scope": "ticked", "row": [licence(desk).id]}
    planned = browser_of(desk.user).post("/subscriptions/select/", rows).location
    selection_id = parse_qs(urlsplit(planned).query)["id"][0]
    version = Selection.get_by_id(selection_id).version
    answer = clerk.post(f"/plans/start/?id={selection_id}", {"version": version})
    assert REASON in shown(text(clerk.get(answer.location)))
    assert Batch.select().count() == 0


def test_the_subscription_service_changes_no_quantity(desk, sqlite_database):
    subscription = licence(desk)
    page = text(at_desk(desk, sqlite_database, **SOAP).get(f"/subscriptions/edit/?id={subscription.id}"))
    assert "The vendor's subscription service cannot change the quantity of a licence." in shown(page)
