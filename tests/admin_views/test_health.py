"""/livez and /readyz: degraded, not down, without the queue or the vendor; and no word to strangers beyond that."""

from pathlib import Path

from access import SYSTEM
from app import create_app
from licensing.commands import Evidence, NotExecuted
from operations.gateway_contact import FAILURES_BEFORE_DOWN, note_contact
from operations.gateway_holds import hold_gateway
from tests.admin_views.browser import Browser, config_for
from tests.small_book import MOMENT

REFUSED = NotExecuted(reason="Connection to vendor.example refused", evidence=Evidence(request="POST /create"))


def answers(app, path):
    answer = Browser(app).get(path)
    assert "Set-Cookie" not in answer.headers
    return answer.status_code, answer.get_json()


def test_a_whole_house_is_live_and_ready(app):
    assert answers(app, "/livez") == (200, {"status": "live"})
    assert answers(app, "/readyz") == (
        200,
        {"status": "ready", "database": "ok", "queue": "none", "vendor": "ok"},
    )


def test_without_the_queue_it_is_degraded(sqlite_database):
    app = create_app(config_for(sqlite_database, REDIS_URL="redis://127.0.0.1:1/0"))
    assert answers(app, "/readyz") == (
        200,
        {"status": "degraded", "database": "ok", "queue": "down", "vendor": "ok"},
    )


def test_with_a_silent_vendor_it_is_degraded_and_says_no_more(app):
    for _ in range(FAILURES_BEFORE_DOWN):
        note_contact(REFUSED, gateway="order service", moment=MOMENT)
    status, said = answers(app, "/readyz")
    assert (status, said["status"], said["vendor"]) == (200, "degraded", "down or on hold")
    assert "vendor.example" not in str(said)


def test_on_hold_it_is_degraded(app):
    hold_gateway("order service", reason="HTTP 401 for our password", actor=SYSTEM, moment=MOMENT)
    assert answers(app, "/readyz")[1]["status"] == "degraded"


def test_without_the_database_it_lives_and_is_not_ready(tmp_path: Path, sqlite_database):
    app = create_app(config_for(f"sqlite:///{tmp_path / 'missing' / 'nothing.db'}"))
    assert answers(app, "/livez") == (200, {"status": "live"})
    assert answers(app, "/readyz") == (503, {"status": "down", "database": "down"})
