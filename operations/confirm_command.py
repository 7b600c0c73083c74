"""What every way of settling a command shares: confirm, reject, hold as unknown; each with its audit entry.

Called inside the transaction of record_outcome.py or settle_command.py, never alone.
"""

from datetime import datetime
from typing import Any

from access import SYSTEM
from licensing.commands import Confirmed, Evidence, Rejected
from licensing.moment import Moment
from licensing.states import CommandKind, CommandState, OrderState
from models import Command, Subscription
from operations.audit import AuditAction, record
from operations.customer_details import adopt_recreated_details, lock_customer
from operations.licence_effect import apply_effect
from operations.transitions import move
from operations.vendor_words import credible, storable


def audit_command(action: AuditAction, command: Command, *, moment: Moment, **details: Any) -> None:
    """An entry about the command by the system, readable for its reseller."""
    record(
        action,
        actor=SYSTEM,
        now=moment.now,
        subject="command",
        subject_id=command.id,
        reseller_id=command.reseller_id,
        details=details or None,
    )


def evidence_columns(evidence: Evidence) -> dict[str, Any]:
    """The attempt's columns for what was seen on the wire."""
    return {
        "request": storable(evidence.request),
        "response": storable(evidence.response),
        "http_status": evidence.http_status,
    }


def confirm(command: Command, outcome: Confirmed, *, before: CommandState, guard: Any, moment: Moment) -> bool:
    """Move to confirmed and write the effect; False when the guard no longer holds and nothing was written."""
    executed_at = command.executed_at or instant_of(outcome.executed_at, command, moment=moment)
    if command.kind == CommandKind.RECREATE:
        lock_customer(command.subscription)
    moved = move(
        command.id,
        before=before,
        after=CommandState.CONFIRMED,
        guard=guard,
        executed_at=executed_at,
        settled_at=moment.now,
        lease=None,
        error_code="",
        error_message="",
    )
    if moved:
        _take_vendor_ids(command, outcome)
        apply_effect(command, executed_at=executed_at, zone=moment.zone)
        if command.kind == CommandKind.RECREATE:
            adopt_recreated_details(command, moment=moment)
        audit_command(AuditAction.COMMAND_CONFIRMED, command, moment=moment, executed_at=executed_at.isoformat())
    return moved


def instant_of(stated: datetime | None, command: Command, *, moment: Moment) -> datetime:
    """When the vendor executed it: the time it states, else the time of its answer (domain.md, Dates)."""
    return credible(stated, requested_at=command.requested_at, now=moment.now) or moment.now


def lacks_own_id(command: Command, outcome: Confirmed) -> bool:
    """Whether the answer to a Create gives no Subscription ID, or another licence's: it is not to be believed then."""
    if command.kind != CommandKind.CREATE:
        return False
    others = Subscription.select().where(
        Subscription.subscription_id == outcome.subscription_id, Subscription.id != command.subscription_id
    )
    return outcome.subscription_id is None or bool(others.exists())


def _take_vendor_ids(command: Command, outcome: Confirmed) -> None:
    if command.kind == CommandKind.CREATE:
        Subscription.update(subscription_id=outcome.subscription_id, activation_code=outcome.activation_code).where(
            Subscription.id == command.subscription_id
        ).execute()


def reject(command: Command, outcome: Rejected, *, before: CommandState, guard: Any, moment: Moment) -> bool:
    """Move to rejected with the vendor's words; a refused Create leaves a failed order and nothing at the vendor."""
    moved = move(
        command.id,
        before=before,
        after=CommandState.REJECTED,
        guard=guard,
        settled_at=moment.now,
        lease=None,
        error_code=outcome.code[:60],
        error_message=outcome.message,
        error_reference=outcome.error_reference[:60],
    )
    if moved:
        fail_order(command)
        audit_command(AuditAction.COMMAND_REJECTED, command, moment=moment, code=outcome.code, message=outcome.message)
    return moved


def fail_order(command: Command) -> None:
    """A Create that the vendor refused, or that our rule stopped, leaves a failed order."""
    if command.kind == CommandKind.CREATE:
        Subscription.update(order_state=OrderState.FAILED, version=Subscription.version + 1).where(
            Subscription.id == command.subscription_id, Subscription.order_state == OrderState.PENDING
        ).execute()


def park(command: Command, *, reason: str, guard: Any, moment: Moment, **columns: Any) -> bool:
    """Leave an unknown outcome to a person, who adopts it, confirms that it is absent, or closes it."""
    moved = move(
        command.id,
        before=CommandState.UNKNOWN,
        after=CommandState.PARKED,
        guard=guard,
        error_message=reason,
        **columns,
    )
    if moved:
        audit_command(AuditAction.COMMAND_PARKED, command, moment=moment, reason=reason)
    return moved
