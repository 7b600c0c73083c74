"""The Subscription List in Chromium: nothing jumps, what it loads is kept, a large file comes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from clock import real_now
from database import db, insert_rows
from file_models import ExportFile
from jobs.exports import write_claimed
from licensing.states import OrderState
from models import Subscription
from operations.write_export import claim_export
from tests.admin_views.browser import Browser as Client
from tests.admin_views.desk import Desk, set_up
from tests.small_book import NOW

pytestmark = pytest.mark.browser

LARGE = 5_100
_PLAIN = ("reseller", "customer", "product", "sku", "quantity", "order_state", "ordered_at", "version", "last_request")
_WATCH = """
window.shifted = 0;
new PerformanceObserver(list => { for (const entry of list.getEntries()) window.shifted += entry.value; })
  .observe({type: "layout-shift", buffered: true});
"""
# The icon is fetched at the browser's leisure.
_LOADED = """
() => performance.getEntriesByType("resource").map(entry => [entry.name.split(".").pop(), entry.transferSize])
  .filter(([kind]) => kind !== "svg").sort()
"""


@pytest.fixture
def desk(app: Flask) -> Desk:
    desk = set_up()
    row = (desk.bluth.id, desk.tunel.id, desk.product.id, desk.licence.sku_id, 7, OrderState.PENDING, NOW, 1, "")
    insert_rows(Subscription, _PLAIN, [row] * LARGE)
    return desk


@pytest.fixture
def context(chromium: Browser, app: Flask, address: str, desk: Desk) -> BrowserContext:
    """A browser in which the distributor's operator is signed in."""
    cookie = Client(app).enter(desk.people["ops"]).client.get_cookie("seatdesk")
    with chromium.new_context(base_url=address, viewport={"width": 1280, "height": 800}) as context:
        context.add_cookies([{"name": "seatdesk", "value": cookie.value, "url": address}])
        context.add_init_script(_WATCH)
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_of_the_list_moves_while_it_loads(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/subscriptions/")
    page.wait_for_timeout(300)
    assert page.evaluate("window.shifted") == 0
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_nothing_of_the_list_moves_where_it_comes_slowly(context: BrowserContext, page: Page) -> None:
    """A part of a table is narrower than the whole: it is not shown before the rest is there."""
    slow = {"offline": False, "latency": 5, "downloadThroughput": 40_000, "uploadThroughput": 40_000}
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", slow)
    page.goto("/subscriptions/")
    page.wait_for_timeout(300)
    assert page.evaluate("window.shifted") == 0


def test_one_stylesheet_and_one_script_are_loaded_once(page: Page) -> None:
    page.goto("/subscriptions/")
    first = page.evaluate(_LOADED)
    page.goto("/customers/")
    again = page.evaluate(_LOADED)
    assert [kind for kind, _size in first] == ["css", "js"]
    assert all(size > 0 for _kind, size in first)
    assert again == [["css", 0], ["js", 0]]


def test_a_large_workbook_comes_after_one_click(page: Page, desk: Desk) -> None:
    page.goto("/subscriptions/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export XLSX").click()
        page.get_by_text("Waits for its turn").wait_for()
        assert Axe().run(page).response["violations"] == []
        with db.connection_context():
            write_claimed(claim_export(ExportFile.get().id, real_now=real_now()))
    assert download.value.suggested_filename == "subscriptions-2017-07-22.xlsx"
    page.get_by_text("The file is ready").wait_for()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("link", name="Back to the list").click()
    page.get_by_role("heading", name="Subscription List").wait_for()
