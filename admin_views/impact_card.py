"""What a command will do, before it is sent: the impact of licensing/impact.py in the words of the dialogs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flask_babel import format_date
from flask_babel import gettext as _

from admin_views import figures
from admin_views.cheaper import Cheaper, cheaper_words
from admin_views.shell import local
from licensing.impact import Impact, Standing
from licensing.month_impact import MonthImpact, MonthNote
from licensing.pricing import Band
from licensing.states import CommandKind
from licensing.terms import Month
from licensing.wording import date_text

_CANCELS = frozenset({CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL})
_STAYS = frozenset({MonthNote.STAYS, MonthNote.STAYS_DECREASE_LATER, MonthNote.STAYS_ENDS_LATER})


@dataclass(frozen=True, slots=True)
class Row:
    """One value before and after."""

    name: str
    before: str
    after: str
    is_code: bool = False

    @property
    def is_same(self) -> bool:
        """Whether the command leaves it as it is."""
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month with its price, how much that is more or less than without the command, and why."""

    name: str
    price: str
    change: str
    mark: str
    why: str


@dataclass(frozen=True, slots=True)
class ImpactCard:
    """Everything a dialog shows about the values typed; reason stands alone where they cannot be sent."""

    rows: list[Row] = field(default_factory=list)
    months: list[MonthRow] = field(default_factory=list)
    later: str = ""
    undo: str = ""
    warning: str = ""
    cheaper: Cheaper | None = None
    reason: str = ""


def impact_card(impact: Impact, *, bands: Sequence[Band]) -> ImpactCard:
    """The card of a command that could be sent with these values."""
    this, following = impact.this_month, impact.next_month
    return ImpactCard(
        rows=_rows(impact),
        months=[_month(this, following=following), _month(following, following=following)],
        later=_later(impact),
        undo="" if impact.undo_until_on is None else date_text(impact.undo_until_on),
        warning=_warning(impact) if impact.is_in_last_half_hour else "",
        cheaper=cheaper_words(impact, bands=bands),
    )


def _rows(impact: Impact) -> list[Row]:
    before, after = impact.before or impact.after, impact.after

    def row(name: str, text: Callable[[Standing], str], *, is_code: bool = False) -> Row:
        return Row(name, text(before), text(after), is_code=is_code)

    quantity = [row(_("Quantity"), lambda held: figures.number(held.quantity)), row(_("SKU"), _sku, is_code=True)]
    amounts = [
        row(_("List Price"), lambda held: figures.euros(None if held.rate is None else held.rate.price_cents)),
        row(_("End user amount"), lambda held: figures.euros(held.end_user_cents)),
        row(_("Reseller discount"), _discount),
        row(_("Reseller amount"), lambda held: figures.euros(held.fee_cents)),
    ]
    dates = [row(_("License Expiration"), lambda held: figures.expiration(held.expires_on))]
    cancelled = row(_("Cancellation date"), _cancelled)
    ends = row(_("Use ends"), _use_ends)
    if impact.kind is CommandKind.MODIFY_QUANTITY:
        return [*quantity, *amounts, ends]
    if impact.kind in _CANCELS:
        return [row(_("Quantity, SKU"), _quantity_and_sku), *dates, cancelled, ends]
    if not cancelled.is_same:
        dates.append(cancelled)
    return [*quantity, *amounts, *dates, ends]


def _sku(held: Standing) -> str:
    return figures.NONE if held.rate is None else held.rate.sku_code


def _quantity_and_sku(held: Standing) -> str:
    return f"{figures.number(held.quantity)} · {_sku(held)}"


def _discount(held: Standing) -> str:
    return figures.percent(None if held.rate is None else held.rate.discount_basis_points)


def _cancelled(held: Standing) -> str:
    return _("none") if held.cancelled_on is None else date_text(held.cancelled_on)


def _use_ends(held: Standing) -> str:
    return _("unlimited") if held.use_ends_on is None else f"{date_text(held.use_ends_on)} 00:00"


def _month(impact: MonthImpact, *, following: MonthImpact) -> MonthRow:
    name = figures.month_and_year(impact.month)
    difference = impact.difference_cents
    return MonthRow(
        name=_("%(month)s stays", month=name) if impact.note in _STAYS else name,
        price=_price(impact),
        change="" if difference == 0 else _change(difference),
        mark="up" if difference > 0 else "down",
        why=_why(impact, following=following),
    )


def _price(impact: MonthImpact) -> str:
    is_free = impact.note in {MonthNote.FIRST_MONTH_FREE, MonthNote.RESTART_MONTH_FREE}
    if impact.note is MonthNote.NO_PRICE:
        return figures.NONE
    return _("free") if is_free else figures.euros(impact.after.fee_cents)


def _change(difference: int) -> str:
    amount = figures.euros(abs(difference))
    return _("%(amount)s more", amount=amount) if difference > 0 else _("%(amount)s less", amount=amount)


def _why(impact: MonthImpact, *, following: MonthImpact) -> str:
    ends_at = following.after.use.since
    ends_on = "" if ends_at is None else date_text(local(ends_at).date())
    reasons = {
        MonthNote.STAYS_DECREASE_LATER: _("a decrease counts from %(month)s", month=_name(following.month)),
        MonthNote.STAYS_ENDS_LATER: _("charged to the end of the month"),
        MonthNote.INCREASE: _("an increase counts in the current month"),
        MonthNote.CHARGED: _("use goes on"),
        MonthNote.STARTS_AGAIN: _("the licence starts again, charged in full"),
        MonthNote.FIRST_MONTH_FREE: _("the first month"),
        MonthNote.RESTART_MONTH_FREE: _("the licence starts again"),
        MonthNote.NOT_CHARGED: _("use ends on %(day)s", day=ends_on),
        MonthNote.NO_PRICE: _("no price for %(seats)s", seats=figures.seats(impact.after.use.quantity)),
    }
    return reasons.get(impact.note, "")


def _name(month: Month) -> str:
    return format_date(month.first_day, "LLLL")


def _later(impact: Impact) -> str:
    """The first month that is charged otherwise, where it is neither this month nor the next."""
    month = impact.charged_from
    if month is None or month <= impact.next_month.month:
        return ""
    return _("Charged otherwise from %(month)s.", month=figures.month_and_year(month))


def _warning(impact: Impact) -> str:
    return _(
        "%(month)s ends within half an hour. The command counts in the month in which the vendor executes it, "
        "which may be %(next_month)s.",
        month=_name(impact.this_month.month),
        next_month=_name(impact.next_month.month),
    )
