"""Account: one's own profile, picture and password."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
def show() -> ResponseReturnValue:
    """The form with what is stored."""
    return render_template("account.html")
