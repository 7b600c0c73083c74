"""How a figure is made, in words: why each licence is counted with its seats, or left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from admin_views.figures import NONE, day_and_time, number
from admin_views.report_sums import Formula, formula, reseller_notes, summary_notes, value
from admin_views.shell import link_to, local, moment
from licensing.billing import ChargeReason
from licensing.terms import Month, month_of
from licensing.wording import date_text
from reports.explanations import Counted, Explanation, LeftOut


@dataclass(frozen=True, slots=True)
class CountedLine:
    """A counted licence in a month; story is empty where the quantity was one and the same all the time."""

    customer: str
    address: str
    subscription_id: str
    month: str
    since: str
    story: str
    requests: str
    seats: str


@dataclass(frozen=True, slots=True)
class LeftOutLine:
    """A licence left out, in which months, and why."""

    reseller: str
    customer: str
    address: str
    product: str
    subscription_id: str
    months: str
    seats: str
    why: str


@dataclass(frozen=True, slots=True)
class Why:
    """All that the box below a line shows."""

    heading: str
    formula: Formula
    counted: list[CountedLine]
    counted_caption: str
    counted_total: str
    is_summary: bool
    has_months: bool
    has_span: bool
    left_out: list[LeftOutLine]
    left_out_caption: str
    notes: list[str]


def why(explanation: Explanation, figure: str, *, is_summary: bool, has_span: bool) -> Why:
    """The explanation of that figure of a line; has_span where the report is about several months."""
    made = formula(explanation, figure)
    has_months = is_summary and len(explanation.months) > 1
    counted = [_counted_line(part) for part in explanation.counted]
    rounding = summary_notes if is_summary else reseller_notes
    return Why(
        heading=_("%(figure)s: how this figure is made", figure=value(made)),
        formula=made,
        counted=counted,
        counted_caption=_counted_caption(explanation),
        counted_total=made.seats,
        is_summary=is_summary,
        has_months=has_months,
        has_span=has_span,
        left_out=[left_out_line(part) for part in explanation.left_out],
        left_out_caption=_left_out_caption(explanation, is_summary=is_summary),
        notes=[*_cut_notes(explanation), *rounding(explanation.differences)],
    )


def _counted_caption(explanation: Explanation) -> str:
    subscriptions = explanation.counted_number // len(explanation.months)
    if len(explanation.months) == 1:
        return ngettext("Counted: %(num)s subscription", "Counted: %(num)s subscriptions", subscriptions)
    months = ngettext("%(num)d month", "%(num)d months", len(explanation.months))
    return _("Counted: %(months)s", months=months)


def _left_out_caption(explanation: Explanation, *, is_summary: bool) -> str:
    values = {"number": number(explanation.left_out_number)}
    if is_summary:
        return _("Left out of this customer and product: %(number)s", **values)
    return _("Left out of this product: %(number)s", **values)


def _counted_line(part: Counted) -> CountedLine:
    setting = part.setting
    kind = "" if setting.request is None else f", {setting.request.kind}"
    return CountedLine(
        customer=part.history.billed.customer.name,
        address=subscription_address(part.history.billed.key),
        subscription_id=part.history.subscription_id,
        month=str(part.use.month),
        since=f"{_day(setting.span.starts_at)}{kind}",
        story=_story(part),
        requests=_requests(part),
        seats=number(part.use.quantity),
    )


def subscription_address(key: int | str) -> str:
    """The page of a subscription, empty where there is none."""
    return link_to("subscriptions.edit_view", id=key)


def _story(part: Counted) -> str:
    return " ".join(sentence for sentence in (_beginning(part), _changes(part)) if sentence)


def _beginning(part: Counted) -> str:
    """Of a licence that was created or started again in this very month and is charged all the same."""
    use = part.use
    if use.reason is ChargeReason.RESTARTED:
        ends = [held.span.ends_at for held in part.history.held if held.span.starts_at < part.spans[0].span.starts_at]
        ended = _day(max(end for end in ends if end is not None))
        again = _day(part.spans[0].span.starts_at)
        return _("Started again %(again)s after its end on %(ended)s: the month is charged.", again=again, ended=ended)
    if use.since is not None and month_of(use.since, moment().zone) == use.month:
        return _("Created %(day)s: the first month is charged.", day=_day(use.since))
    return ""


def _changes(part: Counted) -> str:
    """12 until 23.07.2017 14:43:49, then 8: July is charged for 12."""
    if len(part.spans) == 1:
        return ""
    steps = [
        _(
            "%(quantity)s until %(instant)s",
            quantity=number(held.span.quantity),
            instant=day_and_time(held.span.ends_at),
        )
        for held in part.spans[:-1]
        if held.span.ends_at is not None
    ]
    steps.append(_("then %(quantity)s", quantity=number(part.spans[-1].span.quantity)))
    values = {"month": month_name(part.use.month), "quantity": number(part.use.quantity)}
    return _("%(changes)s: %(month)s is charged for %(quantity)s", changes=", ".join(steps), **values)


def _requests(part: Counted) -> str:
    """The requests that set the quantities of the month, where it has several."""
    if len(part.spans) == 1:
        return ""
    requests = [held.request for held in part.spans if held.request is not None]
    return " · ".join(f"{request.kind} {day_and_time(request.executed_at)}" for request in requests)


def left_out_line(part: LeftOut) -> LeftOutLine:
    """A licence left out, in words."""
    billed = part.history.billed
    return LeftOutLine(
        reseller=billed.reseller.name,
        customer=billed.customer.name,
        address=subscription_address(billed.key),
        product=billed.product.name,
        subscription_id=part.history.subscription_id,
        months=_span(part.months),
        seats=number(part.use.quantity) if part.use.quantity else NONE,
        why=_left_out_words(part),
    )


def _left_out_words(part: LeftOut) -> str:
    use = part.use
    since = "" if use.since is None else _day(use.since)
    if use.reason is ChargeReason.ENDED and part.ended_by is not None:
        values = {"day": since, "kind": str(part.ended_by.kind), "asked": _day(part.ended_by.executed_at)}
        return _("Ended %(day)s, %(kind)s of %(asked)s", **values)
    words = {
        ChargeReason.ENDED: _("Ended %(day)s", day=since),
        ChargeReason.FIRST_MONTH_FREE: _("Created %(day)s: the first month is free", day=since),
        ChargeReason.RESTART_MONTH_FREE: _("Started again %(day)s: that month is free", day=since),
        ChargeReason.NOT_CREATED: _("Not begun: created %(day)s", day=since),
        ChargeReason.NO_PRICE: _("No price for %(quantity)s seats in that month", quantity=number(use.quantity)),
    }
    return words[use.reason]


def _span(months: Sequence[Month]) -> str:
    first, last = str(months[0]), str(months[-1])
    return first if first == last else _("%(first)s to %(last)s", first=first, last=last)


def _cut_notes(explanation: Explanation) -> Iterable[str]:
    if explanation.counted_number > len(explanation.counted):
        values = {"shown": number(len(explanation.counted)), "number": number(explanation.counted_number)}
        yield _("The first %(shown)s of %(number)s are shown, by customer; the sum is that of all.", **values)


def month_name(month: Month) -> str:
    """July."""
    return format_date(month.first_day, "LLLL")


def _day(instant: datetime) -> str:
    return date_text(local(instant).date())
