"""Home: what stands now, what the month costs so far, what ends soon and what needs a person."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask_admin import BaseView, expose
from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from access import Permission
from admin_views.figures import day_and_time, euros, month_and_year, number, percent, seats
from admin_views.presenters import Badge, request_badge
from admin_views.shell import Screen, current_actor, link_to, local, moment, whose
from licensing.states import CancelKind, CommandKind, CommandState
from licensing.terms import Month, day_start, local_date
from licensing.wording import date_text
from models import Command, Subscription
from queries import home as queries
from queries.billing import ReportTotals
from queries.commands import RequestFilter, Standing, standing_counts
from queries.listing import COUNT_LIMIT
from queries.subscriptions import StatusFilter

SPANS = (30, 60, 90)
NEXT_DATES = 6
REQUESTS = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with what it counts and the list behind it."""

    value: str
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class DateLine:
    """One line of the next dates."""

    day: date
    shown_day: str
    company: str
    what: str
    distance: str
    address: str


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One line of the requests that need a person."""

    company: str
    command: str
    badge: Badge
    time: str
    known: str
    address: str


def _amount(cents: int) -> str:
    """Cents as 1,215.78; the unit stands in the head of the column."""
    return euros(cents).removesuffix("€")


def _whose_rows() -> str:
    actor = current_actor()
    if actor.reseller_id is not None:
        return whose()
    count = queries.number_of_resellers(actor=actor)
    if count == 2:  # noqa: PLR2004 - English has a word for two
        return _("both resellers")
    return ngettext("%(num)d reseller", "all %(num)d resellers", count)


def _endings() -> list[Figure]:
    today = local_date(moment().now, moment().zone)
    counts = queries.endings_within(SPANS, actor=current_actor(), moment=moment())
    return [
        Figure(
            number(counts[span]),
            _("%(number)d days", number=span),
            link_to("subscriptions.index_view", ends_before=today + timedelta(span + 1)),
        )
        for span in SPANS
    ]


def _needs() -> list[Figure]:
    unknown = standing_counts(RequestFilter(), actor=current_actor())[Standing.UNKNOWN]
    since = _failed_since()
    lately = RequestFilter(since=day_start(since, moment().zone))
    failed = standing_counts(lately, actor=current_actor())[Standing.FAILED]
    failures = ngettext("failed in %(num)d day", "failed in %(num)d days", queries.FAILED_DAYS)
    return [
        Figure(_counted(unknown), _("outcome unknown"), link_to("requests.index_view", standing=Standing.UNKNOWN)),
        Figure(_counted(failed), failures, link_to("requests.index_view", standing=Standing.FAILED, since=since)),
    ]


def _failed_since() -> date:
    """The first day of those whose failed requests are counted; older ones need nobody any more."""
    return local_date(moment().now, moment().zone) - timedelta(queries.FAILED_DAYS)


def _counted(count: int) -> str:
    return number(count) if count <= COUNT_LIMIT else f"{number(COUNT_LIMIT)}+"


def _what_ends(subscription: Subscription) -> str:
    quantity = subscription.quantity
    if subscription.cancelled_on != subscription.ended_on:
        return ngettext("%(num)d seat expires", "%(num)d seats expire", quantity)
    ending = ngettext("%(num)d seat ends", "%(num)d seats end", quantity)
    is_hard = subscription.cancel_kind == CancelKind.HARD
    return f"{ending}, {_('hard cancelled') if is_hard else _('soft cancelled')}"


def _date_line(subscription: Subscription) -> DateLine:
    day = subscription.ended_on
    days = (day - local_date(moment().now, moment().zone)).days
    return DateLine(
        day=day,
        shown_day=date_text(day),
        company=subscription.customer.company_name,
        what=_what_ends(subscription),
        distance=ngettext("in %(num)d day", "in %(num)d days", days),
        address=link_to("subscriptions.edit_view", id=subscription.id),
    )


def _command_shown(command: Command) -> str:
    has_quantity = command.kind in {CommandKind.CREATE, CommandKind.MODIFY_QUANTITY} and command.quantity
    return f"{command.kind}, {seats(command.quantity)}" if has_quantity else command.kind


def _requests_in_need() -> list[Command]:
    since = day_start(_failed_since(), moment().zone)
    return queries.requests_in_need(limit=REQUESTS, failed_since=since, actor=current_actor())


def _request_line(command: Command) -> RequestLine:
    return RequestLine(
        company=command.subscription.customer.company_name,
        command=_command_shown(command),
        badge=request_badge(CommandState(command.state)),
        time=day_and_time(command.requested_at),
        known=" · ".join(part for part in (command.error_code, command.error_message) if part),
        address=link_to("requests.details_view", id=command.id),
    )


def _reseller_row(row: queries.ResellerMonth, month: Month) -> dict[str, object]:
    return {
        "name": row.reseller,
        "address": link_to("reseller_report.index", reseller=row.reseller_id, month=str(month)),
        "seats": number(row.quantity),
        "end_user": _amount(row.end_user_cents),
        "discount": percent(row.discount_basis_points),
        "fee": _amount(row.fee_cents),
    }


def _month_shown(rows: list[queries.ResellerMonth], totals: ReportTotals) -> dict[str, object]:
    month = moment().month
    return {
        "title": month_and_year(month),
        "address": link_to("reseller_report.index", month=str(month)),
        "fee": _amount(totals.fee_cents),
        "end_user": _amount(totals.end_user_cents),
        "seats": number(totals.quantity),
        "rows": [_reseller_row(row, month) for row in rows],
    }


class HomeView(Screen, BaseView):
    """The first page after signing in."""

    @expose("/")
    def index(self) -> str:
        actor, now = current_actor(), local(moment().now)
        in_use = queries.seats_in_use(actor=actor, moment=moment())
        endings = queries.next_endings(limit=NEXT_DATES, actor=actor, moment=moment())
        return self.render(
            "home.html",
            subtitle=f"{format_date(now, 'EEEE dd.MM.y')} {now:%H:%M} · {_whose_rows()}",
            new_subscription=link_to("new_subscription.index") if actor.may(Permission.RUN_COMMANDS) else "",
            seats=Figure(
                number(in_use.seats),
                ngettext("in %(num)d subscription", "in %(num)d subscriptions", in_use.subscriptions),
                link_to("subscriptions.index_view", status=StatusFilter.USABLE),
            ),
            month=_month_shown(*queries.month_so_far(actor=actor, moment=moment())),
            endings=_endings(),
            needs=_needs(),
            dates=[_date_line(subscription) for subscription in endings],
            requests=[_request_line(command) for command in _requests_in_need()],
        )
