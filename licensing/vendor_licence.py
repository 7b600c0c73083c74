"""A licence as the vendor shows it, and what in it contradicts a command or our own record. Pure.

Website and fax are never compared: no service keeps them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from zoneinfo import ZoneInfo

from licensing.commands import CustomerDetails, Evidence, Licence
from licensing.lifecycle import licence_state
from licensing.moment import Moment
from licensing.states import CommandKind, DriftKind, LicenceState
from licensing.terms import cancellation_date
from licensing.wording import Sentence, date_text

_NOT_KEPT_THERE = frozenset({"website", "fax"})
# The words of both services for a licence that is usable (domain.md, The vendor's services).
_STATUS_WORDS = {
    LicenceState.ACTIVE: frozenset({"Active", "Started", "NotStarted"}),
    LicenceState.SOFT_CANCELLED: frozenset({"PendingCancellation", "SoftCancelled"}),
    LicenceState.HARD_CANCELLED: frozenset({"PendingCancellation", "HardCancelled"}),
}


@dataclass(frozen=True, slots=True)
class VendorLicence:
    """expires_on and cancelled_on are the first unusable dates in the distributor's zone; None where there is none.

    customer is None where the service keeps no customer, status is empty where it does not say.
    """

    quantity: int
    expires_on: date | None
    cancelled_on: date | None
    status: str = ""
    customer: CustomerDetails | None = None
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a command should have made of a licence; executed_at as a person says it was executed."""

    kind: CommandKind
    quantity: int | None
    expires_on: date | None
    details: CustomerDetails | None
    cancels_on: date | None


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference: what we have and what the vendor has, as plain values."""

    kind: DriftKind
    here: object
    there: object


_CANCELS = frozenset({CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL})
_SETS_QUANTITY = frozenset({CommandKind.CREATE, CommandKind.MODIFY_QUANTITY, CommandKind.RECREATE})
_SETS_EXPIRATION = frozenset({CommandKind.CREATE, CommandKind.RENEW, CommandKind.RECREATE, CommandKind.REDUCE})
_SETS_DETAILS = frozenset({CommandKind.CREATE, CommandKind.MODIFY_ATTRIBUTES, CommandKind.RECREATE})


def contradiction(wanted: Wanted, seen: VendorLicence) -> Sentence | None:
    """Why the vendor's licence does not look as if the command had been executed, None where it does."""
    if wanted.kind in _CANCELS:
        return _cancel_contradiction(wanted, seen)
    if wanted.kind in _SETS_QUANTITY and seen.quantity != wanted.quantity:
        values = {"there": str(seen.quantity), "wanted": str(wanted.quantity)}
        return Sentence("The vendor shows %(there)s seats, not %(wanted)s.", values)
    if wanted.kind in _SETS_EXPIRATION and seen.expires_on != wanted.expires_on:
        values = {"there": _day(seen.expires_on), "wanted": _day(wanted.expires_on)}
        return Sentence("The vendor shows the expiration %(there)s, not %(wanted)s.", values)
    if wanted.kind in _SETS_DETAILS and details_differences(wanted.details, seen.customer):
        return Sentence("The vendor shows other customer details than the request has.")
    return None


def _cancel_contradiction(wanted: Wanted, seen: VendorLicence) -> Sentence | None:
    if seen.cancelled_on is None:
        return Sentence("The vendor shows no cancellation.")
    if wanted.cancels_on not in {None, seen.cancelled_on}:
        values = {"there": _day(seen.cancelled_on), "wanted": _day(wanted.cancels_on)}
        return Sentence("The vendor shows the cancellation on %(there)s; the time entered means %(wanted)s.", values)
    return None


def _day(day: date | None) -> str:
    return "unlimited" if day is None else date_text(day)


def details_differences(here: CustomerDetails | None, there: CustomerDetails | None) -> Mapping[str, tuple[str, str]]:
    """The details that differ, by field: ours and the vendor's. None where one side keeps none."""
    if here is None or there is None:
        return {}
    names = [entry.name for entry in fields(CustomerDetails) if entry.name not in _NOT_KEPT_THERE]
    pairs = {name: (str(getattr(here, name)), str(getattr(there, name))) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def drifts(
    licence: Licence, details: CustomerDetails | None, seen: VendorLicence, *, moment: Moment
) -> tuple[Drift, ...]:
    """In what a usable licence and the vendor's state of it differ; details are those the vendor last confirmed.

    A status that follows from other dates is not a second difference.
    """
    found = [
        Drift(DriftKind.QUANTITY, licence.quantity, seen.quantity),
        Drift(DriftKind.EXPIRATION, _iso(licence.expires_on), _iso(seen.expires_on)),
        Drift(DriftKind.CANCELLATION, _iso(licence.cancelled_on), _iso(seen.cancelled_on)),
    ]
    different = [drift for drift in found if drift.here != drift.there]
    state = licence_state(licence, moment.now, moment.zone)
    has_same_dates = licence.expires_on == seen.expires_on and licence.cancelled_on == seen.cancelled_on
    if has_same_dates and seen.status and seen.status not in _STATUS_WORDS.get(state, frozenset()):
        different.append(Drift(DriftKind.STATUS, str(state), seen.status))
    changed = details_differences(details, seen.customer)
    if changed:
        ours, theirs = ({name: pair[side] for name, pair in changed.items()} for side in (0, 1))
        different.append(Drift(DriftKind.DETAILS, ours, theirs))
    return tuple(different)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def cancels_on(kind: CommandKind, *, executed_at: datetime, zone: ZoneInfo) -> date | None:
    """The date that a cancel executed at that instant ends use on; None for other commands."""
    return cancellation_date(executed_at, zone) if kind in _CANCELS else None
