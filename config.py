"""One frozen Config, read once from the environment. A missing secret refuses to start in production."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clock import Clock

ROOT = Path(__file__).resolve().parent
VERSION = "1.0.0"
# With the other threads of a drain it fits the connections that database.py allows a process.
MOST_SLOTS = 24


class ConfigError(Exception):
    """The environment cannot be used as it is; the message names the variable."""


class Stage(StrEnum):
    """What the installation is for; the demo shows a book that is not real."""

    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


class VendorKind(StrEnum):
    """Which of the vendor's services does the licensing."""

    ORDER = "order"
    SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True)
class VendorConfig:
    """Where the licensing service is and how we identify ourselves; paths name PEM files.

    user_name and password are the subscription service's; it takes a client certificate besides.
    """

    url: str
    partner: str
    client_cert: str
    client_key: str
    ca_file: str
    deadline_seconds: float
    has_extensions: bool
    kind: VendorKind = VendorKind.ORDER
    user_name: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that differs between installations."""

    stage: Stage
    secret_key: str
    database_url: str
    redis_url: str
    public_url: str
    instance: Path
    clock: Clock
    zone: ZoneInfo
    distributor_name: str
    demo_password: str
    trusted_proxies: int
    vendor: VendorConfig
    lateness_seconds: float
    slots: int

    @property
    def is_https(self) -> bool:
        """Whether browsers reach us by https, so that cookies may demand it."""
        return urlsplit(self.public_url).scheme == "https"


def _number(environ: Mapping[str, str], name: str, default: str) -> float:
    text = environ.get(name) or default
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"{name} must be a number, not {text!r}") from None


def _flag(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environ.get(name, "").strip().lower()
    if text not in {"", "0", "1", "true", "false"}:
        raise ConfigError(f"{name} must be 1 or 0, not {text!r}")
    return default if not text else text in {"1", "true"}


def _stage(environ: Mapping[str, str]) -> Stage:
    text = environ.get("SEATDESK_ENV") or Stage.PRODUCTION
    try:
        return Stage(text)
    except ValueError:
        raise ConfigError(f"SEATDESK_ENV must be demo, test or production, not {text!r}") from None


def _zone(environ: Mapping[str, str]) -> ZoneInfo:
    name = environ.get("SEATDESK_ZONE") or "Europe/Belgrade"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(f"SEATDESK_ZONE is no known time zone: {name!r}") from None


def _vendor_kind(environ: Mapping[str, str]) -> VendorKind:
    text = environ.get("SEATDESK_VENDOR_KIND") or VendorKind.ORDER
    try:
        return VendorKind(text)
    except ValueError:
        raise ConfigError(f"SEATDESK_VENDOR_KIND must be order or subscription, not {text!r}") from None


def _slots(environ: Mapping[str, str]) -> int:
    """How many calls to the vendor a draining job makes at once; each thread of it holds a database connection."""
    slots = _number(environ, "SEATDESK_SLOTS", "4")
    if not 1 <= slots <= MOST_SLOTS or slots != int(slots):
        raise ConfigError(f"SEATDESK_SLOTS must be a whole number from 1 to {MOST_SLOTS}, not {slots:g}")
    return int(slots)


def _vendor(environ: Mapping[str, str], stage: Stage) -> VendorConfig:
    return VendorConfig(
        url=environ.get("SEATDESK_VENDOR_URL", ""),
        partner=environ.get("SEATDESK_VENDOR_PARTNER") or "SEATDESK",
        client_cert=environ.get("SEATDESK_VENDOR_CLIENT_CERT", ""),
        client_key=environ.get("SEATDESK_VENDOR_CLIENT_KEY", ""),
        ca_file=environ.get("SEATDESK_VENDOR_CA", ""),
        deadline_seconds=_number(environ, "SEATDESK_VENDOR_DEADLINE", "30"),
        has_extensions=_flag(environ, "SEATDESK_VENDOR_EXTENSIONS", default=stage is not Stage.PRODUCTION),
        kind=_vendor_kind(environ),
        user_name=environ.get("SEATDESK_VENDOR_USER", ""),
        password=environ.get("SEATDESK_VENDOR_PASSWORD", ""),
    )


def _refuse_unsafe_production(environ: Mapping[str, str], vendor: VendorConfig) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "SEATDESK_PUBLIC_URL", "SEATDESK_VENDOR_URL"):
        if not environ.get(name):
            raise ConfigError(f"{name} must be set in production")
    if len(environ["SECRET_KEY"]) < 32:  # noqa: PLR2004 - 32 characters of hex are 128 bits
        raise ConfigError("SECRET_KEY must have at least 32 characters")
    if float(environ.get("SEATDESK_CLOCK_OFFSET") or 0) or environ.get("SEATDESK_DEMO_NOW"):
        raise ConfigError("SEATDESK_DEMO_NOW shifts the clock and is refused in production")
    if urlsplit(vendor.url).scheme != "https":
        raise ConfigError("SEATDESK_VENDOR_URL must be https in production: the simulator is for demos only")
    if not (vendor.client_cert and vendor.client_key):
        raise ConfigError("SEATDESK_VENDOR_CLIENT_CERT and SEATDESK_VENDOR_CLIENT_KEY must be set in production")
    if vendor.kind is VendorKind.SUBSCRIPTION and not (vendor.user_name and vendor.password):
        raise ConfigError("The subscription service needs SEATDESK_VENDOR_USER and SEATDESK_VENDOR_PASSWORD")


def read_config(environ: Mapping[str, str]) -> Config:
    """Read the environment. Raises ConfigError naming the variable that is missing or unusable."""
    stage = _stage(environ)
    vendor = _vendor(environ, stage)
    if stage is Stage.PRODUCTION:
        _refuse_unsafe_production(environ, vendor)
    instance = Path(environ.get("SEATDESK_INSTANCE") or ROOT / "instance")
    return Config(
        stage=stage,
        secret_key=environ.get("SECRET_KEY") or secrets.token_hex(32),
        database_url=environ.get("DATABASE_URL") or f"sqlite:///{instance / 'seatdesk.db'}",
        redis_url=environ.get("REDIS_URL", ""),
        public_url=environ.get("SEATDESK_PUBLIC_URL", ""),
        instance=instance,
        clock=Clock(timedelta(seconds=_number(environ, "SEATDESK_CLOCK_OFFSET", "0"))),
        zone=_zone(environ),
        distributor_name=environ.get("SEATDESK_DISTRIBUTOR") or "Distributor",
        demo_password=environ.get("SEATDESK_DEMO_PASSWORD", ""),
        trusted_proxies=int(_number(environ, "SEATDESK_TRUSTED_PROXIES", "0")),
        vendor=vendor,
        lateness_seconds=_number(environ, "SEATDESK_LATENESS", "900"),
        slots=_slots(environ),
    )
