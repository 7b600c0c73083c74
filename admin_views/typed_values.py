"""What people type into a quantity or a month, read strictly: a wrong value is named in the answer, never guessed."""

from flask_babel import gettext as _

from licensing.terms import Month

# A longer run of digits is no quantity of anybody, and reading it would cost time.
_MOST_DIGITS = 9


class WrongValue(ValueError):
    """What was typed cannot be read; the message says why, in the user's language."""


def typed_quantity(text: str | None) -> int | None:
    """A whole number in ASCII digits, None for blank. Raises WrongValue naming what was typed."""
    typed = (text or "").strip(" ")
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit()):
        raise WrongValue(_("“%(value)s” is not a whole number such as 12.", value=shown(typed)))
    if len(typed.lstrip("0")) > _MOST_DIGITS:
        raise WrongValue(_("“%(value)s” is far too large.", value=shown(typed)))
    return int(typed)


def typed_month(text: str | None) -> Month | None:
    """A month as 2018-12, None for blank. Raises WrongValue naming what was typed."""
    typed = (text or "").strip(" ")
    if not typed:
        return None
    try:
        return Month.parse(typed)
    except ValueError:
        raise WrongValue(_("“%(value)s” is not a month such as 2018-12.", value=shown(typed))) from None


def shown(typed: str) -> str:
    """The text in a message: without what cannot be seen, and no longer than a line."""
    visible = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in typed)
    return visible if len(visible) <= 40 else f"{visible[:40]}…"  # noqa: PLR2004 - half a line
