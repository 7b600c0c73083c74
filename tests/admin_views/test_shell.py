"""The frame of every screen: the gate, the headers, the menu, the error pages, the assets."""

import gzip
import re

import pytest
from flask import request
from flask_admin import BaseView, expose

from access import Permission, Role
from admin_views import screens
from admin_views.shell import Group, Place, Screen
from app import create_app
from tests.admin_views.browser import Browser, config_for
from tests.small_book import add_reseller, add_user

INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)|<style\b|<[a-z][^>]*\sstyle\s*=|<[a-z][^>]*\son[a-z]+\s*=|javascript:", re.IGNORECASE
)
PAGES = ["/", "/account", "/nix"]


@pytest.fixture
def operator(app):
    return add_user("ops", role=Role.DISTRIBUTOR_OPERATOR, name="Radomir", surname="Ljubojević")


@pytest.mark.parametrize("path", ["/", "/account", "/account/picture"])
def test_an_anonymous_visitor_is_sent_to_login_and_from_there_back(browser, path):
    answer = browser.get(f"{path}?a=1")
    assert answer.status_code == 303
    assert answer.location == f"/login?next={path}?a%3D1"


def test_an_anonymous_visitor_of_home_is_sent_to_plain_login(browser):
    assert browser.get("/").location == "/login"


def test_an_anonymous_htmx_request_is_told_to_go_to_login(browser):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/account?tab=2"}
    answer = browser.get("/account", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=/account?tab%3D2"
    assert answer.data == b""


def test_an_anonymous_post_changes_nothing_and_goes_to_login(browser):
    answer = browser.post("/account", {"name": "x"})
    assert (answer.status_code, answer.location) == (303, "/login")


def test_every_address_is_closed_to_anonymous_except_the_few_that_are_public(app):
    open_to_all = set()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "1", rule.rule)
        if "GET" in rule.methods and Browser(app).get(path).status_code != 303:
            open_to_all.add(rule.endpoint)
    assert open_to_all == {"static", "login.show", "login.challenge", "health.live", "health.ready"}


@pytest.mark.parametrize("path", [*PAGES, "/login", "/login/challenge"])
def test_every_answer_carries_the_security_headers(browser_of, operator, browser, path):
    for visitor in (browser, browser_of(operator)):
        headers = visitor.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'self'; script-src 'nonce-" in policy
        for part in ("object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"):
            assert part in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in headers


def test_each_answer_has_a_nonce_of_its_own_and_its_scripts_carry_it(browser):
    nonces = set()
    for _ in range(2):
        page = browser.get("/login")
        nonce = re.search(r"'nonce-([^']+)'", page.headers["Content-Security-Policy"])[1]
        scripts = re.findall(r"<script[^>]*>", page.get_data(as_text=True))
        assert scripts
        assert all(f'nonce="{nonce}"' in script for script in scripts)
        nonces.add(nonce)
    assert len(nonces) == 2


@pytest.mark.parametrize("path", [*PAGES, "/login"])
def test_pages_hold_no_inline_code(browser, browser_of, operator, path):
    for visitor in (browser, browser_of(operator)):
        assert not INLINE.search(visitor.get(path).get_data(as_text=True))


def test_a_post_without_the_form_token_is_refused(browser_of, operator):
    answer = browser_of(operator).post("/account", {"name": "Somebody"}, token="")
    assert answer.status_code == 400
    assert "no longer valid" in answer.get_data(as_text=True)
    assert type(operator).get_by_id(operator.id).name == "Radomir"


def test_the_form_token_of_another_browser_is_refused(app, browser_of, operator):
    foreign = Browser(app).token()
    assert browser_of(operator).post("/account", {"name": "Somebody"}, token=foreign).status_code == 400


def test_names_of_people_are_text_and_never_markup(browser_of):
    user = add_user("eve", role=Role.DISTRIBUTOR_ADMIN, name='<img src=x onerror="alert(1)">')
    page = browser_of(user).get("/").get_data(as_text=True)
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_the_top_bar_says_name_and_role_or_reseller(browser_of, operator):
    clerk = add_user("tc1", reseller=add_reseller("Bluth Company"), name="Test", surname="Customer 1")
    assert "<span>Radomir Ljubojević</span> <small>distributor operator</small>" in _text(browser_of(operator).get("/"))
    assert "<span>Test Customer 1</span> <small>Bluth Company</small>" in _text(browser_of(clerk).get("/"))


def test_the_footer_says_version_and_zone(browser_of, operator):
    assert "Version 1.0.0<br>Times in Europe/Belgrade" in _text(browser_of(operator).get("/"))


def _text(page):
    return page.get_data(as_text=True)


class _Register(Screen, BaseView):
    @expose("/")
    def index(self):
        return self.render("admin/base.html")


class _Users(_Register):
    place = Place(Group.REGISTER, 30)
    permission = Permission.READ_USERS


class _Skus(_Register):
    place = Place(Group.REGISTER, 10)


class _Hidden(_Register):
    permission = Permission.EDIT_SETTINGS


@pytest.fixture
def app_with_screens(sqlite_database):
    app = create_app(config_for(sqlite_database))
    admin = app.extensions["seatdesk"].admin
    app._got_first_request = False
    for view in (
        _Users(name="Test users", endpoint="t-users"),
        _Skus(name="Test SKU", endpoint="t-skus"),
        _Hidden(name="Test hidden", endpoint="t-hidden"),
    ):
        admin.add_view(view)
    return app


def test_the_menu_offers_what_the_role_may_open_in_its_order(app_with_screens):
    admin = Browser(app_with_screens).enter(add_user("a", role=Role.DISTRIBUTOR_ADMIN))
    clerk = Browser(app_with_screens).enter(add_user("b", reseller=add_reseller()))
    assert re.findall(r">(Test \w+)<", _text(admin.get("/"))) == ["Test SKU", "Test users"]
    assert re.findall(r">(Test \w+)<", _text(clerk.get("/"))) == ["Test SKU"]


def test_the_menu_marks_the_screen_that_is_open(app_with_screens):
    visitor = Browser(app_with_screens).enter(add_user("a", role=Role.DISTRIBUTOR_ADMIN))
    current = re.findall(r'<a href="([^"]+)" aria-current="page">', _text(visitor.get("/t-skus/")))
    assert current == ["/t-skus/"]


def test_a_screen_without_the_right_for_it_is_refused(app_with_screens):
    clerk = Browser(app_with_screens).enter(add_user("b", reseller=add_reseller()))
    assert clerk.get("/t-skus/").status_code == 200
    assert clerk.get("/t-users/").status_code == 403
    assert clerk.get("/t-hidden/").status_code == 403


def test_every_screen_of_the_product_stands_behind_the_gate_of_its_permission():
    assert all(isinstance(view, Screen) for view in screens.all_screens())


def test_an_unknown_address_answers_alike_signed_in_or_not_without_telling_why(browser, browser_of, operator):
    for visitor in (browser, browser_of(operator)):
        answer = visitor.get("/nix")
        assert answer.status_code == 404
        assert "Not found" in _text(answer)


def test_a_wrong_method_gets_a_page_of_ours(browser_of, operator):
    answer = browser_of(operator).client.delete("/account")
    assert answer.status_code == 405
    assert "Not possible here" in _text(answer)


def test_too_large_a_request_is_refused_with_413(browser_of, operator):
    answer = browser_of(operator).post("/account", {"name": "x" * (3 * 1024 * 1024)}, token="any")
    assert answer.status_code == 413
    assert "Too large" in _text(answer)


def test_a_failure_of_ours_shows_a_reference_and_no_trace(app, browser_of, operator, caplog):
    def broken():
        raise RuntimeError("the reason with a secret")

    app.view_functions["home.index"] = broken
    answer = browser_of(operator).get("/?q=what-they-searched")
    reference = re.search(r"Reference for support: (\w{16})", _text(answer))[1]
    assert answer.status_code == 500
    assert "secret" not in _text(answer)
    assert "Traceback" not in _text(answer)
    assert reference in caplog.text
    assert "what-they-searched" not in caplog.text


def test_a_database_that_is_down_gets_a_page_of_ours_with_its_look(tmp_path):
    browser = Browser(create_app(config_for(f"sqlite:///{tmp_path}/no-such-folder/seatdesk.db")))
    page = browser.get("/")
    assert page.status_code == 500
    assert "Something went wrong on our side" in _text(page)
    assert browser.get(re.search(r'href="(/static/[^"]+css)"', _text(page))[1]).status_code == 200


def test_the_request_log_names_the_path_without_its_query(browser, caplog):
    with caplog.at_level("INFO", logger="seatdesk.requests"):
        browser.get("/login?next=/subscriptions/?company=Tunel")
    assert "GET /login 200" in caplog.text
    assert "Tunel" not in caplog.text


def test_assets_are_served_for_ever_under_an_address_with_their_hash(browser):
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', _text(browser.get("/login")))
    assert {re.sub(r"-\w{16}", "", address) for address in addresses} == {
        *("/static/seatdesk.svg", "/static/seatdesk.css", "/static/seatdesk.js", "/static/human-check.js"),
    }
    for address in addresses:
        answer = browser.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_script_of_the_pages_holds_htmx_and_the_style_is_text_css(browser):
    page = _text(browser.get("/login"))
    script = browser.get(re.search(r'src="(/static/seatdesk-[^"]+)"', page)[1])
    style = browser.get(re.search(r'href="(/static/seatdesk-[^"]+css)"', page)[1])
    assert b"htmx" in script.data
    assert script.mimetype == "text/javascript"
    assert style.mimetype == "text/css"


def test_assets_are_compressed_for_browsers_that_take_it(browser):
    address = re.search(r'href="(/static/seatdesk-[^"]+css)"', _text(browser.get("/login")))[1]
    plain, packed = browser.get(address), browser.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("name", ["seatdesk.css", "../app.py", "%2e%2e/app.py", "vendor/htmx.min.js", "README.md"])
def test_nothing_else_is_served_from_the_folder(browser, name):
    assert browser.get(f"/static/{name}").status_code == 404


def test_by_https_cookies_are_host_bound_and_the_browser_remembers(sqlite_database):
    app = create_app(config_for(sqlite_database, SEATDESK_PUBLIC_URL="https://desk.example"))
    answer = Browser(app, base_url="https://desk.example").get("/login")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-seatdesk=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


def test_a_foreign_host_name_is_refused_where_the_public_one_is_known(sqlite_database):
    app = create_app(config_for(sqlite_database, SEATDESK_PUBLIC_URL="http://desk.example"))
    assert Browser(app, base_url="http://desk.example").get("/login").status_code == 200
    answer = Browser(app, base_url="http://evil.example").get("/login")
    assert answer.status_code == 400
    assert "evil" not in _text(answer)


def test_forwarded_addresses_are_believed_only_from_as_many_proxies_as_configured(sqlite_database):
    headers = {"X-Forwarded-For": "203.0.113.9"}
    for proxies, seen in (("0", "127.0.0.1"), ("1", "203.0.113.9")):
        app = create_app(config_for(sqlite_database, SEATDESK_TRUSTED_PROXIES=proxies))
        with app.test_client() as client:
            client.get("/login", headers=headers)
            assert request.remote_addr == seen
