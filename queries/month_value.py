"""What the running month costs so far, by reseller. Licences that did not change in it are added up by the database.

Only licences with a term that starts in the month are charged one by one; all others hold one quantity throughout.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from zoneinfo import ZoneInfo

from peewee import ModelSelect, fn

from access import Actor
from licensing.billing import Rate, month_charge, rate_for
from licensing.commands import TermSpan
from licensing.pricing import NoPriceList, QuantityOutsideBands
from licensing.report_lines import Named, ResellerLine, Totals, reseller_totals
from licensing.terms import Month, month_start
from models import Product, Reseller, Subscription, Term
from queries.scope import in_scope
from queries.tariffs import Tariffs

_Seats = Counter[tuple[int, int, Rate]]


@dataclass(frozen=True, slots=True)
class ResellerValue:
    """One reseller's month: seats charged, amounts in cents, discount in basis points."""

    reseller: Named
    discount_basis_points: int
    totals: Totals


@dataclass(frozen=True, slots=True)
class MonthValue:
    """The month of every reseller the actor sees, and the sum of the lines as the Reseller Report shows it."""

    month: Month
    resellers: tuple[ResellerValue, ...]
    totals: Totals


def month_value(month: Month, *, actor: Actor, zone: ZoneInfo) -> MonthValue:
    """The Reseller Report's sums of a month that has begun, as if nothing more changes in it."""
    tariffs = Tariffs(month)
    seats = _unchanged(month, actor=actor, zone=zone, tariffs=tariffs)
    seats.update(_changed(month, actor=actor, zone=zone, tariffs=tariffs))
    lines = _lines(seats)
    groups = groupby(lines, key=lambda line: line.reseller)
    resellers = tuple(_reseller_value(reseller, tuple(group)) for reseller, group in groups)
    return MonthValue(month=month, resellers=resellers, totals=reseller_totals(lines))


def _reseller_value(reseller: Named, lines: tuple[ResellerLine, ...]) -> ResellerValue:
    return ResellerValue(reseller, lines[0].rate.discount_basis_points, reseller_totals(lines))


def _starting_in(month: Month, zone: ZoneInfo) -> ModelSelect:
    begins, ends = month_start(month, zone), month_start(month.next(), zone)
    return Term.select(Term.subscription).where(Term.starts_at >= begins, Term.starts_at < ends)


def _unchanged(month: Month, *, actor: Actor, zone: ZoneInfo, tariffs: Tariffs) -> _Seats:
    begins = month_start(month, zone)
    query = (
        Term.select(Subscription.reseller, Subscription.product, Term.quantity, fn.COUNT(Term.id))
        .join(Subscription)
        .where(
            Term.starts_at < begins,
            Term.ends_at.is_null() | (Term.ends_at > begins),
            Term.subscription.not_in(_starting_in(month, zone)),
        )
        .group_by(Subscription.reseller, Subscription.product, Term.quantity)
    )
    seats: _Seats = Counter()
    for reseller, product, quantity, licences in in_scope(query, actor=actor, model=Subscription).tuples():
        try:
            rate = rate_for(tariffs.tariff(product_id=product, reseller_id=reseller), month, quantity)
        except (NoPriceList, QuantityOutsideBands):
            continue  # charged nothing by a guess, as in month_charge
        seats[reseller, product, rate] += quantity * licences
    return seats


def _changed(month: Month, *, actor: Actor, zone: ZoneInfo, tariffs: Tariffs) -> _Seats:
    query = (
        Term.select(
            Term.subscription, Subscription.reseller, Subscription.product, Term.quantity, Term.starts_at, Term.ends_at
        )
        .join(Subscription)
        .where(Term.subscription.in_(_starting_in(month, zone)))
        .order_by(Term.subscription, Term.starts_at)
    )
    rows = in_scope(query, actor=actor, model=Subscription).tuples()
    seats: _Seats = Counter()
    for (_licence, reseller, product), group in groupby(rows, key=lambda row: row[:3]):
        tariff = tariffs.tariff(product_id=product, reseller_id=reseller)
        charge = month_charge([TermSpan(*row[3:]) for row in group], month, tariff=tariff, zone=zone)
        if charge.rate is not None and charge.use.is_charged:
            seats[reseller, product, charge.rate] += charge.use.quantity
    return seats


def _lines(seats: _Seats) -> list[ResellerLine]:
    resellers = {row[0]: Named(*row) for row in Reseller.select(Reseller.id, Reseller.name, Reseller.name_key).tuples()}
    products = {row[0]: Named(*row) for row in Product.select(Product.id, Product.name, Product.name_key).tuples()}
    lines = [ResellerLine(resellers[seat[0]], products[seat[1]], seat[2], quantity) for seat, quantity in seats.items()]
    return sorted(lines, key=lambda line: (line.reseller.search_key, line.reseller.key))
