"""The Requests screen: every request to the vendor, newest first, and how many stand where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from peewee import JOIN, SQL, ModelSelect, Select, fn

from access import Actor
from database import db
from licensing.states import CommandKind, CommandState
from models import Command, Customer, Reseller, Subscription, User
from queries.listing import COUNT_LIMIT, Listing, Sort
from queries.scope import in_scope, visible
from queries.subscriptions import customers_named, id_contains


class Standing(StrEnum):
    """The tabs of the screen; the value stands in the address. Each request is in exactly one, but for PARKED.

    PARKED are those of unknown outcome that wait for a person.
    """

    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SENDING = "sending"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    PARKED = "parked"


STATES_OF: dict[Standing, tuple[CommandState, ...]] = {
    Standing.CONFIRMED: (CommandState.CONFIRMED,),
    Standing.FAILED: (CommandState.REJECTED,),
    Standing.UNKNOWN: (CommandState.UNKNOWN, CommandState.PARKED),
    Standing.SENDING: (CommandState.SENDING,),
    Standing.WAITING: (CommandState.QUEUED, CommandState.SCHEDULED),
    Standing.WITHDRAWN: (CommandState.CANCELLED, CommandState.CLOSED),
    Standing.PARKED: (CommandState.PARKED,),
}


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """The filters; None stands for any. since limits to what was requested at that instant or later."""

    standing: Standing | None = None
    since: datetime | None = None
    reseller_id: int | None = None
    kind: CommandKind | None = None
    company_name: str = ""
    subscription_id: str = ""


class RequestRow(NamedTuple):
    """One request. quantity, expires_on and details are what it asks for, change is how the licence stood before.

    No activation code: it appears on the subscription's own page and in the Subscription List only.
    """

    id: int
    requested_at: datetime
    kind: str
    state: str
    subscription_pk: int
    company_name: str
    reseller: str
    subscription_id: str | None
    quantity: int | None
    sku_code: str | None
    expires_on: date | None
    details: dict[str, Any] | None
    change: dict[str, Any] | None
    executed_at: datetime | None
    name: str | None
    surname: str | None
    error_code: str
    error_message: str
    attempt: int
    settled_at: datetime | None


_SORTS = {"time": Sort(Command.requested_at, is_text=False)}


def requests(wanted: RequestFilter, *, actor: Actor) -> Listing[RequestRow]:
    """The requests that match, newest first."""
    return Listing(
        ids=_matching(visible(Command, Command.id, actor=actor), wanted, actor=actor),
        rows_of=_rows,
        whole=_matching(in_scope(_joined(), actor=actor, model=Command), wanted, actor=actor),
        make=RequestRow._make,
        sorts=_SORTS,
        default_order=(Command.requested_at.desc(), Command.id.desc()),
        is_filtered=wanted != RequestFilter(),
    )


def _matching(query: ModelSelect, wanted: RequestFilter, *, actor: Actor) -> ModelSelect:
    if wanted.standing is not None:
        query = query.where(Command.state.in_(STATES_OF[wanted.standing]))
    if wanted.since is not None:
        query = query.where(Command.requested_at >= wanted.since)
    if wanted.reseller_id is not None:
        query = query.where(Command.reseller == wanted.reseller_id)
    if wanted.kind is not None:
        query = query.where(Command.kind == wanted.kind)
    if wanted.company_name or wanted.subscription_id:
        query = query.where(Command.subscription.in_(_subscriptions(wanted, actor=actor)))
    return query


def _subscriptions(wanted: RequestFilter, *, actor: Actor) -> ModelSelect:
    query = visible(Subscription, Subscription.id, actor=actor)
    if wanted.company_name:
        query = query.where(Subscription.customer.in_(customers_named(wanted.company_name, actor=actor)))
    if wanted.subscription_id:
        query = query.where(id_contains(Subscription.subscription_id, wanted.subscription_id))
    return query


def standing_counts(wanted: RequestFilter, *, actor: Actor) -> dict[Standing | None, int]:
    """For each tab, None being All, how many match the other filters; COUNT_LIMIT + 1 says "more than that"."""
    tabs: list[Standing | None] = [None, *Standing]
    counts = [_capped_count(replace(wanted, standing=tab), actor=actor) for tab in tabs]
    (row,) = Select(columns=counts).bind(db).tuples()
    return dict(zip(tabs, row, strict=True))


def _capped_count(wanted: RequestFilter, *, actor: Actor) -> Select:
    query = _matching(visible(Command, Command.id, actor=actor), wanted, actor=actor)
    return Select((query.limit(COUNT_LIMIT + 1).alias("counted"),), (fn.COUNT(SQL("1")),))


def _rows(ids: Sequence[int]) -> Mapping[int, RequestRow]:
    query = _joined().where(Command.id.in_(ids))
    return {row[0]: RequestRow(*row) for row in query.tuples()}


def _joined() -> ModelSelect:
    return (
        Command.select(
            Command.id,
            Command.requested_at,
            Command.kind,
            Command.state,
            Command.subscription,
            Customer.company_name,
            Reseller.name,
            Subscription.subscription_id,
            Command.quantity,
            Command.sku_code,
            Command.expires_on,
            Command.details,
            Command.change,
            Command.executed_at,
            User.name,
            User.surname,
            Command.error_code,
            Command.error_message,
            Command.attempt,
            Command.settled_at,
        )
        .join_from(Command, Subscription)
        .join_from(Subscription, Customer)
        .join_from(Command, Reseller)
        .join_from(Command, User, JOIN.LEFT_OUTER)
    )
