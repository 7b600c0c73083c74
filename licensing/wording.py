"""Sentences of the rules: a template that gettext can translate and the values that belong in it.

Templates are written in %(name)s form inside translatable() or Sentence(), which is where the extraction finds them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from licensing.terms import Month, local_date, require_aware

MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def translatable(template: str) -> str:
    """The template itself; the name marks it for the extraction of texts."""
    return template


@dataclass(frozen=True, slots=True)
class Sentence:
    """An English template and its values; str() gives the English sentence, a presenter may translate the template."""

    template: str
    values: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template % self.values


def date_text(day: date) -> str:
    """A date as screens show it: 01.08.2017."""
    return f"{day.day:02d}.{day.month:02d}.{day.year:04d}"


def month_name(month: Month) -> str:
    """The English name without the year: July."""
    return MONTH_NAMES[month.month - 1]


def clock_text(instant: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """The local time of an instant, 14:43:49; its date goes before it where that is not today's."""
    clock = require_aware(instant).astimezone(zone).strftime("%H:%M:%S")
    day = local_date(instant, zone)
    return clock if day == local_date(now, zone) else f"{date_text(day)} {clock}"
