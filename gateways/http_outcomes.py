"""What the HTTP side of an answer means for a command, whatever the service (domain.md, Reading an HTTP answer). Pure.

What a readable body means is each adapter's to say.
"""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from gateways.http_deadline import HttpAnswer, HttpFailure
from licensing.commands import NotExecuted, Unknown, Unreadable

REFUSALS = frozenset({400, 404, 409, 422})
SIGN_IN_REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
LONGEST_RETRY_AFTER = 86_400.0


@dataclass(frozen=True, slots=True)
class Throttle:
    """The service is busy; seconds until it wants to be asked again, None where it does not say."""

    seconds: float | None


def outcome_of_failure(failure: HttpFailure) -> NotExecuted | Unknown:
    """No whole answer: unknown once a byte of the request was written, unless it was the certificate."""
    if failure.is_certificate:
        return NotExecuted(reason=failure.reason, holds_gateway=True)
    if failure.was_written:
        return Unknown(reason=failure.reason)
    return NotExecuted(reason=failure.reason)


def refused_sign_in(answer: HttpAnswer) -> str:
    """The reason where the service does not accept us, else empty."""
    is_refused = answer.status in SIGN_IN_REFUSALS
    return f"HTTP {answer.status}: the service does not accept us." if is_refused else ""


def unreadable_of_failure(failure: HttpFailure) -> Unreadable:
    """A question to which no whole answer came."""
    return Unreadable(reason=failure.reason, holds_gateway=failure.is_certificate)


def outcome_of_status(answer: HttpAnswer, *, throttle_means_not_executed: bool) -> NotExecuted | None:
    """What the status alone proves: a refused sign-in, or a throttle where that is known to leave all as it was."""
    refused = refused_sign_in(answer)
    if refused:
        return NotExecuted(reason=refused, holds_gateway=True)
    throttle = throttle_of(answer)
    if throttle is not None and throttle_means_not_executed:
        return NotExecuted(reason=f"HTTP {answer.status}: the service is busy.", retry_after_seconds=throttle.seconds)
    return None


def throttle_of(answer: HttpAnswer) -> Throttle | None:
    """429, or 503 that says when to come back."""
    seconds = _retry_after(answer)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttle(seconds)
    if answer.status == HTTPStatus.SERVICE_UNAVAILABLE and seconds is not None:
        return Throttle(seconds)
    return None


def _retry_after(answer: HttpAnswer) -> float | None:
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_RETRY_AFTER)
    until, stated = _http_date(text), _http_date(answer.headers.get("date", ""))
    if until is None or stated is None:
        return None
    return min(max((until - stated).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
