"""What was seen on the wire, kept for a person: activation codes masked, bodies cut. Pure."""

import re

from gateways.http_deadline import HttpAnswer, HttpRequest
from gateways.order_service.messages import REFERENCE_HEADER
from licensing.commands import Evidence

MAX_CHARACTERS = 4_000
# Also in a body cut short, where the closing quote is missing.
_SECRETS = re.compile(r'("(?:ActivationCode|LicenseId)"\s*:\s*")[^"]*', re.IGNORECASE)


def evidence_of(request: HttpRequest, answer: HttpAnswer | None, *, was_written: bool) -> Evidence:
    """Method, address, reference and bodies of one call."""
    return Evidence(
        request=_request_text(request),
        response="" if answer is None else masked(answer.body),
        http_status=None if answer is None else answer.status,
        was_written=was_written,
    )


def joined(earlier: Evidence, later: Evidence) -> Evidence:
    """The evidence of a composed command: both texts, and the status of the last call."""
    return Evidence(
        request=_lines(earlier.request, later.request),
        response=_lines(earlier.response, later.response),
        http_status=later.http_status,
        was_written=later.was_written,
    )


def masked(body: bytes) -> str:
    """A body as text of limited length without the secrets."""
    text = body[: 4 * MAX_CHARACTERS].decode("utf-8", errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return _SECRETS.sub(r"\1***", text)[:MAX_CHARACTERS]


def _request_text(request: HttpRequest) -> str:
    address = request.path + (f"?{request.query}" if request.query else "")
    reference = request.headers.get(REFERENCE_HEADER)
    head = f"{request.method} {address}" + (f"\n{REFERENCE_HEADER}: {reference}" if reference else "")
    return _lines(head, masked(request.body))


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)
