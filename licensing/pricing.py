"""Volume bands, price lists and discounts by month. The quantity of one subscription picks the band of all its seats.

Reading a price list file and storing one is done elsewhere; checking one is in price_list.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from licensing.money import end_user_cents
from licensing.terms import Month


@dataclass(frozen=True, slots=True)
class Band:
    """A SKU: from/to quantity, both included, and the price of one seat and one month in cents."""

    sku_code: str
    min_quantity: int
    max_quantity: int
    price_cents: int


@dataclass(frozen=True, slots=True)
class PriceTable:
    """The contiguous bands of one product, in order of quantity, valid from a month until the next table."""

    valid_from: Month
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Discount:
    """A reseller's discount in basis points, valid from a month until the next one."""

    valid_from: Month
    basis_points: int


class QuantityOutsideBands(ValueError):
    """No band holds the quantity; min_quantity and max_quantity are the limits of the product."""

    def __init__(self, quantity: int, *, min_quantity: int, max_quantity: int) -> None:
        super().__init__(f"{quantity} is outside the volume bands, which go from {min_quantity} to {max_quantity}")
        self.quantity = quantity
        self.min_quantity = min_quantity
        self.max_quantity = max_quantity


class NoPriceList(LookupError):
    """No price list of the product is valid in that month."""


class _Dated(Protocol):
    @property
    def valid_from(self) -> Month: ...


_DatedRow = TypeVar("_DatedRow", bound=_Dated)


def valid_in(rows: Iterable[_DatedRow], month: Month) -> _DatedRow | None:
    """The row with the latest valid_from that is not after the month, None where none is valid yet."""
    begun = (row for row in rows if row.valid_from <= month)
    return max(begun, key=lambda row: row.valid_from, default=None)


def find_band(bands: Sequence[Band], quantity: int) -> Band:
    """The band that holds the quantity. Raises QuantityOutsideBands naming the limits (domain.md, Bands and prices)."""
    for band in bands:
        if band.min_quantity <= quantity <= band.max_quantity:
            return band
    lowest, highest = quantity_limits(bands)
    raise QuantityOutsideBands(quantity, min_quantity=lowest, max_quantity=highest)


def quantity_limits(bands: Sequence[Band]) -> tuple[int, int]:
    """The smallest and the largest quantity that can be ordered. Raises NoPriceList without a band."""
    if not bands:
        raise NoPriceList("the product has no volume band")
    return min(band.min_quantity for band in bands), max(band.max_quantity for band in bands)


def price_table_for(tables: Iterable[PriceTable], month: Month) -> PriceTable:
    """The table by which a month is charged. Raises NoPriceList where none is valid in it."""
    table = valid_in(tables, month)
    if table is None:
        raise NoPriceList(f"no price list of the product is valid in {month}")
    return table


def discount_for(discounts: Iterable[Discount], month: Month) -> int:
    """The reseller's discount in the month, in basis points; 0 where none was agreed."""
    discount = valid_in(discounts, month)
    return 0 if discount is None else discount.basis_points


def cheaper_quantity(bands: Sequence[Band], quantity: int) -> int | None:
    """The nearest larger quantity whose end user amount is lower in all, None where there is none.

    24 seats cost 76.32 and 25 cost 71.25. Within a band more seats never cost less, so only the first quantity of a
    higher band can. Raises QuantityOutsideBands.
    """
    amount = end_user_cents(quantity, find_band(bands, quantity).price_cents)
    starts = (band for band in bands if band.min_quantity > quantity)
    cheaper = (b.min_quantity for b in starts if end_user_cents(b.min_quantity, b.price_cents) < amount)
    return min(cheaper, default=None)
