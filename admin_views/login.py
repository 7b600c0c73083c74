"""Login and Logout."""

import time

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_user, logout_user

from admin_views.shell import current_actor, house, moment, require_signed_in, signed_in
from auth import human_check
from auth.attempts import TooManyFailures, forget_old_challenges, remember_challenge
from auth.human_check import HumanCheck
from auth.login import find_signed_in
from operations.sign_in import Attempt, SignInRefused, sign_in, sign_out

ANSWER_SECONDS = 540  # under human_check.LIFETIME, for the way here

blueprint = Blueprint("login", __name__)


def local_path(address: str | None) -> str:
    """The address if it is a path of ours, else that of Home: a link must not lead a user to a foreign site.

    Browsers read // as another host, take a backslash for / and drop control characters before they look.
    """
    if not address or not address.startswith("/") or address.startswith("//"):
        return "/"
    has_oddities = "\\" in address or any(letter <= " " or letter == "\x7f" for letter in address)
    return "/" if has_oddities else address


@blueprint.get("/login")
def show() -> ResponseReturnValue:
    """The sign-in page; whoever is signed in goes on."""
    wanted = local_path(request.args.get("next"))
    if signed_in() is not None:
        return redirect(wanted, 303)
    return _page(wanted=wanted)


@blueprint.get("/login/challenge")
def challenge() -> ResponseReturnValue:
    """A new puzzle for the human check."""
    return jsonify(human_check.create_challenge(secret=house().config.secret_key, now=moment().real_now))


@blueprint.post("/login")
def submit() -> ResponseReturnValue:
    """Sign in, or say again what is wrong; the user name that was typed stays."""
    if _human_check() is not HumanCheck.PASSED:
        return _page(_("The human check did not pass. Please try again."), status=422)
    try:
        typed = attempt_from_here(request.form.get("username", ""), request.form.get("password", ""))
        token = sign_in(typed, moment=moment(), pause=time.sleep)
    except SignInRefused:
        return _page(_("User name or password is wrong."), status=422)
    except TooManyFailures as failures:
        return *_page(too_many(failures), status=429), {"Retry-After": str(failures.wait_seconds)}
    enter(token)
    return redirect(local_path(request.form.get("next")), 303)


@blueprint.get("/logout")
def ask_logout() -> ResponseReturnValue:
    """What a bookmark of the address leads to: a link alone must not sign anybody out."""
    return render_template("logout.html")


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """End the session here and in the database."""
    sign_out(require_signed_in().token, actor=current_actor(), moment=moment())
    logout_user()
    session.clear()
    answer = redirect(url_for("login.show"), 303)
    # What a browser kept of the pages goes with the session, on a machine that several people use.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def enter(token: str) -> None:
    """Let this browser in with the token of a session just opened; nothing of an older one is kept."""
    session.clear()
    login_user(find_signed_in(token))


def too_many(failures: TooManyFailures) -> str:
    """The sentence for too many failures."""
    seconds = failures.wait_seconds
    return ngettext(
        "Too many failed attempts. Please try again in %(num)d second.",
        "Too many failed attempts. Please try again in %(num)d seconds.",
        seconds,
    )


def attempt_from_here(username: str, password: str) -> Attempt:
    """What was typed, with the address that the request came from."""
    return Attempt(username, password, address=request.remote_addr or "", secret=house().config.secret_key)


def _human_check() -> HumanCheck:
    outcome = human_check.verify(
        request.form.get("human_check", ""),
        secret=house().config.secret_key,
        now=moment().real_now,
        remember_once=remember_challenge,
    )
    if outcome is not HumanCheck.PASSED:
        current_app.logger.info("human check: %s", outcome)
    return outcome


def _page(message: str = "", *, wanted: str | None = None, status: int = 200) -> tuple[str, int]:
    forget_old_challenges(now=moment().real_now)
    page = render_template(
        "login.html",
        wanted=local_path(request.form.get("next")) if wanted is None else wanted,
        username=request.form.get("username", ""),
        message=message,
        answer_seconds=ANSWER_SECONDS,
    )
    return page, status
