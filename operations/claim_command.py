"""Transaction 1 of a command on its way: queued becomes sending, under a lease, after the rules were asked again."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from database import row_by_id, write_transaction
from licensing.commands import CustomerDetails, Rejected, VendorRequest
from licensing.moment import Moment
from licensing.states import CommandKind, CommandState
from licensing.terms import day_start, month_of
from models import Attempt, Batch, Command, GatewayHold, Reseller, Subscription
from operations.audit import AuditAction
from operations.command_rules import refusal_of
from operations.confirm_command import audit_command, reject
from operations.gateway_contact import takes_line
from operations.transitions import move

OUR_RULE = "Seatdesk"
# A batch does what its plan showed, and the plan was charged by the month in which the batch was started.
MONTH_TURNED = "A new month has begun since the plan: plan the row again."


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one command once: until lease_until nobody else may, and the answer needs the lease."""

    command_id: int
    lease: str
    lease_until: datetime
    deadline_at: datetime
    attempt_id: int
    request: VendorRequest


def claim_command(command_id: int, *, moment: Moment, deadline: timedelta, gateway: str) -> Claim | None:
    """Claim a queued command that is due. None when there is nothing to send: taken, held, not due, or refused now.

    None, too, while the vendor is down and another command tries whether it answers again. deadline is the longest that
    the vendor call may take. The lease outlasts it twice, so that an answer within it always finds its lease alive.
    """
    with write_transaction():
        command = row_by_id(Command, command_id, is_held=True)
        if command is None or not _may_be_sent(command, moment=moment, gateway=gateway):
            return None
        command.subscription = row_by_id(Subscription, command.subscription_id)
        if _was_stopped(command):
            _cancel(command, moment=moment)
            return None
        reason = _rule_against(command, moment=moment)
        if reason is not None:
            _reject_by_rule(command, reason=reason, moment=moment)
            return None
        return _lease(command, moment=moment, deadline=deadline, gateway=gateway)


def _may_be_sent(command: Command, *, moment: Moment, gateway: str) -> bool:
    is_due = command.state == CommandState.QUEUED and command.due_at <= moment.real_now
    return is_due and GatewayHold.get_or_none(GatewayHold.gateway == gateway) is None


def _was_stopped(command: Command) -> bool:
    """Whether its batch was stopped while it was on its way: then it came back, proved not executed, and stays."""
    if command.batch_id is None or command.attempt == 0 or command.completed_steps > 0:
        return False
    stopped = Batch.select().where(Batch.id == command.batch_id, Batch.stopped_at.is_null(is_null=False))
    return bool(stopped.exists())


def _cancel(command: Command, *, moment: Moment) -> None:
    if move(command.id, before=CommandState.QUEUED, after=CommandState.CANCELLED, settled_at=moment.now):
        audit_command(AuditAction.COMMAND_CANCELLED, command, moment=moment, batch=command.batch_id)


def _rule_against(command: Command, *, moment: Moment) -> str | None:
    is_half_done = command.completed_steps > 0
    if is_half_done:
        return None
    if command.batch_id is not None and month_of(command.requested_at, moment.zone) != moment.month:
        return MONTH_TURNED
    found = refusal_of(
        CommandKind(command.kind),
        command.subscription,
        quantity=command.quantity,
        expires_on=command.expires_on,
        moment=moment,
        open_command=None,
    )
    return None if found is None else str(found)


def _reject_by_rule(command: Command, *, reason: str, moment: Moment) -> None:
    ours = Rejected(code=OUR_RULE, message=reason)
    reject(command, ours, before=CommandState.QUEUED, guard=None, moment=moment)


def _lease(command: Command, *, moment: Moment, deadline: timedelta, gateway: str) -> Claim | None:
    lease = str(uuid.uuid4())
    lease_until = moment.real_now + 2 * deadline + timedelta(seconds=5)
    deadline_at = moment.real_now + deadline
    if not takes_line(gateway, until=lease_until, moment=moment):
        return None
    is_ours = move(
        command.id,
        before=CommandState.QUEUED,
        after=CommandState.SENDING,
        lease=lease,
        lease_until=lease_until,
        deadline_at=lease_until,
        attempt=Command.attempt + 1,
        absent_at=None,
    )
    if not is_ours:
        return None
    attempt = Attempt.create(command=command, number=command.attempt + 1, purpose="execute", started_at=moment.now)
    return Claim(
        command_id=command.id,
        lease=lease,
        lease_until=lease_until,
        deadline_at=deadline_at,
        attempt_id=attempt.id,
        request=vendor_request(command, moment=moment),
    )


def vendor_request(command: Command, *, moment: Moment) -> VendorRequest:
    """The command as the gateway needs it, built from what was stored when it was requested."""
    subscription: Subscription = command.subscription
    pin = Reseller.select(Reseller.vendor_pin).where(Reseller.id == command.reseller_id).scalar()
    details = command.details
    expires_on = command.expires_on
    return VendorRequest(
        kind=CommandKind(command.kind),
        reference=command.reference,
        vendor_pin=pin,
        subscription_id=subscription.subscription_id,
        sku_code=command.sku_code,
        quantity=command.quantity,
        expires_at=None if expires_on is None else day_start(expires_on, moment.zone),
        customer=None if details is None else CustomerDetails.from_dict(details),
        completed_steps=command.completed_steps,
        requested_at=command.requested_at,
    )
