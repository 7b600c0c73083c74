"""Months, days and instants in the distributor's zone, and the dates on which use of a licence ends.

A month is half-open and begins at the first instant whose local date is the 1st (domain.md, Dates). Zones that skip or
repeat midnight are the reason why nothing here adds hours to a date.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from licensing.commands import Licence

FIRST_YEAR = 1900
LAST_YEAR = 2999
LAST_HALF_HOUR = timedelta(minutes=30)
_MONTH_TEXT = re.compile(r"([0-9]{4})-([0-9]{2})")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, such as 2017-07. Raises ValueError for a month that does not exist or is out of range."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (FIRST_YEAR <= self.year <= LAST_YEAR and 1 <= self.month <= 12):  # noqa: PLR2004 (a year has twelve)
            raise ValueError(f"“{self.year:04d}-{self.month:02d}” is not a month such as 2018-12")

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read "2018-12": four and two ASCII digits, nothing around them. Raises ValueError naming the text."""
        match = _MONTH_TEXT.fullmatch(text)
        if match is None:
            raise ValueError(f"“{text}” is not a month such as 2018-12")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month in which a date lies."""
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        """The 1st of the month."""
        return date(self.year, self.month, 1)

    def plus(self, months: int) -> "Month":
        """The month so many months later (earlier when negative)."""
        year, index = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, index + 1)

    def next(self) -> "Month":
        """The month after this one."""
        return self.plus(1)

    def previous(self) -> "Month":
        """The month before this one."""
        return self.plus(-1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def months_between(first: Month, last: Month) -> tuple[Month, ...]:
    """Every month from first to last, both included; none when last is before first."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return tuple(first.plus(offset) for offset in range(max(count, 0)))


def require_aware(instant: datetime) -> datetime:
    """The instant in UTC. Raises ValueError for one without an offset, which would be read in the machine's zone."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no offset")
    return instant.astimezone(UTC)


@lru_cache(maxsize=8192)
def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant, in UTC, whose local date in the zone is that day (or later, where the zone skips the day)."""
    midnight = datetime.combine(day, time.min)
    start = midnight.replace(tzinfo=zone).astimezone(UTC)
    if start.astimezone(zone).replace(tzinfo=None) == midnight:
        return start
    before = midnight.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _first_second_of(day, zone, before=before, reached=start)


def _first_second_of(day: date, zone: ZoneInfo, *, before: datetime, reached: datetime) -> datetime:
    """Where midnight is skipped: the jump between an instant before the day and one at which it is reached."""
    while reached - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(reached - before) // timedelta(seconds=2))
        if local_date(middle, zone) < day:
            before = middle
        else:
            reached = middle
    return reached


def month_start(month: Month, zone: ZoneInfo) -> datetime:
    """The instant at which a month begins, in UTC; it ends where the next begins."""
    return day_start(month.first_day, zone)


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """The date a calendar in the zone shows at that instant. Raises ValueError without an offset."""
    return require_aware(instant).astimezone(zone).date()


def month_of(instant: datetime, zone: ZoneInfo) -> Month:
    """The month to which an instant belongs.

    Where clocks are set back across midnight the 31st is shown a second time after the month has begun; it stays begun.
    """
    month = Month.of(local_date(instant, zone))
    return month.next() if instant >= month_start(month.next(), zone) else month


def cancellation_date(executed_at: datetime, zone: ZoneInfo) -> date:
    """The first day of the month after the one in which the vendor executed the cancel (domain.md, Dates)."""
    return month_of(executed_at, zone).next().first_day


def is_in_last_half_hour(now: datetime, zone: ZoneInfo) -> bool:
    """Whether the month ends within thirty minutes, so that a command may still count in it or no longer."""
    return month_start(month_of(now, zone).next(), zone) - now <= LAST_HALF_HOUR


def use_ends_on(licence: Licence) -> date | None:
    """The first date without use: the earlier of expiration and cancellation date, None for unlimited use."""
    return min((day for day in (licence.expires_on, licence.cancelled_on) if day is not None), default=None)


def use_ends_at(licence: Licence, zone: ZoneInfo) -> datetime | None:
    """The first instant without use, in UTC; None for unlimited use."""
    ends_on = use_ends_on(licence)
    return None if ends_on is None else day_start(ends_on, zone)


def is_usable(licence: Licence, now: datetime, zone: ZoneInfo) -> bool:
    """Whether the licence exists at the vendor and its use has not ended at that instant."""
    ends_at = use_ends_at(licence, zone)
    return licence.is_live and (ends_at is None or now < ends_at)
