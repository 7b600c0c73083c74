"""Login and Logout: who gets in, what is said to who does not, and when a session ends."""

from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest

from access import Actor, Role
from auth import sessions
from auth.passwords import check_password, hash_password
from auth.sessions import ABSOLUTE, IDLE, end_sessions_of
from clock import real_now
from models import AuditEntry, LoginFailure, Session, UsedChallenge, User
from operations.users import UserDetails, change_user
from tests.admin_views.browser import Browser, form_token
from tests.small_book import MOMENT, add_reseller, add_user

PASSWORD = "a long pass phrase"
HASH = hash_password(PASSWORD)


@pytest.fixture
def user(app):
    return add_user("ops", role=Role.DISTRIBUTOR_OPERATOR, password_hash=HASH, name="Radomir")


def text(page):
    return page.get_data(as_text=True)


def is_in(browser):
    return browser.get("/account").status_code == 200


def test_the_page_has_both_fields_the_toggle_and_the_check(browser):
    page = browser.get("/login")
    assert page.status_code == 200
    for part in ('name="username"', 'type="password"', "data-shows-password", "data-human-check", "<noscript>"):
        assert part in text(page)


@pytest.mark.parametrize("typed", ["ops", "OPS", " ops "])
def test_the_right_password_opens_home(browser, user, typed):
    answer = browser.sign_in(typed, PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_in(browser)


def test_the_check_that_the_page_asks_for_lets_in(browser, user):
    answer = browser.solve_as_a_browser_does()
    assert browser.sign_in("ops", PASSWORD, human_check=answer).status_code == 303


def test_signing_in_leads_back_to_the_page_that_was_wanted(browser, user):
    assert browser.sign_in("ops", PASSWORD, next="/account?a=1").location == "/account?a=1"


@pytest.mark.parametrize(
    "wanted",
    [
        *("https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example"),
        *("/\t/evil.example", "/\n/evil.example", " /account", "javascript:alert(1)", "account", "", "/\x00/evil"),
    ],
)
def test_signing_in_never_leads_to_a_foreign_site(browser, user, wanted):
    assert browser.sign_in("ops", PASSWORD, next=wanted).location == "/"
    assert browser.get("/login", query_string={"next": wanted}).location == "/"


def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(browser, user):
    wrong, unknown = browser.sign_in("ops", "not the password"), browser.sign_in("nobody", "not the password")
    assert wrong.status_code == unknown.status_code == 422
    assert "User name or password is wrong." in text(wrong)
    assert blanked(wrong, "ops") == blanked(unknown, "nobody")
    assert not is_in(browser)


def blanked(page, username):
    nonce = page.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]
    return text(page).replace(nonce, "").replace(form_token(page), "").replace(f'value="{username}"', "")


def test_an_inactive_user_gets_the_same_words(browser):
    add_user("gone", role=Role.AUDITOR, password_hash=HASH, is_active=False)
    assert "User name or password is wrong." in text(browser.sign_in("gone", PASSWORD))


def test_an_unknown_user_costs_the_work_of_a_wrong_password():
    assert check_password(PASSWORD, stored=None).is_right is False
    spent = {}
    for name, stored in (("known", HASH), ("unknown", None)):
        began = real_now()
        for _ in range(5):
            check_password("not the password", stored=stored)
        spent[name] = real_now() - began
    assert 0.3 < spent["unknown"] / spent["known"] < 3


def test_the_user_name_stays_and_the_password_does_not(browser, user):
    page = text(browser.sign_in("ops", "s3cret-typed-wrong"))
    assert 'value="ops"' in page
    assert "s3cret-typed-wrong" not in page


def test_what_was_typed_as_user_name_is_text(browser):
    page = text(browser.sign_in('"><script>alert(1)</script>', "x"))
    assert "<script>alert" not in page


@pytest.mark.parametrize("answer", ["", "nonsense", "e30=", "A" * 5000])
def test_without_the_human_check_nobody_gets_in_and_the_user_name_stays(browser, user, answer):
    page = browser.sign_in("ops", PASSWORD, human_check=answer)
    assert page.status_code == 422
    assert "The human check did not pass" in text(page)
    assert 'value="ops"' in text(page)
    assert LoginFailure.select().count() == 0
    assert not is_in(browser)


def test_a_human_check_is_good_once(app, user):
    first, second = Browser(app), Browser(app)
    answer = first.solve()
    assert first.sign_in("ops", PASSWORD, human_check=answer).status_code == 303
    assert second.sign_in("ops", PASSWORD, human_check=answer).status_code == 422


def test_used_checks_are_forgotten_when_they_have_expired(browser):
    UsedChallenge.create(token="old", expires_at=real_now() - timedelta(seconds=1))
    UsedChallenge.create(token="new", expires_at=real_now() + timedelta(minutes=1))
    browser.sign_in("ops", "x")
    tokens = {row.token for row in UsedChallenge.select()}
    assert "old" not in tokens
    assert "new" in tokens


def sign_in_at_once(browser):
    """Sign in as if the failures were of this moment: the first wait is shorter than solving a check can take."""
    answer = browser.solve()
    LoginFailure.update(failed_at=real_now()).execute()
    return browser.sign_in("ops", PASSWORD, human_check=answer)


def test_after_five_failures_the_next_must_wait_even_with_the_right_password(browser, user):
    for _ in range(5):
        assert browser.sign_in("ops", "wrong").status_code == 422
    answer = sign_in_at_once(browser)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Too many failed attempts" in text(answer)
    assert not is_in(browser)


def test_accents_and_case_in_the_user_name_do_not_start_a_new_count(browser, user):
    for name in ("ops", "OPS", "óps", "ôPs", " ops"):
        browser.sign_in(name, "wrong")
    assert sign_in_at_once(browser).status_code == 429


def test_four_failures_are_forgiven(browser, user):
    for _ in range(4):
        browser.sign_in("ops", "wrong")
    assert sign_in_at_once(browser).status_code == 303


def test_a_stranger_elsewhere_cannot_lock_a_user_out(app, user):
    stranger, owner = Browser(app, address="203.0.113.9"), Browser(app, address="198.51.100.7")
    for _ in range(6):
        stranger.sign_in("ops", "wrong")
    assert owner.sign_in("ops", PASSWORD).status_code == 303


def test_only_failures_count(app, user):
    for _ in range(8):
        assert Browser(app).sign_in("ops", PASSWORD).status_code == 303
    assert LoginFailure.select().count() == 0


def test_failures_are_kept_without_the_name_and_the_address(browser, user):
    browser.sign_in("ops", "wrong")
    row = LoginFailure.get()
    assert len(row.username_hash) == len(row.address_hash) == 64
    assert "ops" not in row.username_hash


def test_the_cookie_carries_a_token_of_which_only_the_hash_is_stored(app, browser, user):
    browser.sign_in("ops", PASSWORD)
    with browser.client.session_transaction() as session:
        token = session["_user_id"]
    assert token not in {row.token_hash for row in Session.select()}
    assert Session.get().user_id == user.id
    assert str(user.id) != token


def test_the_cookie_is_signed_with_sha_256(browser):
    cookie = browser.get("/login").headers["Set-Cookie"].partition(";")[0]
    signature = cookie.rpartition(".")[2]
    assert len(urlsafe_b64decode(f"{signature}=")) * 8 == 256


def test_signing_in_gives_a_new_form_token(browser, user):
    before = browser.token()
    browser.sign_in("ops", PASSWORD)
    assert browser.post("/account", {}, token=before).status_code == 400


def test_whoever_is_signed_in_does_not_see_login_again(browser_of, user):
    assert browser_of(user).get("/login?next=/account").location == "/account"


def test_logout_ends_the_session_for_a_copied_cookie_too(app, browser, user):
    browser.sign_in("ops", PASSWORD)
    thief = Browser(app)
    thief.client.set_cookie("seatdesk", browser.client.get_cookie("seatdesk").value)
    assert is_in(thief)
    answer = browser.post("/logout")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert not is_in(browser)
    assert not is_in(thief)
    assert Session.select().count() == 0


def test_logout_by_a_link_asks_first(browser_of, user):
    browser = browser_of(user)
    page = browser.get("/logout")
    assert page.status_code == 200
    assert 'action="/logout"' in text(page)
    assert is_in(browser)


def test_deactivation_and_the_end_of_all_sessions_take_effect_at_once(browser_of, user):
    visitor = browser_of(user)
    User.update(is_active=False).where(User.id == user.id).execute()
    assert not is_in(visitor)
    User.update(is_active=True).where(User.id == user.id).execute()
    assert is_in(visitor)
    end_sessions_of(user.id)
    assert not is_in(visitor)


def test_a_change_of_role_ends_the_session(browser_of):
    admin = add_user("admin", role=Role.DISTRIBUTOR_ADMIN)
    clerk = add_user("clerk", reseller=add_reseller("Bluth Company"))
    visitor = browser_of(clerk)
    assert is_in(visitor)
    details = UserDetails(name=clerk.name, role=Role.RESELLER_ADMIN, reseller_id=clerk.reseller_id)
    actor = Actor(user_id=admin.id, name="admin", role=Role.DISTRIBUTOR_ADMIN, reseller_id=None)
    change_user(clerk.id, details, version=clerk.version, actor=actor, moment=MOMENT)
    assert not is_in(visitor)


@pytest.mark.parametrize(
    "past",
    [{"seen_at": IDLE}, {"expires_at": timedelta(), "created_at": ABSOLUTE}],
)
def test_a_session_ends_when_idle_or_old(browser_of, user, past):
    visitor = browser_of(user)
    columns = {name: real_now() - ago for name, ago in past.items()}
    Session.update(**columns).execute()
    assert not is_in(visitor)


def test_being_there_keeps_a_session_from_going_idle(browser_of, user):
    visitor = browser_of(user)
    Session.update(seen_at=real_now() - IDLE + timedelta(minutes=5)).execute()
    assert is_in(visitor)
    assert real_now() - Session.get().seen_at < timedelta(minutes=1)


def test_sessions_that_are_over_are_cleared_away_at_the_next_sign_in(user):
    old = real_now() - ABSOLUTE - timedelta(minutes=1)
    sessions.open_session(user.id, now=old)
    sessions.open_session(user.id, now=real_now())
    assert Session.select().count() == 1


def test_signing_in_failing_and_signing_out_are_in_the_audit_trail(browser, user):
    browser.sign_in("ops", "wrong")
    browser.sign_in("ops", PASSWORD)
    browser.post("/logout")
    entries = [(entry.action, entry.subject_id) for entry in AuditEntry.select().order_by(AuditEntry.id)]
    assert entries == [
        ("user.sign_in_failed", user.id),
        ("user.signed_in", user.id),
        ("user.signed_out", user.id),
    ]


def test_no_password_and_no_unknown_user_name_reaches_the_log_or_the_trail(browser, user, caplog):
    with caplog.at_level("DEBUG"):
        browser.sign_in("typed-a-password-here", "wr0ng-and-private")
    kept = caplog.text + str([entry.__data__ for entry in AuditEntry.select()])
    assert "typed-a-password-here" not in kept
    assert "wr0ng-and-private" not in kept


def test_an_odd_form_is_refused_and_never_a_failure_of_ours(browser, user):
    for name in ("\x00", "\ud800", "x" * 10_000, "", "\u202eops"):
        assert browser.sign_in(name.encode("utf-8", "surrogatepass"), "x").status_code == 422


def test_logout_tells_the_browser_to_forget_what_it_kept(browser_of, user):
    assert browser_of(user).post("/logout").headers["Clear-Site-Data"] == '"cache", "storage"'
