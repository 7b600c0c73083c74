"""create_app wires configuration, database, sign-in, screens, headers and error pages. No rules live here."""

import logging
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_admin import Admin
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

import health
from admin_views import account, gate, login, screens
from admin_views.errors import register_errors
from admin_views.export_files import list_source
from admin_views.home import HomeView
from admin_views.shell import House, csp_nonce, frame
from admin_views.vendor_holds import alarms
from assets import FOREVER, read_assets
from auth.login import SignedIn, find_signed_in, login_manager
from cli import register_commands
from config import ROOT, Config, Stage, read_config
from database import as_tenant, db, forget_tenant, open_database, serve_tenant
from exports.columns import Sheet
from gateways.select import refusals_of
from imports.limits import LARGEST_FILE
from jobs.exports import register_source
from operations.write_export import ExportClaim

LARGEST_REQUEST = 2 * 1024 * 1024  # bytes: a picture of 1 MB and the form around it
_LARGEST_SHEET_REQUEST = LARGEST_FILE + 1024 * 1024
_TAKES_SHEETS = frozenset({"imports.take", "order_sheets.take", "price_lists.upload_view"})
_PERMISSIONS = ", ".join(f"{name}=()" for name in ("camera", "geolocation", "microphone", "payment", "usb"))
_requests = logging.getLogger("seatdesk.requests")


class _Sessions(SecureCookieSessionInterface):
    """The cookie of the pages. Assets are the same for everybody: their answers neither set it nor vary by it."""

    digest_method = staticmethod(sha256)  # Flask's own is SHA-1

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Leave the answer of an asset alone."""
        if request.endpoint != "static":
            super().save_session(app, session, response)


def _settings(config: Config) -> dict[str, object]:
    return {
        "SECRET_KEY": config.secret_key,
        "SESSION_COOKIE_NAME": "__Host-seatdesk" if config.is_https else "seatdesk",
        "SESSION_COOKIE_SECURE": config.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PREFERRED_URL_SCHEME": "https" if config.is_https else "http",
        "TRUSTED_HOSTS": _trusted_hosts(config),
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "WTF_CSRF_TIME_LIMIT": None,  # a token is good as long as the session it belongs to
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_DEFAULT_TIMEZONE": config.zone.key,
    }


def _trusted_hosts(config: Config) -> list[str] | None:
    host = urlsplit(config.public_url).hostname
    if host is None:
        return None
    return [host] if config.stage is Stage.PRODUCTION else [host, "localhost", "127.0.0.1"]


def _bind_database(config: Config) -> None:
    # A test, or a process that has connected already, keeps its own connection.
    wanted = open_database(config.database_url)
    if db.obj is None or db.obj.database != wanted.database:
        db.initialize(wanted)


def _register_database(app: Flask) -> None:
    @app.before_request
    def connect() -> None:
        forget_tenant()
        # Assets need none, and the page that says that the database is down needs them.
        if request.endpoint != "static" and request.endpoint not in health.ENDPOINTS:
            g.has_connected = db.connect(reuse_if_open=True)

    @app.teardown_request
    def close(_error: BaseException | None) -> None:
        serve_tenant(None)
        if g.pop("has_connected", False):
            db.close()


def _register_sign_in(app: Flask) -> None:
    """From the look-up of who asks on, a reseller's people are kept to their reseller's rows by the database, too."""
    manager = login_manager()

    @manager.user_loader  # type: ignore[untyped-decorator]
    def find(token: str) -> SignedIn | None:
        who = find_signed_in(token)
        if who is not None:
            serve_tenant(who.actor.reseller_id)
        return who

    manager.init_app(app)


@contextmanager
def _source(app: Flask, claim: ExportClaim) -> Iterator[Sheet]:
    """The rows of a file that a job writes, behind the wall of whoever asked for it."""
    with as_tenant(claim.actor.reseller_id), list_source(app, claim) as sheet:
        yield sheet


def _register_sheets(app: Flask) -> None:
    """Take a larger request where a sheet is uploaded, from whoever is signed in: the form is read for its token."""

    @app.before_request
    def allow() -> None:
        if request.endpoint in _TAKES_SHEETS and "_user_id" in session:
            request.max_content_length = _LARGEST_SHEET_REQUEST


def _security_headers(config: Config) -> dict[str, str]:
    policy = (
        f"default-src 'self'; script-src 'nonce-{csp_nonce()}'; style-src 'self'; img-src 'self'; worker-src 'self'; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": _PERMISSIONS,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if config.is_https:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return headers


def _register_headers(app: Flask, config: Config) -> None:
    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.update(_security_headers(config))
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _register_log(app: Flask) -> None:
    """One line per request: the path without its query, which can hold what people search for."""
    # At its lowest level peewee writes every statement with its values, activation codes among them.
    logging.getLogger("peewee").setLevel(logging.INFO)

    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(8)
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        spent = (time.perf_counter() - g.get("began", time.perf_counter())) * 1000
        _requests.info(
            "%s %s %s %d %.0fms", g.get("request_id"), request.method, request.path, response.status_code, spent
        )
        return response


def _register_assets(app: Flask, house: House) -> None:
    @app.get("/static/<path:name>", endpoint="static")
    def static(name: str) -> Response:
        asset = house.assets.by_address.get(f"/static/{name}") or abort(404)
        packed = request.accept_encodings.quality("gzip") > 0
        response = Response(asset.compressed if packed else asset.content, mimetype=asset.mimetype)
        response.headers["Cache-Control"] = FOREVER
        response.headers["Vary"] = "Accept-Encoding"
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        return response


def _register_screens(app: Flask) -> Admin:
    home = HomeView(name="Home", endpoint="home", url="/", static_url_path="/none")
    admin = Admin(app, name="Seatdesk", url="/", index_view=home, endpoint="home", csp_nonce_generator=csp_nonce)
    for screen in screens.all_screens():
        admin.add_view(screen)
    return admin


def create_app(config: Config | None = None) -> Flask:
    """The web application for that configuration, by default the one of the environment. Raises ConfigError."""
    config = config or read_config(os.environ)
    app = Flask(__name__, static_folder=None)
    app.config.update(_settings(config))
    app.session_interface = _Sessions()
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    if config.trusted_proxies:
        proxies = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    _bind_database(config)
    _register_log(app)
    _register_headers(app, config)
    _register_database(app)
    _register_sign_in(app)
    Babel(app)
    _register_sheets(app)
    CSRFProtect(app)
    gate.register_gate(app)
    register_errors(app)
    house = House(
        config=config,
        assets=read_assets(ROOT / "static"),
        admin=_register_screens(app),
        not_offered=refusals_of(config.vendor, zone=config.zone),
    )
    app.extensions["seatdesk"] = house
    register_source(partial(_source, app))
    _register_assets(app, house)
    app.register_blueprint(login.blueprint)
    app.register_blueprint(account.blueprint)
    app.context_processor(frame)
    app.context_processor(lambda: {"shell_alarms": alarms})
    health.register_health(app)
    register_commands(app, config)
    return app
