"""The lines of the Reseller Report and of the Summary Report: which charges are added, rounded and ordered how.

Pure: licences and their terms come in, lines go out. Which licences a person may see is decided before.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from licensing.billing import MonthCharge, Rate, Tariff, month_charge, require_begun
from licensing.commands import TermSpan
from licensing.terms import Month


@dataclass(frozen=True, slots=True)
class Named:
    """A reseller, customer or product: what tells it apart, what is shown, and the key by which it is ordered."""

    key: int | str
    name: str
    search_key: str


@dataclass(frozen=True, slots=True)
class BilledLicence:
    """One licence as the reports need it. key tells it apart; tariff is that of its product and reseller."""

    key: int | str
    reseller: Named
    customer: Named
    product: Named
    terms: tuple[TermSpan, ...]
    tariff: Tariff


@dataclass(frozen=True, slots=True)
class LicenceMonth:
    """One licence in one month of a report: what a line is made of, or what was left out and why."""

    licence: BilledLicence
    charge: MonthCharge


@dataclass(frozen=True, slots=True)
class ResellerLine:
    """One line of the Reseller Report: the seats of one reseller, product and rate in one month."""

    reseller: Named
    product: Named
    rate: Rate
    quantity: int
    parts: tuple[LicenceMonth, ...] = ()

    @property
    def end_user_cents(self) -> int:
        """License Fee for End User, in cents."""
        return self.rate.end_user_cents(self.quantity)

    @property
    def fee_cents(self) -> int:
        """License Fee for Reseller, in cents, rounded once for the line."""
        return self.rate.fee_cents(self.quantity)


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One line of the Summary Report: the months in which a customer's seats of one product and rate are these."""

    reseller: Named
    customer: Named
    product: Named
    rate: Rate
    quantity: int
    months: tuple[Month, ...]
    parts: tuple[LicenceMonth, ...] = ()

    @property
    def end_user_cents(self) -> int:
        """License Fee for End User for one month, in cents."""
        return self.rate.end_user_cents(self.quantity)

    @property
    def fee_cents(self) -> int:
        """License Fee for Reseller for one month, in cents, rounded once for the line."""
        return self.rate.fee_cents(self.quantity)

    @property
    def total_cents(self) -> int:
        """Total License Fee for Reseller, in cents: months × the rounded fee."""
        return len(self.months) * self.fee_cents


@dataclass(frozen=True, slots=True)
class Totals:
    """The TOTAL row: sums of the columns as shown. total_cents is the last column of the Summary, 0 elsewhere."""

    quantity: int
    end_user_cents: int
    fee_cents: int
    total_cents: int = 0


def licence_months(
    licences: Iterable[BilledLicence], months: Sequence[Month], *, now: datetime, zone: ZoneInfo
) -> tuple[LicenceMonth, ...]:
    """Every licence in every month, charged or left out. now is the report's as of instant.

    Raises MonthNotBegun for a month that begins after it.
    """
    for month in months:
        require_begun(month, now=now, zone=zone)
    return tuple(
        LicenceMonth(licence, month_charge(licence.terms, month, tariff=licence.tariff, zone=zone))
        for licence in licences
        for month in months
    )


def left_out(parts: Iterable[LicenceMonth]) -> tuple[LicenceMonth, ...]:
    """The licences that a month does not charge; charge.use says why and since when."""
    return tuple(part for part in parts if not part.charge.use.is_charged)


def reseller_lines(parts: Iterable[LicenceMonth]) -> tuple[ResellerLine, ...]:
    """The Reseller Report: seats added by reseller, product, SKU, price and discount; parts are those of one month.

    Ordered by reseller, product name, SKU.
    """
    groups: dict[tuple[Named, Named, Rate], list[LicenceMonth]] = {}
    for rate, part in _charged(parts):
        groups.setdefault((part.licence.reseller, part.licence.product, rate), []).append(part)
    lines = [
        ResellerLine(reseller, product, rate, _seats(group), tuple(group))
        for (reseller, product, rate), group in groups.items()
    ]
    return tuple(sorted(lines, key=_reseller_order))


def summary_lines(parts: Iterable[LicenceMonth]) -> tuple[SummaryLine, ...]:
    """The Summary Report: licences of one customer are added month by month, then equal months become one line.

    Ordered by reseller, product name, SKU, customer, quantity.
    """
    equal: dict[tuple[Named, Named, Named, Rate, int], dict[Month, list[LicenceMonth]]] = {}
    for (reseller, customer, product, rate, month), group in _customer_months(parts).items():
        equal.setdefault((reseller, customer, product, rate, _seats(group)), {})[month] = group
    lines = [
        SummaryLine(
            *line,
            months=tuple(sorted(months)),
            parts=tuple(part for month in sorted(months) for part in months[month]),
        )
        for line, months in equal.items()
    ]
    return tuple(sorted(lines, key=_summary_order))


def _customer_months(
    parts: Iterable[LicenceMonth],
) -> dict[tuple[Named, Named, Named, Rate, Month], list[LicenceMonth]]:
    groups: dict[tuple[Named, Named, Named, Rate, Month], list[LicenceMonth]] = {}
    for rate, part in _charged(parts):
        licence = part.licence
        group = (licence.reseller, licence.customer, licence.product, rate, part.charge.use.month)
        groups.setdefault(group, []).append(part)
    return groups


def _charged(parts: Iterable[LicenceMonth]) -> Iterator[tuple[Rate, LicenceMonth]]:
    for part in parts:
        if part.charge.rate is not None and part.charge.use.is_charged:
            yield part.charge.rate, part


def _seats(group: Iterable[LicenceMonth]) -> int:
    return sum(part.charge.use.quantity for part in group)


def _reseller_order(line: ResellerLine) -> tuple[str, ...]:
    return (line.reseller.search_key, line.product.search_key, line.rate.sku_code)


def _summary_order(line: SummaryLine) -> tuple[str, str, str, str, int, Month]:
    """The last part only settles lines that the first five leave equal, as after a change of price."""
    names = (line.reseller.search_key, line.product.search_key, line.rate.sku_code, line.customer.search_key)
    return (*names, line.quantity, line.months[0])


def reseller_totals(lines: Iterable[ResellerLine | SummaryLine]) -> Totals:
    """The TOTAL row of the Reseller Report: the sums of the rounded lines."""
    rows = tuple(lines)
    return Totals(
        quantity=sum(line.quantity for line in rows),
        end_user_cents=sum(line.end_user_cents for line in rows),
        fee_cents=sum(line.fee_cents for line in rows),
    )


def summary_totals(lines: Iterable[SummaryLine]) -> Totals:
    """The TOTAL row of the Summary Report; its quantity is not shown there."""
    rows = tuple(lines)
    return replace(reseller_totals(rows), total_cents=sum(line.total_cents for line in rows))
