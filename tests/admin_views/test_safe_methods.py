"""Looking changes nothing: whoever can make a browser open an address can change nothing by it."""

import re

import pytest

from tests.admin_views.browser import Browser
from tests.admin_views.desk import set_up
from tests.small_book import statements

_WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE|DROP|ALTER)\b", re.IGNORECASE)


def _readings(app):
    """Every address that can be opened, by endpoint."""
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.endpoint != "static":
            yield rule.endpoint, re.sub(r"<[^>]+>", "csv", rule.rule)


@pytest.fixture
def desk(app):
    return set_up()


@pytest.mark.parametrize("who", ["admin", "john"])
def test_no_address_that_is_only_opened_writes_a_row(app, desk, who):
    browser = Browser(app).enter(desk.people[who])
    browser.get("/")
    found = {}
    for endpoint, path in _readings(app):
        with statements() as seen:
            browser.get(f"{path}?id={desk.licence.id}&kind=SoftCancel&month=2017-07&from=2017-07&to=2017-07")
        found[endpoint] = [text for text in seen if _WRITES.match(text)]
    assert not {endpoint: written for endpoint, written in found.items() if written}


def test_a_written_row_would_be_seen(app, desk):
    browser = Browser(app).enter(desk.people["john"])
    with statements() as seen:
        browser.post("/logout")
    assert [text for text in seen if _WRITES.match(text)]
