"""The two clocks of the edge. Everything below receives its instants as arguments.

The business clock says what is recorded, charged and shown; a demo may shift it. The real clock serves sessions,
cookies, throttling, leases and backoff, and is never shifted.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from licensing.moment import Moment


def real_now() -> datetime:
    """The machine's time, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """The business clock: the machine's time plus a fixed offset (zero in production)."""

    offset: timedelta = timedelta()

    def now(self) -> datetime:
        """The business time, aware UTC."""
        return real_now() + self.offset

    def moment(self, zone: ZoneInfo) -> Moment:
        """Both times read once, with the distributor's zone."""
        now = real_now()
        return Moment(now=now + self.offset, real_now=now, zone=zone)
