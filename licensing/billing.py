"""What one licence costs in one month: billable quantity, price, and why (domain.md, What a month costs).

The lines of the two reports are built from these charges in report_lines.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from licensing.commands import TermSpan
from licensing.money import end_user_cents, fee_cents
from licensing.pricing import (
    Discount,
    NoPriceList,
    PriceTable,
    QuantityOutsideBands,
    discount_for,
    find_band,
    price_table_for,
    valid_in,
)
from licensing.terms import Month, month_of, month_start


class MonthRule(StrEnum):
    """Whether a first or a restart month is charged; the value of the settings first_month and restart_month."""

    FREE = "free"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class MonthSetting:
    """A value of first_month or restart_month, valid from a month until the next one."""

    valid_from: Month
    rule: MonthRule


@dataclass(frozen=True, slots=True)
class Tariff:
    """Everything by which the licences of one product and one reseller are charged, month by month."""

    price_tables: Sequence[PriceTable]
    discounts: Sequence[Discount] = ()
    first_month: Sequence[MonthSetting] = ()
    restart_month: Sequence[MonthSetting] = ()

    def first_month_rule(self, month: Month) -> MonthRule:
        """Whether licences first created in the month are charged for it; free where nothing is set."""
        setting = valid_in(self.first_month, month)
        return MonthRule.FREE if setting is None else setting.rule

    def restart_month_rule(self, month: Month) -> MonthRule:
        """Whether licences that start again in the month after a gap are charged for it; full where nothing is set."""
        setting = valid_in(self.restart_month, month)
        return MonthRule.FULL if setting is None else setting.rule


class ChargeReason(StrEnum):
    """Why a licence is charged in a month, or left out of it."""

    CHARGED = "charged"
    RESTARTED = "restarted"
    FIRST_MONTH_FREE = "first_month_free"
    RESTART_MONTH_FREE = "restart_month_free"
    ENDED = "ended"
    NOT_CREATED = "not_created"
    NO_PRICE = "no_price"


CHARGED_REASONS = frozenset({ChargeReason.CHARGED, ChargeReason.RESTARTED})


@dataclass(frozen=True, slots=True)
class MonthUse:
    """The seats of one licence in one month, before any price.

    quantity is the highest held on any instant of the month; for a licence that ended before it the last one held, for
    one created after it 0. terms are those that set this quantity. since is the instant that the reason speaks of: the
    creation, the restart or the end.
    """

    month: Month
    reason: ChargeReason
    quantity: int
    terms: tuple[TermSpan, ...] = ()
    since: datetime | None = None

    @property
    def is_charged(self) -> bool:
        """Whether the month is to be paid for."""
        return self.reason in CHARGED_REASONS


@dataclass(frozen=True, slots=True)
class Rate:
    """What one seat of a SKU costs a reseller in one month: cents a seat and discount in basis points."""

    sku_code: str
    price_cents: int
    discount_basis_points: int

    def end_user_cents(self, quantity: int) -> int:
        """What the end user pays for so many seats, in cents."""
        return end_user_cents(quantity, self.price_cents)

    def fee_cents(self, quantity: int) -> int:
        """What the reseller pays for so many seats, in cents, rounded once."""
        return fee_cents(
            quantity=quantity,
            price_cents=self.price_cents,
            discount_basis_points=self.discount_basis_points,
        )


@dataclass(frozen=True, slots=True)
class MonthCharge:
    """What one licence costs in one month, alone. rate is that of the month for use.quantity, None without a price."""

    use: MonthUse
    rate: Rate | None = None

    @property
    def end_user_cents(self) -> int:
        """What the end user pays, in cents; 0 where the licence is left out."""
        return self.rate.end_user_cents(self.use.quantity) if self.rate and self.use.is_charged else 0

    @property
    def fee_cents(self) -> int:
        """What the reseller pays, in cents; 0 where the licence is left out."""
        return self.rate.fee_cents(self.use.quantity) if self.rate and self.use.is_charged else 0


class MonthNotBegun(ValueError):
    """The month lies after the instant by which a report is judged."""

    def __init__(self, month: Month) -> None:
        super().__init__(f"{month} has not begun")
        self.month = month


def require_begun(month: Month, *, now: datetime, zone: ZoneInfo) -> None:
    """Raise MonthNotBegun for a month that begins after now (a report's as of instant, where it has one)."""
    if month_start(month, zone) > now:
        raise MonthNotBegun(month)


def month_use(terms: Sequence[TermSpan], month: Month, *, tariff: Tariff, zone: ZoneInfo) -> MonthUse:
    """The billable quantity of a licence in a month, or why there is none.

    terms are those of one licence, in order and disjoint, as apply_command gives them. A month that runs into the
    future is answered as if nothing changed.
    """
    starts_at, ends_at = month_start(month, zone), month_start(month.next(), zone)
    held = [span for span in terms if span.starts_at < ends_at and _ends_after(span, starts_at)]
    if not held:
        return _unused(terms, month, starts_at=starts_at)
    quantity = max(span.quantity for span in held)
    reason, since = _reason(terms, held[0], month=month, month_begins_at=starts_at, tariff=tariff, zone=zone)
    setting = tuple(span for span in held if span.quantity == quantity)
    return MonthUse(month=month, reason=reason, quantity=quantity, terms=setting, since=since)


def _ends_after(span: TermSpan, instant: datetime) -> bool:
    return span.ends_at is None or span.ends_at > instant


def _unused(terms: Sequence[TermSpan], month: Month, *, starts_at: datetime) -> MonthUse:
    earlier = [span for span in terms if span.starts_at < starts_at]
    if not earlier:
        since = terms[0].starts_at if terms else None
        return MonthUse(month=month, reason=ChargeReason.NOT_CREATED, quantity=0, since=since)
    last = earlier[-1]
    return MonthUse(month=month, reason=ChargeReason.ENDED, quantity=last.quantity, terms=(last,), since=last.ends_at)


def _reason(
    terms: Sequence[TermSpan],
    first_held: TermSpan,
    *,
    month: Month,
    month_begins_at: datetime,
    tariff: Tariff,
    zone: ZoneInfo,
) -> tuple[ChargeReason, datetime]:
    """Why the month is charged or free, and the creation or restart that decides it."""
    created_at = terms[0].starts_at
    if month_of(created_at, zone) == month:
        is_free = tariff.first_month_rule(month) is MonthRule.FREE
        return (ChargeReason.FIRST_MONTH_FREE if is_free else ChargeReason.CHARGED), created_at
    if first_held.starts_at >= month_begins_at and not _is_continued(terms, first_held):
        is_free = tariff.restart_month_rule(month) is MonthRule.FREE
        return (ChargeReason.RESTART_MONTH_FREE if is_free else ChargeReason.RESTARTED), first_held.starts_at
    return ChargeReason.CHARGED, created_at


def _is_continued(terms: Iterable[TermSpan], span: TermSpan) -> bool:
    """Whether another term ends at the very instant at which this one starts: no gap."""
    return any(earlier.ends_at == span.starts_at for earlier in terms)


def rate_for(tariff: Tariff, month: Month, quantity: int) -> Rate:
    """The SKU, price and discount of a quantity in a month. Raises NoPriceList and QuantityOutsideBands."""
    band = find_band(price_table_for(tariff.price_tables, month).bands, quantity)
    return Rate(band.sku_code, band.price_cents, discount_for(tariff.discounts, month))


def month_charge(terms: Sequence[TermSpan], month: Month, *, tariff: Tariff, zone: ZoneInfo) -> MonthCharge:
    """What a licence costs in a month, with the prices, bands and discount of that month, and why.

    A quantity without a price in that month is left out and says so: nothing is charged by a guess.
    """
    use = month_use(terms, month, tariff=tariff, zone=zone)
    if not use.quantity:
        return MonthCharge(use)
    try:
        return MonthCharge(use, rate_for(tariff, month, use.quantity))
    except (NoPriceList, QuantityOutsideBands):
        return MonthCharge(replace(use, reason=ChargeReason.NO_PRICE) if use.is_charged else use)
