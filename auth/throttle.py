"""How long a sign-in must wait after failures. Pure: the caller counts the failures and knows the (real) time.

Only failures count. Three tallies are kept, each of the failures within WINDOW:
- user name and address together: after a few, a wait that doubles;
- the address, whatever the name: the same after many more, since an office shares one;
- the user name, whatever the address: the answer comes later, and never more than that, so that no stranger can
  keep a user out by guessing wrong on purpose.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

WINDOW = timedelta(hours=1)
FREE_TOGETHER, FREE_BY_ADDRESS, FREE_BY_USERNAME = 5, 30, 20
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=15)
DELAY_STEP, LONGEST_DELAY = 0.1, 2.0  # seconds
_MOST_DOUBLINGS = 20
_IPV6_SITE = 64  # bits: what one line is given


@dataclass(frozen=True, slots=True)
class Tally:
    """Failures within WINDOW before now: how many, and the latest."""

    count: int = 0
    latest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a sign-in: refuse it for wait_seconds, or check it after delay_seconds."""

    wait_seconds: int
    delay_seconds: float

    @property
    def is_allowed(self) -> bool:
        """Whether the password may be looked at now."""
        return self.wait_seconds == 0


def judge(*, together: Tally, by_address: Tally, by_username: Tally, now: datetime) -> Verdict:
    """Decide on one sign-in. Source: product.md, Login; quality.md, Nobody gets in where they don't belong."""
    wait = max(_wait(together, FREE_TOGETHER, now), _wait(by_address, FREE_BY_ADDRESS, now))
    over = max(0, by_username.count - FREE_BY_USERNAME)
    return Verdict(
        wait_seconds=ceil(wait / timedelta(seconds=1)),
        delay_seconds=min(LONGEST_DELAY, DELAY_STEP * over),
    )


def username_hash(username: str, *, secret: str) -> str:
    """The key under which a user name's failures are kept: people type passwords there, so never the text."""
    return _keyed(f"username:{username.strip().casefold()}", secret)


def address_hash(address: str, *, secret: str) -> str:
    """The key of an address; all of an IPv6 site is one, since one machine there has as many as it likes."""
    return _keyed(f"address:{_site(address)}", secret)


def _wait(tally: Tally, free: int, now: datetime) -> timedelta:
    if tally.latest is None or tally.count < free:
        return timedelta()
    doublings = min(tally.count - free, _MOST_DOUBLINGS)
    until = tally.latest + min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
    return max(timedelta(), until - now)


def _site(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed.packed, _IPV6_SITE), strict=False))


def _keyed(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode("utf-8", "surrogatepass"), sha256).hexdigest()
