"""The demo's clock: an offset decided once, at the first start of a book, and kept beside it.

An offset and not a moment, so that a process started again, and a second start, go on where the clock then stands.
"""

import json
import re
import zoneinfo
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from launcher.words import StartRefused

_VARIABLE = "SEATDESK_DEMO_NOW"
_LOCAL_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class DemoClock:
    """demo_now as it was typed (empty: the real time), the seconds to add to real time, where the history ends."""

    demo_now: str
    offset_seconds: float
    history_until: str


def use_time_zones_of(venv: Path) -> None:
    """Let zoneinfo find the environment's tzdata, as a bare machine has no time zones."""
    folders = [str(path) for path in venv.glob("lib/python3*/site-packages/tzdata/zoneinfo")]
    zoneinfo.reset_tzpath(to=[*zoneinfo.TZPATH, *folders])


def _malformed(text: str) -> str:
    return f"{_VARIABLE} must be a local time such as 2017-07-23T15:00, not {text!r}."


def instant_of(text: str, zone_name: str) -> datetime:
    """The UTC instant of a local time such as 2017-07-23T15:00. Raises StartRefused where there is none."""
    try:
        zone = zoneinfo.ZoneInfo(zone_name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise StartRefused(f"SEATDESK_ZONE is no known time zone: {zone_name!r}.") from None
    if not _LOCAL_TIME.fullmatch(text):
        raise StartRefused(_malformed(text))
    try:
        local = datetime.fromisoformat(text)
        instant = local.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise StartRefused(_malformed(text)) from None
    if instant.astimezone(zone).replace(tzinfo=None) != local:
        raise StartRefused(f"{_VARIABLE} names {text}, which the clocks of {zone_name} skip.")
    return instant


def decided(text: str, *, zone_name: str, now: datetime) -> DemoClock:
    """The clock for a new book: the typed local time becomes an offset from now."""
    if not text:
        return DemoClock(demo_now="", offset_seconds=0.0, history_until="")
    instant = instant_of(text, zone_name)
    offset = (instant - now) / timedelta(seconds=1)
    return DemoClock(demo_now=text, offset_seconds=offset, history_until=instant.strftime("%Y-%m-%dT%H:%M:%SZ"))


def kept(path: Path, text: str, *, zone_name: str, now: datetime) -> DemoClock:
    """The clock of the book: decided and written at its first start, read ever after.

    Raises StartRefused where another time is asked for than the book was begun with.
    """
    if not path.exists():
        clock = decided(text, zone_name=zone_name, now=now)
        path.write_text(json.dumps(asdict(clock), indent=1) + "\n", encoding="utf-8")
        return clock
    clock = DemoClock(**json.loads(path.read_text(encoding="utf-8")))
    if text not in {"", clock.demo_now}:
        begun = f"at {clock.demo_now}" if clock.demo_now else "with the real time"
        raise StartRefused(
            f"This book was begun {begun}, and its clock cannot be moved to {text}: what happened since would lie\n"
            f"in its future. Leave {_VARIABLE} unset to go on, or set SEATDESK_INSTANCE to an empty folder for\n"
            f"another book, or remove {path.parent} to begin anew."
        )
    return clock
