"""What typed text must look like before it is stored: length, no invisible characters, an e-mail's shape. Pure."""

import re
import unicodedata

from peewee import Field

from licensing.wording import Sentence

# Control characters and NUL, marks that turn the direction of text, lone surrogates, line and paragraph separators.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co"})
_EMAIL = re.compile(r"[^\s@,;<>()\"\\]+@[^\s@,;<>()\"\\]+\.[^\s@,;<>()\"\\.]{2,}")


def tidy(text: str | None) -> str:
    """The text as it is stored: composed accents, no white space at the ends, single spaces inside."""
    composed = unicodedata.normalize("NFC", text or "")
    return re.sub(r"[ \u00a0\u2000-\u200a\u202f\u3000]+", " ", composed).strip(" ")


def text_problem(text: str, *, limit: int, is_required: bool = False) -> Sentence | None:
    """Why the text cannot be stored, or None. limit is the number of characters the column holds."""
    if is_required and not text:
        return Sentence("This is required.")
    for letter in text:
        if unicodedata.category(letter) in _REFUSED_CATEGORIES:
            return Sentence("It contains a character that cannot be seen (%(code)s).", {"code": f"U+{ord(letter):04X}"})
    if len(text) > limit:
        return Sentence(
            "It has %(length)s characters; at most %(limit)s fit.", {"length": str(len(text)), "limit": str(limit)}
        )
    return None


def column_problem(text: str, column: Field, *, is_required: bool = False) -> Sentence | None:
    """Why the text cannot be stored in that column, or None."""
    return text_problem(text, limit=column.max_length, is_required=is_required)


def email_problem(text: str) -> Sentence | None:
    """Why the text is no e-mail address, or None; empty is none at all and is allowed."""
    if not text or (_EMAIL.fullmatch(text) and ".." not in text.partition("@")[2]):
        return None
    name, at, host = text.partition("@")
    values = {"value": text}
    if not at:
        return Sentence("“%(value)s” lacks the @ of an e-mail address.", values)
    if not name:
        return Sentence("“%(value)s” lacks the name before the @.", values)
    if host and "." not in host.strip(".") and re.fullmatch(r"[^\s@,;]+", host):
        return Sentence("“%(value)s” lacks the end of the address, such as .rs", values)
    return Sentence("“%(value)s” is not an e-mail address such as office@company.rs", values)
