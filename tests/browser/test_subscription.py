"""Ordering a licence and changing it, with the vendor's answers given by the test."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from licensing.commands import Confirmed, Rejected
from licensing.states import CommandKind, CommandState
from models import Command, Subscription
from tests.admin_views.browser import Browser as Client
from tests.admin_views.ordering import desk_before_now, licence
from tests.desk import Desk, again, created
from tests.small_book import add_customer

pytestmark = pytest.mark.browser

# A form sent back, and a request that a click on a link cut short.
EXPECTED = ("status of 422", "status of 409", "htmx:sendError", "htmx:afterRequest", "htmx:sendAbort")
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def desk(app: Flask) -> Desk:
    return desk_before_now()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console said, which is nothing at the end of a test."""
    return []


@pytest.fixture
def page(chromium: Browser, app: Flask, address: str, desk: Desk, complaints: list[str]) -> Iterator[Page]:
    cookie = Client(app).enter(desk.user).client.get_cookie("seatdesk")
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, base_url=address)
    context.add_cookies([{"name": "seatdesk", "value": cookie.value, "url": address}])
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert [text for text in complaints if not any(word in text for word in EXPECTED)] == []


def answer(desk: Desk, outcome: object) -> Command:
    """What the vendor says to the one command that is queued."""
    command = Command.get(Command.state == CommandState.QUEUED)
    desk.at("2017-07-22T13:00:00")
    return desk.send(command, outcome)


def open_page(page: Page, subscription: Subscription) -> None:
    page.goto(f"/subscriptions/edit/?id={subscription.id}")


def no_violations(page: Page) -> None:
    found = Axe().run(page, options=AXE).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


def message(page: Page):
    return page.get_by_role("dialog", name="Message")


def test_an_order_shows_what_it_costs_and_then_without_reload_what_the_vendor_gave(desk: Desk, page: Page) -> None:
    page.goto("/subscriptions/new/")
    page.get_by_label("Select product").select_option(label="Endpoint - Basic")
    page.get_by_label("Quantity").fill("10")
    expect(page.get_by_text("15 seats cost less than 10.")).to_be_visible()
    expect(page.locator("#amounts")).to_contain_text("60.06€")
    page.get_by_role("button", name="Use 15 seats").click()
    expect(page.locator("#amounts")).to_contain_text("41.42€")
    page.get_by_label("Customer / Company Name").fill("Prerada voća d.o.o.")
    page.get_by_label("Country").select_option(label="Serbia")
    no_violations(page)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("is being sent.")).to_be_visible()
    page.evaluate("window.isTheSamePage = true")
    answer(desk, created(activation_code="E58BE1AD-E51D-4339-B814-9B135468201F"))
    expect(message(page)).to_contain_text("Successfully Create License.")
    no_violations(page)
    message(page).get_by_role("button", name="Close").click()
    expect(page.get_by_label("Activation Code", exact=True)).to_have_value("E58BE1AD-E51D-4339-B814-9B135468201F")
    assert page.evaluate("window.isTheSamePage")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the Activation Code as .txt").click()
    assert saved.value.suggested_filename.startswith("activation-code-prerada-voca-d-o-o-")
    page.reload()
    expect(message(page)).to_be_hidden()


def test_back_after_create_leads_to_the_same_order(desk: Desk, page: Page) -> None:
    page.goto("/subscriptions/new/")
    page.get_by_label("Existing customer").select_option(label="Tunel d.o.o., Sarajevo")
    expect(page.get_by_label("Customer / Company Name")).to_have_attribute("readonly", "")
    page.get_by_label("Select product").select_option(label="Endpoint - Basic")
    page.get_by_label("Quantity").fill("12")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("is being sent.")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("This form was sent at")).to_be_visible()
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("is being sent.")).to_be_visible()
    assert Subscription.select().count() == 1


def test_a_namesake_is_asked_about_while_typing(desk: Desk, page: Page) -> None:
    add_customer("Prerada voća d.o.o.", reseller=desk.reseller, city="Beograd")
    page.goto("/subscriptions/new/")
    page.get_by_label("Customer / Company Name").fill("PRERADA VOCA D.O.O.")
    page.get_by_label("City").fill("Beograd")
    expect(page.get_by_text("is already a customer. Which is meant?")).to_be_visible()
    page.get_by_role("button", name="A new one").click()
    expect(page.get_by_text("Which is meant?")).to_be_hidden()
    expect(page.get_by_label("City")).to_have_value("Beograd")
    expect(page.get_by_label("Customer / Company Name")).to_be_focused()
    page.get_by_label("Customer / Company Name").fill("tunel D.O.O.")
    page.get_by_label("City").focus()
    page.get_by_role("button", name="The existing customer").click()
    expect(page.get_by_label("City")).to_have_value("Sarajevo")
    expect(page.get_by_label("City")).to_have_attribute("readonly", "")
    expect(page.get_by_label("Existing customer")).to_be_focused()


def test_a_quantity_is_changed_by_the_keyboard_alone(desk: Desk, page: Page) -> None:
    subscription = licence(desk)
    open_page(page, subscription)
    page.get_by_role("button", name="ModifyQuantity").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Modify Quantity")
    expect(dialog.get_by_label("Quantity")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("8")
    expect(dialog).to_contain_text("9.67€ less")
    no_violations(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("is being sent.")).to_be_visible()
    expect(dialog).to_be_hidden()
    answer(desk, Confirmed())
    expect(message(page)).to_contain_text("Successfully Modify Quantity.")
    page.keyboard.press("Enter")
    expect(message(page)).to_be_hidden()
    expect(page.get_by_role("button", name="ModifyQuantity")).to_be_focused()
    assert again(subscription).quantity == 8


def test_escape_leaves_a_dialog_and_nothing_is_sent(desk: Desk, page: Page) -> None:
    open_page(page, licence(desk))
    page.get_by_role("button", name="HardCancel").click()
    dialog = page.get_by_role("dialog", name="Hard Cancel")
    expect(dialog.get_by_role("button", name="No")).to_be_focused()
    no_violations(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="HardCancel")).to_be_focused()
    assert Command.select().count() == 1


def test_a_refusal_of_the_vendor_is_told_in_its_words(desk: Desk, page: Page) -> None:
    open_page(page, licence(desk))
    page.get_by_role("button", name="SoftCancel").click()
    page.get_by_role("dialog", name="Soft Cancel").get_by_role("button", name="Yes").click()
    expect(page.get_by_text("is being sent.")).to_be_visible()
    answer(desk, Rejected(code="LicenseBusy", message="The license is being processed."))
    expect(message(page)).to_contain_text("LicenseBusy The license is being processed.")
    expect(message(page)).to_contain_text("Nothing was changed. The request stands in the Request List.")
    message(page).get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="SoftCancel")).to_be_enabled()


def test_a_wrong_month_stays_in_the_dialog_with_its_reason(desk: Desk, page: Page) -> None:
    open_page(page, licence(desk))
    page.get_by_role("button", name="Reduce").click()
    dialog = page.get_by_role("dialog", name="Reduce Expiration Date")
    dialog.get_by_label("New Expiration Date").fill("2018-13")
    dialog.get_by_role("button", name="Yes").click()
    expect(dialog.locator(".error")).to_have_text("“2018-13” is not a month such as 2018-12.")
    expect(dialog.get_by_label("New Expiration Date")).to_have_value("2018-13")
    no_violations(page)


def test_a_cancel_that_runs_is_undone_from_the_page(desk: Desk, page: Page) -> None:
    subscription = licence(desk)
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    open_page(page, subscription)
    page.get_by_role("button", name="Undo").click()
    dialog = page.get_by_role("dialog", name="Renew Product")
    expect(dialog.get_by_label("New Expiration Date")).to_have_value("")
    dialog.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("is being sent.")).to_be_visible()
    answer(desk, Confirmed())
    expect(message(page)).to_contain_text("Successfully Renew Product License.")
    assert again(subscription).cancelled_on is None


@pytest.mark.parametrize(("kind", "do"), [("ModifyAttributes", "Modify Attributes"), ("Recreate", "Recreate")])
def test_the_page_unlocks_as_a_form_and_locks_again(desk: Desk, page: Page, kind: str, do: str) -> None:
    subscription = licence(desk)
    if kind == "Recreate":
        desk.done(CommandKind.SOFT_CANCEL, subscription)
    open_page(page, subscription)
    page.get_by_role("button", name=kind).click()
    expect(page.get_by_label("Customer / Company Name")).to_be_focused()
    no_violations(page)
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_label("Customer / Company Name")).to_have_attribute("readonly", "")
    page.get_by_role("button", name=kind).click()
    page.get_by_label("City").fill("Mostar")
    page.get_by_role("button", name=do, exact=True).click()
    expect(page.get_by_text("is being sent.")).to_be_visible()
    answer(desk, Confirmed())
    expect(message(page)).to_contain_text(f"Successfully {do}.")
    assert again(subscription).confirmed_details["city"] == "Mostar"


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark"), (1280, "dark")])
def test_nothing_is_cut_off_or_unreadable_on_any_screen(desk: Desk, page: Page, width: int, scheme: str) -> None:
    subscription = licence(desk)
    page.set_viewport_size({"width": width, "height": 700})
    page.emulate_media(color_scheme=scheme)
    for path in ("/subscriptions/new/", f"/subscriptions/edit/?id={subscription.id}"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        no_violations(page)
