from datetime import timedelta

import pytest

from licensing.states import CommandKind, CommandState
from models import Command
from tests.admin_views.desk import CANARY, FORMULA, HOSTILE, csv_rows, set_up, sheet_xml, text
from tests.small_book import NOW, add_command, statements

COLUMNS = [
    "Time", "Command", "Company Name", "Reseller", "Subscription ID", "Change", "User", "State", "Attempts", "Settled",
    "ErrorCode", "ErrorMessage",
]  # fmt: skip


@pytest.fixture
def desk(app):
    desk = set_up()
    add_command(
        desk.licence, quantity=10, sku_code="KL4864X10", requested_by=desk.people["blake"],
        at=NOW - timedelta(minutes=9),
    )  # fmt: skip
    add_command(
        desk.licence, kind=CommandKind.MODIFY_QUANTITY, state=CommandState.REJECTED, quantity=8,
        change={"quantity": 12}, error_code="LicenseBusy", error_message="The license is being processed.",
        at=NOW - timedelta(minutes=5),
    )  # fmt: skip
    add_command(desk.licence, kind=CommandKind.RENEW, state=CommandState.PARKED, at=NOW)
    add_command(desk.foreign_licence, kind=CommandKind.SOFT_CANCEL, state=CommandState.SENDING)
    return desk


def listed(page):
    """How many requests the list shows."""
    return page.count("<tr data-href")


def _kinds(answer):
    return [row[1] for row in csv_rows(answer)[1:]]


def test_the_list_shows_what_was_asked_and_what_came_back(desk, browser_of):
    page = text(browser_of(desk.people["ops"]).get("/requests/"))
    changes = ["12 → 8 seats", "10 seats, KL4864X10", "ends 01.08.2017", "to unlimited"]
    for word in [*COLUMNS[:8], *COLUMNS[10:], *changes, "LicenseBusy"]:
        assert word in page, word
    for badge in ("Confirmed", "Failed", "Outcome unknown, a person must decide", "Being sent"):
        assert f"{badge}</span>" in page
    assert "23.07.2017 14:46:35" in page
    assert 'aria-sort="descending"' in page


def test_the_newest_stands_first_and_the_order_can_be_turned(desk, browser_of):
    browser = browser_of(desk.people["john"])
    assert _kinds(browser.get("/requests/export/csv/")) == ["Renew", "ModifyQuantity", "Create"]
    assert _kinds(browser.get("/requests/export/csv/?sort=time")) == ["Create", "ModifyQuantity", "Renew"]
    assert _kinds(browser.get("/requests/export/csv/?sort=time&desc=1")) == ["Renew", "ModifyQuantity", "Create"]


def test_the_tabs_count_and_lead_to_what_they_count(desk, browser_of):
    browser = browser_of(desk.people["ops"])
    page = text(browser.get("/requests/"))
    counted = {"confirmed": 1, "failed": 1, "unknown": 1, "sending": 1, "waiting": 0, "withdrawn": 0, "parked": 1}
    labels = ("Confirmed", "Failed", "Outcome unknown", "Being sent", "Waiting", "Cancelled or closed")
    shown = [f"{label} {count}" for label, count in zip(labels, counted.values(), strict=False)]
    for label in ("All 4", *shown, "A person must decide 1"):
        assert f">{label}</a>" in page
    for standing, found in counted.items():
        page = text(browser.get(f"/requests/?standing={standing}"))
        assert listed(page) == found
        assert page.count('aria-current="true"') == 1
        assert ">All 4</a>" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("company_name=TUNEL", 3),
        ("command=ModifyQuantity", 1),
        ("subscription_id={id}", 3),
        ("reseller={reseller}", 1),
        ("company_name=tunel&command=Renew&standing=unknown", 1),
    ],
)
def test_the_filters_narrow_list_and_tabs(desk, browser_of, query, found):
    query = query.format(id=desk.licence.subscription_id[:8].upper(), reseller=desk.sitwell.id)
    page = text(browser_of(desk.people["ops"]).get(f"/requests/?{query}"))
    assert listed(page) == found


@pytest.mark.parametrize("query", ["standing=x", "command=DROP", "reseller=999", "company_name=a%00"])
def test_a_filter_that_cannot_be_read_is_told(desk, browser_of, query):
    answer = browser_of(desk.people["ops"]).get(f"/requests/?{query}")
    assert answer.status_code == 200
    assert "Displaying 0 items" in text(answer)
    assert "is not in the list." in text(answer) or "cannot be seen" in text(answer)


def test_a_reseller_sees_and_counts_its_own_requests_only(desk, browser_of):
    browser = browser_of(desk.people["stan"])
    page = text(browser.get("/requests/"))
    assert ">All 1</a>" in page
    assert "Tunel" not in page
    assert listed(text(browser.get("/requests/?company_name=tunel"))) == 0
    assert listed(text(browser.get(f"/requests/?reseller={desk.bluth.id}"))) == 1
    for kind, read in (("csv", text), ("xlsx", sheet_xml)):
        body = read(browser.get(f"/requests/export/{kind}/"))
        assert CANARY in body
        assert "Tunel" not in body


def test_activation_codes_appear_nowhere(desk, browser_of):
    browser = browser_of(desk.people["ops"])
    bodies = [text(browser.get("/requests/")), text(browser.get("/requests/export/csv/"))]
    bodies.append(sheet_xml(browser.get("/requests/export/xlsx/")))
    for body in bodies:
        assert desk.licence.activation_code not in body
        assert desk.licence.activation_code.split("-")[0] not in body


def test_vendor_words_are_text(desk, browser_of):
    add_command(desk.licence, state=CommandState.REJECTED, error_code=FORMULA, error_message=HOSTILE, quantity=1)
    browser = browser_of(desk.people["john"])
    page = text(browser.get("/requests/"))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    rows = csv_rows(browser.get("/requests/export/csv/?standing=failed"))
    assert [f"'{FORMULA}", HOSTILE] in [row[-2:] for row in rows]
    assert rows[0] == COLUMNS


def test_an_auditor_reads_and_anonymous_does_not(desk, browser_of, browser):
    assert listed(text(browser_of(desk.people["audit"]).get("/requests/"))) == 4
    assert browser.get("/requests/").status_code == 303
    assert browser.get("/requests/export/xlsx/").status_code == 303


def test_nobody_writes_here(desk, browser_of):
    browser = browser_of(desk.people["admin"])
    for path in ("delete/", "action/", "ajax/update/"):
        assert browser.post(f"/requests/{path}", {"id": "1", "rowid": "1", "action": "delete"}).status_code == 404


def test_a_page_costs_six_statements_at_most(desk, browser_of):
    Command.update(state=CommandState.CONFIRMED).execute()
    browser = browser_of(desk.people["ops"])
    browser.get("/requests/")
    with statements() as seen:
        browser.get("/requests/")
    assert len([line for line in seen if line.startswith("SELECT")]) <= 6
