"""The vocabulary of the audit trail and the one function that writes it, inside the caller's transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from access import Actor
from models import AuditEntry
from operations.bulk_copy import copy_rows


class AuditAction(StrEnum):
    """Everything that leaves an entry; the value is what is stored and shown."""

    USER_SIGNED_IN = "user.signed_in"
    USER_SIGN_IN_FAILED = "user.sign_in_failed"
    USER_SIGNED_OUT = "user.signed_out"
    USER_PASSWORD_CHANGED = "user.password_changed"  # noqa: S105 - an action, not a password
    USER_PROFILE_CHANGED = "user.profile_changed"
    USER_CREATED = "user.created"
    USER_CHANGED = "user.changed"
    USER_DEACTIVATED = "user.deactivated"
    RESELLER_CREATED = "reseller.created"
    RESELLER_CHANGED = "reseller.changed"
    RESELLER_DISCOUNT_SET = "reseller.discount_set"
    CUSTOMER_CREATED = "customer.created"
    CUSTOMER_CHANGED = "customer.changed"
    CUSTOMER_ARCHIVED = "customer.archived"
    CUSTOMER_DELETED = "customer.deleted"
    SUBSCRIPTION_ORDERED = "subscription.ordered"
    COMMAND_REQUESTED = "subscription.command.requested"
    COMMAND_REFUSED = "subscription.command.refused"
    COMMAND_CLAIMED = "subscription.command.claimed"
    COMMAND_CONFIRMED = "subscription.command.confirmed"
    COMMAND_REJECTED = "subscription.command.rejected"
    COMMAND_UNKNOWN = "subscription.command.unknown"
    COMMAND_PARKED = "subscription.command.parked"
    COMMAND_REQUEUED = "subscription.command.requeued"
    COMMAND_CANCELLED = "subscription.command.cancelled"
    COMMAND_CLOSED = "subscription.command.closed"
    COMMAND_STATED = "subscription.command.stated"
    COMMAND_ADOPTED = "subscription.command.adopted"
    BATCH_STARTED = "batch.started"
    BATCH_STOPPED = "batch.stopped"
    GATEWAY_HELD = "gateway.held"
    GATEWAY_RELEASED = "gateway.released"
    GATEWAY_DOWN = "gateway.down"
    GATEWAY_UP = "gateway.up"
    RECONCILED = "reconciliation.finished"
    CASE_CLOSED = "reconciliation.case.closed"
    PRICE_LIST_IMPORTED = "price_list.imported"
    PRICE_LIST_DELETED = "price_list.deleted"
    SETTING_CHANGED = "setting.changed"
    DEMO_LOADED = "demo.loaded"
    BOOK_GENERATED = "book.generated"


@dataclass(frozen=True, slots=True)
class Entry:
    """What differs between entries of one action: the row, who may read about it, and the details."""

    subject_id: int
    reseller_id: int | None
    details: Mapping[str, Any] | None = None


def record(
    action: AuditAction,
    *,
    actor: Actor,
    now: datetime,
    subject: str,
    subject_id: int | None = None,
    reseller_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add the entry to the transaction that is open.

    subject is the table's word (user, customer, command, …); reseller_id decides who may read the entry, None for the
    distributor alone; details is JSON without passwords and activation codes. now is business time, aware UTC.
    """
    AuditEntry.create(
        at=now,
        action=action,
        actor=actor.user_id,
        actor_name=actor.name,
        reseller=reseller_id,
        subject=subject,
        subject_id=subject_id,
        details=None if details is None else dict(details),
    )


def record_many(action: AuditAction, entries: Iterable[Entry], *, actor: Actor, now: datetime, subject: str) -> None:
    """Add many entries of one action to the transaction that is open; the rest is as in record()."""
    columns = ("at", "action", "actor", "actor_name", "reseller", "subject", "subject_id", "details")
    shared = (now, action, actor.user_id, actor.name)
    copy_rows(
        AuditEntry,
        columns,
        ((*shared, entry.reseller_id, subject, entry.subject_id, entry.details) for entry in entries),
    )
