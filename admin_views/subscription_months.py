"""What each month costs, as a subscription's page shows it."""

from dataclasses import dataclass

from flask_babel import format_date
from flask_babel import gettext as _

from admin_views import figures
from admin_views.shell import local, moment
from licensing.billing import ChargeReason, MonthCharge
from licensing.terms import Month
from licensing.wording import date_text
from queries.subscription_page import SubscriptionPage, month_charges


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One month: its name, the price and why; mark is the class of the line above it."""

    mark: str
    name: str
    price: str
    below: str


@dataclass(frozen=True, slots=True)
class MonthPanel:
    """All months that are shown and since when the present quantity is held."""

    lines: list[MonthLine]
    since: str


def month_panel(page: SubscriptionPage) -> MonthPanel | None:
    """The months of a licence that exists; None for an order that is not answered or was refused."""
    charges = month_charges(page.holding, moment=moment())
    if not charges:
        return None
    lines = [_line(charge, is_first=position == 0) for position, charge in enumerate(charges)]
    return MonthPanel(lines=lines, since=_since(page))


def _since(page: SubscriptionPage) -> str:
    held = [span for span in page.holding.terms if span.starts_at <= moment().now]
    last = held[-1] if held else page.holding.terms[-1]
    day = date_text(local(last.starts_at).date())
    return _("%(seats)s since %(day)s", seats=figures.seats(last.quantity), day=day)


def _line(charge: MonthCharge, *, is_first: bool) -> MonthLine:
    month, use = charge.use.month, charge.use
    is_coming = month > moment().month
    if month == moment().month:
        mark = "now"
    elif is_coming:
        mark = "next"
    else:
        mark = "" if use.is_charged else "free"
    return MonthLine(
        mark=mark,
        name=_name(month, has_year=is_first or month.month == 1),
        price=figures.euros(charge.fee_cents) if use.is_charged else _unpaid(use.reason),
        below=_("if nothing changes") if is_coming and use.is_charged else _why(charge),
    )


def _name(month: Month, *, has_year: bool) -> str:
    name = format_date(month.first_day, "LLL yyyy" if has_year else "LLL")
    return _("%(month)s, this month", month=name) if month == moment().month else name


def _unpaid(reason: ChargeReason) -> str:
    if reason in {ChargeReason.FIRST_MONTH_FREE, ChargeReason.RESTART_MONTH_FREE}:
        return _("free")
    return figures.NONE if reason is ChargeReason.NO_PRICE else figures.euros(0)


def _why(charge: MonthCharge) -> str:
    use = charge.use
    held = figures.seats(use.quantity)
    since = "" if use.since is None else date_text(local(use.since).date())
    is_over = use.since is not None and use.since <= moment().now
    words = {
        ChargeReason.CHARGED: held,
        ChargeReason.RESTARTED: _("%(seats)s, started again", seats=held),
        ChargeReason.FIRST_MONTH_FREE: _("%(seats)s, first month", seats=held),
        ChargeReason.RESTART_MONTH_FREE: _("%(seats)s, started again", seats=held),
        ChargeReason.ENDED: _("ended %(day)s", day=since) if is_over else _("use ends %(day)s", day=since),
        ChargeReason.NO_PRICE: _("no price for %(seats)s", seats=held),
        ChargeReason.NOT_CREATED: "",
    }
    return words[use.reason]
