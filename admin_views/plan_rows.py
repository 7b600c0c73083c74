"""The rows and figures of a plan as its page shows them."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from admin_views.figures import euros, expiration, month_and_year, number, said
from admin_views.presenters import Badge, licence_badge
from licensing.month_impact import MonthNote
from licensing.states import CommandKind
from licensing.terms import Month
from queries.plan_lines import MonthSum
from queries.plan_row import MonthFigures, PlanRow
from queries.selection import PlanSummary

_DATED = frozenset({CommandKind.RENEW, CommandKind.REDUCE})
_FREE = frozenset({MonthNote.FIRST_MONTH_FREE, MonthNote.RESTART_MONTH_FREE})


@dataclass(frozen=True, slots=True)
class Change:
    """A value before and after; after is empty where nothing changes."""

    before: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class EligibleRow:
    """A row that goes. hint is the words of a cheaper quantity, empty where there is none."""

    position: int
    is_ticked: bool
    company_name: str
    address: str
    is_added: bool
    quantity: Change
    sku: Change
    expiration: Change
    this_month: Change
    next_month: Change
    hint: str


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """A row that stays as it is, and why."""

    company_name: str
    address: str
    status: Badge
    reason: str


def eligible_row(row: PlanRow, kind: CommandKind) -> EligibleRow:
    """A row of the eligible table."""
    after = row.after
    new_sku = after.sku if after is not None and after.sku != row.before.sku else None
    cheaper = row.cheaper
    return EligibleRow(
        position=row.position,
        is_ticked=row.is_ticked,
        company_name=row.company_name,
        address=_page_of(row),
        is_added=row.is_added,
        quantity=Change(number(row.before.quantity), number(after.quantity) if after else ""),
        sku=Change(row.before.sku or "", new_sku or ""),
        expiration=Change(expiration(row.expires_on), expiration(row.new_expires_on) if kind in _DATED else ""),
        this_month=_charges(row.this_month),
        next_month=_charges(row.next_month),
        hint="" if cheaper is None else _hint(cheaper.quantity, cheaper.saves_fee_cents),
    )


def _page_of(row: PlanRow) -> str:
    return url_for("subscriptions.edit_view", id=row.subscription_pk)


def _hint(quantity: int, saves_cents: int) -> str:
    return _("%(seats)s seats: %(amount)s less", seats=number(quantity), amount=_plain(saves_cents))


def _charges(month: MonthFigures) -> Change:
    nothing = _("free") if month.note in _FREE else "0.00"
    before, after = (_plain(each.fee_cents) if each.is_charged else nothing for each in (month.old, month.new))
    return Change(before, after if after != before else "")


def left_out_row(row: PlanRow) -> LeftOutRow:
    """A row of the table of those left out."""
    return LeftOutRow(
        company_name=row.company_name,
        address=_page_of(row),
        status=licence_badge(row.licence, row.open_state),
        reason="" if row.reason is None else said(row.reason),
    )


def _plain(cents: int) -> str:
    return euros(cents).removesuffix("€")


def stat_tiles(summary: PlanSummary, month: Month) -> list[dict[str, str]]:
    """The four figures above the rows."""
    added = _("%(rows)s of them for other licences of these customers", rows=number(summary.added))
    return [
        {
            "label": _("Eligible"),
            "figure": number(summary.eligible),
            "small": added if summary.added else _("one request each, %(rows)s ticked", rows=number(summary.ticked)),
        },
        {
            "label": _("Not eligible"),
            "figure": number(summary.left_out),
            "small": _("left out, reasons below") if summary.left_out else _("nobody is left out"),
        },
        _month_tile(summary.this_month, month),
        _month_tile(summary.next_month, month.next()),
    ]


def _month_tile(sums: MonthSum, month: Month) -> dict[str, str]:
    difference = sums.difference_cents
    sign = "+" if difference > 0 else "−" if difference < 0 else "±"
    return {
        "label": _("%(month)s, reseller amount", month=month_and_year(month)),
        "figure": _plain(sums.new_fee_cents),
        "unit": "€",
        "small": _("now %(amount)s", amount=_plain(sums.fee_cents)),
        "change": f"{sign}{_plain(abs(difference))}",
        "tone": "up" if difference > 0 else "down" if difference < 0 else "dim",
    }
