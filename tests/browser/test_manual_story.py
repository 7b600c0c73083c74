"""The manual's own afternoon, 23.07.2017 from 13:30 on, in Chromium against the whole product and its vendor."""

import http.client
import json
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.services.product import Start, copy_product

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]
PASSWORD = "the afternoon of the manual"
ANSWER_MS = 20_000
PRERADA, TUNEL = 6, 1


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    started = Start(
        copy_product(tmp_path_factory.mktemp("product")),
        SEATDESK_DEMO_NOW="2017-07-23T13:30",
        SEATDESK_DEMO_PASSWORD=PASSWORD,
    )
    yield started
    started.end(signal.SIGTERM)


@pytest.fixture
def page(product: Start, chromium: Browser) -> Iterator[Page]:
    """Signed in as the manual's customer1, through the sign-in page and its human check."""
    context = chromium.new_context(base_url=f"http://127.0.0.1:{product.port}", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("User name").fill("customer1")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Login").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible(timeout=ANSWER_MS)
    yield page
    context.close()


def told(page: Page, sentence: str) -> None:
    """The Message says it, in seconds and without a reload; then it is closed."""
    message = page.get_by_role("dialog", name="Message")
    expect(message).to_contain_text(sentence, timeout=ANSWER_MS)
    message.get_by_role("button", name="Close").click()
    expect(message).to_be_hidden()


def open_dialog(page: Page, button: str, name: str) -> Locator:
    page.get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog", name=name)
    expect(dialog).to_be_visible()
    return dialog


def value(page: Page, label: str) -> str:
    return page.get_by_role("textbox", name=label, exact=True).input_value()


def requests(page: Page) -> list[str]:
    rows = page.locator("table", has_text="Request List").locator("tbody th")
    return [text.strip() for text in rows.all_inner_texts()]


def test_order_cancel_renew_and_cancel_again(page: Page) -> None:
    page.get_by_role("link", name="New Subscription").first.click()
    page.get_by_label("Existing customer").select_option(label="Prerada voća d.o.o., Beograd")
    page.get_by_label("Select product").select_option(label="Kaspersky Endpoint Security for Business - Basic")
    page.get_by_label("Quantity").fill("10")
    expect(page.locator("#amounts")).to_contain_text("60.06€")
    page.get_by_role("button", name="Create", exact=True).click()
    told(page, "Successfully Create License.")
    assert re.fullmatch(r"[0-9a-f-]{36}", value(page, "Subscription ID"))
    code = value(page, "Activation Code")
    assert re.fullmatch(r"[0-9A-F-]{36}", code)
    assert (value(page, "SKU"), value(page, "License Expiration")) == ("KL4864XIKMG", "unlimited")
    with page.expect_download() as download:
        page.get_by_label("Save the Activation Code as .txt").click()
    assert code in Path(download.value.path()).read_text()

    dialog = open_dialog(page, "SoftCancel", "Soft Cancel")
    expect(dialog).to_contain_text("* License will be active until the end of the month.")
    dialog.get_by_role("button", name="Yes").click()
    told(page, "Successfully Soft Cancel License.")
    assert value(page, "Subscription Status") == "Active until the date of cancellation: 01.08.2017"

    dialog = open_dialog(page, "Renew", "Renew Product")
    dialog.get_by_label("New Expiration Date").fill("2018-12")
    dialog.get_by_role("button", name="Yes").click()
    told(page, "Successfully Renew Product License.")
    assert (value(page, "Subscription Status"), value(page, "License Expiration")) == ("Active", "01.12.2018")

    open_dialog(page, "HardCancel", "Hard Cancel").get_by_role("button", name="Yes").click()
    told(page, "Successfully Hard Cancel License.")
    assert value(page, "Subscription Status") == "Active until the date of cancellation: 01.08.2017"
    assert value(page, "License Expiration") == "01.12.2018"
    assert requests(page) == ["HardCancel", "Renew", "SoftCancel", "Create"]


def test_recreate_tunel_at_another_address(page: Page) -> None:
    page.goto(f"/subscriptions/edit/?id={TUNEL}")
    assert value(page, "Subscription Status") == "Expired - Cancellation Date: 01.07.2017"
    code = value(page, "Activation Code")
    page.get_by_role("button", name="Recreate", exact=True).click()
    page.get_by_label("Address Line 1").fill("Drinska ulica 99")
    page.get_by_label("Expiration").fill("")
    page.get_by_role("button", name="Recreate", exact=True).click()
    told(page, "Successfully Recreate.")
    assert (value(page, "Address Line 1"), value(page, "Subscription Status")) == ("Drinska ulica 99", "Active")
    assert (value(page, "License Expiration"), value(page, "Activation Code")) == ("unlimited", code)
    assert requests(page)[0] == "Recreate"


def test_change_the_address_then_the_quantity_then_the_expiration(page: Page) -> None:
    page.goto(f"/subscriptions/edit/?id={PRERADA}")
    page.get_by_role("button", name="ModifyAttributes", exact=True).click()
    page.get_by_label("Address Line 1").fill("Milana Rakića 321")
    page.get_by_role("button", name="Modify Attributes", exact=True).click()
    told(page, "Successfully Modify Attributes.")
    assert value(page, "Address Line 1") == "Milana Rakića 321"

    dialog = open_dialog(page, "ModifyQuantity", "Modify Quantity")
    dialog.get_by_label("Quantity").fill("8")
    expect(dialog).to_contain_text("July 2017 stays")
    expect(dialog).to_contain_text("62.40€")
    dialog.get_by_role("button", name="ModifyQuantity").click()
    told(page, "Successfully Modify Quantity.")
    assert (value(page, "SKU"), value(page, "List Price"), value(page, "Reseller amount")) == (
        "KL4864XIEMG",
        "10.00€",
        "62.40€",
    )

    dialog = open_dialog(page, "Reduce", "Reduce Expiration Date")
    dialog.get_by_label("New Expiration Date").fill("2017-12")
    dialog.get_by_role("button", name="Yes").click()
    told(page, "Successfully Reduce License Expiration Date.")
    assert value(page, "License Expiration") == "01.12.2017"
    assert requests(page) == ["Reduce", "ModifyQuantity", "ModifyAttributes", "Create"]


def misbehave(product: Start, **rule: object) -> None:
    """Tell the vendor to misbehave once, by the control page whose address the start printed."""
    port = int(re.search(r"http://127\.0\.0\.1:(\d+)/control", product.words).group(1))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    body = json.dumps({"operation": "commands", "times": 1, **rule})
    connection.request("POST", "/control/faults", body, {"Content-Type": "application/json"})
    assert connection.getresponse().status < 300
    connection.close()


BIG_BIG = 7
COMMANDS = [
    ("SoftCancel", "Soft Cancel", None, "Yes", "Successfully Soft Cancel License."),
    ("HardCancel", "Hard Cancel", None, "Yes", "Successfully Hard Cancel License."),
    ("Renew", "Renew Product", ("New Expiration Date", "2019-01"), "Yes", "Successfully Renew Product License."),
    ("ModifyQuantity", "Modify Quantity", ("Quantity", "12"), "ModifyQuantity", "Successfully Modify Quantity."),
    (
        "Reduce",
        "Reduce Expiration Date",
        ("New Expiration Date", "2018-06"),
        "Yes",
        "Successfully Reduce License Expiration Date.",
    ),
]


@pytest.mark.parametrize(("button", "name", "typed", "send", "sentence"), COMMANDS, ids=[c[0] for c in COMMANDS])
def test_a_refusal_changes_nothing_and_a_lost_answer_is_settled(
    product: Start, page: Page, button: str, name: str, typed: tuple[str, str] | None, send: str, sentence: str
) -> None:
    page.goto(f"/subscriptions/edit/?id={BIG_BIG}")

    def ask() -> None:
        dialog = open_dialog(page, button, name)
        if typed:
            dialog.get_by_label(typed[0]).fill(typed[1])
        dialog.get_by_role("button", name=send, exact=True).click()

    before = [value(page, label) for label in ("Quantity", "SKU", "License Expiration", "Subscription Status")]
    misbehave(product, kind="refuse", status=409, code="LicenseBusy", message="The license is being processed.")
    ask()
    told(page, "LicenseBusy")
    assert before == [value(page, label) for label in ("Quantity", "SKU", "License Expiration", "Subscription Status")]
    misbehave(product, kind="drop", executes="at_once")
    ask()
    told(page, sentence)
    assert requests(page)[:2] == [button, button]
