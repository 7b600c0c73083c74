"""What was seen on the wire, kept for a person: credentials and activation codes masked, bodies cut. Pure."""

import re
from collections.abc import Collection
from xml.sax.saxutils import escape

from gateways.http_deadline import HttpAnswer, HttpRequest
from licensing.commands import Evidence

MAX_CHARACTERS = 4_000
MASK = "***"
_NAMES = "ActivationCode|UserName|Password"
# As attributes and as elements, also in a body cut short, where the end is missing.
_ATTRIBUTE = re.compile(rf"""((?:{_NAMES})\s*=\s*)(?:"[^"]*"?|'[^']*'?)""", re.IGNORECASE)
_ELEMENT = re.compile(rf"(<(?:[\w.-]+:)?({_NAMES})\b[^>]*>).*?(?=</(?:[\w.-]+:)?\2|\Z)", re.IGNORECASE | re.DOTALL)


def evidence_of(
    request: HttpRequest, answer: HttpAnswer | None, *, was_written: bool, secrets: Collection[str]
) -> Evidence:
    """Both bodies of one call; secrets are masked wherever else they stand."""
    return Evidence(
        request=f"POST\n{masked(request.body, secrets)}",
        response="" if answer is None else masked(answer.body, secrets),
        http_status=None if answer is None else answer.status,
        was_written=was_written,
    )


def masked(body: bytes, secrets: Collection[str]) -> str:
    """A body as text of limited length without the secrets."""
    text = body[: 4 * MAX_CHARACTERS].decode("utf-8", errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    text = _ELEMENT.sub(rf"\1{MASK}", _ATTRIBUTE.sub(rf"\1{MASK}", text))
    for secret in secrets:
        for written in (secret, escape(secret)):
            text = text.replace(written, MASK) if written else text
    return text[:MAX_CHARACTERS]
