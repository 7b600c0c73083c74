"""How a figure of a report is made: the licences counted in its line, those left out and why, and lost cents.

The seats come from the statement that made the line; why each licence has them comes from the rules of licensing/.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from access import Actor
from licensing.billing import ChargeReason, MonthUse, Rate, month_charge
from licensing.report_lines import BilledLicence
from licensing.states import CommandKind
from licensing.terms import Month, cancellation_date, local_date, month_start
from queries.charged_licences import ReportFilter
from queries.licence_histories import ExecutedRequest, HeldSpan, LicenceHistory, licence_histories
from queries.report_parts import ChargedSeats, charged_seats, licences_left_out

MOST_COUNTED = 100
MOST_LEFT_OUT = 20
_CANCELS = frozenset({CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL})
_SETS_DATE = frozenset({CommandKind.CREATE, CommandKind.RENEW, CommandKind.RECREATE, CommandKind.REDUCE})


@dataclass(frozen=True, slots=True)
class LineKey:
    """What tells a line apart from the others of its report; the last four are of the Summary Report's lines only."""

    reseller_id: int
    product_id: int
    sku_id: int
    customer_id: int | None = None
    quantity: int | None = None
    price_cents: int | None = None
    discount_basis_points: int | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """A licence in a month of the line. spans are what was held in that month, setting the one it is charged for."""

    history: LicenceHistory
    use: MonthUse
    spans: tuple[HeldSpan, ...]
    setting: HeldSpan


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A licence in months that are not charged, all for one reason. ended_by is the request that ended its use."""

    history: LicenceHistory
    months: tuple[Month, ...]
    use: MonthUse
    ended_by: ExecutedRequest | None


@dataclass(frozen=True, slots=True)
class OtherRounding:
    """A month in which the two reports differ for the same seats: both fees in cents, and those of each customer."""

    month: Month
    fee_cents: int
    customer_fees: tuple[int, ...]

    @property
    def summary_cents(self) -> int:
        """What the Summary Report shows for these seats."""
        return sum(self.customer_fees)


@dataclass(frozen=True, slots=True)
class Explanation:
    """How the figures of one line are made. quantity is that of one month; counts are of all, the tuples may be cut."""

    licence: BilledLicence
    rate: Rate
    quantity: int
    months: tuple[Month, ...]
    counted: tuple[Counted, ...]
    counted_number: int
    left_out: tuple[LeftOut, ...]
    left_out_number: int
    differences: tuple[OtherRounding, ...]


def explain_reseller_line(
    key: LineKey, month: Month, *, as_of: datetime, actor: Actor, zone: ZoneInfo
) -> Explanation | None:
    """How that line of the Reseller Report is made; None where the actor has no such line."""
    wanted = ReportFilter(as_of, reseller_id=key.reseller_id, product_id=key.product_id, sku_id=key.sku_id)
    seats = charged_seats([month], wanted, actor=actor, zone=zone)
    return _explanation(seats, seats, wanted, [month], actor=actor, zone=zone) if seats else None


def explain_summary_line(
    key: LineKey, months: Sequence[Month], *, as_of: datetime, actor: Actor, zone: ZoneInfo
) -> Explanation | None:
    """How that line of the Summary Report of those months is made; None where the actor has no such line."""
    wanted = ReportFilter(as_of, reseller_id=key.reseller_id, product_id=key.product_id, sku_id=key.sku_id)
    seats = charged_seats(months, wanted, actor=actor, zone=zone)
    own = _seats_of_line(seats, key)
    if not own:
        return None
    in_line = {part.month for part in own}
    of_all_customers = [part for part in seats if part.month in in_line]
    wanted = replace(wanted, customer_id=key.customer_id)
    return _explanation(own, of_all_customers, wanted, months, actor=actor, zone=zone)


def left_out_page(
    months: Sequence[Month], wanted: ReportFilter, *, actor: Actor, zone: ZoneInfo, limit: int, offset: int = 0
) -> tuple[tuple[LeftOut, ...], int]:
    """Licences that one of those months or more does not charge, why, and how many licences there are."""
    keys, number = licences_left_out(months, wanted, actor=actor, zone=zone, limit=limit, offset=offset)
    histories = licence_histories(keys, as_of=wanted.as_of, actor=actor)
    return tuple(part for key in keys for part in _left_out(histories[key], months, zone=zone)), number


def _seats_of_line(seats: Iterable[ChargedSeats], key: LineKey) -> list[ChargedSeats]:
    """The seats of the months in which the customer's quantity and rate are those of the line."""
    rate = (key.price_cents, key.discount_basis_points)
    own: dict[Month, list[ChargedSeats]] = {}
    for part in seats:
        if part.customer_id == key.customer_id and (part.price_cents, part.discount_basis_points) == rate:
            own.setdefault(part.month, []).append(part)
    equal = [parts for parts in own.values() if sum(part.quantity for part in parts) == key.quantity]
    return sorted((part for parts in equal for part in parts), key=lambda part: part.month)


def _explanation(
    own: Sequence[ChargedSeats],
    of_all_customers: Sequence[ChargedSeats],
    wanted: ReportFilter,
    asked: Sequence[Month],
    *,
    actor: Actor,
    zone: ZoneInfo,
) -> Explanation:
    shown = own[:MOST_COUNTED]
    histories = licence_histories({part.subscription_pk for part in shown}, as_of=wanted.as_of, actor=actor)
    left_out, left_out_number = left_out_page(asked, wanted, actor=actor, zone=zone, limit=MOST_LEFT_OUT)
    first, months = histories[own[0].subscription_pk].billed, tuple(sorted({part.month for part in own}))
    rate = month_charge(first.terms, own[0].month, tariff=first.tariff, zone=zone).rate
    if rate is None:
        raise LookupError(f"{first.key} is charged in {own[0].month} without a price")
    return Explanation(
        licence=first,
        rate=rate,
        quantity=sum(part.quantity for part in own if part.month == own[0].month),
        months=months,
        counted=tuple(_counted(histories[part.subscription_pk], part.month, zone=zone) for part in shown),
        counted_number=len(own),
        left_out=left_out,
        left_out_number=left_out_number,
        differences=_differences(of_all_customers),
    )


def _counted(history: LicenceHistory, month: Month, *, zone: ZoneInfo) -> Counted:
    starts_at, ends_at = month_start(month, zone), month_start(month.next(), zone)
    use = month_charge(history.billed.terms, month, tariff=history.billed.tariff, zone=zone).use
    spans = tuple(part for part in history.held if _overlaps(part, starts_at, ends_at))
    setting = next(part for part in spans if part.span in use.terms)
    return Counted(history, use, spans, setting)


def _overlaps(part: HeldSpan, starts_at: datetime, ends_at: datetime) -> bool:
    span = part.span
    return span.starts_at < ends_at and (span.ends_at is None or span.ends_at > starts_at)


def _left_out(history: LicenceHistory, months: Sequence[Month], *, zone: ZoneInfo) -> Iterable[LeftOut]:
    billed = history.billed
    uses = (month_charge(billed.terms, month, tariff=billed.tariff, zone=zone).use for month in months)
    unpaid = (use for use in uses if not use.is_charged)
    for _, group in groupby(unpaid, key=lambda use: (use.reason, use.since, use.quantity)):
        run = tuple(group)
        ended_by = _ended_by(history.requests, run[0], zone=zone)
        yield LeftOut(history, tuple(use.month for use in run), run[0], ended_by)


def _ended_by(requests: Iterable[ExecutedRequest], use: MonthUse, *, zone: ZoneInfo) -> ExecutedRequest | None:
    """The cancel that ended the use, else the request that set the expiration on which it ended."""
    if use.reason is not ChargeReason.ENDED or use.since is None:
        return None
    cancel = dated = None
    for request in requests:
        if request.executed_at >= use.since:
            break
        if request.kind in _CANCELS:
            cancel = cancel or request
        elif request.kind in _SETS_DATE:
            cancel, dated = (cancel if request.kind is CommandKind.REDUCE else None), request
    if cancel is not None and cancellation_date(cancel.executed_at, zone) == local_date(use.since, zone):
        return cancel
    return dated


def _differences(seats: Iterable[ChargedSeats]) -> tuple[OtherRounding, ...]:
    """The months in which the customers' rounded fees do not add up to the fee of all their seats together."""
    months: dict[Month, dict[int, list[ChargedSeats]]] = {}
    for part in seats:
        months.setdefault(part.month, {}).setdefault(part.customer_id, []).append(part)
    both = (_rounded_both_ways(month, customers) for month, customers in sorted(months.items()))
    return tuple(found for found in both if found.fee_cents != found.summary_cents)


def _rounded_both_ways(month: Month, customers: Mapping[int, Sequence[ChargedSeats]]) -> OtherRounding:
    """A month's fee rounded once, and once for each customer; price and discount are the same for all of them."""
    some = next(iter(customers.values()))[0]
    rate = Rate("", some.price_cents, some.discount_basis_points)
    quantities = [sum(part.quantity for part in parts) for parts in customers.values()]
    return OtherRounding(month, rate.fee_cents(sum(quantities)), tuple(rate.fee_cents(seats) for seats in quantities))
