"""The life of an invented licence: an order and what may follow it, legal at every step. No database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from licensing.commands import Licence, TermSpan
from licensing.effects import apply_command
from licensing.lifecycle import check_parameters, refusal
from licensing.pricing import Band
from licensing.states import CommandKind
from licensing.terms import month_of

# Out of a hundred requests after the order, as the demo book has them.
_FOLLOWING = {
    CommandKind.MODIFY_QUANTITY: 38,
    CommandKind.MODIFY_ATTRIBUTES: 12,
    CommandKind.SOFT_CANCEL: 12,
    CommandKind.HARD_CANCEL: 6,
    CommandKind.RENEW: 10,
    CommandKind.RECREATE: 14,
    CommandKind.REDUCE: 8,
}
_KINDS, _WEIGHTS = list(_FOLLOWING), list(_FOLLOWING.values())
_CARRY_QUANTITY = frozenset({CommandKind.CREATE, CommandKind.RECREATE, CommandKind.MODIFY_QUANTITY})
_CARRY_DATE = frozenset({CommandKind.RENEW, CommandKind.RECREATE, CommandKind.REDUCE})
_UNBORN = Licence(is_live=False, is_failed=False, quantity=1)
_MEAN_DAYS = 240  # between two requests of one licence
_LARGEST_ORDER = 400


@dataclass(frozen=True, slots=True)
class Deed:
    """One executed request, with the licence before it."""

    kind: CommandKind
    at: datetime
    quantity: int | None
    expires_on: date | None
    before: Licence


@dataclass(frozen=True, slots=True)
class Life:
    """All requests of a licence, what it is after them, and its terms."""

    deeds: tuple[Deed, ...]
    licence: Licence
    terms: tuple[TermSpan, ...]


def random_life(random: Random, bands: Sequence[Band], *, ordered_at: datetime, now: datetime, zone: ZoneInfo) -> Life:
    """An order at that instant and what follows it until now; bands are those of its product."""
    life = _after(
        Life((), _UNBORN, ()), Deed(CommandKind.CREATE, ordered_at, _seats(random, bands), None, _UNBORN), zone
    )
    at = ordered_at
    while (at := _whole_second(at + timedelta(days=random.expovariate(1 / _MEAN_DAYS)))) < now:
        deed = _deed(random, life.licence, bands, at=at, zone=zone)
        if deed is not None:
            life = _after(life, deed, zone)
    return life


def _deed(random: Random, licence: Licence, bands: Sequence[Band], *, at: datetime, zone: ZoneInfo) -> Deed | None:
    """A request of a random kind, None where the licence does not take it."""
    kind = random.choices(_KINDS, _WEIGHTS)[0]
    if refusal(kind, licence, now=at, zone=zone) is not None:
        return None
    quantity = _seats(random, bands, near=licence.quantity) if kind in _CARRY_QUANTITY else None
    expires_on = _date(random, kind, at=at, zone=zone) if kind in _CARRY_DATE else None
    problem = check_parameters(kind, licence, now=at, zone=zone, bands=bands, quantity=quantity, expires_on=expires_on)
    return Deed(kind, at, quantity, expires_on, licence) if problem is None else None


def _after(life: Life, deed: Deed, zone: ZoneInfo) -> Life:
    licence, terms = apply_command(
        deed.kind,
        life.licence,
        life.terms,
        executed_at=deed.at,
        zone=zone,
        quantity=deed.quantity,
        expires_on=deed.expires_on,
    )
    return Life((*life.deeds, deed), licence, terms)


def _seats(random: Random, bands: Sequence[Band], *, near: int | None = None) -> int:
    """Mostly few seats, now and then many; a change stays near what there was."""
    fewest, most = bands[0].min_quantity, bands[-1].max_quantity
    wanted = fewest + int(random.paretovariate(1.3) * 3) - 3 if near is None else round(near * random.uniform(0.6, 1.6))
    return min(max(wanted, fewest), most, _LARGEST_ORDER)


def _date(random: Random, kind: CommandKind, *, at: datetime, zone: ZoneInfo) -> date | None:
    if kind is not CommandKind.REDUCE and random.random() < 0.5:  # noqa: PLR2004 - every second is unlimited
        return None
    return month_of(at, zone).plus(random.randint(1, 14)).first_day


def _whole_second(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)
