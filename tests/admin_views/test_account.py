"""Account: one's own profile, picture and password."""

import io

import pytest

from access import Role
from auth.passwords import hash_password
from clock import real_now
from models import AuditEntry, LoginFailure, Session, User
from tests.admin_views.browser import Browser
from tests.small_book import add_reseller, add_user

PASSWORD = "a long pass phrase"
NEW = "quite another phrase"
HASH = hash_password(PASSWORD)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 40


@pytest.fixture
def user(app):
    reseller = add_reseller("Bluth Company")
    return add_user("customer1", reseller=reseller, name="Test", surname="Customer 1", password_hash=HASH)


@pytest.fixture
def visitor(browser_of, user):
    return browser_of(user)


def text(page):
    return page.get_data(as_text=True)


def stored(user):
    return User.get_by_id(user.id)


def profile(**changes):
    values = {"name": "Test", "surname": "Customer 1", "username": "customer1", "csv_format": "comma", "version": "1"}
    return {**values, **changes}


def passwords(**changes):
    values = {"current_password": PASSWORD, "new_password": NEW, "new_password_again": NEW}
    return {**values, **changes}


def test_the_page_shows_rights_reseller_and_status_without_a_field_to_change_them(visitor):
    page = text(visitor.get("/account"))
    for label, value in (("Access rights", "reseller user"), ("Reseller", "Bluth Company"), ("Status", "Active")):
        assert f'<span class="label">{label}</span><span>{value}</span>' in page
    for name in ("role", "reseller", "is_active"):
        assert f'name="{name}"' not in page


def test_the_profile_is_saved_and_shown(visitor, user):
    form = profile(name="Ana", title="Dr.", phone="011/1", email="a@b.rs", csv_format="semicolon")
    answer = visitor.post("/account", form)
    assert (answer.status_code, answer.location) == (303, "/account")
    row = stored(user)
    assert (row.name, row.title, row.phone, row.email, row.csv_format) == ("Ana", "Dr.", "011/1", "a@b.rs", "semicolon")
    assert row.name_key == "ana customer 1"
    page = text(visitor.get("/account"))
    assert "Your profile is saved." in page
    assert 'value="Dr."' in page


def test_rights_reseller_and_status_that_are_posted_anyway_change_nothing(visitor, user):
    other = add_reseller("Sitwell Enterprises")
    form = profile(role="distributor admin", reseller=str(other.id), is_active="", must_change_password="1")
    visitor.post("/account", form)
    row = stored(user)
    assert (row.role, row.reseller_id, row.is_active) == (Role.RESELLER_USER, user.reseller_id, True)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("name", "", "This is required."),
        ("name", "x" * 101, "at most 100 fit"),
        ("surname", "a\x00b", "cannot be seen (U+0000)"),
        ("surname", "a\u202eb", "cannot be seen (U+202E)"),
        ("email", "nobody", "lacks the @"),
        ("username", "", "This is required."),
        ("username", "a b", "is not a user name"),
        ("username", "Blake", "already taken"),
        ("csv_format", "tabs", "Select a format"),
    ],
)
def test_a_wrong_value_says_why_keeps_what_was_typed_and_changes_nothing(visitor, user, field, value, reason):
    add_user("blake")
    answer = visitor.post("/account", profile(phone="typed", **{field: value}))
    assert answer.status_code == 422
    assert reason in text(answer)
    assert 'value="typed"' in text(answer)
    assert 'aria-invalid="true"' in text(answer)
    assert {**stored(user).__data__, **user.__data__} == stored(user).__data__


def test_a_profile_changed_elsewhere_meanwhile_is_not_overwritten(visitor, user):
    User.update(name="Newer", version=2).where(User.id == user.id).execute()
    visitor.post("/account", profile(name="Older"))
    assert stored(user).name == "Newer"
    assert "changed elsewhere meanwhile" in text(visitor.get("/account"))


def test_markup_in_a_name_is_text(visitor):
    visitor.post("/account", profile(name="<b>x</b>", surname="'\"><script>alert(1)</script>"))
    page = text(visitor.get("/account"))
    assert "<b>x</b>" not in page
    assert "<script>alert" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_the_change_is_in_the_audit_trail_with_old_and_new(visitor, user):
    visitor.post("/account", profile(name="Ana"))
    entry = AuditEntry.get()
    assert (entry.action, entry.subject_id, entry.reseller_id) == ("user.profile_changed", user.id, user.reseller_id)
    assert entry.details == {"name": ["Test", "Ana"]}


def test_saving_without_a_change_writes_nothing(visitor, user):
    visitor.post("/account", profile())
    assert AuditEntry.select().count() == 0
    assert stored(user).version == 1


@pytest.mark.parametrize(("content", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
def test_a_picture_is_stored_and_served_as_what_it_is(visitor, user, content, kind):
    visitor.post("/account", profile(picture=(io.BytesIO(content), "me.exe")))
    answer = visitor.get("/account/picture")
    assert (answer.data, answer.mimetype) == (content, kind)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert '<img src="/account/picture"' in text(visitor.get("/account"))


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a" + b"\x00" * 20,
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
        b"PK\x03\x04",
        b"\x00",
    ],
)
def test_a_file_that_is_no_picture_is_refused_whatever_it_calls_itself(visitor, user, content):
    answer = visitor.post("/account", profile(picture=(io.BytesIO(content), "me.png", "image/png")))
    assert answer.status_code == 422
    assert "no PNG or JPEG picture" in text(answer)
    assert stored(user).picture is None


def test_a_picture_of_more_than_a_megabyte_is_refused(visitor, user):
    answer = visitor.post("/account", profile(picture=(io.BytesIO(PNG + b"\x00" * 1_000_000), "big.png")))
    assert answer.status_code == 422
    assert "larger than 1 MB" in text(answer)
    assert stored(user).picture is None


def test_a_picture_can_be_removed_and_stays_otherwise(visitor, user):
    visitor.post("/account", profile(picture=(io.BytesIO(PNG), "me.png")))
    visitor.post("/account", profile(version="2", name="Ana"))
    assert visitor.get("/account/picture").status_code == 200
    visitor.post("/account", profile(version="3", name="Ana", is_picture_removed="y"))
    assert visitor.get("/account/picture").status_code == 404
    assert stored(user).picture_type == ""


def test_a_picture_is_its_owners_alone(app, visitor):
    visitor.post("/account", profile(picture=(io.BytesIO(PNG), "me.png")))
    other = Browser(app).enter(add_user("blake", reseller=add_reseller("Sitwell Enterprises")))
    assert other.get("/account/picture").status_code == 404


def test_a_new_password_ends_every_session_but_the_one_that_set_it(app, user):
    here, elsewhere = Browser(app), Browser(app)
    here.sign_in("customer1", PASSWORD)
    elsewhere.sign_in("customer1", PASSWORD)
    copied = Browser(app)
    copied.client.set_cookie("seatdesk", here.client.get_cookie("seatdesk").value)
    answer = here.post("/account/password", passwords())
    assert (answer.status_code, answer.location) == (303, "/account")
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert copied.get("/account").status_code == 303
    assert Session.select().count() == 1
    assert Browser(app).sign_in("customer1", PASSWORD).status_code == 422
    assert Browser(app).sign_in("customer1", NEW).status_code == 303


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"current_password": "wrong"}, "This is not your current password."),
        ({"new_password_again": "something else"}, "The two new passwords differ."),
        ({"new_password": "short", "new_password_again": "short"}, "at least 8 characters"),
        ({"new_password": "password1", "new_password_again": "password1"}, "most common"),
        ({"new_password": "customer1!", "new_password_again": "customer1!"}, "easily guessed"),
        ({"new_password": PASSWORD, "new_password_again": PASSWORD}, "is the current one"),
    ],
)
def test_a_password_is_not_changed_without_a_good_reason(visitor, user, changes, reason):
    answer = visitor.post("/account/password", passwords(**changes))
    assert answer.status_code == 422
    assert reason in text(answer)
    assert stored(user).password_hash == HASH
    assert PASSWORD not in text(answer)


def test_guessing_the_current_password_is_slowed_down_as_a_sign_in_is(visitor, user):
    for _ in range(5):
        visitor.post("/account/password", passwords(current_password="wrong"))
    LoginFailure.update(failed_at=real_now()).execute()
    answer = visitor.post("/account/password", passwords())
    assert "Too many failed attempts" in text(answer)
    assert stored(user).password_hash == HASH


def test_a_change_of_password_is_in_the_audit_trail_without_it(visitor, user):
    visitor.post("/account/password", passwords())
    entry = AuditEntry.get()
    assert (entry.action, entry.subject_id, entry.details) == ("user.password_changed", user.id, None)


class TestFirstSignIn:
    """Whoever got a password from somebody else chooses one of their own first."""

    @pytest.fixture
    def newcomer(self, app):
        add_user("new", role=Role.DISTRIBUTOR_ADMIN, password_hash=HASH, must_change_password=True)
        browser = Browser(app)
        assert browser.sign_in("new", PASSWORD).status_code == 303
        return browser

    def test_everything_leads_to_the_new_password(self, newcomer):
        answer = newcomer.get("/")
        assert (answer.status_code, answer.location) == (303, "/account")
        page = text(newcomer.get("/account"))
        assert "Please choose a new password first" in page
        assert 'name="new_password"' in page
        assert 'name="phone"' not in page

    def test_the_profile_cannot_be_changed_before(self, newcomer):
        assert newcomer.post("/account", profile(username="new", name="Changed")).location == "/account"
        assert User.get(User.username == "new").name == "New"

    def test_the_menu_offers_nothing_yet(self, newcomer):
        menu = text(newcomer.get("/account")).split('id="menu"')[1].split("</nav>")[0]
        assert "<a " not in menu

    def test_logout_is_possible(self, newcomer):
        assert newcomer.post("/logout").location == "/login"

    def test_the_new_password_opens_everything(self, newcomer):
        assert newcomer.post("/account/password", passwords()).location == "/"
        assert newcomer.get("/").status_code == 200
        assert User.get(User.username == "new").must_change_password is False

    def test_the_password_that_was_given_is_no_new_one(self, newcomer):
        answer = newcomer.post("/account/password", passwords(new_password=PASSWORD, new_password_again=PASSWORD))
        assert answer.status_code == 422
        assert newcomer.get("/").location == "/account"
