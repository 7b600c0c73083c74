import re
from datetime import date

import pytest

from models import AuditEntry, Reseller, ResellerDiscount
from tests.admin_views.desk import FORMULA, HOSTILE, csv_rows, set_up, sheet_xml, text
from tests.small_book import add_reseller


@pytest.fixture
def desk(app):
    return set_up()


def _form(**values):
    return {"name": "Gobias Industries", "vendor_pin": "GOBIA01", "discount": "20.00", **values}


def _discounts(reseller):
    rows = ResellerDiscount.select().where(ResellerDiscount.reseller == reseller).order_by(ResellerDiscount.valid_from)
    return [(row.valid_from, row.basis_points) for row in rows]


def _set(browser, reseller, **values):
    return browser.post(f"/resellers/discount/?id={reseller.id}", {"discount": "25", "valid_from": "2017-08", **values})


def test_the_list_shows_pin_and_present_discount(desk, browser_of):
    page = text(browser_of(desk.people["ops"]).get("/resellers/"))
    for word in ("Bluth Company", "BLUTH", "22.00%", "Sitwell Enterprises", "18.00%", "2017-01", "New Reseller"):
        assert word in page
    found = text(browser_of(desk.people["ops"]).get("/resellers/?name=sitw"))
    assert "Displaying 1 to 1 of 1 item" in found


@pytest.mark.parametrize(
    ("typed", "basis_points"), [("22", 2200), ("22.00", 2200), ("22,5", 2250), (" 0 %", 0), ("100", 10_000)]
)
def test_a_reseller_is_added_with_its_discount(desk, browser_of, typed, basis_points):
    answer = browser_of(desk.people["ops"]).post("/resellers/new/", _form(discount=typed))
    assert answer.status_code == 303
    added = Reseller.get(Reseller.name_key == "gobias industries")
    assert _discounts(added) == [(date(2017, 7, 1), basis_points)]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "This is required."),
        ("name", "bluth COMPANY", "“Bluth Company” is already a reseller."),
        ("name", "a\0b", "U+0000"),
        ("vendor_pin", "1" * 51, "at most 50 fit"),
        ("discount", "", "is not a discount such as 22.00"),
        ("discount", "-1", "“-1” is not a discount such as 22.00"),
        ("discount", "101", "“101” is not a discount such as 22.00"),
        ("discount", "22.005", "“22.005” is not a discount"),
        ("discount", "1e9", "“1e9” is not a discount"),
        ("discount", "١٢", "“١٢” is not a discount"),
        ("discount", HOSTILE, "is not a discount"),
    ],
)
def test_a_wrong_value_answers_with_the_reason_and_keeps_what_was_typed(desk, browser_of, field, value, words):
    answer = browser_of(desk.people["ops"]).post("/resellers/new/", {**_form(vendor_pin="KEPT01"), field: value})
    assert answer.status_code == 422
    assert words in text(answer)
    assert field == "vendor_pin" or 'value="KEPT01"' in text(answer)
    assert "<script>alert" not in text(answer)
    assert Reseller.select().count() == 2


def test_name_and_pin_change_and_two_at_once_lose_nothing(desk, browser_of):
    first, second = browser_of(desk.people["ops"]), browser_of(desk.people["admin"])
    address = f"/resellers/edit/?id={desk.bluth.id}"
    assert second.post(address, {"name": "Bluth d.d.", "vendor_pin": "B1", "version": "1"}).status_code == 303
    answer = first.post(address, {"name": "Bluth a.d.", "vendor_pin": "B1", "version": "1"})
    assert answer.status_code == 422
    assert re.search(r"<th scope=\"row\">Name</th><td>Bluth a.d.</td><td>Bluth d.d.</td>", text(answer))
    assert Reseller[desk.bluth.id].name == "Bluth d.d."


def test_a_discount_is_set_from_a_month_on(desk, browser_of):
    browser = browser_of(desk.people["ops"])
    answer = _set(browser, desk.bluth, discount="25,50")
    assert answer.status_code == 303
    assert _discounts(desk.bluth) == [(date(2017, 1, 1), 2200), (date(2017, 8, 1), 2550)]
    page = text(browser.get(answer.location))
    assert "25.50%" in page
    assert "to come" in page
    assert "22.00%" in text(browser.get("/resellers/"))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("valid_from", "2017-06", "2017-06 is over: a discount can be set from 2017-07 on."),
        ("valid_from", "2018-13", "“2018-13” is not a month such as 2018-12."),
        ("valid_from", "", "Enter the month from which the discount is valid."),
        ("valid_from", "2017-08-15", "is not a month such as 2018-12."),
        ("discount", "", "is not a discount such as 22.00"),
        ("discount", "1000000000", "is not a discount such as 22.00"),
    ],
)
def test_a_wrong_discount_is_refused_in_words_and_stays_in_its_field(desk, browser_of, field, value, words):
    answer = _set(browser_of(desk.people["ops"]), desk.bluth, **{field: value})
    assert answer.status_code == 422
    assert words in text(answer)
    assert 'value="25"' in text(answer) or field == "discount"
    assert _discounts(desk.bluth) == [(date(2017, 1, 1), 2200)]


@pytest.mark.parametrize("who", ["blake", "john"])
def test_resellers_are_nothing_to_a_resellers_people(desk, browser_of, who):
    browser = browser_of(desk.people[who])
    for key in (desk.bluth.id, desk.sitwell.id, 10**9):
        assert browser.get(f"/resellers/edit/?id={key}").status_code == 403
        assert browser.post(f"/resellers/discount/?id={key}", {"discount": "99"}).status_code == 403
    for path in ("", "new/", "export/csv/", "export/xlsx/"):
        assert browser.get(f"/resellers/{path}").status_code == 403
    assert browser.post("/resellers/new/", _form()).status_code == 403
    assert 'href="/resellers/"' not in text(browser.get("/skus/"))
    assert AuditEntry.select().count() == 0


def test_an_auditor_reads_and_writes_nothing(desk, browser_of):
    browser = browser_of(desk.people["audit"])
    page = text(browser.get(f"/resellers/edit/?id={desk.bluth.id}"))
    assert "22.00%" in page
    assert "Set discount" not in page
    assert "Save" not in page
    assert _set(browser, desk.bluth).status_code == 403
    assert browser.post("/resellers/new/", _form()).status_code == 403
    assert browser.post(f"/resellers/edit/?id={desk.bluth.id}", _form(version="1")).status_code == 403
    assert AuditEntry.select().count() == 0


def test_an_auditor_of_one_reseller_sees_no_resellers(desk, browser_of):
    auditor = desk.people["audit"]
    auditor.reseller = desk.bluth
    auditor.save()
    assert browser_of(auditor).get("/resellers/").status_code == 403


def test_a_missing_reseller_is_not_found(desk, browser_of):
    browser = browser_of(desk.people["ops"])
    for key in ("999", "x", "", "0", "9" * 30):
        assert browser.get(f"/resellers/edit/?id={key}").status_code == 404
        assert browser.post(f"/resellers/discount/?id={key}", {"discount": "1"}).status_code == 404
    assert browser.post("/resellers/delete/", {"id": str(desk.bluth.id)}).status_code == 404


def test_anonymous_goes_to_login(desk, browser):
    for path in ("", "new/", "edit/?id=1", "export/csv/"):
        assert browser.get(f"/resellers/{path}").status_code == 303
    assert _set(browser, desk.bluth).status_code == 303
    assert len(_discounts(desk.bluth)) == 1


def test_names_are_text_and_the_export_holds_real_figures(desk, browser_of):
    add_reseller(HOSTILE, discount=2250)
    add_reseller(FORMULA)
    browser = browser_of(desk.people["ops"])
    page = text(browser.get("/resellers/"))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    rows = csv_rows(browser.get("/resellers/export/csv/"))
    assert rows[0] == ["Name", "PIN at the vendor", "Reseller discount", "Valid from"]
    assert [HOSTILE, HOSTILE[:5].upper(), "22.50", "01.01.2017"] in rows
    assert f"'{FORMULA}" in [row[0] for row in rows]
    sheet = sheet_xml(browser.get("/resellers/export/xlsx/"))
    assert "<f>" not in sheet
    assert "<v>22.5</v>" in sheet
