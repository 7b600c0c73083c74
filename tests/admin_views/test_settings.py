import html

import pytest

from licensing.terms import Month
from models import AuditEntry, Setting
from queries.settings import confirm_rows
from tests.admin_views.browser import Browser
from tests.admin_views.desk import Desk, set_up, text


@pytest.fixture
def desk(app) -> Desk:
    return set_up()


@pytest.fixture
def admin(desk, browser_of) -> Browser:
    return browser_of(desk.people["admin"])


def _save(browser, setting="first_month", rule="full", month="2017-08"):
    return browser.post(f"/settings/{setting}", {"rule": rule, "valid_from": month})


def test_shows_the_rules_that_an_installation_begins_with(admin):
    page = text(admin.get("/settings/"))
    assert "In July 2017: free." in page
    assert "In July 2017: charged in full." in page
    assert page.count("Nothing was ever set") == 2


def test_shows_whose_installation_it_is_and_its_time_zone(admin):
    page = text(admin.get("/settings/"))
    assert "<span>Distributor</span>" in page
    assert "<span>Europe/Belgrade</span>" in page


def test_a_saved_rule_is_shown_with_its_month(admin):
    answer = _save(admin)
    assert (answer.status_code, answer.location) == (303, "/settings/")
    page = text(admin.get("/settings/"))
    assert "First month is saved." in page
    assert '<th scope="row">2017-08</th><td>charged in full</td><td>later</td>' in page
    assert "In July 2017: free." in page


def test_the_rule_in_force_is_told_from_those_that_are_over(admin):
    Setting.create(name="restart_month", valid_from="2017-01-01", value="free")
    Setting.create(name="restart_month", valid_from="2017-05-01", value="full")
    page = text(admin.get("/settings/"))
    assert '<th scope="row">2017-05</th><td>charged in full</td><td>now</td>' in page
    assert '<th scope="row">2017-01</th><td>free</td><td>over</td>' in page


def test_a_saved_rule_counts_in_the_reports(admin, desk):
    _save(admin, month="2017-07")
    assert Setting.get().value == "full"
    assert "In July 2017: charged in full." in text(admin.get("/settings/"))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"month": "2017-06"}, "2017-06 is over: a setting can be changed from 2017-07 on."),
        ({"month": "2018-13"}, "“2018-13” is not a month such as 2018-12."),
        ({"month": ""}, "Enter the month from which it holds."),
        ({"month": "<b>"}, "“<b>” is not a month such as 2018-12."),
        ({"rule": "half"}, "Choose one of the two."),
    ],
)
def test_a_wrong_value_is_said_beside_its_field_and_kept(admin, values, sentence):
    answer = _save(admin, **values)
    assert answer.status_code == 422
    page = text(answer)
    assert sentence in html.unescape(page)
    assert f'value="{html.escape(values.get("month", "2017-08"))}"' in page
    assert Setting.select().count() == 0


def test_another_setting_is_not_found(admin):
    assert _save(admin, "secret_key").status_code == 404


def test_a_form_without_its_token_changes_nothing(admin):
    answer = admin.post("/settings/first_month", {"rule": "full", "valid_from": "2017-08"}, token="none")
    assert answer.status_code == 400
    assert Setting.select().count() == 0


@pytest.mark.parametrize("username", ["ops", "audit", "blake", "john"])
def test_is_for_the_distributor_admin_alone(desk, browser_of, username):
    browser = browser_of(desk.people[username])
    assert browser.get("/settings/").status_code == 403
    assert _save(browser).status_code == 403
    assert "/settings/" not in text(browser.get("/"))
    assert (Setting.select().count(), AuditEntry.select().count()) == (0, 0)


def test_anonymous_is_sent_to_sign_in(app, desk):
    assert Browser(app).get("/settings/").status_code == 303


def test_stands_last_in_the_menu_of_the_admin(admin):
    assert text(admin.get("/")).count('href="/settings/"') == 1


def _save_limit(browser, rows):
    return browser.post("/settings/confirm_rows", {"rows": rows})


def test_the_limit_above_which_rows_are_typed_can_be_changed(admin):
    assert "Now: above 100 rows." in text(admin.get("/settings/"))
    assert _save_limit(admin, "20").status_code == 303
    assert "Now: above 20 rows." in text(admin.get("/settings/"))
    assert confirm_rows(Month(2017, 7)) == 20
    assert AuditEntry.get(AuditEntry.action == "setting.changed").details["value"] == [None, "20"]


@pytest.mark.parametrize("typed", ["", "-1", "12.0", "10001", "x", "١٢"])
def test_a_wrong_limit_is_refused_beside_the_field(admin, typed):
    answer = _save_limit(admin, typed)
    assert answer.status_code == 422
    assert 'class="error" id="confirm-rows-help"' in text(answer)
    assert f'name="rows" value="{typed}"' in text(answer)
    assert Setting.select().count() == 0


def test_only_the_distributor_admin_changes_the_limit(desk, browser_of):
    for name in ("ops", "audit", "blake", "john"):
        assert _save_limit(browser_of(desk.people[name]), "5").status_code == 403
