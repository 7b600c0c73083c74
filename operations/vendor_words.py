"""What came from outside, made fit to be stored: a database takes no NUL, no half of a surrogate pair, no wild instant.

An answer that cannot be stored would keep its command open for ever.
"""

import unicodedata
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

TEXT_LIMIT = 4000
_UNSTORABLE = frozenset({"Cc", "Cs"})
_KEPT = frozenset("\n\t")
_CLOCKS_MAY_DIFFER = timedelta(days=1)

Answer = TypeVar("Answer", bound=Any)


def storable(text: str) -> str:
    """The text, cut to the longest that is kept, with a replacement character for each one that cannot be stored."""
    return "".join(
        letter if letter in _KEPT or unicodedata.category(letter) not in _UNSTORABLE else "\N{REPLACEMENT CHARACTER}"
        for letter in text[:TEXT_LIMIT]
    )


def storable_answer(answer: Answer) -> Answer:
    """The outcome or finding with every text of it storable."""
    values = {field.name: getattr(answer, field.name) for field in fields(answer)}
    return replace(answer, **{name: storable(value) for name, value in values.items() if isinstance(value, str)})


def credible(stated: datetime | None, *, requested_at: datetime, now: datetime) -> datetime | None:
    """The instant that the vendor states; None where clocks cannot differ so far, before the request or after now."""
    if stated is None or not requested_at - _CLOCKS_MAY_DIFFER <= stated <= now + _CLOCKS_MAY_DIFFER:
        return None
    return stated
