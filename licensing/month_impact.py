"""This month's and next month's charge without and with a command, and the sentence that says why."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from licensing.billing import ChargeReason, MonthCharge
from licensing.money import format_hundredths
from licensing.terms import Month, local_date
from licensing.wording import Sentence, date_text, month_name, translatable


class MonthNote(StrEnum):
    """Why a month costs what it will cost."""

    STAYS = "stays"
    STAYS_DECREASE_LATER = "stays_decrease_later"
    STAYS_ENDS_LATER = "stays_ends_later"
    INCREASE = "increase"
    BECOMES = "becomes"
    CHARGED = "charged"
    STARTS_AGAIN = "starts_again"
    FIRST_MONTH_FREE = "first_month_free"
    RESTART_MONTH_FREE = "restart_month_free"
    NOT_CHARGED = "not_charged"
    NO_PRICE = "no_price"


_TEMPLATES: Mapping[MonthNote, str] = {
    MonthNote.STAYS: translatable("%(month)s stays %(after)s."),
    MonthNote.STAYS_DECREASE_LATER: translatable(
        "%(month)s stays %(after)s: a decrease counts from %(next_month)s, %(next_after)s."
    ),
    MonthNote.STAYS_ENDS_LATER: translatable("%(month)s stays %(after)s: use ends on %(ends_on)s."),
    MonthNote.INCREASE: translatable(
        "%(month)s becomes %(after)s instead of %(before)s: an increase counts in the current month."
    ),
    MonthNote.BECOMES: translatable("%(month)s becomes %(after)s instead of %(before)s."),
    MonthNote.CHARGED: translatable("%(month)s is charged: %(after)s."),
    MonthNote.STARTS_AGAIN: translatable("%(month)s is charged in full, %(after)s: the licence starts again."),
    MonthNote.FIRST_MONTH_FREE: translatable("%(month)s is free: the first month."),
    MonthNote.RESTART_MONTH_FREE: translatable("%(month)s is free: the licence starts again."),
    MonthNote.NOT_CHARGED: translatable("%(month)s is not charged: use ends on %(ends_on)s."),
    MonthNote.NO_PRICE: translatable("%(month)s has no price for %(quantity)s seats."),
}
_FREE_NOTES: Mapping[ChargeReason, MonthNote] = {
    ChargeReason.FIRST_MONTH_FREE: MonthNote.FIRST_MONTH_FREE,
    ChargeReason.RESTART_MONTH_FREE: MonthNote.RESTART_MONTH_FREE,
    ChargeReason.ENDED: MonthNote.NOT_CHARGED,
    ChargeReason.NO_PRICE: MonthNote.NO_PRICE,
}


@dataclass(frozen=True, slots=True)
class MonthChange:
    """The charge of one month without (before) and with (after) a command."""

    before: MonthCharge
    after: MonthCharge

    @property
    def month(self) -> Month:
        """The month both charges are of."""
        return self.after.use.month

    @property
    def difference_cents(self) -> int:
        """What the reseller pays more (negative: less) in that month, in cents."""
        return self.after.fee_cents - self.before.fee_cents


@dataclass(frozen=True, slots=True)
class MonthImpact(MonthChange):
    """A MonthChange that explains itself, as a code and as a sentence."""

    note: MonthNote
    reason: Sentence


def explain_months(this: MonthChange, following: MonthChange, *, zone: ZoneInfo) -> tuple[MonthImpact, MonthImpact]:
    """Both changes with their reasons: "July stays 72.07: a decrease counts from August, 62.40."."""
    following_note = _note(following)
    return (
        _explained(this, _this_note(this, following, following_note), following=following, zone=zone),
        _explained(following, following_note, following=following, zone=zone),
    )


def _note(change: MonthChange) -> MonthNote:
    before, after = change.before, change.after
    if after.use.reason in _FREE_NOTES:
        return _FREE_NOTES[after.use.reason]
    if not before.use.is_charged:
        return MonthNote.STARTS_AGAIN if after.use.reason is ChargeReason.RESTARTED else MonthNote.CHARGED
    return MonthNote.STAYS if change.difference_cents == 0 else MonthNote.BECOMES


def _this_note(this: MonthChange, following: MonthChange, following_note: MonthNote) -> MonthNote:
    """The current month's note, which may point to what the next one brings."""
    note = _note(this)
    if note is MonthNote.BECOMES and this.after.use.quantity > this.before.use.quantity:
        return MonthNote.INCREASE
    if note is not MonthNote.STAYS:
        return note
    if following_note is MonthNote.NOT_CHARGED:
        return MonthNote.STAYS_ENDS_LATER
    is_decrease = following.after.use.quantity < following.before.use.quantity
    return MonthNote.STAYS_DECREASE_LATER if is_decrease else note


def _explained(change: MonthChange, note: MonthNote, *, following: MonthChange, zone: ZoneInfo) -> MonthImpact:
    ends_at = following.after.use.since
    values = {
        "month": month_name(change.month),
        "next_month": month_name(following.month),
        "quantity": str(change.after.use.quantity),
        "before": format_hundredths(change.before.fee_cents),
        "after": format_hundredths(change.after.fee_cents),
        "next_after": format_hundredths(following.after.fee_cents),
        "ends_on": "" if ends_at is None else date_text(local_date(ends_at, zone)),
    }
    return MonthImpact(change.before, change.after, note, Sentence(_TEMPLATES[note], values))
