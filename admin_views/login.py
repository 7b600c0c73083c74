"""Login and Logout."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from admin_views.shell import require_signed_in, signed_in
from auth.sessions import end_session

blueprint = Blueprint("login", __name__)


def local_path(address: str | None) -> str:
    """The address if it is a path of ours, else the path of Home: a link must not lead a user to a foreign site."""
    parts = urlsplit(address or "")
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith("/") and not parts.path.startswith("//")
    has_oddities = "\\" in (address or "") or any(ord(letter) < ord(" ") for letter in address or "")
    return address if address and is_ours and not has_oddities else "/"


@blueprint.get("/login")
def show() -> ResponseReturnValue:
    """The sign-in page; whoever is signed in goes on."""
    wanted = local_path(request.args.get("next"))
    if signed_in() is not None:
        return redirect(wanted, 303)
    return render_template("login.html", wanted=wanted, username="", message="")


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """End the session here and in the database."""
    end_session(require_signed_in().token)
    logout_user()
    session.clear()
    return redirect(url_for("login.show"), 303)
