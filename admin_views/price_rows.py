"""The rows of a price list as people type them: read with their problems, and shown again as they were typed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from admin_views.figures import NONE, euros, said
from admin_views.typed_values import WrongValue, shown, typed_quantity
from licensing.money import format_hundredths, parse_hundredths
from licensing.price_list import PriceProblem, PriceRow
from licensing.pricing import Band

FIELDS = ("sku", "min_quantity", "max_quantity", "price")
_SPARE_ROWS = 3


@dataclass(frozen=True, slots=True)
class TypedRow:
    """One line of the form: its number, the four texts, and the row they make unless something is wrong or blank."""

    number: int
    texts: Mapping[str, str]
    row: PriceRow | None = None
    problem: str = ""


def typed_rows(form: MultiDict[str, str], *, product_code: str) -> list[TypedRow]:
    """The lines of the form, blank ones too. Raises ValueError for a form that is not ours: lines that lack a field."""
    lines = zip(*(form.getlist(name) for name in FIELDS), strict=True)
    return [_typed(number, dict(zip(FIELDS, line, strict=True)), product_code) for number, line in enumerate(lines, 1)]


def _typed(number: int, texts: dict[str, str], product_code: str) -> TypedRow:
    if not any(text.strip() for text in texts.values()):
        return TypedRow(number, texts)
    try:
        return TypedRow(number, texts, _row(number, texts, product_code))
    except WrongValue as wrong:
        return TypedRow(number, texts, problem=str(wrong))


def _row(number: int, texts: Mapping[str, str], product_code: str) -> PriceRow:
    sku = texts["sku"].strip()
    if not sku:
        raise WrongValue(_("Enter the SKU, or leave the whole row blank."))
    lowest, highest = typed_quantity(texts["min_quantity"]), typed_quantity(texts["max_quantity"])
    if lowest is None or highest is None:
        raise WrongValue(_("Enter both quantities of the band."))
    return PriceRow(number, product_code, sku, lowest, highest, typed_price(texts["price"]))


def typed_price(text: str) -> int:
    """A price typed as 7.70 or 7,70, in cents. Raises WrongValue naming what was typed."""
    typed = text.strip(" €")
    if not typed:
        raise WrongValue(_("Enter the price of one seat and month."))
    try:
        return parse_hundredths(typed.replace(",", "."))
    except ValueError:
        raise WrongValue(_("“%(value)s” is not a price such as 7.70.", value=shown(typed))) from None


def stored_rows(bands: Sequence[Band]) -> list[TypedRow]:
    """The lines of the form for bands that are stored."""
    return [
        TypedRow(
            number,
            {
                "sku": band.sku_code,
                "min_quantity": str(band.min_quantity),
                "max_quantity": str(band.max_quantity),
                "price": format_hundredths(band.price_cents),
            },
        )
        for number, band in enumerate(bands, 1)
    ]


def form_rows(
    rows: Sequence[TypedRow], problems: Iterable[PriceProblem] = (), before: Mapping[str, int] | None = None
) -> list[dict[str, Any]]:
    """What the form's table shows: the texts, the price before, what is wrong with the line, and some blank lines."""
    reasons: dict[int, list[str]] = {}
    for problem in problems:
        if problem.row_number is not None:
            reasons.setdefault(problem.row_number, []).append(said(problem.sentence))
    filled = sum(any(row.texts.values()) for row in rows)
    blank = dict.fromkeys(FIELDS, "")
    spare = [TypedRow(number, blank) for number in range(len(rows) + 1, filled + _SPARE_ROWS + 1)]
    return [
        {
            "number": row.number,
            **row.texts,
            "before": euros((before or {}).get(row.texts["sku"])) if row.texts["sku"] else NONE,
            "problem": " ".join([row.problem, *reasons.get(row.number, [])]).strip(),
        }
        for row in [*rows, *spare]
    ]
