"""The access matrix: every rule × method × role × (own, another reseller's, nonexistent)."""

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.access.doors import DOORS, EVERYBODY, Door
from tests.access.two_tenants import NOWHERE, Tenants, all_text, blanked, rows_of, set_up_tenants
from tests.admin_views.browser import Browser

RESELLER_PEOPLE = ("blake", "john")
PUBLIC = {
    ("static", "GET"),
    ("login.show", "GET"),
    ("login.submit", "POST"),
    ("login.challenge", "GET"),
    ("health.live", "GET"),
    ("health.ready", "GET"),
}
IDS = [f"{method} {endpoint}" for endpoint, method in DOORS]
# Who is not let in at all meets no tenant's rows, so that one engine can say it.
ON_SQLITE = pytest.mark.parametrize("app", ["sqlite_watched"], indirect=True)
WITH_ROW = {key: door for key, door in DOORS.items() if door.row is not None}


@pytest.fixture
def tenants(app: Flask) -> Tenants:
    return set_up_tenants(app)


def rules(app: Flask) -> set[tuple[str, str]]:
    return {
        (rule.endpoint, method) for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def knock(browser: Browser, method: str, door: Door, tenants: Tenants, row_id: int) -> TestResponse:
    """Send what an allowed person would send, about that row."""
    path = door.path.replace("{id}", str(row_id))
    if method == "GET":
        answer = browser.get(path)
    else:
        answer = browser.post(path, dict(door.form(tenants, row_id)) if door.form else {})
    answer.get_data()  # a streamed answer keeps its request open until it was read
    return answer


def own_row(door: Door, tenants: Tenants) -> int:
    return tenants.own[door.row] if door.row else 0


@ON_SQLITE
def test_every_rule_of_the_application_is_in_the_matrix(app: Flask) -> None:
    assert rules(app) == set(DOORS) | PUBLIC


@pytest.mark.parametrize(("key", "door"), DOORS.items(), ids=IDS)
def test_each_role_gets_what_is_declared(
    key: tuple[str, str], door: Door, tenants: Tenants, browser_of: Callable[..., Browser]
) -> None:
    for name in sorted(EVERYBODY):
        answer = knock(browser_of(tenants.desk.people[name]), key[1], door, tenants, own_row(door, tenants))
        allowed = door.status if name in door.who else {403}
        assert answer.status_code in allowed, f"{name}: {answer.status}"


@ON_SQLITE
@pytest.mark.parametrize(("key", "door"), DOORS.items(), ids=IDS)
def test_nobody_who_is_not_signed_in_gets_in(
    key: tuple[str, str], door: Door, tenants: Tenants, browser: Browser
) -> None:
    before = rows_of(tenants.desk.bluth.id)
    answer = knock(browser, key[1], door, tenants, own_row(door, tenants))
    assert answer.status_code in {302, 303, 401}
    assert answer.headers["Location"].startswith("/login") or key[0] == "login.logout"
    assert rows_of(tenants.desk.bluth.id) == before


@ON_SQLITE
@pytest.mark.parametrize(("key", "door"), DOORS.items(), ids=IDS)
def test_a_form_without_its_token_changes_nothing(
    key: tuple[str, str], door: Door, tenants: Tenants, browser_of: Callable[..., Browser]
) -> None:
    if key[1] != "POST":
        return
    row_id = own_row(door, tenants)
    form = {**(door.form(tenants, row_id) if door.form else {}), "csrf_token": ""}
    before = rows_of(tenants.desk.bluth.id)
    for name in ("admin", "blake"):
        path = door.path.replace("{id}", str(row_id))
        assert browser_of(tenants.desk.people[name]).post(path, form, token="").status_code == 400
    assert rows_of(tenants.desk.bluth.id) == before


@pytest.mark.parametrize("person", RESELLER_PEOPLE)
@pytest.mark.parametrize(("key", "door"), WITH_ROW.items(), ids=[f"{m} {e}" for e, m in WITH_ROW])
def test_another_resellers_row_answers_like_one_that_does_not_exist(
    key: tuple[str, str], door: Door, person: str, tenants: Tenants, browser_of: Callable[..., Browser]
) -> None:
    browser = browser_of(tenants.desk.people[person])
    before = rows_of(tenants.desk.sitwell.id)
    foreign_id = tenants.foreign[door.row]
    foreign = knock(browser, key[1], door, tenants, foreign_id)
    nowhere = knock(browser, key[1], door, tenants, NOWHERE)
    assert blanked(foreign, foreign_id) == blanked(nowhere, NOWHERE)
    assert rows_of(tenants.desk.sitwell.id) == before
    assert foreign.status_code in {403, 404}


@pytest.mark.parametrize("person", RESELLER_PEOPLE)
@pytest.mark.parametrize(("key", "door"), DOORS.items(), ids=IDS)
def test_no_answer_holds_a_word_of_another_reseller(
    key: tuple[str, str],
    door: Door,
    person: str,
    tenants: Tenants,
    browser_of: Callable[..., Browser],
    caplog: pytest.LogCaptureFixture,
) -> None:
    browser = browser_of(tenants.desk.people[person])
    caplog.set_level("INFO")
    rows = {0} if door.row is None else {tenants.own[door.row], tenants.foreign[door.row], NOWHERE}
    for row_id in rows:
        text = all_text(knock(browser, key[1], door, tenants, row_id)) + caplog.text
        assert not [canary for canary in tenants.canaries if canary in text]
