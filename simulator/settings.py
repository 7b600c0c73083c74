"""What the simulator is told by its environment, read once. Nothing here opens anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

BOOK_DIRECTORY = Path(__file__).parent / "book"
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Tls:
    """Files of the server side: its certificate and key, and the authority whose client certificates it asks for."""

    certificate: str
    key: str
    client_authority: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Port 0 takes a free one. clock_offset is in seconds. history_until None seeds the whole history.

    Where user_name is not empty, the subscription service takes no other name and password.
    """

    port: int
    database: str
    book: Path
    clock_offset: float
    zone: ZoneInfo
    history_until: datetime | None
    tls: Tls | None
    user_name: str = ""
    password: str = field(default="", repr=False)


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Read the settings; ValueError or KeyError names what is wrong, e.g. an instant without an offset."""
    return Settings(
        port=int(environment.get("SIMULATOR_PORT", "0")),
        database=environment["SIMULATOR_DB"],
        book=Path(environment.get("SIMULATOR_DEMO_DIR") or BOOK_DIRECTORY),
        clock_offset=float(environment.get("SEATDESK_CLOCK_OFFSET") or 0),
        zone=ZoneInfo(environment.get("SIMULATOR_ZONE") or "Europe/Belgrade"),
        history_until=_instant(environment.get("SIMULATOR_HISTORY_UNTIL")),
        tls=_tls(environment),
        user_name=environment.get("SIMULATOR_USER", ""),
        password=environment.get("SIMULATOR_PASSWORD", ""),
    )


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("SIMULATOR_HISTORY_UNTIL needs an offset, as in 2017-07-22T12:00+02:00")
    return instant


def _tls(environment: Mapping[str, str]) -> Tls | None:
    certificate = environment.get("SIMULATOR_TLS_CERT")
    if not certificate:
        return None
    return Tls(
        certificate=certificate,
        key=environment["SIMULATOR_TLS_KEY"],
        client_authority=environment.get("SIMULATOR_TLS_CLIENT_CA") or None,
    )
