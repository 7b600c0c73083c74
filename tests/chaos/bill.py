"""What months cost, worked out anew from quantities held: the checker's own arithmetic, to the cent.

domain.md, What a month costs: the highest quantity held while usable on any instant of the month, at the price of its
band and the reseller's discount of that month; the month of the first creation is free. It shares nothing with the
product's reports, which must come to the same.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

Span = tuple[int, datetime, datetime | None]
WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Held:
    """What one licence held, and when the vendor made it; the keys are those of our tables."""

    reseller: int
    customer: int
    product: int
    created_at: datetime | None
    spans: Sequence[Span]


@dataclass(frozen=True, slots=True)
class Tariffs:
    """Price rows as product, valid from, lowest, highest, cents; discounts as reseller, valid from, basis points."""

    prices: Collection[tuple[int, date, int, int, int]]
    discounts: Collection[tuple[int, date, int]]

    def price_of(self, product: int, quantity: int, month: date) -> int | None:
        """Cents for one seat and one month in the band of that quantity."""
        lists = [row for row in self.prices if row[0] == product and row[1] <= month]
        newest = max((row[1] for row in lists), default=None)
        fitting = [row[4] for row in lists if row[1] == newest and row[2] <= quantity <= row[3]]
        return fitting[0] if fitting else None

    def discount_of(self, reseller: int, month: date) -> int:
        """Basis points."""
        agreed = [(row[1], row[2]) for row in self.discounts if row[0] == reseller and row[1] <= month]
        return max(agreed)[1] if agreed else 0


def cents_of_months(
    licences: Iterable[Held], months: Sequence[date], *, tariffs: Tariffs, zone: ZoneInfo
) -> Mapping[date, int]:
    """What each month costs in all: equal lines of a customer are added before they are rounded."""
    seats: dict[tuple[date, int, int, int, int, int], int] = defaultdict(int)
    for held in licences:
        for month in months:
            quantity = _charged(held, month, zone)
            price = tariffs.price_of(held.product, quantity, month) if quantity else None
            if price is not None:
                discount = tariffs.discount_of(held.reseller, month)
                seats[(month, held.reseller, held.customer, held.product, price, discount)] += quantity
    costs: dict[date, int] = defaultdict(int)
    for (month, _reseller, _customer, _product, price, discount), quantity in seats.items():
        costs[month] += (quantity * price * (WHOLE - discount) + WHOLE // 2) // WHOLE
    return costs


def _charged(held: Held, month: date, zone: ZoneInfo) -> int:
    """The seats of a licence that a month is charged for; 0 for none."""
    begins, ends = begin_of(month, zone), begin_of(following(month), zone)
    if held.created_at is None or begins <= held.created_at < ends:
        return 0
    within = (quantity for quantity, start, end in held.spans if start < ends and (end is None or end > begins))
    return max(within, default=0)


def following(month: date) -> date:
    """The first day of the next month."""
    years, number = divmod(month.month, 12)
    return date(month.year + years, number + 1, 1)


def begin_of(month: date, zone: ZoneInfo) -> datetime:
    """The instant at which a month begins, for zones that keep their midnights."""
    return datetime(month.year, month.month, 1, tzinfo=zone).astimezone(UTC)


def months_from(first: datetime, count: int, zone: ZoneInfo) -> list[date]:
    """So many months, beginning with that of the instant."""
    months = [first.astimezone(zone).date().replace(day=1)]
    while len(months) < count:
        months.append(following(months[-1]))
    return months


def tariffs_of(connection: Any) -> Tariffs:
    """The prices and discounts of a database, by plain SQL."""
    cursor = connection.cursor()
    cursor.execute(
        "SELECT product_id, valid_from, min_quantity, max_quantity, price_cents"
        " FROM price JOIN price_list ON price_list.id = price.price_list_id"
    )
    prices = [(row[0], _day(row[1]), *row[2:]) for row in cursor.fetchall()]
    cursor.execute("SELECT reseller_id, valid_from, basis_points FROM reseller_discount")
    return Tariffs(prices, [(row[0], _day(row[1]), row[2]) for row in cursor.fetchall()])


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
