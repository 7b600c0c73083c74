"""What web writes on standard error: who asked for what, and nothing that anybody typed or that forges a line."""

import logging
import re

import pytest

from access import Role
from app import create_app
from database import db
from logs import write_to_standard_error
from tests.admin_views.browser import Browser, config_for
from tests.small_book import add_user

LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (INFO|WARNING|ERROR) [\w.]+\[\d+\] \S")


@pytest.fixture(autouse=True)
def _written(monkeypatch):
    """As gunicorn.conf.py has it in each process of web."""
    for name in ("seatdesk", "app"):
        logger = logging.getLogger(name)
        monkeypatch.setattr(logger, "handlers", [])
        monkeypatch.setattr(logger, "level", logger.level)
    write_to_standard_error("seatdesk", "app")


@pytest.fixture
def user(app):
    return add_user("ops", role=Role.DISTRIBUTOR_OPERATOR)


def test_a_request_is_one_line_with_time_address_user_path_and_status(browser_of, user, capsys):
    browser_of(user).get("/account?tab=what-they-searched")
    line = capsys.readouterr().err.splitlines()[-1]
    assert LINE.match(line)
    assert re.search(rf"127\.0\.0\.1 user={user.id} \w{{16}} GET /account 200", line)
    assert "what-they-searched" not in line


def test_a_request_of_nobody_says_so(browser, capsys):
    browser.get("/login")
    assert re.search(r"127\.0\.0\.1 user=- \w{16} GET /login 200", capsys.readouterr().err)


def test_a_refused_right_and_a_form_of_another_site_are_in_the_log(browser_of, user, capsys):
    visitor = browser_of(user)
    visitor.get("/users/")
    visitor.post("/account", {"name": "x"}, token="forged")
    lines = capsys.readouterr().err
    assert re.search(rf"user={user.id} \w{{16}} GET /users/ 403", lines)
    assert re.search(rf"user={user.id} \w{{16}} POST /account 400", lines)


def test_no_address_makes_a_line_of_its_own(browser, capsys):
    browser.get("/a%0d%0a2026-01-01T00:00:00Z INFO seatdesk.requests[1] forged%1b[2J%e2%80%a8x")
    written = capsys.readouterr().err
    assert len(written.splitlines()) == 1
    assert "\\r\\n2026-01-01" in written
    assert "\\x1b[2J\\u2028x" in written


def test_no_line_of_a_trace_looks_like_a_line_of_the_log(app, browser_of, user, capsys):
    def broken():
        raise RuntimeError("a reason\n2026-01-01T00:00:00Z INFO seatdesk.requests[1] forged")

    app.view_functions["home.index"] = broken
    browser_of(user).get("/")
    lines = capsys.readouterr().err.splitlines()
    assert "  | 2026-01-01T00:00:00Z INFO seatdesk.requests[1] forged" in lines
    assert not [line for line in lines if line.startswith("2026-01-01")]


def test_a_trace_does_not_repeat_the_row_that_a_database_refused(postgres_database, capsys):
    app, code = create_app(config_for(postgres_database)), "hidden-word"

    def broken():
        db.execute_sql("CREATE TEMPORARY TABLE tried (code TEXT, number INTEGER NOT NULL)")
        db.execute_sql("INSERT INTO tried VALUES (%s, NULL)", (code,))

    app.view_functions["home.index"] = broken
    Browser(app).enter(add_user("john", role=Role.DISTRIBUTOR_OPERATOR)).get("/")
    written = capsys.readouterr().err
    assert "NotNullViolation" in written
    assert "hidden-word" not in written


def test_a_human_check_that_fails_is_in_the_log(browser, capsys):
    browser.sign_in("ops", "anything", human_check="none")
    assert "human check: wrong" in capsys.readouterr().err


def test_however_often_it_is_asked_for_a_line_is_written_once(browser, capsys):
    write_to_standard_error("seatdesk", "app")
    browser.get("/login")
    assert len([line for line in capsys.readouterr().err.splitlines() if "GET /login 200" in line]) == 1
    assert len(logging.getLogger("seatdesk").handlers) == 1
