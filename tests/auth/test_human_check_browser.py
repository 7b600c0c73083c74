"""The human check in a real browser: our challenge, the vendored worker, a strict policy, our verdict."""

import threading
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, abort, request, send_from_directory
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import make_server

from auth.human_check import create_challenge, verify
from clock import real_now

pytestmark = pytest.mark.browser

STATIC = Path(__file__).resolve().parents[2] / "static"
SECRET = "a secret of the installation"
PAGE = """<!doctype html><html lang="en"><title>Login</title>
<form method="post" action="/login">
  <input name="username">
  <input type="hidden" name="human_check" id="human-check">
  <p class="human" role="status" data-human-check data-challenge="/challenge" data-worker="{worker}"
     data-answer="human-check" data-seconds="{seconds}" data-busy="Human check…" data-passed="Human check passed"
     data-help="solved by this browser" data-failed="Human check failed." data-insecure="Use https.">
    <span class="badge"></span><span class="help"></span></p>
  <button type="button" data-human-check-again hidden>Try again</button>
  <button>Login</button>
</form>
<script src="/static/human-check.js" defer></script>"""


def login_page(state):
    app = Flask(__name__, static_folder=None)
    kept = set()

    def remember_once(token, _expires_at):
        is_new = token not in kept
        kept.add(token)
        return is_new

    @app.get("/login")
    def show():
        return PAGE.format(worker=state.worker, seconds=state.seconds)

    @app.get("/favicon.ico")
    def icon():
        return "", 204

    @app.get("/challenge")
    def challenge():
        state.challenges += 1
        if state.is_out_of_order:
            abort(503)
        return create_challenge(secret=SECRET, now=real_now())

    @app.post("/login")
    def judge():
        state.payload = request.form["human_check"]
        return str(verify(state.payload, secret=SECRET, now=real_now(), remember_once=remember_once))

    @app.get("/static/<path:name>")
    def static(name):
        return send_from_directory(STATIC, name)

    @app.after_request
    def protect(response):
        response.headers["Content-Security-Policy"] = "default-src 'self'"
        return response

    return app


@contextmanager
def served(app):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site():
    state = SimpleNamespace(
        worker="/static/vendor/altcha-pbkdf2.js", seconds=60, is_out_of_order=False, challenges=0, payload=None
    )
    with served(login_page(state)) as state.port:
        state.address = f"http://127.0.0.1:{state.port}/login"
        yield state


@pytest.fixture(scope="module")
def browser(chromium_path):
    arguments = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path, args=[*arguments, "--host-resolver-rules=MAP seatdesk.test 127.0.0.1"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    page = browser.new_page()
    page.set_default_timeout(20_000)
    yield page
    page.close()


def badge(page):
    return expect(page.get_by_role("status").locator(".badge"))


def test_the_browser_solves_it_alone_and_the_server_takes_it_once(page, site):
    complaints, addresses = [], []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: addresses.append(asked.url))
    page.goto(site.address)
    badge(page).to_have_text("Human check passed", timeout=20_000)
    expect(page.get_by_role("status").locator(".help")).to_have_text("solved by this browser")
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    page.get_by_role("button", name="Login").click()
    expect(page.locator("body")).to_have_text("passed")
    assert complaints == []
    assert {address.split("/")[2] for address in addresses} == {f"127.0.0.1:{site.port}"}
    assert verify(site.payload, secret=SECRET, now=real_now(), remember_once=lambda *_: False) == "used before"


def test_pressing_login_early_waits_for_the_answer(page, site):
    page.goto(site.address)
    page.get_by_role("button", name="Login").click()
    expect(page.locator("body")).to_have_text("passed", timeout=20_000)


def test_an_answer_that_grew_old_is_solved_anew(page, site):
    site.seconds = 2
    page.goto(site.address)
    badge(page).to_have_text("Human check passed", timeout=20_000)
    page.wait_for_timeout(2_100)
    page.get_by_role("button", name="Login").click()
    expect(page.locator("body")).to_have_text("passed", timeout=20_000)
    assert site.challenges == 2


def test_a_failure_is_told_and_can_be_tried_again(page, site):
    site.is_out_of_order = True
    page.goto(site.address)
    badge(page).to_have_text("Human check failed.", timeout=20_000)
    site.is_out_of_order = False
    page.get_by_role("button", name="Try again").click()
    badge(page).to_have_text("Human check passed", timeout=20_000)


def test_a_worker_that_does_not_load_is_told(page, site):
    site.worker = "/static/vendor/missing.js"
    page.goto(site.address)
    badge(page).to_have_text("Human check failed.", timeout=20_000)


def test_plain_http_from_another_machine_is_told(page, site):
    page.goto(f"http://seatdesk.test:{site.port}/login")
    badge(page).to_have_text("Human check failed.", timeout=20_000)
    expect(page.get_by_role("status").locator(".help")).to_have_text("Use https.")
