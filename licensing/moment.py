"""One moment as the edge saw it: passed down to whatever needs a time, so that nothing below asks a clock."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from licensing.terms import Month, month_of


@dataclass(frozen=True, slots=True)
class Moment:
    """now is business time (what is recorded, charged and shown), real_now drives leases and backoff; both UTC."""

    now: datetime
    real_now: datetime
    zone: ZoneInfo

    @property
    def month(self) -> Month:
        """The reporting period that is running."""
        return month_of(self.now, self.zone)
