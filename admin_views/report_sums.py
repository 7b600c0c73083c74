"""The sums behind a figure: the formula of a line, and the cents by which the two reports differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.figures import number
from exports.columns import two_decimals
from licensing.money import FULL_BASIS_POINTS
from queries.report_parts import Differences, DifferingLine
from reports.explanations import Explanation, OtherRounding

FIGURES = ("quantity", "end_user", "fee", "months", "total")
_MOST_SUMMANDS = 12
_MOST_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Formula:
    """The parts of the sum that makes the figure; exact is the product before it is rounded, where that matters."""

    figure: str
    seats: str
    price: str
    discount: str
    end_user: str
    exact: str
    fee: str
    months: str
    month_count: int
    total: str
    summands: str


def money(cents: int) -> str:
    """Cents as 2,823.89: the unit stands in the heading."""
    return two_decimals(cents, grouped=True)


def value(formula: Formula) -> str:
    """The figure itself."""
    values = {
        "quantity": formula.seats,
        "end_user": formula.end_user,
        "fee": formula.fee,
        "months": formula.months,
        "total": formula.total,
    }
    return values[formula.figure]


def formula(explanation: Explanation, figure: str) -> Formula:
    """The sum that makes that figure of a line."""
    rate, quantity, months = explanation.rate, explanation.quantity, explanation.months
    return Formula(
        figure=figure,
        seats=number(quantity),
        price=money(rate.price_cents),
        discount=two_decimals(rate.discount_basis_points),
        end_user=money(rate.end_user_cents(quantity)),
        exact=_exact(rate.end_user_cents(quantity) * (FULL_BASIS_POINTS - rate.discount_basis_points)),
        fee=money(rate.fee_cents(quantity)),
        months=number(len(months)),
        month_count=len(months),
        total=money(rate.fee_cents(quantity) * len(months)),
        summands=_summands(explanation),
    )


def _exact(millionths: int) -> str:
    """Cents times basis points as euros, with every digit that is not a closing zero; empty for whole cents."""
    whole, rest = divmod(millionths, 1_000_000)
    digits = f"{rest:06d}".rstrip("0")
    return f"{whole:,}.{digits}" if len(digits) > 2 else ""  # noqa: PLR2004 - two digits are cents


def _summands(explanation: Explanation) -> str:
    """The seats of the licences of one month, as 10 + 12 + 12 + 14; empty where they are one or too many."""
    first = explanation.months[0]
    seats = [part.use.quantity for part in explanation.counted if part.use.month == first]
    is_whole = explanation.counted_number == len(explanation.counted)
    return " + ".join(map(number, seats)) if is_whole and 1 < len(seats) <= _MOST_SUMMANDS else ""


def reseller_notes(differences: Sequence[OtherRounding]) -> Iterable[str]:
    """What the Summary Report shows for a line of the Reseller Report, where that is something else."""
    for found in differences:
        values = {"amount": money(found.summary_cents), "fees": _fees(found)}
        yield _(
            "The Summary Report shows %(amount)s for these seats: it rounds each customer's line (%(fees)s).", **values
        )


def summary_notes(differences: Sequence[OtherRounding]) -> Iterable[str]:
    """What the Reseller Report shows for the seats of a line and those beside it, where that is something else."""
    if not differences:
        return
    months = "; ".join(_month_both_ways(found) for found in differences[:_MOST_MONTHS])
    more = len(differences) - _MOST_MONTHS
    if more > 0:
        months = _("%(months)s; and in %(number)s other months", months=months, number=number(more))
    yield _("The Reseller Report rounds the seats of all customers of this SKU together: %(months)s.", months=months)


def _month_both_ways(found: OtherRounding) -> str:
    return _(
        "in %(month)s it shows %(fee)s, their lines here come to %(amount)s (%(fees)s)",
        month=str(found.month),
        fee=money(found.fee_cents),
        amount=money(found.summary_cents),
        fees=_fees(found),
    )


def _fees(found: OtherRounding) -> str:
    if len(found.customer_fees) > _MOST_SUMMANDS:
        return ngettext("%(num)d line", "%(num)d lines", len(found.customer_fees))
    return " + ".join(money(cents) for cents in found.customer_fees)


def difference_note(found: Differences, *, is_summary: bool) -> str:
    """Why the totals of the two reports differ, or that they do not, naming the lines."""
    if not found.count:
        return _("The Summary Report and the Reseller Report come to the same here, line by line.")
    lines = "; ".join(_differing_line(line) for line in found.lines)
    if found.has_more:
        lines = _("%(lines)s and %(number)s more", lines=lines, number=number(found.count - len(found.lines)))
    values = {"difference": _less_or_more(found.fee_cents, is_summary=is_summary), "lines": lines}
    if is_summary:
        return _(
            "The Reseller Report comes to %(difference)s: it rounds the seats of all customers together, this report "
            "each customer's line. They differ in %(lines)s.",
            **values,
        )
    return _(
        "The Summary Report comes to %(difference)s: it rounds each customer's line, this report the seats of all "
        "customers together. They differ in %(lines)s.",
        **values,
    )


def _less_or_more(cents: int, *, is_summary: bool) -> str:
    """By how much the other report is off; cents are those of the Reseller Report less those of the Summary."""
    other = cents if is_summary else -cents
    if other == 0:
        return _("the same in all")
    amount = money(abs(other))
    return _("%(amount)s more", amount=amount) if other > 0 else _("%(amount)s less", amount=amount)


def _differing_line(line: DifferingLine) -> str:
    return _(
        "%(month)s, %(reseller)s, %(product)s, %(sku)s (Reseller Report %(fee)s, Summary Report %(amount)s)",
        month=str(line.month),
        reseller=line.reseller,
        product=line.product,
        sku=line.sku,
        fee=money(line.fee_cents),
        amount=money(line.summary_cents),
    )
