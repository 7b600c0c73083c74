"""The commands of a batch, its changed customer records and their audit entries: written in bulk, in one transaction.

Each command is what operations/request_command.py would have written for the row alone.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any, NamedTuple

from access import Actor
from database import insert_rows
from licensing.bulk import BulkCommand
from licensing.commands import CustomerDetails
from licensing.moment import Moment
from licensing.states import CommandKind, CommandState
from models import Batch, Command, Customer, SelectionRow, Subscription
from operations.audit import AuditAction, Entry, record_many
from operations.set_aside import going_rows

_COLUMNS = (
    *("reference", "kind", "state", "subscription", "reseller", "batch", "requested_by", "requested_at"),
    *("quantity", "expires_on", "details", "change", "attempt", "completed_steps", "due_at"),
    *("error_code", "error_message", "error_reference"),
)
_DETAIL_COLUMNS = tuple(getattr(Customer, field.name) for field in fields(CustomerDetails))


class _Row(NamedTuple):
    subscription: int
    reseller: int
    quantity: int
    expires_on: date | None
    new_quantity: int
    new_expires_on: date | None
    confirmed_details: Mapping[str, Any] | None = None
    details: Mapping[str, str] | None = None


def queue_commands(batch: Batch, command: BulkCommand, *, actor: Actor, moment: Moment) -> None:
    """Queue one command, due at once, for each row that goes; a licence that just got another one is passed over."""
    shared = (batch.id, actor.user_id, moment.now)
    rows = (_command(row, command, shared=shared, moment=moment) for row in _rows(batch, command))
    insert_rows(Command, _COLUMNS, rows, skips_conflicts=True)
    written = Command.select(Command.id, Command.reseller, Command.subscription).where(Command.batch == batch.id)
    entries = (
        Entry(pk, reseller_id, {"kind": command.kind, "subscription": subscription, "batch": batch.id})
        for pk, reseller_id, subscription in written.order_by(Command.id).tuples()
    )
    record_many(AuditAction.COMMAND_REQUESTED, entries, actor=actor, now=moment.now, subject="command")


def change_records(batch: Batch, command: BulkCommand, *, actor: Actor, moment: Moment) -> None:
    """Write the new value of ModifyAttributes into the records of the customers whose licences got a command."""
    column = getattr(Customer, command.field_name)
    reached = Command.select(Subscription.customer).join(Subscription).where(Command.batch == batch.id).distinct()
    changing = Customer.select(Customer.id, Customer.reseller, column).where(
        Customer.id.in_(reached), column != command.value
    )
    entries = [
        Entry(pk, reseller_id, {command.field_name: [old, command.value]})
        for pk, reseller_id, old in changing.order_by(Customer.id).tuples()
    ]
    Customer.update({column: command.value, Customer.version: Customer.version + 1}).where(
        Customer.id.in_(reached), column != command.value
    ).execute()
    record_many(AuditAction.CUSTOMER_CHANGED, entries, actor=actor, now=moment.now, subject="customer")


def _rows(batch: Batch, command: BulkCommand) -> Iterator[_Row]:
    """By licence and not by position: two batches at once must write in the same order, or wait for each other."""
    has_details = command.kind is CommandKind.MODIFY_ATTRIBUTES
    details = (Subscription.confirmed_details, *_DETAIL_COLUMNS) if has_details else ()
    query = going_rows(
        batch.selection_id,
        SelectionRow.subscription,
        Subscription.reseller,
        SelectionRow.quantity,
        SelectionRow.expires_on,
        SelectionRow.new_quantity,
        SelectionRow.new_expires_on,
        *details,
    ).join(Subscription)
    if has_details:
        query = query.join(Customer)
    for row in query.order_by(SelectionRow.subscription).tuples().iterator():
        licence = _Row(*row[:6])
        if has_details:
            wanted = command.details(CustomerDetails(*row[7:]))
            licence = licence._replace(confirmed_details=row[6], details=wanted.as_dict())
        yield licence


def _command(row: _Row, command: BulkCommand, *, shared: tuple[Any, ...], moment: Moment) -> tuple[Any, ...]:
    kind = command.kind
    is_dated = kind in {CommandKind.RENEW, CommandKind.REDUCE}
    return (
        *(str(uuid.uuid4()), kind, CommandState.QUEUED, row.subscription, row.reseller, *shared),
        row.new_quantity if kind is CommandKind.MODIFY_QUANTITY else None,
        row.new_expires_on if is_dated else None,
        row.details,
        _change(row),
        *(0, 0, moment.real_now, "", "", ""),
    )


def _change(row: _Row) -> dict[str, Any]:
    """How the licence stood, as for a single command."""
    return {
        "quantity": row.quantity,
        "expires_on": None if row.expires_on is None else row.expires_on.isoformat(),
        "details": row.confirmed_details,
    }
