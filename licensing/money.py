"""Whole cents and whole basis points: the one rounding of the product, and how amounts are written and read.

No float anywhere. Prices, discounts by month and volume bands live in pricing.py.
"""

import re

FULL_BASIS_POINTS = 10_000
_HUNDREDTHS = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]{1,12})(?:\.(?P<fraction>[0-9]{1,2}))?")
_SWAPPED_MARKS = str.maketrans(",.", ".,")


def round_half_up_div(numerator: int, denominator: int) -> int:
    """The quotient as a whole number, halves rounded up. Raises ValueError unless the denominator is positive."""
    if denominator <= 0:
        raise ValueError(f"cannot divide by {denominator}")
    return (2 * numerator + denominator) // (2 * denominator)


def end_user_cents(quantity: int, price_cents: int) -> int:
    """What the end user pays for one month, in cents: quantity × price, which needs no rounding."""
    return quantity * price_cents


def fee_cents(*, quantity: int, price_cents: int, discount_basis_points: int) -> int:
    """What the reseller pays for one line and one month, in cents, rounded once, half up (domain.md, first page).

    Raises ValueError for a discount outside 0 to 10000 basis points.
    """
    if not 0 <= discount_basis_points <= FULL_BASIS_POINTS:
        raise ValueError(f"a discount is from 0 to {FULL_BASIS_POINTS} basis points, not {discount_basis_points}")
    kept = FULL_BASIS_POINTS - discount_basis_points
    return round_half_up_div(end_user_cents(quantity, price_cents) * kept, FULL_BASIS_POINTS)


def format_hundredths(hundredths: int, decimal_mark: str = ".") -> str:
    """Cents or basis points with two decimals and no unit: 7700 is "77.00"."""
    sign = "-" if hundredths < 0 else ""
    whole, fraction = divmod(abs(hundredths), 100)
    return f"{sign}{whole}{decimal_mark}{fraction:02d}"


def parse_hundredths(text: str, decimal_mark: str = ".") -> int:
    """Read "77", "77.5" or "77.00" as 7700 or 7750 hundredths.

    ASCII digits only, at most two decimals, no thousands mark. Raises ValueError naming the text.
    """
    typed = text.strip() if decimal_mark == "." else text.strip().translate(_SWAPPED_MARKS)
    match = _HUNDREDTHS.fullmatch(typed)
    if match is None:
        raise ValueError(f"“{text}” is not an amount such as 77{decimal_mark}00")
    hundredths = int(match["whole"]) * 100 + int((match["fraction"] or "").ljust(2, "0"))
    return -hundredths if match["sign"] else hundredths


def parse_basis_points(text: str, decimal_mark: str = ".") -> int:
    """Read a discount in percent, "22.00", as 2200 basis points. Raises ValueError outside 0 to 100 percent."""
    basis_points = parse_hundredths(text, decimal_mark)
    if not 0 <= basis_points <= FULL_BASIS_POINTS:
        raise ValueError(f"“{text}” is not a discount from 0 to 100 percent")
    return basis_points
