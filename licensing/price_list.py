"""Whether a price list may be imported: every reason against it, with the row that shows it (domain.md, Bands)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from licensing.money import format_hundredths
from licensing.terms import Month
from licensing.wording import Sentence, translatable

# A million euros a seat and month: with the largest quantity an amount still fits the databases' whole numbers.
LARGEST_PRICE_CENTS = 100_000_000
LEFT_WITHOUT_BAND = translatable("A licence of %(product)s with %(quantity)s seats would be left without a band.")


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One row of a price list as it stands in the file; row_number is what a spreadsheet shows beside it."""

    row_number: int
    product_code: str
    sku_code: str
    min_quantity: int
    max_quantity: int
    price_cents: int


@dataclass(frozen=True, slots=True)
class PriceProblem:
    """A reason to refuse the list. row_number is None for a reason that lies in no row."""

    row_number: int | None
    sentence: Sentence

    def __str__(self) -> str:
        return str(self.sentence)


def price_list_problems(
    rows: Sequence[PriceRow],
    *,
    valid_from: Month,
    current_month: Month,
    live_quantities: Mapping[str, Collection[int]],
) -> tuple[PriceProblem, ...]:
    """Everything that speaks against the list, in order of rows; empty where it may be imported.

    live_quantities are, by product code, the quantities of the licences that run on into the new prices.
    """
    problems = [
        *_month_problems(valid_from, current_month),
        *_empty_problems(rows),
        *(problem for row in rows for problem in _row_problems(row)),
        *_duplicate_problems(rows),
    ]
    for product_code, bands in _by_product(rows).items():
        problems += _neighbour_problems(bands)
        problems += _live_problems(bands, live_quantities.get(product_code, ()))
    return tuple(sorted(problems, key=lambda problem: problem.row_number or 0))


def _month_problems(valid_from: Month, current_month: Month) -> Iterator[PriceProblem]:
    if valid_from <= current_month:
        yield PriceProblem(
            None,
            Sentence("%(month)s has begun; a price list is valid from a later month.", {"month": str(valid_from)}),
        )


def _empty_problems(rows: Sequence[PriceRow]) -> Iterator[PriceProblem]:
    if not rows:
        yield PriceProblem(None, Sentence("The price list has no rows."))


def _row_problems(row: PriceRow) -> Iterator[PriceProblem]:
    if row.price_cents < 0:
        values = {"price": format_hundredths(row.price_cents)}
        yield PriceProblem(row.row_number, Sentence("The price %(price)s is negative.", values))
    if row.price_cents > LARGEST_PRICE_CENTS:
        values = {"price": format_hundredths(row.price_cents)}
        yield PriceProblem(row.row_number, Sentence("The price %(price)s is far too large.", values))
    if row.min_quantity < 1:
        values = {"quantity": str(row.min_quantity)}
        yield PriceProblem(row.row_number, Sentence("The band begins at %(quantity)s, below 1.", values))
    if row.max_quantity < row.min_quantity:
        values = {"min": str(row.min_quantity), "max": str(row.max_quantity)}
        yield PriceProblem(row.row_number, Sentence("The band ends at %(max)s, before it begins at %(min)s.", values))


def _duplicate_problems(rows: Iterable[PriceRow]) -> Iterator[PriceProblem]:
    first_rows: dict[str, int] = {}
    for row in rows:
        first = first_rows.setdefault(row.sku_code, row.row_number)
        if first != row.row_number:
            values = {"sku": row.sku_code, "row": str(first)}
            yield PriceProblem(row.row_number, Sentence("The SKU %(sku)s stands in row %(row)s already.", values))


def _by_product(rows: Iterable[PriceRow]) -> dict[str, list[PriceRow]]:
    products: dict[str, list[PriceRow]] = {}
    for row in sorted(rows, key=lambda row: (row.min_quantity, row.max_quantity)):
        products.setdefault(row.product_code, []).append(row)
    return products


def _neighbour_problems(bands: Sequence[PriceRow]) -> Iterator[PriceProblem]:
    for lower, upper in pairwise(bands):
        values = {"row": str(lower.row_number), "max": str(lower.max_quantity), "min": str(upper.min_quantity)}
        if upper.min_quantity <= lower.max_quantity:
            template = translatable("The band begins at %(min)s and overlaps row %(row)s, which ends at %(max)s.")
            yield PriceProblem(upper.row_number, Sentence(template, values))
        elif upper.min_quantity > lower.max_quantity + 1:
            template = translatable("There is a gap: row %(row)s ends at %(max)s and this band begins at %(min)s.")
            yield PriceProblem(upper.row_number, Sentence(template, values))


def uncovered(limits: Collection[tuple[int, int]], quantities: Collection[int]) -> list[int]:
    """The quantities that none of the bands, given by their two limits, covers; smallest first."""
    return [
        quantity
        for quantity in sorted(set(quantities))
        if not any(lowest <= quantity <= highest for lowest, highest in limits)
    ]


def _live_problems(bands: Sequence[PriceRow], quantities: Collection[int]) -> Iterator[PriceProblem]:
    for quantity in uncovered([(band.min_quantity, band.max_quantity) for band in bands], quantities):
        nearest = min(bands, key=lambda band: _distance(band, quantity))
        values = {"quantity": str(quantity), "product": nearest.product_code}
        yield PriceProblem(nearest.row_number, Sentence(LEFT_WITHOUT_BAND, values))


def _distance(band: PriceRow, quantity: int) -> int:
    return min(abs(band.min_quantity - quantity), abs(band.max_quantity - quantity))
