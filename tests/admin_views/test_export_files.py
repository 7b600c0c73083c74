"""A large list as a workbook: one click asks for it, a job writes it, and it is there for whoever asked."""

import io

import openpyxl
import pytest
from flask import Flask

from access import Role
from app import create_app
from clock import real_now
from database import insert_rows
from file_models import ExportFile, ExportPart
from jobs.exports import PART_BYTES, write_claimed
from licensing.states import OrderState
from models import Subscription, User
from operations.write_export import claim_export
from tests.admin_views.browser import Browser, config_for, form_token
from tests.admin_views.desk import CANARY, FORMULA, Desk, set_up, text
from tests.desk import again
from tests.small_book import NOW, add_customer

LARGE = 5_100
_PLAIN = ("reseller", "customer", "product", "sku", "quantity", "order_state", "ordered_at", "version", "last_request")


@pytest.fixture
def app(database: str) -> Flask:
    return create_app(config_for(database))


@pytest.fixture
def desk(app: Flask) -> Desk:
    """More pending orders than a page can wait for, of a customer whose name is a formula."""
    desk = set_up()
    buyer = add_customer(FORMULA, reseller=desk.bluth, city="Sarajevo", country="BA")
    sku, state = desk.licence.sku_id, OrderState.PENDING
    row = (desk.bluth.id, buyer.id, desk.product.id, sku, 7, state, NOW, 1, "")
    insert_rows(Subscription, _PLAIN, [row] * LARGE)
    return desk


def _ask(browser: Browser, query: str = "") -> ExportFile:
    page = browser.get(f"/subscriptions/?{query}")
    assert 'action="/exports/"' in text(page)
    form = {"screen": "subscriptions", "query": query}
    answer = browser.post("/exports/", form, token=form_token(page))
    assert answer.status_code == 303
    return ExportFile.get_by_id(int(answer.headers["Location"].rpartition("=")[2]))


def _write(export: ExportFile) -> ExportFile:
    write_claimed(claim_export(export.id, real_now=real_now()))
    return again(export)


def test_a_large_list_is_written_by_a_job_and_downloaded_by_its_owner(app, desk):
    browser = Browser(app).enter(desk.people["blake"])
    export = _ask(browser, "status=all&sort=company_name&desc=1")
    assert "Being written" in text(browser.get(f"/exports/view/?id={export.id}"))
    assert browser.get(f"/exports/file/?id={export.id}").status_code == 404
    written = _write(export)
    assert (written.state, written.rows, written.problem) == ("written", LARGE + 1, "")
    file = browser.get(f"/exports/file/?id={export.id}")
    assert file.headers["Content-Disposition"] == "attachment; filename=subscriptions-2017-07-22.xlsx"
    assert int(file.headers["Content-Length"]) == len(file.data) == written.size
    rows = list(openpyxl.load_workbook(io.BytesIO(file.data), read_only=True).active.values)
    assert len(rows) == LARGE + 2
    assert rows[1][:2] == ("Bluth Company", "Tunel d.o.o.")
    assert {row[1] for row in rows[2:]} == {FORMULA}
    assert CANARY not in str(rows)


def test_the_file_is_the_one_that_a_short_list_gives_at_once(app, desk):
    browser = Browser(app).enter(desk.people["ops"])
    by_job = _write(_ask(browser, "status=all"))
    parts = ExportPart.select(ExportPart.content).where(ExportPart.export == by_job).order_by(ExportPart.number)
    assert all(len(bytes(content)) <= PART_BYTES for (content,) in parts.tuples())
    whole = b"".join(bytes(content) for (content,) in parts.tuples())
    Subscription.delete().where(Subscription.id > Subscription.select().count() - LARGE + 20).execute()
    at_once = browser.get("/subscriptions/export/xlsx/?status=all").data
    rows = [list(openpyxl.load_workbook(io.BytesIO(data), read_only=True).active.values) for data in (whole, at_once)]
    assert rows[0][: len(rows[1])] == rows[1]
    assert len(rows[1]) > 20


def test_progress_is_followed_and_the_download_begins_by_itself_once(app, desk):
    browser = Browser(app).enter(desk.people["ops"])
    export = _ask(browser)
    following = {"HX-Request": "true"}
    waiting = text(browser.get(f"/exports/view/?id={export.id}", headers=following))
    assert "hx-trigger" in waiting
    assert "Waits for its turn" in waiting
    _write(export)
    ready = text(browser.get(f"/exports/view/?id={export.id}", headers=following))
    assert "data-downloads-itself" in ready
    assert "hx-trigger" not in ready
    assert "data-downloads-itself" not in text(browser.get(f"/exports/view/?id={export.id}"))


def test_a_file_is_nobody_elses(app, desk):
    export = _write(_ask(Browser(app).enter(desk.people["blake"])))
    for name in ("john", "stan", "ops", "admin", "audit"):
        browser = Browser(app).enter(desk.people[name])
        for part in ("view", "file"):
            foreign, nowhere = (browser.get(f"/exports/{part}/?id={key}") for key in (export.id, 987_654))
            assert (foreign.status_code, nowhere.status_code) == (404, 404)
        assert export.file_name not in text(browser.get("/exports/"))
    own = text(Browser(app).enter(desk.people["blake"]).get("/exports/"))
    assert own.count(f"/exports/file/?id={export.id}") == 1


def test_a_short_list_is_still_one_answer(app, desk):
    page = text(Browser(app).enter(desk.people["stan"]).get("/subscriptions/"))
    assert "/subscriptions/export/xlsx/" in page
    assert 'action="/exports/"' not in page


def test_the_address_of_a_large_workbook_asks_before_it_writes(app, desk):
    browser = Browser(app).enter(desk.people["ops"])
    page = browser.get("/subscriptions/export/xlsx/?status=all")
    assert page.mimetype == "text/html"
    assert 'name="query" value="status=all"' in text(page)
    assert ExportFile.select().count() == 0


def test_the_file_holds_what_its_owner_may_read_when_it_is_written(app, desk):
    export = _ask(Browser(app).enter(desk.people["ops"]))
    User.update(role=Role.RESELLER_USER, reseller=desk.sitwell).where(User.id == desk.people["ops"].id).execute()
    assert claim_export(export.id, real_now=real_now()) is None
    assert again(export).state == "failed"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"screen": "subscriptions"}, 303),
        ({"screen": "no-such"}, 404),
        ({"screen": "home"}, 404),
        ({}, 404),
        ({"screen": "subscriptions", "query": "x" * 4_001}, 404),
        ({"screen": "users"}, 403),
        ({"screen": "resellers"}, 403),
    ],
)
def test_only_lists_that_one_may_open_are_written(app, desk, form, status):
    browser = Browser(app).enter(desk.people["john"])
    assert browser.post("/exports/", form).status_code == status


def test_a_filter_that_cannot_be_read_is_told_to_the_owner(app, desk):
    browser = Browser(app).enter(desk.people["ops"])
    answer = browser.post("/exports/", {"screen": "subscriptions", "query": "status=no-such"})
    export = _write(ExportFile.get_by_id(int(answer.headers["Location"].rpartition("=")[2])))
    assert export.state == "failed"
    assert "cannot be read" in text(browser.get(f"/exports/view/?id={export.id}"))


@pytest.mark.parametrize("screen", ["customers", "requests", "skus", "resellers", "users"])
def test_every_list_can_be_written_by_a_job(app, desk, screen):
    browser = Browser(app).enter(desk.people["admin"])
    answer = browser.post("/exports/", {"screen": screen, "query": ""})
    export = _write(ExportFile.get_by_id(int(answer.headers["Location"].rpartition("=")[2])))
    at_once = browser.get(f"/{screen}/export/xlsx/").data
    by_job = browser.get(f"/exports/file/?id={export.id}").data
    rows = [list(openpyxl.load_workbook(io.BytesIO(data), read_only=True).active.values) for data in (by_job, at_once)]
    assert rows[0] == rows[1]
