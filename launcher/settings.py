"""What the processes are given as their environment: from the user's own, the kept secrets and the demo's clock."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from launcher import demo_clock, ports
from launcher.instance import kept_secret, random_password
from launcher.words import StartRefused

_ZONE = "Europe/Belgrade"


def is_demo(environ: Mapping[str, str]) -> bool:
    """Whether this start shows the demo book: unless SEATDESK_ENV says production. Raises StartRefused."""
    stage = environ.get("SEATDESK_ENV") or "demo"
    if stage not in {"demo", "production"}:
        raise StartRefused(f"SEATDESK_ENV must be demo or production here, not {stage!r}.")
    set_for_demo = [name for name in ("SEATDESK_DEMO_NOW", "SEATDESK_DEMO_PASSWORD") if environ.get(name)]
    if stage == "production" and set_for_demo:
        raise StartRefused(f"{' and '.join(set_for_demo)} cannot be set in production: it is for the demo only.")
    return stage == "demo"


def common_environ(environ: Mapping[str, str], *, instance: Path, sockets: Path, port: int) -> dict[str, str]:
    """What every process is given. What the user set stays."""
    defaults = {
        "SEATDESK_ENV": "demo",
        "DATABASE_URL": f"sqlite:///{quote(str(instance / 'seatdesk.db'))}",
        "REDIS_URL": f"unix://{quote(str(sockets / 'redis.sock'))}",
    }
    own = {name: value for name, value in environ.items() if value}
    fixed = {"PORT": str(port), "SEATDESK_INSTANCE": str(instance), "FLASK_APP": "app:create_app"}
    return {**defaults, **own, **fixed, "PYTHONUNBUFFERED": "1"}


def _demo_password(environ: Mapping[str, str], instance: Path) -> str:
    wanted = environ.get("SEATDESK_DEMO_PASSWORD", "")
    password = kept_secret(instance / "demo-password", wanted or random_password())
    if wanted not in {"", password}:
        raise StartRefused(
            "The demo users got their password at the first start, and SEATDESK_DEMO_PASSWORD is another one.\n"
            f"Leave it unset to go on, or remove {instance} to begin anew."
        )
    return password


def demo_environ(environ: Mapping[str, str], *, instance: Path, port: int) -> dict[str, str]:
    """What the processes of a demo are given besides: secrets, the clock, the simulator. Raises StartRefused."""
    zone = environ.get("SEATDESK_ZONE") or _ZONE
    clock = demo_clock.kept(
        instance / "demo-clock.json",
        environ.get("SEATDESK_DEMO_NOW", ""),
        zone_name=zone,
        now=datetime.now(UTC),
    )
    simulator_port = ports.next_free(port + 1)
    given = {
        "SECRET_KEY": environ.get("SECRET_KEY") or kept_secret(instance / "secret-key", secrets.token_hex(32)),
        "SEATDESK_DEMO_PASSWORD": _demo_password(environ, instance),
        "SEATDESK_CLOCK_OFFSET": f"{clock.offset_seconds:.6f}",
        "SEATDESK_VENDOR_URL": f"http://{ports.HOST}:{simulator_port}/Subscriptions/v2.0/api/Subscription/",
        "SIMULATOR_PORT": str(simulator_port),
        "SIMULATOR_DB": str(instance / "vendor.db"),
        "SIMULATOR_ZONE": zone,
    }
    return {**given, "SIMULATOR_HISTORY_UNTIL": clock.history_until} if clock.history_until else given
