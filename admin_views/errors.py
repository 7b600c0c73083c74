"""Own pages for what goes wrong, in the same look; none tells more than its status, and never a trace."""

from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from access import AccessDenied
from admin_views.shell import signed_in


def _words(status: int) -> tuple[str, str]:
    known = {
        400: (_("That request cannot be read"), _("Go back, reload the page and try again.")),
        401: (_("Please sign in"), _("This page is for signed-in users.")),
        403: (_("Not for your role"), _("Your access rights do not include this page or action.")),
        404: (_("Not found"), _("There is no such page or row, or it is not yours to see.")),
        405: (_("Not possible here"), _("This address does not take that kind of request.")),
        413: (_("Too large"), _("What was sent is larger than this page takes. Nothing was changed.")),
        429: (_("Too many attempts"), _("Please wait a little and try again.")),
        500: (_("Something went wrong on our side"), _("Nothing you typed caused this. Please try again in a minute.")),
    }
    return known.get(status, known[400 if status < 500 else 500])  # noqa: PLR2004 - the border of the HTTP classes


def _page(status: int, words: tuple[str, str], reference: str = "") -> tuple[str, int]:
    # After a failure of ours nothing is asked of the database again, so the page stands outside the shell.
    inside = status < 500 and signed_in() is not None  # noqa: PLR2004
    template = "error.html" if inside else "error_outside.html"
    return render_template(template, status=status, title=words[0], text=words[1], reference=reference), status


def _keep_to_our_host(response: Response) -> Response:
    """A missing slash is added without a host: the one that the request names can be anybody's."""
    missing = request.routing_exception
    if not isinstance(missing, RequestRedirect):
        return response
    parts = urlsplit(missing.new_url)
    path = "/" + parts.path.lstrip("/")
    return redirect(f"{path}?{parts.query}" if parts.query else path, missing.code)


def _http_error(error: HTTPException) -> Response | tuple[str, int]:
    if error.code is None or error.code < 400:  # noqa: PLR2004
        return error.get_response()
    return _page(error.code, _words(error.code))


def _csrf_error(_error: CSRFError) -> tuple[str, int]:
    text = _("The page was open too long, or the form did not come from here. Go back, reload it and send it again.")
    return _page(400, (_("This form is no longer valid"), text))


def _access_denied(_error: AccessDenied) -> tuple[str, int]:
    return _page(403, _words(403))


def _failure(error: Exception) -> tuple[str, int]:
    words = (g.get("request_id"), request.method, request.path)
    current_app.logger.error("request %s failed: %s %s", *words, exc_info=error)
    return _page(500, _words(500), reference=g.get("request_id", ""))


def register_errors(app: Flask) -> None:
    """Answer every error of the application with a page of ours."""
    # Flask gives this one redirect to no handler of errors.
    app.after_request(_keep_to_our_host)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(AccessDenied, _access_denied)
    app.register_error_handler(Exception, _failure)
