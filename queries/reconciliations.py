"""Reconciliation: which licences are compared with the vendor's state, what the runs came to, the differences found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from peewee import JOIN, ModelSelect

from access import Actor
from licensing.moment import Moment
from licensing.states import CommandState, DriftKind, OrderState
from licensing.terms import local_date
from models import Case, Command, Customer, Reconciliation, Reseller, Subscription
from queries.listing import Listing
from queries.scope import visible

# What was sent may take effect at any moment: such a licence is looked at again when its request is settled.
_MOVING = (CommandState.SENDING, CommandState.UNKNOWN, CommandState.PARKED)


def usable_licences(*, after_id: int, limit: int, moment: Moment) -> list[Subscription]:
    """The next licences that can be used today, by key: what a reconciliation compares."""
    query = Subscription.select().where(_is_usable(moment), Subscription.id > after_id)
    return list(query.order_by(Subscription.id).limit(limit))


def _is_usable(moment: Moment) -> Any:
    today = local_date(moment.now, moment.zone)
    ends_later = Subscription.ended_on.is_null() | (Subscription.ended_on > today)
    return (Subscription.order_state == OrderState.LIVE) & ends_later


def still_as_read(read: Sequence[Subscription]) -> set[int]:
    """The keys of those that nothing has changed since they were read here, and nothing is changing at the vendor."""
    ids = [subscription.id for subscription in read]
    moving = Command.select(Command.subscription).where(Command.subscription.in_(ids), Command.state.in_(_MOVING))
    rows = Subscription.select(Subscription.id, Subscription.version).where(
        Subscription.id.in_(ids), ~Subscription.id.in_(moving)
    )
    now = dict(rows.tuples())
    return {subscription.id for subscription in read if now.get(subscription.id) == subscription.version}


def unknown_here(vendor_ids: Sequence[str]) -> set[str]:
    """Those Subscription IDs that no subscription of ours has."""
    known = Subscription.select(Subscription.subscription_id).where(Subscription.subscription_id.in_(vendor_ids))
    return set(vendor_ids) - {vendor_id for (vendor_id,) in known.tuples()}


def orders_of_unknown_outcome() -> int:
    """How many orders may exist at the vendor without our knowing their Subscription ID."""
    query = (
        Command.select()
        .join(Subscription)
        .where(Command.state.in_(_MOVING), Subscription.order_state == OrderState.PENDING)
    )
    return int(query.count())


def newest_reconciliation() -> Reconciliation | None:
    """The run that began last, if there ever was one."""
    return Reconciliation.select().order_by(Reconciliation.id.desc()).first()  # type: ignore[no-any-return]


def begun_since(instant: datetime) -> bool:
    """Whether a run has begun at or after that business instant."""
    return bool(Reconciliation.select().where(Reconciliation.started_at >= instant).exists())


def last_clean_since(instant: datetime) -> Reconciliation | None:
    """The newest finished run, where it began after that business instant and found everything alike; else None."""
    newest = (
        Reconciliation.select().where(Reconciliation.state == "finished").order_by(Reconciliation.id.desc()).first()
    )
    if newest is None or newest.started_at < instant or not is_clean(newest):
        return None
    return newest  # type: ignore[no-any-return]


def is_clean(run: Reconciliation) -> bool:
    """Whether every licence was compared, and no difference is open."""
    return run.state == "finished" and not (run.left_out or run.unreadable or run.open_cases)


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """The filters of the differences; None stands for any."""

    state: str | None = None
    kind: DriftKind | None = None
    reseller_id: int | None = None


class CaseRow(NamedTuple):
    """One difference as the list shows it."""

    id: int
    kind: str
    state: str
    vendor_id: str
    subscription_pk: int | None
    company_name: str | None
    reseller: str | None
    here: Any
    there: Any
    found_at: datetime
    seen_at: datetime
    settled_at: datetime | None
    closing_note: str


def cases(wanted: CaseFilter, *, actor: Actor) -> Listing[CaseRow]:
    """The differences that match, newest first."""
    query = visible(Case, Case.id, actor=actor)
    if wanted.state is not None:
        query = query.where(Case.state == wanted.state)
    if wanted.kind is not None:
        query = query.where(Case.kind == wanted.kind)
    if wanted.reseller_id is not None:
        query = query.where(Case.reseller == wanted.reseller_id)
    return Listing(ids=query, rows_of=_rows, default_order=(Case.id.desc(),), is_filtered=wanted != CaseFilter())


def _rows(ids: Sequence[int]) -> Mapping[int, CaseRow]:
    return {row[0]: CaseRow(*row) for row in _joined().where(Case.id.in_(ids)).tuples()}


def _joined() -> ModelSelect:
    return (
        Case.select(
            Case.id,
            Case.kind,
            Case.state,
            Case.vendor_id,
            Case.subscription,
            Customer.company_name,
            Reseller.name,
            Case.here,
            Case.there,
            Case.found_at,
            Case.seen_at,
            Case.settled_at,
            Case.closing_note,
        )
        .join_from(Case, Subscription, JOIN.LEFT_OUTER)
        .join_from(Subscription, Customer, JOIN.LEFT_OUTER)
        .join_from(Case, Reseller, JOIN.LEFT_OUTER)
    )


def find_case(case_id: int | None, *, actor: Actor) -> CaseRow | None:
    """The difference of that key, None for a foreign or missing one."""
    is_seen = visible(Case, Case.id, actor=actor).where(Case.id == case_id).exists()
    return _rows([case_id]).get(case_id) if is_seen and case_id is not None else None


def open_cases(*, actor: Actor) -> int:
    """How many differences nobody has closed and no later run found gone."""
    return int(visible(Case, Case.id, actor=actor).where(Case.state == "open").count())
