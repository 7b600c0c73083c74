"""What the subscription service does on each item: a licence and its attributes in, the changed licence out. Pure.

Refused carries the code of the service's own table.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from simulator.licences import Licence, Refused, Terms

Item = Mapping[str, str]
SUBSCRIBER_ID = re.compile(r"[A-Za-z0-9]{1,50}")
INDEFINITE = "indefinite"
MAX_COUNT = 999_999
SHORTEST_TERM = timedelta(days=28)
LONGEST_BACK = timedelta(days=14)
CLOCKS_MAY_DIFFER = timedelta(minutes=1)
MESSAGES = {
    "1": "The subscriber has been activated already.",
    "3": "The end time is earlier than the present one.",
    "4": "The subscription is hard-cancelled already.",
    "5": "There is no such subscriber.",
    "6": "An order of this transaction id is known already.",
    "9": "There is no such product.",
    "101": "A subscription lasts 28 days at least.",
    "103": "The start time is in the future.",
    "105": "The subscription is soft-cancelled: renew it instead.",
    "202": "A subscription without an end cannot be renewed.",
    "204": "The subscription is paused.",
    "303": "The subscription is paused.",
    "304": "The end time is more than 14 days back.",
    "401": "The subscription has an end.",
    "402": "The subscription is paused already.",
    "501": "The subscription is not paused.",
    "601": "This is not allowed for the provider.",
    "602": "An attribute is missing or wrong.",
}


def refused(code: str) -> Refused:
    """What the service says for a code of its table."""
    return Refused(200, code, MESSAGES[code])


def apply(item: Item, licence: Licence | None, terms: Terms) -> Licence:
    """Apply one item to the licence of its SubscriberId; Refused names the code."""
    if item["Operation"] == "Activate":
        return _activate(item, licence, terms)
    if licence is None:
        raise refused("5")
    return replace(CHANGES[item["Operation"]](item, licence, terms), modified_at=terms.now)


def _activate(item: Item, licence: Licence | None, terms: Terms) -> Licence:
    if licence is not None:
        raise refused("105" if licence.cancelled_at and not licence.is_hard_cancelled else "1")
    starts_at, expires_at = _instant(item, "StartTime"), _end(item, terms)
    if starts_at > terms.now + CLOCKS_MAY_DIFFER:
        raise refused("103")
    if expires_at is not None and expires_at - starts_at < SHORTEST_TERM:
        raise refused("101")
    if item.get("ProductId") not in terms.catalogue:
        raise refused("9")
    return Licence(
        subscription_id=_subscriber_id(item),
        activation_code=str(uuid.uuid4()).upper(),
        sku=item["ProductId"],
        quantity=_count(item),
        customer={},
        partner="",
        reseller="",
        created_at=starts_at,
        modified_at=terms.now,
        expires_at=expires_at,
    )


def _renew(item: Item, licence: Licence, terms: Terms) -> Licence:
    _require_not_hard_cancelled(licence)
    if licence.paused_at is not None:
        raise refused("204")
    if licence.ends_at() is None:
        raise refused("202")
    expires_at = _end(item, terms)
    present = terms.now if licence.cancelled_at else max(licence.expires_at or terms.now, terms.now)
    if expires_at is not None and expires_at < present:
        raise refused("3")
    return replace(licence, expires_at=expires_at, cancelled_at=None)


def _soft_cancel(item: Item, licence: Licence, terms: Terms) -> Licence:
    _require_not_hard_cancelled(licence)
    if licence.paused_at is not None:
        raise refused("303")
    if licence.cancelled_at is not None:
        raise refused("105")
    return replace(licence, cancelled_at=_recent_end(item, terms))


def _hard_cancel(item: Item, licence: Licence, terms: Terms) -> Licence:
    _require_not_hard_cancelled(licence)
    return replace(licence, cancelled_at=_recent_end(item, terms), is_hard_cancelled=True)


def _pause(item: Item, licence: Licence, terms: Terms) -> Licence:
    _require_not_hard_cancelled(licence)
    if licence.ends_at() is not None:
        raise refused("401")
    if licence.paused_at is not None:
        raise refused("402")
    return replace(licence, paused_at=min(_instant(item, "PauseTime"), terms.now))


def _resume(_item: Item, licence: Licence, _terms: Terms) -> Licence:
    _require_not_hard_cancelled(licence)
    if licence.paused_at is None:
        raise refused("501")
    return replace(licence, paused_at=None)


CHANGES: dict[str, Callable[[Item, Licence, Terms], Licence]] = {
    "Renew": _renew,
    "SoftCancel": _soft_cancel,
    "HardCancel": _hard_cancel,
    "Pause": _pause,
    "Resume": _resume,
}


def status(licence: Licence) -> str:
    """The service's word for how a licence stands; whether it has ended is left to the reader."""
    if licence.is_hard_cancelled:
        return "HardCancelled"
    if licence.cancelled_at is not None:
        return "SoftCancelled"
    return "Started" if licence.paused_at is None else "Paused"


def last_day(licence: Licence, terms: Terms) -> str:
    """EndTime as the service states it: the last day of use."""
    end = licence.cancelled_at or licence.expires_at
    if end is None:
        return INDEFINITE
    day = end.astimezone(terms.zone).date() - timedelta(days=1)
    return f"{day.isoformat()}T00:00:00Z"


def _require_not_hard_cancelled(licence: Licence) -> None:
    if licence.is_hard_cancelled:
        raise refused("4")


def _subscriber_id(item: Item) -> str:
    subscriber_id = item.get("SubscriberId", "")
    if not SUBSCRIBER_ID.fullmatch(subscriber_id) or item.get("ActivationType") != "Standard":
        raise refused("602")
    return subscriber_id


def _count(item: Item) -> int:
    text = item.get("LicenseCount", "")
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_COUNT):
        raise refused("602")
    return int(text)


def _instant(item: Item, name: str) -> datetime:
    try:
        instant = datetime.fromisoformat(item.get(name, ""))
    except ValueError:
        raise refused("602") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _end(item: Item, terms: Terms) -> datetime | None:
    """The midnight after the last day of use, in the vendor's zone; None for indefinite."""
    if item.get("EndTime") == INDEFINITE:
        return None
    try:
        return _midnight_after(_instant(item, "EndTime").date(), terms)
    except OverflowError:
        raise refused("602") from None


def _recent_end(item: Item, terms: Terms) -> datetime:
    end = _end(item, terms)
    if end is None:
        raise refused("602")
    if end < terms.now - LONGEST_BACK:
        raise refused("304")
    return end


def _midnight_after(day: date, terms: Terms) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=terms.zone).astimezone(UTC)
