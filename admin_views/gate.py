"""The gate before every screen: closed unless signed in, and half closed until a first password was changed."""

from flask import Flask, redirect, request, url_for
from werkzeug.wrappers import Response

from admin_views.shell import signed_in, to_login

PUBLIC = frozenset({"static", "login.show", "login.submit", "login.challenge", "health.live", "health.ready"})
BEFORE_FIRST_PASSWORD = PUBLIC | {
    "account.show",
    "account.change_password",
    "account.picture",
    "login.ask_logout",
    "login.logout",
}


def _check() -> Response | None:
    endpoint = request.endpoint
    if endpoint is None or endpoint in PUBLIC:
        return None
    who = signed_in()
    if who is None:
        return to_login()
    if who.user.must_change_password and endpoint not in BEFORE_FIRST_PASSWORD:
        return redirect(url_for("account.show"), 303)
    return None


def register_gate(app: Flask) -> None:
    """Close every address of the application except the public ones."""
    app.before_request(_check)
