"""What `flask trace` and `flask reconcile` print: plain text for whoever runs the installation."""

import json
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from queries.command_life import CommandLife
from queries.reconciliations import CaseRow, Run

# When, what goes first within one second, and the lines. Seconds are whole, and much happens in one.
Event = tuple[datetime, int, list[str]]


def life_lines(life: CommandLife, *, zone: ZoneInfo) -> Iterator[str]:
    """The command as it stands, then everything that happened to it in order of time. Times are local to the zone."""
    command = life.command
    yield f"Command {command.id}: {command.kind} for {command.subscription.customer.company_name}"
    for name, value in _facts(life, zone=zone):
        yield f"  {name + ':':<18}{value}"
    happened = [*_entries(life), *_attempts(life), *_terms(life)]
    for at, _rank, (first, *others) in sorted(happened, key=lambda event: event[:2]):
        yield f"{_local(at, zone)}  {first}"
        yield from (f"{'':21}{line}" for line in others)


def _local(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).strftime("%d.%m.%Y %H:%M:%S")


def _facts(life: CommandLife, *, zone: ZoneInfo) -> Iterator[tuple[str, object]]:
    command = life.command
    values = {
        "State": command.state,
        "Reference": command.reference,
        "Reseller": command.reseller.name,
        "Subscription ID": command.subscription.subscription_id or "not known yet",
        "Requested by": command.requested_by or "Seatdesk",
        "Quantity": command.quantity,
        "SKU": command.sku_code,
        "Expiration": command.expires_on,
        "Sent": f"{command.attempt} times" if command.attempt != 1 else "once",
        "Calls done": command.completed_steps or None,
        "Executed at": command.executed_at and _local(command.executed_at, zone),
        "Settled at": command.settled_at and _local(command.settled_at, zone),
        "ErrorCode": command.error_code,
        "ErrorMessage": command.error_message,
        "ErrorId": command.error_reference,
    }
    return ((name, value) for name, value in values.items() if value not in {None, ""})


def _entries(life: CommandLife) -> Iterator[Event]:
    for entry in life.entries:
        is_wish = entry.action in {"subscription.ordered", "subscription.command.requested"}
        details = ", ".join(f"{name}: {value}" for name, value in (entry.details or {}).items())
        words = f"{entry.action} by {entry.actor_name}"
        yield entry.at, 0 if is_wish else 3, [f"{words} ({details})" if details else words]


def _attempts(life: CommandLife) -> Iterator[Event]:
    for attempt in life.attempts:
        head = f"attempt {attempt.number}, {attempt.purpose}"
        yield attempt.started_at, 1, [head, *_indented(">", attempt.request)]
        if attempt.finished_at is not None:
            said = [attempt.result, f"HTTP {attempt.http_status}" if attempt.http_status else "", attempt.note]
            outcome = ", ".join(part for part in said if part)
            yield attempt.finished_at, 2, [f"{head}: {outcome}", *_indented("<", attempt.response)]


def _indented(mark: str, text: str | None) -> list[str]:
    return [f"{mark} {line}" for line in (text or "").splitlines()]


def _terms(life: CommandLife) -> Iterator[Event]:
    for term in life.terms:
        yield term.starts_at, 4, [f"term of {term.quantity} seats begins"]


def case_line(case: CaseRow) -> str:
    """One difference: whose, in what, how it is here and there."""
    whose = f"{case.vendor_id} {case.company_name or ''}".strip()
    here, there = (json.dumps(side, ensure_ascii=False, sort_keys=True) for side in (case.here, case.there))
    sides = "" if case.here is None and case.there is None else f": here {here}, there {there}"
    return f"{whose}: {case.kind}{sides}"


def run_line(run: Run) -> str:
    """What a reconciliation came to."""
    counts = f"{run.compared} licences compared, {run.left_out} left out, {run.unreadable} not shown by the vendor"
    return run.note or f"{counts}, {run.open_cases} differences open"
