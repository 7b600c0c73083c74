"""What keeps requests from being sent, in words: for every page's frame, and for those who may release it."""

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from access import Permission
from admin_views.figures import day_and_time, month_and_year, number
from admin_views.shell import current_actor, link_to, moment, signed_in
from licensing.terms import is_in_last_half_hour, month_start
from queries.gateway_state import COUNTED, VendorState, holds, vendor_state
from queries.reconciliations import is_clean_since


@dataclass(frozen=True, slots=True)
class Alarm:
    """One banner: its mark is the stylesheet's word; address is where more is told, empty where nowhere."""

    mark: str
    text: str
    address: str = ""


def alarms() -> list[Alarm]:
    """What everybody must know on every page. Nothing for strangers."""
    who = signed_in()
    if who is None or not who.is_unusual:
        return []
    state = vendor_state(actor=current_actor(), moment=moment())
    found = []
    if state.held:
        found.append(_held(state))
    elif state.is_down:
        found.append(Alarm("warn", _("The vendor does not answer; requests are queued and will be sent.")))
    if state.unconfirmed_cancels:
        found.append(_cancels(state.unconfirmed_cancels))
    return found


def _held(state: VendorState) -> Alarm:
    if not current_actor().may(Permission.SETTLE_UNKNOWN):
        return Alarm("warn", _("Sending to the vendor is on hold; requests are queued and will be sent later."))
    words = _("Sending to the vendor is on hold (%(reason)s); requests are queued.", reason=state.held.rstrip("."))
    return Alarm("bad", words, link_to("requests.index_view"))


def _cancels(count: int) -> Alarm:
    now = moment()
    counted = number(count) if count <= COUNTED else f"{number(COUNTED)}+"
    what = ngettext("%(counted)s cancel is", "%(counted)s cancels are", count, counted=counted)
    address = link_to("requests.index_view")
    if not is_in_last_half_hour(now.now, now.zone):
        text = _("%(what)s not confirmed, and the month in which it was asked for has ended.", what=what)
        return Alarm("bad", text, address)
    minutes = -(-(month_start(now.month.next(), now.zone) - now.now) // timedelta(minutes=1))
    text = ngettext(
        "%(what)s not confirmed yet, and %(month)s ends in %(num)d minute.",
        "%(what)s not confirmed yet, and %(month)s ends in %(num)d minutes.",
        minutes,
        what=what,
        month=month_and_year(now.month),
    )
    return Alarm("bad", text, address)


@dataclass(frozen=True, slots=True)
class HoldLine:
    """A gateway on hold; waits_for is why it cannot be released yet, empty where it can."""

    gateway: str
    reason: str
    since: str
    waits_for: str


def hold_lines() -> list[HoldLine]:
    """Every gateway on hold."""
    who = signed_in()
    if who is None or not who.is_unusual:
        return []
    needed = _("It can be released once a reconciliation that began after the hold finds no difference.")
    return [
        HoldLine(
            gateway=hold.gateway,
            reason=hold.reason.rstrip("."),
            since=day_and_time(hold.held_at),
            waits_for=needed if hold.needs_reconciliation and not is_clean_since(hold.held_at) else "",
        )
        for hold in holds()
    ]
