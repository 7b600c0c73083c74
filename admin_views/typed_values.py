"""What people type into a quantity, a month or a time, read strictly: a wrong value is named, never guessed."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from licensing.terms import Month

# A longer run of digits is no quantity of anybody, and reading it would cost time.
_MOST_DIGITS = 9
_INSTANT = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d{2}(?P<seconds>:\d{2})?", re.ASCII)


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


def typed_instant(text: str | None, zone: ZoneInfo) -> datetime | None:
    """A local time as 23.07.2017 14:45:10, seconds or not, in UTC; None for blank. Raises WrongValue.

    Where clocks are set back and show a time twice, the first is meant.
    """
    typed = (text or "").strip(" ")
    if not typed:
        return None
    try:
        local = datetime.strptime(typed, _instant_format(typed))  # noqa: DTZ007 - the zone is put to it below
        instant = local.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        example = "23.07.2017 14:45:10"
        raise WrongValue(
            _("“%(value)s” is not a time such as %(example)s.", value=shown(typed), example=example)
        ) from None
    if instant.astimezone(zone).replace(tzinfo=None) != local:
        raise WrongValue(_("“%(value)s” is a time that the clocks skipped.", value=shown(typed)))
    return instant


def _instant_format(typed: str) -> str:
    match = _INSTANT.fullmatch(typed)
    if match is None:
        raise ValueError(typed)
    return "%d.%m.%Y %H:%M:%S" if match["seconds"] else "%d.%m.%Y %H:%M"


def shown(typed: str) -> str:
    """The text in a message: without what cannot be seen, and no longer than a line."""
    visible = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in typed)
    return visible if len(visible) <= 40 else f"{visible[:40]}…"  # noqa: PLR2004 - half a line
