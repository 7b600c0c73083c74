"""The hint that a larger quantity costs less in all, in words: end user amounts are compared (product.md)."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from admin_views import figures
from licensing.impact import Impact
from licensing.pricing import Band, find_band


@dataclass(frozen=True, slots=True)
class Cheaper:
    """The hint and the button that takes the larger quantity."""

    quantity: int
    claim: str
    comparison: str
    use: str


def cheaper_words(impact: Impact, *, bands: Sequence[Band]) -> Cheaper | None:
    """The hint for the quantity that a command would set; None where no larger quantity costs less."""
    hint, chosen = impact.cheaper, impact.after
    if hint is None:
        return None
    values = {
        "price": figures.euros(hint.rate.price_cents),
        "seats": figures.seats(hint.quantity),
        "end_user": figures.euros(hint.end_user_cents),
        "now": figures.euros(chosen.end_user_cents),
        "reseller": figures.euros(hint.fee_cents),
        "reseller_now": figures.euros(chosen.fee_cents),
    }
    is_next = find_band(bands, chosen.quantity).max_quantity + 1 == hint.quantity
    return Cheaper(
        quantity=hint.quantity,
        claim=_("%(more)s cost less than %(few)s.", more=values["seats"], few=figures.number(chosen.quantity)),
        comparison=_next_band(values) if is_next else _later_band(values),
        use=_("Use %(seats)s", seats=values["seats"]),
    )


def _next_band(values: dict[str, str]) -> str:
    return _(
        "The next price band is %(price)s a seat: %(end_user)s a month instead of %(now)s "
        "(reseller %(reseller)s instead of %(reseller_now)s).",
        **values,
    )


def _later_band(values: dict[str, str]) -> str:
    return _(
        "The price band from %(seats)s on is %(price)s a seat: %(end_user)s a month instead of %(now)s "
        "(reseller %(reseller)s instead of %(reseller_now)s).",
        **values,
    )
