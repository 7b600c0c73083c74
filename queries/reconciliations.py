"""Reconciliation: which licences are compared with the vendor's state, what the runs came to, the differences found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from peewee import JOIN, ModelSelect

from access import Actor
from licensing.commands import CustomerDetails, Licence
from licensing.moment import Moment
from licensing.states import CommandState, DriftKind, OrderState
from licensing.terms import local_date
from models import Case, Command, Customer, Reconciliation, Reseller, Subscription
from queries.licences import licence_of
from queries.listing import Listing
from queries.scope import visible

_SHOWN_AFTER = timedelta(minutes=5)
# What was sent may take effect at any moment: such a licence is looked at again when its request is settled.
_MOVING = (CommandState.SENDING, CommandState.UNKNOWN, CommandState.PARKED)


@dataclass(frozen=True, slots=True)
class KeptLicence:
    """A usable licence as we have it; details are those the vendor last confirmed, None where it never did."""

    pk: int
    version: int
    vendor_id: str
    reseller_id: int
    licence: Licence
    details: CustomerDetails | None


@dataclass(frozen=True, slots=True)
class Run:
    """One reconciliation: what was compared, left out as something is on its way, not shown by the vendor; open cases.

    source is vendor or file; state is running, finished or failed, and note says why it failed.
    """

    id: int
    source: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    compared: int
    left_out: int
    unreadable: int
    open_cases: int
    note: str

    @property
    def is_clean(self) -> bool:
        """Whether every licence was compared, and no difference is open."""
        return self.state == "finished" and not (self.left_out or self.unreadable or self.open_cases)


def run_of(row: Reconciliation) -> Run:
    """The row as a plain value."""
    return Run(**{entry.name: getattr(row, entry.name) for entry in fields(Run)})


def usable_licences(*, after_pk: int, limit: int, moment: Moment) -> list[KeptLicence]:
    """The next licences that can be used today, by key: what a reconciliation compares."""
    query = Subscription.select().where(_is_usable(moment), Subscription.id > after_pk)
    return [_kept(subscription) for subscription in query.order_by(Subscription.id).limit(limit)]


def _kept(subscription: Subscription) -> KeptLicence:
    stored = subscription.confirmed_details
    return KeptLicence(
        pk=subscription.id,
        version=subscription.version,
        vendor_id=subscription.subscription_id,
        reseller_id=subscription.reseller_id,
        licence=licence_of(subscription),
        details=None if stored is None else CustomerDetails.from_dict(stored),
    )


def _is_usable(moment: Moment) -> Any:
    today = local_date(moment.now, moment.zone)
    ends_later = Subscription.ended_on.is_null() | (Subscription.ended_on > today)
    return (Subscription.order_state == OrderState.LIVE) & ends_later


def still_as_read(read: Sequence[KeptLicence]) -> set[int]:
    """The keys of those that nothing has changed since they were read here, and nothing is changing at the vendor."""
    pks = [kept.pk for kept in read]
    moving = Command.select(Command.subscription).where(Command.subscription.in_(pks), Command.state.in_(_MOVING))
    rows = Subscription.select(Subscription.id, Subscription.version).where(
        Subscription.id.in_(pks), ~Subscription.id.in_(moving)
    )
    now = dict(rows.tuples())
    return {kept.pk for kept in read if now.get(kept.pk) == kept.version}


def changed_lately(pks: Sequence[int], *, moment: Moment) -> set[int]:
    """Those for which a request was settled a short while ago: a vendor may show the change only after a while."""
    query = Command.select(Command.subscription).where(
        Command.subscription.in_(pks), Command.settled_at > moment.now - _SHOWN_AFTER
    )
    return {pk for (pk,) in query.tuples()}


def unusable_with_cases(*, moment: Moment) -> list[int]:
    """The differences that stand against licences that can no longer be used: nothing compares them any more."""
    query = Case.select(Case.id).join(Subscription).where(Case.state != "gone", ~_is_usable(moment))
    return [case_id for (case_id,) in query.tuples()]


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


def newest_run() -> Run | None:
    """The run that began last, if there ever was one."""
    row = Reconciliation.select().order_by(Reconciliation.id.desc()).first()
    return None if row is None else run_of(row)


def begun_since(instant: datetime) -> bool:
    """Whether a run has begun at or after that business instant."""
    return bool(Reconciliation.select().where(Reconciliation.started_at >= instant).exists())


def is_clean_since(instant: datetime) -> bool:
    """Whether the newest finished run began after that business instant and found everything alike."""
    query = Reconciliation.select().where(Reconciliation.state == "finished").order_by(Reconciliation.id.desc())
    newest = query.first()
    return newest is not None and newest.started_at >= instant and run_of(newest).is_clean


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
