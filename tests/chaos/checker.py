"""Compares a database of ours with the vendor's ledger, and says in words where commands did not take effect once.

It shares nothing with the pipeline: plain SQL on both sides, a replay of the ledger and of the commands of its own, and
an arithmetic of its own for what the months cost (bill.py).
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.chaos.bill import Held, Span, cents_of_months, months_from, tariffs_of

SETTLED = frozenset({"confirmed", "rejected", "cancelled", "closed"})
# The month of the first licence, and those after it in which a cancel, a renewal or an end can show.
MONTHS_COMPARED = 8
Report = Callable[[Sequence[date]], int]
Runs = list[list["Effect"]]


@dataclass(frozen=True, slots=True)
class Effect:
    """One change that the vendor made: for which reference, and how the licence stood after it."""

    reference: str
    subscription_id: str
    executed_at: datetime
    quantity: int
    expires_on: date | None
    cancelled_on: date | None
    is_hard_cancelled: bool
    # None where the service keeps no customer.
    company_name: str | None

    @property
    def command_reference(self) -> str:
        """The later calls of a composed command carry its reference and a number."""
        return self.reference.split(".")[0]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A command that somebody was told is accepted: the key of the form and the id that came back."""

    request_key: str
    command_id: int


def violations(
    connection: Any,
    *,
    effects: Sequence[Effect],
    accepted: Collection[Accepted],
    zone: ZoneInfo,
    report: Report | None = None,
    slack: timedelta = timedelta(0),
) -> list[str]:
    """What must never be. effects are in the order in which the vendor made them; the connection is the driver's own.

    report gives the cents that the product charges for months in all, named by their first days. slack is how far our
    instants may lie from the vendor's, where its service does not state them. To be asked when nothing is on its way
    any more.
    """
    commands = {row["reference"]: row for row in _rows(connection, "SELECT * FROM command ORDER BY id")}
    made: dict[str, list[Effect]] = defaultdict(list)
    for effect in effects:
        made[effect.command_reference].append(effect)
    return [
        *_lost(commands.values(), accepted),
        *_executed_wrongly(commands, made),
        *_disordered(commands, effects),
        *_differing(connection, commands, made, zone, report, slack),
    ]


def _rows(connection: Any, statement: str) -> list[dict[str, Any]]:
    cursor = connection.cursor()
    cursor.execute(statement)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _lost(commands: Collection[dict[str, Any]], accepted: Collection[Accepted]) -> Iterable[str]:
    by_key = {row["request_key"]: row for row in commands}
    for promise in accepted:
        row = by_key.get(promise.request_key)
        if row is None:
            yield f"lost: command {promise.command_id} was accepted and is gone"
        elif row["id"] != promise.command_id:
            yield f"lost: the form of command {row['id']} was answered with {promise.command_id}"
    for row in commands:
        if row["state"] not in SETTLED | {"parked"}:
            yield f"lost: {_name(row)} is still {row['state']} when nothing moves any more"


def _executed_wrongly(commands: Mapping[str, dict[str, Any]], made: Mapping[str, list[Effect]]) -> Iterable[str]:
    for reference, effects in made.items():
        if reference not in commands:
            yield f"strange: the vendor executed {reference}, which is no command"
        for step in sorted({effect.reference for effect in effects}):
            times = sum(effect.reference == step for effect in effects)
            if times > 1:
                yield f"twice: {_name(commands.get(reference))} was executed {times} times as {step}"
    for reference, row in commands.items():
        if row["state"] == "confirmed" and reference not in made:
            yield f"lost: {_name(row)} is confirmed and was never executed"
        if row["state"] in {"rejected", "cancelled"} and reference in made:
            yield f"unasked: {_name(row)} is {row['state']} and was executed"


def _disordered(commands: Mapping[str, dict[str, Any]], effects: Sequence[Effect]) -> Iterable[str]:
    last: dict[int, dict[str, Any]] = {}
    for effect in effects:
        row = commands.get(effect.command_reference)
        if row is None:
            continue
        before = last.get(row["subscription_id"])
        if before is not None and before["id"] > row["id"]:
            yield f"order: {_name(row)} was executed after {_name(before)}"
        last[row["subscription_id"]] = row


def _differing(
    connection: Any,
    commands: Mapping[str, dict[str, Any]],
    made: Mapping[str, list[Effect]],
    zone: ZoneInfo,
    report: Report | None,
    slack: timedelta,
) -> Iterable[str]:
    terms: dict[int, list[Span]] = defaultdict(list)
    for row in _rows(connection, "SELECT * FROM term ORDER BY subscription_id, starts_at"):
        terms[row["subscription_id"]].append((row["quantity"], _instant(row["starts_at"]), _instant(row["ends_at"])))
    asked: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in commands.values():
        asked[row["subscription_id"]].append(row)
    licences = _rows(connection, "SELECT * FROM subscription ORDER BY id")
    books: list[tuple[Held, Held, Held]] = []
    for licence in licences:
        mine, held = asked[licence["id"]], terms[licence["id"]]
        if any(_is_untold(row, made) for row in mine):
            continue
        runs = [made[row["reference"]] for row in mine if row["reference"] in made]
        yield from _times_differing(mine, made, slack)
        yield from _state_differing(licence, runs)
        wanted = replayed([(run[0].executed_at, run[-1]) for run in runs], zone=zone)
        if not _are_alike(held, wanted, slack):
            yield f"terms: subscription {licence['id']} has {_shown(held)}, ledger {_shown(wanted)}"
        books.append(_three_books(licence, held, mine, runs, wanted, zone))
    all_tables = [_held(licence, licence["activated_at"], terms[licence["id"]]) for licence in licences]
    yield from _cents_differing(connection, books, all_tables, zone, report)


def _is_untold(row: Mapping[str, Any], made: Mapping[str, list[Effect]]) -> bool:
    """Whether a person has it or gave it up although it was executed: then our book says less than the vendor's."""
    return row["state"] not in SETTLED or (row["state"] == "closed" and row["reference"] in made)


def _three_books(
    licence: Mapping[str, Any],
    held: Sequence[Span],
    mine: Sequence[dict[str, Any]],
    runs: Runs,
    wanted: Sequence[Span],
    zone: ZoneInfo,
) -> tuple[Held, Held, Held]:
    """The licence by our tables, by a replay of its commands and by the vendor's ledger."""
    replay = replayed(_effects_asked(mine, zone), zone=zone)
    born = next((row["executed_at"] for row in mine if row["kind"] == "Create" and row["state"] == "confirmed"), None)
    made_at = runs[0][0].executed_at if runs else None
    return _held(licence, licence["activated_at"], held), _held(licence, born, replay), _held(licence, made_at, wanted)


def _held(licence: Mapping[str, Any], created_at: Any, spans: Sequence[Span]) -> Held:
    return Held(
        licence["reseller_id"], licence["customer_id"], licence["product_id"], _instant(created_at), tuple(spans)
    )


def _effects_asked(mine: Sequence[dict[str, Any]], zone: ZoneInfo) -> list[tuple[datetime, Effect]]:
    """What the confirmed commands come to one after the other, by what was asked and when the vendor executed it."""
    after = Effect("", "", datetime.min.replace(tzinfo=UTC), 0, None, None, is_hard_cancelled=False, company_name="")
    run: list[tuple[datetime, Effect]] = []
    for row in mine:
        executed_at = _instant(row["executed_at"])
        if row["state"] != "confirmed" or executed_at is None:
            continue
        after = replace(after, **_changes_asked(row, executed_at, after, zone))
        run.append((executed_at, after))
    return run


def _changes_asked(row: Mapping[str, Any], executed_at: datetime, before: Effect, zone: ZoneInfo) -> dict[str, Any]:
    quantity, ends = {"quantity": row["quantity"]}, {"expires_on": _day(row["expires_on"])}
    match row["kind"]:
        case "ModifyQuantity":
            return quantity
        case "Create" | "Recreate":
            return {**quantity, **ends, "cancelled_on": None}
        case "Renew":
            return {**ends, "cancelled_on": None}
        case "Reduce":
            return ends
        case "SoftCancel" | "HardCancel":
            return {"cancelled_on": before.cancelled_on or months_from(executed_at, 2, zone)[1]}
    return {}


def _cents_differing(
    connection: Any,
    books: Sequence[tuple[Held, Held, Held]],
    all_tables: Sequence[Held],
    zone: ZoneInfo,
    report: Report | None,
) -> Iterable[str]:
    begun = [start for held in all_tables for _quantity, start, _end in held.spans]
    if not begun:
        return
    months, tariffs = months_from(min(begun), MONTHS_COMPARED, zone), tariffs_of(connection)
    costs = [cents_of_months(side, months, tariffs=tariffs, zone=zone) for side in zip(*books, strict=True)]
    for month in months:
        cents = [cost.get(month, 0) for cost in costs]
        if len(set(cents)) > 1:
            yield "cents: {} costs {} by the tables, {} by the commands, {} by the ledger".format(month, *cents)
    if report is not None:
        here = sum(cents_of_months(all_tables, months, tariffs=tariffs, zone=zone).values())
        said = report(months)
        if said != here:
            yield f"cents: the report charges {said} for the months from {months[0]}, and the terms come to {here}"


def _are_alike(here: Sequence[Span], there: Sequence[Span], slack: timedelta) -> bool:
    if [quantity for quantity, _start, _end in here] != [quantity for quantity, _start, _end in there]:
        return False
    edges = [pair for mine, theirs in zip(here, there, strict=True) for pair in zip(mine[1:], theirs[1:], strict=True)]
    return all(one == other or (one and other and abs(one - other) <= slack) for one, other in edges)


def _times_differing(
    mine: Collection[dict[str, Any]], made: Mapping[str, list[Effect]], slack: timedelta
) -> Iterable[str]:
    for row in mine:
        if row["state"] == "confirmed" and row["reference"] in made:
            here, there = _instant(row["executed_at"]), made[row["reference"]][0].executed_at
            if here is None or abs(here - there) > slack:
                yield f"time: {_name(row)} was executed {there}, and here {here}"


def _state_differing(licence: Mapping[str, Any], runs: Sequence[Sequence[Effect]]) -> Iterable[str]:
    if not runs:
        if licence["order_state"] == "live":
            yield f"state: subscription {licence['id']} is live and the vendor never made it"
        return
    last = runs[-1][-1]
    details = licence["confirmed_details"]
    here = (
        licence["order_state"],
        licence["subscription_id"],
        licence["quantity"],
        _day(licence["expires_on"]),
        _day(licence["cancelled_on"]),
        licence["cancel_kind"] == "hard",
        _company_here(details) if last.company_name is not None else None,
    )
    there = (
        "live",
        last.subscription_id,
        last.quantity,
        last.expires_on,
        last.cancelled_on,
        last.is_hard_cancelled,
        last.company_name,
    )
    if here != there:
        yield f"state: subscription {licence['id']} is {here} here and {there} there"


def _company_here(details: Any) -> str | None:
    return (json.loads(details) if isinstance(details, str) else details or {}).get("company_name")


def replayed(runs: Sequence[tuple[datetime, Effect]], *, zone: ZoneInfo) -> list[Span]:
    """The quantities held, by the ledger alone: each lasts until the next command or until use ends."""
    spans: list[Span] = []
    for executed_at, after in runs:
        begins = executed_at.replace(microsecond=0)
        ends = _end_of_use(after, zone)
        spans = [(quantity, start, _earlier(end, begins)) for quantity, start, end in spans]
        spans.append((after.quantity, begins, ends))
        spans = [(quantity, start, _earlier(end, ends)) for quantity, start, end in spans]
    joined: list[Span] = []
    for quantity, start, end in spans:
        if end is not None and end <= start:
            continue
        if joined and joined[-1][0] == quantity and joined[-1][2] == start:
            joined[-1] = (quantity, joined[-1][1], end)
        else:
            joined.append((quantity, start, end))
    return joined


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((instant for instant in (one, other) if instant is not None), default=None)


def _end_of_use(effect: Effect, zone: ZoneInfo) -> datetime | None:
    days = [day for day in (effect.expires_on, effect.cancelled_on) if day is not None]
    return datetime(*min(days).timetuple()[:3], tzinfo=zone).astimezone(UTC) if days else None


def _instant(value: Any) -> datetime | None:
    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    return None if parsed is None else parsed.replace(tzinfo=UTC)


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _name(row: Mapping[str, Any] | None) -> str:
    return "a command" if row is None else f"{row['kind']} {row['id']} of subscription {row['subscription_id']}"


def _shown(spans: Sequence[Span]) -> str:
    return ", ".join(f"{quantity} from {start} to {end}" for quantity, start, end in spans) or "none"


def effects_of(path: Path, *, zone: ZoneInfo) -> list[Effect]:
    """The effects in the ledger of the vendor's simulator, oldest first, read from its file."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = _rows(connection, "SELECT * FROM effects WHERE reference IS NOT NULL ORDER BY id")
    finally:
        connection.close()
    return [_effect(row, zone) for row in rows]


def _effect(row: Mapping[str, Any], zone: ZoneInfo) -> Effect:
    return Effect(
        reference=row["reference"],
        subscription_id=row["subscription_id"],
        executed_at=datetime.fromisoformat(row["executed_at"]),
        quantity=row["quantity"],
        expires_on=_local_day(row["expires_at"], zone),
        cancelled_on=_local_day(row["cancelled_at"], zone),
        is_hard_cancelled=bool(row["is_hard_cancelled"]),
        company_name=json.loads(row["customer"]).get("Contacts", {}).get("CompanyName"),
    )


def _local_day(text: str | None, zone: ZoneInfo) -> date | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(zone).date()
