import re

import pytest

from licensing.states import CommandState
from models import AuditEntry, Command, Customer, Reseller
from tests.admin_views.desk import CANARY, FORMULA, HOSTILE, csv_rows, set_up, sheet_xml, text
from tests.small_book import add_customer, add_subscription, statements

NAMES = (
    "address_line_1", "address_line_2", "city", "post_code", "state", "email", "website", "phone", "fax",
    "contact_person",
)  # fmt: skip


@pytest.fixture
def desk(app):
    return set_up()


def _form(**values):
    return {"company_name": "Prerada voća d.o.o.", "country": "RS", **dict.fromkeys(NAMES, ""), **values}


def _edit(customer, **values):
    stored = Customer[customer.id]
    shown = {name: getattr(stored, name) for name in ("company_name", "country", *NAMES)}
    return {**shown, "version": str(stored.version), **values}


def _names():
    return [row.company_name for row in Customer.select().order_by(Customer.id)]


def test_the_list_shows_ones_own_customers_and_no_others(desk, browser_of):
    page = text(browser_of(desk.people["john"]).get("/customers/"))
    assert "Tunel d.o.o." in page
    assert "Bosnia and Herzegovina" in page
    assert "Displaying 1 to 1 of 1 item" in page
    assert CANARY not in page
    assert "Sitwell" not in page
    assert ">Reseller<" not in page


def test_the_distributor_sees_all_and_can_narrow_to_a_reseller(desk, browser_of):
    browser = browser_of(desk.people["ops"])
    assert "Displaying 1 to 2 of 2 items" in text(browser.get("/customers/"))
    page = text(browser.get(f"/customers/?reseller={desk.sitwell.id}"))
    assert CANARY in page
    assert "Tunel" not in page


@pytest.mark.parametrize("query", ["company_name=TUNEL", "city=sarajevo", "country=BA", "company_name=nel+tu"])
def test_the_filters_find_in_any_case(desk, browser_of, query):
    page = text(browser_of(desk.people["ops"]).get(f"/customers/?{query}"))
    assert "Tunel d.o.o." in page
    assert CANARY not in page


def test_a_foreign_reseller_in_the_address_changes_nothing(desk, browser_of):
    browser = browser_of(desk.people["john"])
    assert text(browser.get(f"/customers/?reseller={desk.sitwell.id}")).count("<tr data-href") == 1
    rows = csv_rows(browser.get(f"/customers/export/csv/?reseller={desk.sitwell.id}"))
    assert [row[1] for row in rows] == ["Company Name", "Tunel d.o.o."]


@pytest.mark.parametrize("query", ["reseller=999", "reseller=x", "country=XX", "state=gone", "city=a%00b"])
def test_a_filter_that_cannot_be_read_is_told(desk, browser_of, query):
    answer = browser_of(desk.people["ops"]).get(f"/customers/?{query}")
    assert answer.status_code == 200
    assert 'class="error"' in text(answer)
    assert "Displaying 0 items" in text(answer)


def test_a_customer_is_added_by_its_reseller(desk, browser_of):
    browser = browser_of(desk.people["john"])
    assert "New Customer" in text(browser.get("/customers/new/"))
    answer = browser.post("/customers/new/", _form(reseller=str(desk.sitwell.id)))
    assert (answer.status_code, answer.location) == (303, "/customers/")
    added = Customer.get(Customer.name_key == "prerada voca d.o.o.")
    assert added.reseller_id == desk.bluth.id


def test_the_distributor_says_for_which_reseller(desk, browser_of):
    browser = browser_of(desk.people["ops"])
    for wrong in ("", "999", "x", "9" * 30):
        answer = browser.post("/customers/new/", _form(reseller=wrong))
        assert answer.status_code == 422
        assert "Select a reseller from the list." in text(answer)
    assert browser.post("/customers/new/", _form(reseller=str(desk.sitwell.id))).status_code == 303
    assert Customer.get(Customer.name_key == "prerada voca d.o.o.").reseller_id == desk.sitwell.id


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("company_name", "", "This is required."),
        ("company_name", "a\0b", "cannot be seen (U+0000)"),
        ("company_name", "evil\u202egnp", "cannot be seen (U+202E)"),
        ("country", "XX", "Select a country from the list."),
        ("email", "pv@prerada-voca", "“pv@prerada-voca” lacks the end of the address, such as .rs"),
        ("phone", "1" * 61, "at most 60 fit"),
    ],
)
def test_a_wrong_value_answers_with_the_reason_and_keeps_what_was_typed(desk, browser_of, field, value, words):
    answer = browser_of(desk.people["john"]).post("/customers/new/", _form(city="Upisani Grad", **{field: value}))
    assert answer.status_code == 422
    page = text(answer)
    assert f'id="{field}-error">{words}' in page or words in page
    assert 'value="Upisani Grad"' in page
    assert len(_names()) == 2


def test_a_name_equal_but_for_case_and_accents_asks_which_is_meant(desk, browser_of):
    browser = browser_of(desk.people["john"])
    answer = browser.post("/customers/new/", _form(company_name="TUNEL D.O.O.", city="Mostar"))
    assert answer.status_code == 422
    page = text(answer)
    assert "<b>Tunel d.o.o., Sarajevo</b> is already a customer. Which is meant?" in page
    assert f'href="/customers/edit/?id={desk.tunel.id}"' in page
    assert 'value="Mostar"' in page
    assert browser.post("/customers/new/", _form(company_name="TUNEL D.O.O.", meant="new")).status_code == 303
    assert _names()[-1] == "TUNEL D.O.O."


def test_the_answer_about_one_name_is_none_about_another(desk, browser_of):
    answer = browser_of(desk.people["john"]).post(
        "/customers/new/", _form(company_name="tunel d.o.o.", named_apart="another name")
    )
    assert answer.status_code == 422


def test_a_change_is_saved_and_its_licences_follow(desk, browser_of):
    browser = browser_of(desk.people["john"])
    page = text(browser.get(f"/customers/edit/?id={desk.tunel.id}"))
    assert "A change queues ModifyAttributes for 1 licence." in page
    answer = browser.post(f"/customers/edit/?id={desk.tunel.id}", _edit(desk.tunel, phone="033 123 456"))
    assert answer.status_code == 303
    assert Customer[desk.tunel.id].phone == "033 123 456"
    queued = Command.get()
    assert (queued.kind, queued.state, queued.details["phone"]) == ("ModifyAttributes", "queued", "033 123 456")
    assert "1 licence follows." in text(browser.get(answer.location))


def test_two_at_once_lose_nothing(desk, browser_of):
    first, second = browser_of(desk.people["john"]), browser_of(desk.people["blake"])
    mine, theirs = _edit(desk.tunel, city="Mostar"), _edit(desk.tunel, city="Tuzla", phone="035")
    assert second.post(f"/customers/edit/?id={desk.tunel.id}", theirs).status_code == 303
    answer = first.post(f"/customers/edit/?id={desk.tunel.id}", mine)
    assert answer.status_code == 422
    page = text(answer)
    assert "Somebody else changed this record meanwhile." in page
    assert re.search(r"<th scope=\"row\">City</th><td>Mostar</td><td>Tuzla</td>", page)
    assert re.search(r"<th scope=\"row\">Phone</th><td>—</td><td>035</td>", page)
    assert Customer[desk.tunel.id].city == "Tuzla"
    version = re.search(r'name="version" type="hidden" value="(\d+)"', page)[1]
    assert first.post(f"/customers/edit/?id={desk.tunel.id}", {**mine, "version": version}).status_code == 303
    assert Customer[desk.tunel.id].city == "Mostar"


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40])
def test_a_form_without_a_version_overwrites_nothing(desk, browser_of, version):
    form = _edit(desk.tunel, city="Mostar", version=version)
    assert browser_of(desk.people["john"]).post(f"/customers/edit/?id={desk.tunel.id}", form).status_code == 422
    assert Customer[desk.tunel.id].city == "Sarajevo"


def test_a_customer_with_licences_stays_and_one_without_can_go(desk, browser_of):
    browser = browser_of(desk.people["john"])
    page = text(browser.get(f"/customers/edit/?id={desk.tunel.id}"))
    assert "is for a customer without any licence in the list." in page
    assert "/customers/delete/" not in page
    refused = browser.post(f"/customers/delete/?id={desk.tunel.id}")
    assert refused.status_code == 303
    assert "has licences in the list (1) and cannot be deleted" in text(browser.get(refused.location))
    empty = add_customer("Empty", reseller=desk.bluth)
    assert "Are you sure you want to delete Empty?" in text(browser.get(f"/customers/edit/?id={empty.id}"))
    assert browser.post(f"/customers/delete/?id={empty.id}").location == "/customers/"
    assert "Empty" not in _names()


def test_archive_takes_a_customer_out_of_the_list_and_restore_brings_it_back(desk, browser_of):
    browser = browser_of(desk.people["john"])
    empty = add_customer("Empty", reseller=desk.bluth)
    browser.post(f"/customers/archive/?id={empty.id}")
    assert "Archived: Empty" in text(browser.get("/customers/"))
    assert "Empty" not in text(browser.get("/customers/"))
    assert "Displaying 1 to 1 of 1 item" in text(browser.get("/customers/?state=archived"))
    browser.post(f"/customers/restore/?id={empty.id}")
    assert not Customer[empty.id].is_archived
    browser.post(f"/customers/archive/?id={desk.tunel.id}")
    assert not Customer[desk.tunel.id].is_archived


def test_a_foreign_id_and_a_missing_one_answer_alike(desk, browser_of):
    browser = browser_of(desk.people["john"])
    before = AuditEntry.select().count()

    def answers(key):
        token, form = browser.token(), _edit(desk.canary)
        paths = [f"/customers/{name}/?id={key}" for name in ("edit", "delete", "archive", "restore")]
        reads = [browser.get(paths[0]), *(browser.post(path, form, token=token) for path in paths)]
        blank = re.compile(r'nonce="[^"]+"|X-CSRFToken[^}]+|name="csrf_token" value="[^"]+"')
        return [(answer.status_code, blank.sub("", text(answer))) for answer in reads]

    assert answers(desk.canary.id) == answers(10**9)
    assert {status for status, _ in answers(desk.canary.id)} == {404}
    for wrong in ("", "x", "0", "-1", "9" * 40, "1%00", "١"):
        assert browser.get(f"/customers/edit/?id={wrong}").status_code == 404
    assert browser.get("/customers/edit/").status_code == 404
    assert Customer[desk.canary.id].company_name == CANARY
    assert AuditEntry.select().count() == before


def test_an_auditor_reads_the_record_and_writes_nothing(desk, browser_of):
    browser = browser_of(desk.people["audit"])
    page = text(browser.get(f"/customers/edit/?id={desk.tunel.id}"))
    assert 'value="Tunel d.o.o." readonly' in page
    assert "Save" not in page
    assert "New Customer" not in text(browser.get("/customers/"))
    assert browser.get("/customers/new/").status_code == 403
    for path in ("new/", f"edit/?id={desk.tunel.id}", f"delete/?id={desk.tunel.id}", f"archive/?id={desk.tunel.id}"):
        assert browser.post(f"/customers/{path}", _form()).status_code == 403
    assert len(_names()) == 2


def test_anonymous_neither_reads_nor_writes(desk, browser):
    for path in ("", "new/", f"edit/?id={desk.tunel.id}", "export/csv/"):
        assert browser.get(f"/customers/{path}").status_code == 303
    assert browser.post("/customers/new/", _form()).status_code == 303
    assert len(_names()) == 2


def test_a_post_without_the_form_token_is_refused(desk, browser_of):
    assert browser_of(desk.people["john"]).post("/customers/new/", _form(), token="").status_code == 400
    assert len(_names()) == 2


def test_names_are_text_everywhere(desk, browser_of):
    evil = add_customer(HOSTILE, reseller=desk.bluth, city=FORMULA)
    browser = browser_of(desk.people["john"])
    pages = [
        browser.get("/customers/"),
        browser.get(f"/customers/edit/?id={evil.id}"),
        browser.get(f"/customers/?company_name={HOSTILE}"),
        browser.post("/customers/new/", _form(company_name=HOSTILE, email=HOSTILE)),
        browser.post("/customers/new/", _form(company_name=HOSTILE)),
    ]
    for page in map(text, pages):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
    rows = csv_rows(browser.get("/customers/export/csv/"))
    assert [row[1:3] for row in rows[1:]] == [[HOSTILE, f"'{FORMULA}"], ["Tunel d.o.o.", "Sarajevo"]]
    assert "<f>" not in sheet_xml(browser.get("/customers/export/xlsx/"))


def test_exports_hold_no_row_of_another_reseller(desk, browser_of):
    browser = browser_of(desk.people["john"])
    for kind, read in (("csv", text), ("xlsx", sheet_xml)):
        answer = browser.get(f"/customers/export/{kind}/")
        assert "Tunel" in read(answer)
        assert "Sitwell" not in read(answer)
        assert f"customers-2017-07-22.{kind}" in answer.headers["Content-Disposition"]


def test_a_page_costs_six_statements_at_most_however_many_rows(desk, browser_of):
    for number in range(40):
        add_customer(f"C{number}", reseller=desk.bluth)
    browser = browser_of(desk.people["ops"])
    browser.get("/customers/")
    with statements() as seen:
        browser.get("/customers/?company_name=c&city=")
    assert len([line for line in seen if line.startswith("SELECT")]) <= 6


def test_a_reseller_that_is_archived_cannot_be_chosen(desk, browser_of):
    Reseller.update(is_archived=True).where(Reseller.id == desk.sitwell.id).execute()
    browser = browser_of(desk.people["ops"])
    assert "Sitwell" not in text(browser.get("/customers/new/"))
    assert browser.post("/customers/new/", _form(reseller=str(desk.sitwell.id))).status_code == 422


def test_a_licence_with_an_open_command_is_told_apart(desk, browser_of):
    busy = add_subscription(desk.tunel, product=desk.product)
    Command.create(
        reference="r", kind="Renew", state=CommandState.PARKED, subscription=busy, reseller=desk.bluth,
        requested_at=busy.ordered_at,
    )  # fmt: skip
    page = text(browser_of(desk.people["john"]).get(f"/customers/edit/?id={desk.tunel.id}"))
    assert "A change queues ModifyAttributes for 1 licence." in page
    assert "1 licence has a request on its way" in page
