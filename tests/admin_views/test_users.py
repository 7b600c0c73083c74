import pytest

from access import Role
from auth.passwords import check_password
from models import AuditEntry, User
from tests.admin_views.desk import FORMULA, HOSTILE, csv_rows, set_up, sheet_xml, text
from tests.small_book import add_user

PASSWORD = "quiet harbour lantern 7"


@pytest.fixture
def desk(app):
    return set_up()


def _form(**values):
    return {
        "username": "gob",
        "name": "Gob",
        "surname": "",
        "title": "",
        "phone": "",
        "email": "",
        "role": Role.RESELLER_USER.value,
        "reseller": "",
        "is_active": "1",
        "password": PASSWORD,
        **values,
    }


def _edit(user, **values):
    stored = User[user.id]
    shown = {name: getattr(stored, name) for name in ("name", "surname", "title", "phone", "email", "role")}
    reseller = "" if stored.reseller_id is None else str(stored.reseller_id)
    return {**shown, "reseller": reseller, "is_active": "1", "version": str(stored.version), **values}


def _without(form, name):
    return {key: value for key, value in form.items() if key != name}


def test_the_distributors_admin_sees_everybody(desk, browser_of):
    page = text(browser_of(desk.people["admin"]).get("/users/"))
    for word in ("Username", "Access rights", "Radomir Ljubojević", "distributor operator", "Sitwell Enterprises"):
        assert word in page
    assert "never used" not in page
    assert "Displaying 1 to 6 of 6 items" in page


def test_a_resellers_admin_sees_its_own_people_only(desk, browser_of):
    browser = browser_of(desk.people["blake"])
    page = text(browser.get("/users/"))
    assert "Displaying 1 to 2 of 2 items" in page
    assert "Kanarinac" not in page
    for kind, read in (("csv", text), ("xlsx", sheet_xml)):
        body = read(browser.get(f"/users/export/{kind}/?reseller={desk.sitwell.id}"))
        assert "john" in body
        assert "Kanarinac" not in body
        assert "never used" not in body


@pytest.mark.parametrize(
    ("query", "found"),
    [("name=LJUBOJEVIC", 1), ("username=jo", 1), ("role=auditor", 1), ("status=inactive", 0), ("status=active", 6)],
)
def test_the_filters_narrow_the_list(desk, browser_of, query, found):
    page = text(browser_of(desk.people["admin"]).get(f"/users/?{query}"))
    assert page.count("<tr data-href") == found


@pytest.mark.parametrize("query", ["role=root", "status=x", "reseller=999", "name=a%00"])
def test_a_filter_that_cannot_be_read_is_told(desk, browser_of, query):
    answer = browser_of(desk.people["admin"]).get(f"/users/?{query}")
    assert answer.status_code == 200
    assert "Displaying 0 items" in text(answer)


def test_a_new_user_signs_in_with_the_initial_password_and_must_change_it(desk, browser_of):
    answer = browser_of(desk.people["admin"]).post("/users/new/", _form(reseller=str(desk.bluth.id)))
    assert answer.status_code == 303
    added = User.get(User.username == "gob")
    assert added.must_change_password
    assert added.reseller_id == desk.bluth.id
    assert check_password(PASSWORD, stored=added.password_hash).is_right
    assert PASSWORD not in str([entry.details for entry in AuditEntry.select()])


def test_a_resellers_admin_adds_people_of_that_reseller_whatever_is_posted(desk, browser_of):
    browser = browser_of(desk.people["blake"])
    page = text(browser.get("/users/new/"))
    assert "distributor admin</option>" not in page
    assert "auditor</option>" not in page
    assert "Sitwell" not in page
    assert browser.post("/users/new/", _form(reseller=str(desk.sitwell.id))).status_code == 303
    assert User.get(User.username == "gob").reseller_id == desk.bluth.id


@pytest.mark.parametrize("role", ["distributor admin", "distributor operator", "auditor", "root", ""])
def test_a_resellers_admin_grants_no_other_rights(desk, browser_of, role):
    answer = browser_of(desk.people["blake"]).post("/users/new/", _form(role=role))
    assert answer.status_code == 422
    assert "access rights" in text(answer)
    assert User.select().count() == 6


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("username", "", "This is required."),
        ("username", "JOHN", "“JOHN” is already taken."),
        ("username", "a b", "is not a user name"),
        ("name", "", "This is required."),
        ("name", "a\u200fb", "U+200F"),
        ("email", "gob@bluth", "“gob@bluth” lacks the end of the address, such as .rs"),
        ("password", "short", "A password has at least 8 characters."),
        ("password", "password123", "most common"),
        ("reseller", "999", "Select a reseller from the list."),
        ("reseller", "", "Select the reseller of this user."),
    ],
)
def test_a_wrong_value_answers_with_the_reason_and_keeps_what_was_typed(desk, browser_of, field, value, words):
    form = {**_form(reseller=str(desk.bluth.id), title="Kept title"), field: value}
    answer = browser_of(desk.people["admin"]).post("/users/new/", form)
    assert answer.status_code == 422
    assert words in text(answer)
    assert 'value="Kept title"' in text(answer)
    assert PASSWORD not in text(answer)
    assert User.select().count() == 6


def test_a_change_of_rights_signs_the_user_out(desk, browser_of):
    john = browser_of(desk.people["john"])
    admin = browser_of(desk.people["admin"])
    address = f"/users/edit/?id={desk.people['john'].id}"
    assert admin.post(address, _edit(desk.people["john"], phone="011")).status_code == 303
    assert john.get("/skus/").status_code == 200
    assert admin.post(address, _edit(desk.people["john"], role="reseller admin")).status_code == 303
    assert john.get("/skus/").status_code == 303
    assert User[desk.people["john"].id].role == "reseller admin"


def test_a_deactivated_user_is_out_and_back_only_by_an_admin(desk, browser_of):
    john, admin = browser_of(desk.people["john"]), browser_of(desk.people["blake"])
    address = f"/users/edit/?id={desk.people['john'].id}"
    assert admin.post(address, _without(_edit(desk.people["john"]), "is_active")).status_code == 303
    assert john.get("/skus/").status_code == 303
    assert "Inactive" in text(admin.get("/users/?status=inactive"))
    assert admin.post(address, _edit(desk.people["john"])).status_code == 303
    assert User[desk.people["john"].id].is_active


def test_nobody_locks_themselves_out(desk, browser_of):
    admin = desk.people["admin"]
    browser, address = browser_of(admin), f"/users/edit/?id={admin.id}"
    page = text(browser.get(address))
    assert 'name="password"' not in page
    for form, words in (
        (_without(_edit(admin), "is_active"), "You cannot deactivate yourself."),
        (_edit(admin, role="auditor"), "You cannot change your own access rights."),
        (_edit(admin, password=PASSWORD), "Change your own password under Account."),
    ):
        answer = browser.post(address, form)
        assert answer.status_code == 422
        assert words in text(answer)
    assert User[admin.id].is_active
    assert User[admin.id].role == "distributor admin"


def test_two_at_once_lose_nothing(desk, browser_of):
    john = desk.people["john"]
    first, second = browser_of(desk.people["blake"]), browser_of(desk.people["admin"])
    mine, theirs = _edit(john, phone="1"), _edit(john, phone="2")
    assert second.post(f"/users/edit/?id={john.id}", theirs).status_code == 303
    answer = first.post(f"/users/edit/?id={john.id}", mine)
    assert answer.status_code == 422
    assert '<th scope="row">Phone</th><td>1</td><td>2</td>' in text(answer)
    assert User[john.id].phone == "2"


def test_a_foreign_id_and_a_missing_one_are_both_not_found(desk, browser_of):
    browser = browser_of(desk.people["blake"])
    for key in (desk.people["stan"].id, desk.people["admin"].id, 10**9, "x", ""):
        address = f"/users/edit/?id={key}"
        assert browser.get(address).status_code == 404
        assert browser.post(address, _edit(desk.people["stan"], phone="1")).status_code == 404
    assert User[desk.people["stan"].id].phone == ""


def test_an_auditor_of_the_reseller_is_shown_and_not_changed(desk, browser_of):
    ada = add_user("ada", role=Role.AUDITOR, reseller=desk.bluth)
    browser = browser_of(desk.people["blake"])
    page = text(browser.get(f"/users/edit/?id={ada.id}"))
    assert 'value="ada" readonly' in page
    assert "Save" not in page
    assert browser.post(f"/users/edit/?id={ada.id}", _edit(ada, phone="1")).status_code == 403
    assert User[ada.id].phone == ""


@pytest.mark.parametrize("who", ["ops", "john", "audit"])
def test_other_roles_have_no_users(desk, browser_of, who):
    browser = browser_of(desk.people[who])
    for path in ("", "new/", f"edit/?id={desk.people['john'].id}", "edit/?id=999", "export/csv/"):
        assert browser.get(f"/users/{path}").status_code == 403
    assert browser.post("/users/new/", _form()).status_code == 403
    assert browser.post(f"/users/edit/?id={desk.people['john'].id}", _edit(desk.people["john"])).status_code == 403
    assert User.select().count() == 6


def test_anonymous_goes_to_login(desk, browser):
    for path in ("", "new/", f"edit/?id={desk.people['john'].id}", "export/csv/"):
        assert browser.get(f"/users/{path}").status_code == 303
    assert browser.post("/users/new/", _form()).status_code == 303


def test_names_are_text(desk, browser_of):
    evil = add_user("evil", reseller=desk.bluth, name=HOSTILE, surname=FORMULA)
    browser = browser_of(desk.people["admin"])
    for path in ("/users/", f"/users/edit/?id={evil.id}"):
        page = text(browser.get(path))
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
    row = next(row for row in csv_rows(browser.get("/users/export/csv/")) if row[0] == "evil")
    assert row[1:3] == [HOSTILE, f"'{FORMULA}"]
