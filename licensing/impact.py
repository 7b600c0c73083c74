"""What one command would do to one licence, before it is sent: the plan function of dialogs and of bulk plans.

Nothing here is a rule of its own: the command is applied to a copy of the licence and its terms, and both are charged.
The sentences about the months are in month_impact.py.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from licensing.billing import Rate, Tariff, month_charge, month_use, rate_for
from licensing.commands import Licence, TermSpan
from licensing.effects import apply_command
from licensing.expiration import proposed_expiration
from licensing.lifecycle import QUANTITY_KINDS, check_parameters, licence_state, refusal
from licensing.month_impact import MonthChange, MonthImpact, explain_months
from licensing.pricing import Band, NoPriceList, QuantityOutsideBands, cheaper_quantity, price_table_for
from licensing.refusals import OpenCommand, Refusal
from licensing.states import CommandKind, LicenceState
from licensing.terms import Month, is_in_last_half_hour, month_of, use_ends_on

_CANCELS = frozenset({CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL})


@dataclass(frozen=True, slots=True)
class Proposal:
    """The command a person considers, with the values of its form; expires_on None is blank, which means unlimited."""

    kind: CommandKind
    quantity: int | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """A licence with all its terms, the tariff of its product and reseller, and its command that is not settled yet.

    For a new order the licence is pending and has no terms.
    """

    licence: Licence
    terms: tuple[TermSpan, ...]
    tariff: Tariff
    open_command: OpenCommand | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A licence as a form shows it, at today's price; rate is None where today has no price for the quantity."""

    state: LicenceState
    quantity: int
    rate: Rate | None
    expires_on: date | None
    cancelled_on: date | None
    use_ends_on: date | None

    @property
    def end_user_cents(self) -> int | None:
        """End user amount of one month, in cents."""
        return None if self.rate is None else self.rate.end_user_cents(self.quantity)

    @property
    def fee_cents(self) -> int | None:
        """Reseller amount of one month, in cents."""
        return None if self.rate is None else self.rate.fee_cents(self.quantity)


@dataclass(frozen=True, slots=True)
class CheaperHint:
    """The nearest larger quantity that costs less in all (end user amounts are compared), and today's rate for it."""

    quantity: int
    rate: Rate

    @property
    def end_user_cents(self) -> int:
        """End user amount of one month, in cents."""
        return self.rate.end_user_cents(self.quantity)

    @property
    def fee_cents(self) -> int:
        """Reseller amount of one month, in cents."""
        return self.rate.fee_cents(self.quantity)


@dataclass(frozen=True, slots=True)
class Impact:
    """What a command will do if the vendor executes it now.

    before is None for a new order. charged_from is the first month that is charged differently, None where none is.
    undo_until_on is the last day on which Renew takes a cancel back without a gap. former_expiration is what Renew and
    Recreate propose after a cancel.
    """

    kind: CommandKind
    before: Standing | None
    after: Standing
    this_month: MonthImpact
    next_month: MonthImpact
    charged_from: Month | None
    undo_until_on: date | None
    former_expiration: Month | None
    cheaper: CheaperHint | None
    is_in_last_half_hour: bool


def plan_command(proposal: Proposal, holding: Holding, *, now: datetime, zone: ZoneInfo) -> Impact | Refusal:
    """What the command would do, or why our own rules refuse it with these values (product.md, Impact)."""
    kind, licence = proposal.kind, holding.licence
    refused = refusal(kind, licence, now=now, zone=zone, open_command=holding.open_command) or check_parameters(
        kind,
        licence,
        now=now,
        zone=zone,
        bands=_bands(holding.tariff, month_of(now, zone)),
        quantity=proposal.quantity,
        expires_on=proposal.expires_on,
    )
    return refused or _impact(proposal, holding, now=now, zone=zone)


def standing(licence: Licence, *, tariff: Tariff, now: datetime, zone: ZoneInfo) -> Standing:
    """The licence as it stands at that instant, at the price of its month."""
    return Standing(
        state=licence_state(licence, now, zone),
        quantity=licence.quantity,
        rate=_rate(tariff, month_of(now, zone), licence.quantity),
        expires_on=licence.expires_on,
        cancelled_on=licence.cancelled_on,
        use_ends_on=use_ends_on(licence),
    )


def cheaper_hint(quantity: int, *, tariff: Tariff, month: Month) -> CheaperHint | None:
    """The nearest larger quantity that costs less in all in that month; None where there is none, or no price."""
    try:
        cheaper = cheaper_quantity(_bands(tariff, month), quantity)
    except (NoPriceList, QuantityOutsideBands):
        return None
    return None if cheaper is None else CheaperHint(cheaper, rate_for(tariff, month, cheaper))


def _bands(tariff: Tariff, month: Month) -> tuple[Band, ...]:
    try:
        return price_table_for(tariff.price_tables, month).bands
    except NoPriceList:
        return ()


def _rate(tariff: Tariff, month: Month, quantity: int) -> Rate | None:
    try:
        return rate_for(tariff, month, quantity)
    except (NoPriceList, QuantityOutsideBands):
        return None


def _impact(proposal: Proposal, holding: Holding, *, now: datetime, zone: ZoneInfo) -> Impact:
    kind, licence, tariff = proposal.kind, holding.licence, holding.tariff
    changed, terms = apply_command(
        kind,
        licence,
        holding.terms,
        executed_at=now,
        zone=zone,
        quantity=proposal.quantity,
        expires_on=proposal.expires_on,
    )
    month = month_of(now, zone)
    before = None if kind is CommandKind.CREATE else standing(licence, tariff=tariff, now=now, zone=zone)
    after = standing(changed, tariff=tariff, now=now, zone=zone)
    after_holding = Holding(changed, terms, tariff)
    this_month, next_month = _months(holding, after_holding, month=month, zone=zone)
    return Impact(
        kind=kind,
        before=before,
        after=after,
        this_month=this_month,
        next_month=next_month,
        charged_from=_charged_from(holding, after_holding, month=month, zone=zone),
        undo_until_on=_day_before(after.use_ends_on) if kind in _CANCELS else None,
        former_expiration=proposed_expiration(licence, now=now, zone=zone),
        cheaper=cheaper_hint(changed.quantity, tariff=tariff, month=month) if kind in QUANTITY_KINDS else None,
        is_in_last_half_hour=is_in_last_half_hour(now, zone),
    )


def _day_before(day: date | None) -> date | None:
    return None if day is None else day - timedelta(days=1)


def _months(before: Holding, after: Holding, *, month: Month, zone: ZoneInfo) -> tuple[MonthImpact, MonthImpact]:
    this = _change(before, after, month=month, zone=zone)
    following = _change(before, after, month=month.next(), zone=zone)
    return explain_months(this, following, zone=zone)


def _change(before: Holding, after: Holding, *, month: Month, zone: ZoneInfo) -> MonthChange:
    return MonthChange(
        before=month_charge(before.terms, month, tariff=before.tariff, zone=zone),
        after=month_charge(after.terms, month, tariff=after.tariff, zone=zone),
    )


def _charged_from(before: Holding, after: Holding, *, month: Month, zone: ZoneInfo) -> Month | None:
    """The first month charged differently: it can only be this one, the next, or one in which use ends."""
    ends = (use_ends_on(holding.licence) for holding in (before, after))
    months = sorted({month, month.next()} | {Month.of(day) for day in ends if day is not None})
    return next((each for each in months if _paid_seats(before, each, zone) != _paid_seats(after, each, zone)), None)


def _paid_seats(holding: Holding, month: Month, zone: ZoneInfo) -> int:
    use = month_use(holding.terms, month, tariff=holding.tariff, zone=zone)
    return use.quantity if use.is_charged else 0
