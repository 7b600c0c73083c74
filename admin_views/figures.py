"""How amounts, seats, months and times are written, and how sentences of the rules are said.

Figures that are not known are a dash.
"""

from datetime import date, datetime

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from admin_views.shell import local
from licensing.money import format_hundredths
from licensing.terms import Month
from licensing.wording import Sentence, date_text

NONE = "—"


def euros(cents: int | None) -> str:
    """Cents as 77.00€ or 1,215.78€."""
    if cents is None:
        return NONE
    whole, fraction = format_hundredths(cents).split(".")
    return f"{int(whole):,}.{fraction}€"


def percent(basis_points: int | None) -> str:
    """Basis points as 22.00%."""
    return NONE if basis_points is None else f"{format_hundredths(basis_points)}%"


def number(count: int) -> str:
    """A whole number as 9,999."""
    return f"{count:,}"


def seats(quantity: int) -> str:
    """A quantity as 12 seats."""
    return ngettext("%(seats)s seat", "%(seats)s seats", quantity, seats=number(quantity))


def expiration(day: date | None) -> str:
    """License Expiration: a date, or unlimited."""
    return _("unlimited") if day is None else date_text(day)


def month_and_year(month: Month) -> str:
    """July 2017."""
    return format_date(month.first_day, "LLLL yyyy")


def day_and_time(instant: datetime) -> str:
    """23.07.2017 14:43:49, in the distributor's zone."""
    return local(instant).strftime("%d.%m.%Y %H:%M:%S")


def said(sentence: Sentence) -> str:
    """A sentence of the rules in the user's language."""
    return _(sentence.template, **sentence.values)


def in_days(days: int) -> str:
    """A distance from today: tomorrow is in 1 day."""
    return ngettext("in %(num)d day", "in %(num)d days", days)
