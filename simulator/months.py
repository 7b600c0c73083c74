"""The vendor's own clock and calendar: its stated time, the month's edges in its zone, instants as text."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
DECEMBER = 12


def offset_clock(seconds: float) -> Clock:
    """A clock that states the real time moved by some seconds, in UTC."""
    shift = timedelta(seconds=seconds)
    return lambda: datetime.now(UTC) + shift


def month_start(instant: datetime, zone: ZoneInfo) -> datetime:
    """The first midnight of the instant's month in the zone, as UTC."""
    local = instant.astimezone(zone)
    return _first_of(local.year, local.month, zone)


def month_end(instant: datetime, zone: ZoneInfo) -> datetime:
    """The first midnight of the month after the instant's, in the zone, as UTC: where every cancel ends use."""
    local = instant.astimezone(zone)
    is_december = local.month == DECEMBER
    year, month = (local.year + 1, 1) if is_december else (local.year, local.month + 1)
    return _first_of(year, month, zone)


def month_named(text: str, zone: ZoneInfo) -> datetime:
    """The first midnight of a month written as 2018-12, as UTC."""
    year, month = text.split("-")
    return _first_of(int(year), int(month), zone)


def _first_of(year: int, month: int, zone: ZoneInfo) -> datetime:
    return datetime(year, month, 1, tzinfo=zone).astimezone(UTC)


def to_wire(instant: datetime | None, zone: ZoneInfo) -> str | None:
    """ISO 8601 with the offset of the zone; None stays None (unlimited, not cancelled)."""
    return None if instant is None else instant.astimezone(zone).isoformat()


def to_column(instant: datetime | None) -> str | None:
    """ISO 8601 in UTC with microseconds, so that text sorts as time."""
    return None if instant is None else instant.astimezone(UTC).isoformat(timespec="microseconds")


def from_column(text: str | None) -> datetime | None:
    """Read back what to_column wrote."""
    return None if text is None else datetime.fromisoformat(text)
