"""gunicorn's worker, but for how it answers and logs what never reaches the application.

gunicorn repeats in its answer what was wrong with a request, and logs the line itself: a query, or a cookie whose
header lost its colon, would stand in the log. Nothing of the request is told or kept here but its address.
"""

import os
from collections.abc import Mapping
from typing import Any

from gunicorn.http import errors
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

_HEADERS = (
    ("Connection", "close"),
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_LIMITS = {
    errors.LimitRequestLine: (414, "URI Too Long"),
    errors.LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    errors.ExpectationFailed: (417, "Expectation Failed"),
    errors.UnsupportedTransferCoding: (501, "Not Implemented"),
}
_OURS = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)


def answer_to(error: BaseException) -> tuple[int, str]:
    """Status and words for a request that broke off with that error."""
    known = next((answer for kind, answer in _LIMITS.items() if isinstance(error, kind)), None)
    if known is not None:
        return known
    is_theirs = isinstance(error, errors.ParseException) and not isinstance(error, _OURS)
    return (400, "Bad Request") if is_theirs else (500, "Internal Server Error")


def whole_answer(status: int, words: str, *, environ: Mapping[str, str] = os.environ) -> bytes:
    """The answer as it goes over the wire; where browsers reach us by https they are told to stay with it."""
    headers = [*_HEADERS, ("Content-Length", str(len(words) + 1))]
    if environ.get("SEATDESK_PUBLIC_URL", "").startswith("https:"):
        headers.append(("Strict-Transport-Security", "max-age=63072000; includeSubDomains"))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status} {words}\r\n{lines}\r\n{words}\n".encode("ascii")


class Worker(ThreadWorker):  # type: ignore[misc]
    """The threads that gunicorn.conf.py asks for."""

    def handle_error(self, _req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer in few words, with the headers that every answer has."""
        status, words = answer_to(exc)
        kind = type(exc).__name__
        if status == 500:  # noqa: PLR2004 - the one that is a fault of ours
            self.log.error("a request broke off: %s", kind, exc_info=exc)
        else:
            self.log.warning("a request from %s cannot be read: %s", addr[0] if addr else "a socket", kind)
        try:
            write_nonblock(client, whole_answer(status, words))
        except OSError:
            self.log.debug("nobody waits for the answer any more")
