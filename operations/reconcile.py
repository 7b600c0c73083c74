"""Reconciliation: differences between usable licences and the vendor's state become cases. It never sends a command.

A run is begun, told chunk by chunk what was compared, and finished. At most one runs at a time; one that stops is
given up when its lease has passed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from peewee import IntegrityError

from access import SYSTEM
from database import write_transaction
from licensing.moment import Moment
from licensing.states import DriftKind
from licensing.vendor_licence import Drift
from models import Case, Reconciliation, Reseller, Subscription
from operations.audit import AuditAction, record
from queries.reconciliations import KeptLicence, Run, orders_of_unknown_outcome, run_of, unusable_with_cases

LEASE = timedelta(minutes=10)
_AT_ONCE = 500


class ReconciliationRuns(Exception):
    """Another reconciliation is running; a second one would count the same differences twice."""


class ReconciliationLost(Exception):
    """This run stopped for so long that it was given up; nothing more of it is written."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One licence that was compared, and in what it differs."""

    kept: KeptLicence
    drifts: tuple[Drift, ...]


@dataclass(frozen=True, slots=True)
class Stranger:
    """A licence that the vendor lists and we do not have: what it says of it, and its PIN for the reseller."""

    vendor_id: str
    there: Mapping[str, object]
    vendor_pin: str = ""


def begin_reconciliation(*, source: str, moment: Moment) -> Run:
    """Begin a run by reading the vendor ("vendor") or its list ("file"). Raises ReconciliationRuns."""
    try:
        with write_transaction():
            Reconciliation.update(state="failed", note="It stopped before its end.").where(
                Reconciliation.state == "running", Reconciliation.lease_until < moment.real_now
            ).execute()
            return run_of(
                Reconciliation.create(source=source, started_at=moment.now, lease_until=moment.real_now + LEASE)
            )
    except IntegrityError:
        raise ReconciliationRuns from None


def note_compared(run: Run, compared: Sequence[Compared], *, left_out: int, unreadable: int, moment: Moment) -> None:
    """Write the differences of a chunk; what no longer differs is gone. Raises ReconciliationLost.

    left_out counts licences that something is on its way for, unreadable those that the vendor did not show.
    """
    with write_transaction():
        _go_on(run, compared=len(compared), left_out=left_out, unreadable=unreadable, moment=moment)
        standing = _standing([entry.kept.pk for entry in compared])
        for entry in compared:
            cases = standing.get(entry.kept.pk, {})
            seen = {_write(run, drift, cases.get(drift.kind), entry.kept, moment=moment) for drift in entry.drifts}
            _end([case.id for case in cases.values() if case.id not in seen], moment=moment)


def _go_on(run: Run, *, compared: int, left_out: int, unreadable: int, moment: Moment) -> None:
    query = Reconciliation.update(
        lease_until=moment.real_now + LEASE,
        compared=Reconciliation.compared + compared,
        left_out=Reconciliation.left_out + left_out,
        unreadable=Reconciliation.unreadable + unreadable,
    ).where(Reconciliation.id == run.id, Reconciliation.state == "running")
    if query.execute() != 1:
        raise ReconciliationLost


def _standing(pks: Sequence[int]) -> dict[int, dict[str, Case]]:
    found: dict[int, dict[str, Case]] = {}
    for case in Case.select().where(Case.subscription.in_(pks), Case.state != "gone"):
        found.setdefault(case.subscription_id, {})[case.kind] = case
    return found


def _write(run: Run, drift: Drift, before: Case | None, kept: KeptLicence, *, moment: Moment) -> int:
    """Keep, change or open the case of a difference; one that was closed stays so while it is the same difference."""
    is_same = before is not None and (before.here, before.there) == (drift.here, drift.there)
    if before is not None and (is_same or before.state == "open"):
        Case.update(here=drift.here, there=drift.there, run=run.id, seen_at=moment.now).where(
            Case.id == before.id
        ).execute()
        return int(before.id)
    if before is not None:
        _end([before.id], moment=moment)
    created = Case.create(
        kind=drift.kind,
        vendor_id=kept.vendor_id,
        subscription=kept.pk,
        reseller=kept.reseller_id,
        here=drift.here,
        there=drift.there,
        run=run.id,
        found_at=moment.now,
        seen_at=moment.now,
    )
    return int(created.id)


def _end(case_ids: Sequence[int], *, moment: Moment) -> None:
    for start in range(0, len(case_ids), _AT_ONCE):
        some = case_ids[start : start + _AT_ONCE]
        Case.update(state="gone", settled_at=moment.now).where(Case.id.in_(some)).execute()


def note_strangers(run: Run, strangers: Sequence[Stranger], *, moment: Moment) -> None:
    """Write what the vendor's list has and we do not. Raises ReconciliationLost."""
    with write_transaction():
        _go_on(run, compared=0, left_out=0, unreadable=0, moment=moment)
        ids = [stranger.vendor_id for stranger in strangers]
        query = Case.select().where(Case.vendor_id.in_(ids), Case.kind == DriftKind.MISSING_HERE, Case.state != "gone")
        standing = {case.vendor_id: case for case in query}
        for stranger in strangers:
            _write_stranger(run, stranger, standing.get(stranger.vendor_id), moment=moment)


def _write_stranger(run: Run, stranger: Stranger, before: Case | None, *, moment: Moment) -> None:
    there = dict(stranger.there)
    if before is not None:
        Case.update(there=there, run=run.id, seen_at=moment.now).where(Case.id == before.id).execute()
        return
    Case.create(
        kind=DriftKind.MISSING_HERE,
        vendor_id=stranger.vendor_id,
        reseller=_reseller_of(stranger.vendor_pin),
        there=there,
        run=run.id,
        found_at=moment.now,
        seen_at=moment.now,
    )


def _reseller_of(vendor_pin: str) -> Reseller | None:
    return Reseller.get_or_none(Reseller.vendor_pin == vendor_pin) if vendor_pin else None


def finish_reconciliation(run: Run, *, moment: Moment) -> Run:
    """End the run: what can no longer differ is gone, the rest is counted. Raises ReconciliationLost.

    Orders of unknown outcome count as left out: what they made, if anything, has no id here to compare.
    """
    with write_transaction():
        _go_on(run, compared=0, left_out=orders_of_unknown_outcome(), unreadable=0, moment=moment)
        _end(unusable_with_cases(moment=moment), moment=moment)
        _end(_known_by_now(run), moment=moment)
        open_cases = Case.select().where(Case.state == "open").count()
        Reconciliation.update(state="finished", finished_at=moment.now, open_cases=open_cases).where(
            Reconciliation.id == run.id
        ).execute()
        finished = run_of(Reconciliation.get_by_id(run.id))
        _audit(finished, moment=moment)
    return finished


def _known_by_now(run: Run) -> list[int]:
    """Cases of licences missing here that we have by now, or that a whole list of the vendor no longer names."""
    ours = Subscription.select(Subscription.subscription_id).where(Subscription.subscription_id.is_null(is_null=False))
    is_over = Case.vendor_id.in_(ours)
    if run.source == "file":
        is_over |= Case.run != run.id
    query = Case.select(Case.id).where(Case.kind == DriftKind.MISSING_HERE, Case.state != "gone", is_over)
    return [case_id for (case_id,) in query.tuples()]


def _audit(run: Run, *, moment: Moment) -> None:
    counts = {name: getattr(run, name) for name in ("compared", "left_out", "unreadable", "open_cases")}
    record(
        AuditAction.RECONCILED,
        actor=SYSTEM,
        now=moment.now,
        subject="reconciliation",
        subject_id=run.id,
        details={"source": run.source, **counts},
    )


def fail_reconciliation(run: Run, *, reason: str, moment: Moment) -> Run:
    """End a run that cannot go on; what it has found stays."""
    with write_transaction():
        Reconciliation.update(state="failed", finished_at=moment.now, note=reason).where(
            Reconciliation.id == run.id, Reconciliation.state == "running"
        ).execute()
    return run_of(Reconciliation.get_by_id(run.id))
