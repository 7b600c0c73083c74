"""Password hashes, and which passwords are refused. No database and no request."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext

MIN_LENGTH = 8  # ASVS 5.0, 6.2.1
MAX_LENGTH = 256  # ASVS 5.0, 6.2.9 asks for 64 at least
MIN_DIFFERENT = 5
MIN_NAME = 4  # shorter ones stand in ordinary words
PRODUCT_NAMES = ("Seatdesk",)

# OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _HASHER.hash(token_urlsafe())
_COMMON = Path(__file__).with_name("common_passwords.txt")


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """Whether the password is right, and whether its hash should be made anew with today's parameters."""

    is_right: bool
    needs_rehash: bool


def hash_password(password: str) -> str:
    """The Argon2id hash, in the form that carries its own salt and parameters."""
    return _HASHER.hash(_octets(password))


def check_password(password: str, *, stored: str | None) -> PasswordCheck:
    """Compare with the stored hash; None stands for an unknown user and costs the same work.

    A stored value that is no hash, and a password longer than any we accept, are wrong after that work too.
    """
    if stored is None or len(password) > MAX_LENGTH:
        _matches("", _NOBODY)
        return PasswordCheck(is_right=False, needs_rehash=False)
    is_right = _matches(password, stored)
    return PasswordCheck(is_right=is_right, needs_rehash=is_right and _HASHER.check_needs_rehash(stored))


def password_refusal(password: str, *, username: str, words: Iterable[str] = ()) -> str | None:
    """Why the password cannot be taken, as a sentence for the user, or None.

    Refused: too short or too long, too few different characters, one of the most common, and one that is too short
    without the user name, the product's name or one of the words (the name, the company). Upper case, digits and
    the like are not asked for. Source: ASVS 5.0, 6.2.
    """
    if len(password) < MIN_LENGTH:
        return _("A password has at least %(number)d characters.", number=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        return _("A password has at most %(number)d characters.", number=MAX_LENGTH)
    if len(set(password)) < MIN_DIFFERENT:
        return _("A password has at least %(number)d different characters.", number=MIN_DIFFERENT)
    if password.casefold() in _common_passwords():
        return _("This password is one of the most common ones.")
    if len(_without(password, [username, *PRODUCT_NAMES, *words])) < MIN_LENGTH:
        return _("This password is easily guessed from a name.")
    return None


def _(sentence: str, **values: int) -> str:
    return str(gettext(sentence, **values))


def _matches(password: str, stored: str) -> bool:
    try:
        return _HASHER.verify(stored, _octets(password))
    except VerificationError:
        return False
    except InvalidHashError:
        return _matches("", _NOBODY)


def _octets(password: str) -> bytes:
    # A form may deliver half of a surrogate pair; it is a wrong password, not a fault.
    return password.encode("utf-8", "surrogatepass")


def _without(password: str, names: Iterable[str]) -> str:
    rest = password.casefold()
    for name in sorted((name.casefold().strip() for name in names), key=len, reverse=True):
        if len(name) >= MIN_NAME:
            rest = rest.replace(name, "")
    return rest


@cache
def _common_passwords() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").splitlines())
