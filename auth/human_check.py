"""The human check of the sign-in page: a puzzle that a browser solves by itself (ALTCHA), asked of no outside service.

The expiry stands in the signed data of the challenge, not in the library's own field: the library would compare that
with a clock of its own choosing.
"""

import hmac
import json
import secrets
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

import altcha

LIFETIME = timedelta(minutes=10)
_ALGORITHM = "PBKDF2/SHA-256"
_ITERATIONS = 5_000
# The browser tries one number after the other, so these bound its work: half a second or so on a plain machine.
_LOWEST, _HIGHEST = 100, 200
_LONGEST_PAYLOAD = 4_096  # characters; ours have about 700


class HumanCheck(StrEnum):
    """The outcome; only PASSED lets a sign-in go on, the others are for the log."""

    PASSED = "passed"
    WRONG = "wrong"
    EXPIRED = "expired"
    USED = "used before"


RememberOnce = Callable[[str, datetime], bool]
"""Keep a token until the instant; False if it was kept already. Must be atomic: two requests may carry one token."""


def create_challenge(*, secret: str, now: datetime) -> dict[str, Any]:
    """A new challenge as the browser gets it (JSON), good for LIFETIME from now (real time)."""
    challenge = altcha.create_challenge(
        _ALGORITHM,
        _ITERATIONS,
        counter=_LOWEST + secrets.randbelow(_HIGHEST - _LOWEST),
        data={"expires": int((now + LIFETIME).timestamp())},
        hmac_secret=_key(secret),
    )
    answer: dict[str, Any] = challenge.to_dict()
    return answer


def verify(payload: str, *, secret: str, now: datetime, remember_once: RememberOnce) -> HumanCheck:
    """Judge what the browser sent: our own challenge, solved, not expired by now (real time), not used before.

    remember_once is called only for what passed all else, with a token of 64 characters and the expiry.
    """
    if len(payload) > _LONGEST_PAYLOAD or not _is_solved(payload, secret):
        return HumanCheck.WRONG
    challenge = json.loads(b64decode(payload))["challenge"]
    expires_at = datetime.fromtimestamp(challenge["parameters"]["data"]["expires"], UTC)
    if expires_at <= now:
        return HumanCheck.EXPIRED
    # The signature names the challenge; the payload itself can be written in many ways.
    return HumanCheck.PASSED if remember_once(challenge["signature"], expires_at) else HumanCheck.USED


def _is_solved(payload: str, secret: str) -> bool:
    try:
        return bool(altcha.verify_solution(payload, _key(secret)).verified)
    except (TypeError, AttributeError):
        # Well-formed JSON of the wrong shape.
        return False


def _key(secret: str) -> bytes:
    return hmac.new(secret.encode(), b"seatdesk human check", sha256).digest()
