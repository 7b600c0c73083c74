"""Bulk in a browser: rows are ticked, planned, started and followed; a large sheet is followed until it is read."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from models import Batch, Command, Upload
from operations.waiting_sheets import serve_waiting
from tests.admin_views.browser import Browser as Client
from tests.bulk_desk import BulkDesk
from tests.imports.large import large_csv

pytestmark = pytest.mark.browser

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def desk(app: Flask) -> BulkDesk:
    return BulkDesk()


@pytest.fixture
def page(chromium: Browser, app: Flask, address: str, desk: BulkDesk) -> Iterator[Page]:
    cookie = Client(app).enter(desk.user).client.get_cookie("seatdesk")
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, base_url=address)
    context.add_cookies([{"name": "seatdesk", "value": cookie.value, "url": address}])
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


def no_violations(page: Page) -> None:
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()


def test_ticked_rows_are_planned_started_once_and_followed_to_the_end(desk: BulkDesk, page: Page) -> None:
    desk.licences(12, 13, 8)
    page.goto("/subscriptions/")
    page.get_by_label("Tick row 1", exact=True).check()
    page.get_by_label("Tick row 2", exact=True).check()
    expect(page.get_by_text("2 ticked rows")).to_be_visible()
    page.get_by_role("button", name="ModifyQuantity").click()
    page.get_by_label("Change").select_option(label="Increase by")
    page.get_by_label("Seats or percent").fill("2")
    page.get_by_role("button", name="Calculate").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ModifyQuantity: plan for 2 subscriptions")
    expect(page.get_by_text("25 seats become 29")).to_be_visible()
    no_violations(page)
    assert Command.select().count() == 0
    page.get_by_role("button", name="Yes").dblclick()
    expect(page.locator("#batch h1")).to_contain_text("Running")
    page.evaluate("window.isTheSamePage = true")
    desk.answer_all(Batch.get())
    expect(page.locator("#batch h1")).to_contain_text("Done")
    assert page.evaluate("window.isTheSamePage")
    no_violations(page)
    assert [command.quantity for command in Command.select().order_by(Command.id)] == [14, 15]


def test_a_large_sheet_is_followed_by_itself(desk: BulkDesk, page: Page) -> None:
    (licence,) = desk.licences(12)
    content = large_csv(f"Subscription ID,Quantity\n{licence.subscription_id},14\n")
    page.goto("/imports/")
    page.get_by_label("File").set_input_files({"name": "list.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("This is a large sheet")).to_be_visible()
    no_violations(page)
    assert serve_waiting(Upload.get().id, moment=desk.moment)
    expect(page.get_by_role("heading", level=1)).to_have_text("What the sheet changes")
    page.get_by_role("button", name="Show the plan").click()
    expect(page.get_by_text("12 seats become 14")).to_be_visible()
