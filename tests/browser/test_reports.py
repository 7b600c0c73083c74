"""The reports in a browser: figures open, files come with one click, print shows the report alone."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from models import User
from tests.admin_views.browser import Browser as Client
from tests.demo_book_stored import load_book, reseller_id

pytestmark = pytest.mark.browser

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
JULY = "/reports/reseller/?month=2017-07&as_of=2017-07-22T12:00"
SPRING = "/reports/summary/?from=2017-03&to=2017-07"


@pytest.fixture
def page(chromium: Browser, app: Flask, address: str) -> Iterator[Page]:
    load_book()
    cookie = Client(app).enter(User.get(User.username == "admin")).client.get_cookie("seatdesk")
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, base_url=address)
    context.add_cookies([{"name": "seatdesk", "value": cookie.value, "url": address}])
    page, complaints = context.new_page(), []
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert complaints == []


def first_line(page: Page) -> Locator:
    return page.locator("#line-1")


def no_violations(page: Page) -> None:
    found = Axe().run(page, options=AXE).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


def test_a_figure_opens_below_its_line_and_closes_again(page: Page) -> None:
    page.goto(f"{JULY}&reseller={reseller_id()}")
    fee = first_line(page).get_by_role("link", name="288.29")
    fee.click()
    box = page.get_by_role("heading", name="288.29: how this figure is made")
    expect(box).to_be_visible()
    expect(fee).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_text("The Summary Report shows 288.28 for these seats")).to_be_visible()
    no_violations(page)
    page.get_by_role("button", name="Close").click()
    expect(box).to_be_hidden()
    expect(fee).to_be_focused()


def test_another_figure_of_the_line_takes_its_place_by_the_keyboard(page: Page) -> None:
    page.goto(f"{JULY}&reseller={reseller_id()}")
    first_line(page).get_by_role("link", name="48").press("Enter")
    expect(page.get_by_text("10 + 12 + 12 + 14 = 48 seats")).to_be_visible()
    amount = first_line(page).get_by_role("link", name="369.60")
    amount.press("Enter")
    expect(page.get_by_role("heading", name="369.60: how this figure is made")).to_be_visible()
    expect(first_line(page).get_by_role("link", name="48")).to_have_attribute("aria-expanded", "false")
    amount.press("Enter")
    expect(page.get_by_role("heading", name="369.60: how this figure is made")).to_be_hidden()


def test_the_note_below_names_the_line_that_differs(page: Page) -> None:
    page.goto(f"{JULY}&reseller={reseller_id()}")
    expect(page.get_by_text("KL4864XIKMG (Reseller Report 288.29, Summary Report 288.28)")).to_be_visible()


def test_criteria_are_searched_with_an_address_that_can_be_passed_on(page: Page) -> None:
    page.goto("/reports/reseller/")
    page.get_by_label("Reseller").select_option(label="Bluth Company")
    page.get_by_label("As of").fill("22.07.2017 12:00")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tfoot")).to_contain_text("476.43")
    assert page.url.endswith(f"/reports/reseller/?reseller={reseller_id()}&month=2017-07&as_of=2017-07-22T12%3A00")
    page.get_by_role("link", name="Clear").click()
    expect(page.get_by_label("As of")).to_have_value("")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Print", "reseller-report-2017-07-as-of-2017-07-22-1200.docx"),
        ("Export CSV", "reseller-report-2017-07-as-of-2017-07-22-1200.csv"),
        ("Export XLSX", "reseller-report-2017-07-as-of-2017-07-22-1200.xlsx"),
    ],
)
def test_a_file_comes_with_one_click(page: Page, name: str, file: str) -> None:
    page.goto(JULY)
    with page.expect_download() as saved:
        page.get_by_role("link", name=name).click()
    assert saved.value.suggested_filename == file


def test_print_shows_the_report_and_nothing_else(page: Page) -> None:
    page.goto(JULY)
    first_line(page).get_by_role("link").first.click()
    expect(page.locator(".explain .box")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_text("Reseller Report 2017-07, as of 22.07.2017 12:00", exact=True)).to_be_visible()
    for left_out in (".explain .box", ".menu", ".top", "form.criteria", ".pager", "h1"):
        expect(page.locator(left_out).first).to_be_hidden()
    expect(page.get_by_text("TOTAL")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark"), (1280, "dark"), (1280, "light")])
def test_nothing_is_cut_off_or_unreadable_on_any_screen(page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.emulate_media(color_scheme=scheme)
    for path in (JULY, SPRING, SPRING.replace("?", "left-out/?"), "/settings/"):
        page.goto(path)
        if page.locator("#line-1 .fig").count():
            page.locator("#line-1 .fig").last.click()
            expect(page.locator(".explain .box").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        no_violations(page)
