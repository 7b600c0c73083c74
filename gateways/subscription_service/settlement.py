"""What reading a licence proves about a command, and a licence as a snapshot. Pure; sends nothing.

The service cannot be asked about a request. It shows how a licence stands, and at most one command of a licence is
open: where it stands as the command asks, the command was executed; where it stands otherwise, that is one negative
read. What it shows cannot say when; where that could matter, a person has to.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from gateways.base import Snapshot
from gateways.subscription_service.answers import (
    AnswerUnreadable,
    Done,
    Refusal,
    read_code,
    read_count,
    read_end,
)
from gateways.subscription_service.codes import NO_LICENCE, NOT_ALLOWED
from gateways.subscription_service.messages import NotSendable, last_day_of, own_subscriber_id
from licensing.commands import Confirmed, Finding, NotFound, Unreadable, VendorRequest
from licensing.states import CommandKind
from licensing.terms import day_start, month_of

CANCELLED = {CommandKind.SOFT_CANCEL: "SoftCancelled", CommandKind.HARD_CANCEL: "HardCancelled"}
RUNNING = frozenset({"NotStarted", "Started"})
STATUSES = RUNNING | {"Paused"} | set(CANCELLED.values())
ONE_SECOND = timedelta(seconds=1)

Reading = tuple[datetime, ZoneInfo]


def finding_of_refusal(refusal: Refusal) -> NotFound | Unreadable:
    """The service answers a question with one of its codes."""
    if refusal.code in NO_LICENCE:
        return NotFound()
    reason = f"{refusal.code} {refusal.message}".strip()
    return Unreadable(reason=reason, is_permanent=refusal.code == NOT_ALLOWED)


def finding_of(request: VendorRequest, shown: Done, *, read_at: datetime, zone: ZoneInfo) -> Finding:
    """What the licence shows of the command. read_at is the time of the answer."""
    try:
        status, end, asked = _status(shown), read_end(shown.values), last_day_of(request, zone)
        if request.kind is CommandKind.CREATE:
            return _finding_of_create(
                request, shown, is_as_asked=status in RUNNING and end == asked, at=(read_at, zone)
            )
    except (AnswerUnreadable, NotSendable) as lacking:
        return Unreadable(reason=f"What there is to compare is too little: {lacking}.", is_permanent=True)
    if end != asked or status not in _statuses_after(request.kind):
        return NotFound()
    return _dated(request, Confirmed(subscription_id=request.subscription_id), at=(read_at, zone))


def _statuses_after(kind: CommandKind) -> frozenset[str]:
    return frozenset({CANCELLED[kind]}) if kind in CANCELLED else RUNNING


def _finding_of_create(request: VendorRequest, shown: Done, *, is_as_asked: bool, at: Reading) -> Finding:
    """The id is ours alone, so the licence is there because of this command; it must be the one that was ordered."""
    ordered = (request.sku_code, request.quantity)
    if not is_as_asked or (shown.values.get("ProductId"), read_count(shown.values)) != ordered:
        return Unreadable(reason="The licence is there, but not as it was ordered.", is_permanent=True)
    made = Confirmed(subscription_id=own_subscriber_id(request.reference), activation_code=read_code(shown.values))
    return _dated(request, made, at=at)


def _dated(request: VendorRequest, confirmed: Confirmed, *, at: Reading) -> Confirmed | Unreadable:
    """The time of the answer stands for that of the execution only where both are in the month of the request."""
    read_at, zone = at
    executed_at = counted_at(request, read_at, zone)
    requested_at = request.requested_at
    if requested_at is None or month_of(requested_at, zone) != month_of(executed_at, zone):
        reason = "It was executed, but the service does not say in which month."
        return Unreadable(reason=reason, is_permanent=True)
    return replace(confirmed, executed_at=executed_at)


def stated_execution(request: VendorRequest, told: Done, zone: ZoneInfo) -> datetime | None:
    """The time that the answer to a command states, None where it states none or only gives ours back."""
    stated_at, requested_at = told.stated_at, request.requested_at
    is_echo = requested_at is not None and stated_at == requested_at.replace(microsecond=0)
    return None if stated_at is None or is_echo else counted_at(request, stated_at, zone)


def counted_at(request: VendorRequest, executed_at: datetime, zone: ZoneInfo) -> datetime:
    """The instant from which a command counts: for a cancel never after the end of use that it named.

    A cancel that is executed after that day ends use on it all the same.
    """
    last_day = last_day_of(request, zone)
    if request.kind not in CANCELLED or last_day is None:
        return executed_at
    return min(executed_at, day_start(last_day + timedelta(days=1), zone) - ONE_SECOND)


def snapshot_of(subscription_id: str, shown: Done) -> Snapshot | Unreadable:
    """A licence for reconciliation. After a cancel the service shows when use ends, not the former expiration."""
    try:
        status, quantity, last_day = _status(shown), read_count(shown.values), read_end(shown.values)
    except AnswerUnreadable as lacking:
        return Unreadable(reason=f"The service shows too little: {lacking}.")
    first_unusable = None if last_day is None else last_day + timedelta(days=1)
    is_cancelled = status in CANCELLED.values()
    return Snapshot(
        subscription_id=subscription_id,
        status=status,
        quantity=quantity,
        expires_on=None if is_cancelled else first_unusable,
        cancelled_on=first_unusable if is_cancelled else None,
        customer=None,
        modified_at=None,
        last_reference=None,
    )


def _status(shown: Done) -> str:
    status = shown.values.get("Status", "")
    if status not in STATUSES:
        raise AnswerUnreadable("the answer has no Status that is known")
    return status
