"""The circuit breaker: how often in a row a gateway gave no answer, kept in the database so that all processes agree.

While a gateway is down commands stay queued; one at a time is tried, or the vendor is read, until something answers.
"""

from datetime import datetime, timedelta
from enum import Enum, auto

from access import SYSTEM
from database import locked, write_transaction
from licensing.commands import Evidence, Finding, NotExecuted, Outcome, Unreadable
from licensing.moment import Moment
from models import GatewayContact
from operations.audit import AuditAction, record

FAILURES_BEFORE_DOWN = 5
FIRST_PROBE_AFTER = timedelta(seconds=2)
PROBE_LIMIT = timedelta(seconds=60)
# What a proxy says in the place of a vendor that it cannot reach.
_NOBODY_THERE = frozenset({502, 503, 504})


class _Contact(Enum):
    ANSWERED = auto()
    SILENT = auto()
    NOT_TRIED = auto()


def note_contact(said: Outcome | Finding, *, gateway: str, moment: Moment) -> None:
    """Count an exchange with the vendor: an answer brings the gateway up, five without one in a row take it down."""
    contact = _contact_of(said)
    if contact is _Contact.ANSWERED:
        _note_answer(gateway, moment=moment)
    elif contact is _Contact.SILENT:
        _note_silence(gateway, reason=getattr(said, "reason", ""), moment=moment)


def _contact_of(said: Outcome | Finding) -> _Contact:
    evidence: Evidence = said.evidence
    is_hold = isinstance(said, NotExecuted | Unreadable) and said.holds_gateway
    if is_hold or not evidence.request:
        return _Contact.NOT_TRIED
    is_throttle = isinstance(said, NotExecuted) and said.retry_after_seconds is not None
    if evidence.http_status is None or (evidence.http_status in _NOBODY_THERE and not is_throttle):
        return _Contact.SILENT
    return _Contact.ANSWERED


def _note_answer(gateway: str, *, moment: Moment) -> None:
    # Nothing is written while all is well: the row would be a queue for every command.
    before = GatewayContact.get_or_none(GatewayContact.gateway == gateway, GatewayContact.failures > 0)
    if before is None:
        return
    with write_transaction():
        GatewayContact.update(failures=0, down_since=None, probe_due_at=None, reason="").where(
            GatewayContact.gateway == gateway
        ).execute()
        if before.down_since is not None:
            details = {"gateway": gateway, "down_since": before.down_since.isoformat()}
            record(AuditAction.GATEWAY_UP, actor=SYSTEM, now=moment.now, subject="gateway", details=details)


def _note_silence(gateway: str, *, reason: str, moment: Moment) -> None:
    with write_transaction():
        GatewayContact.insert(gateway=gateway).on_conflict_ignore().execute()
        row = locked(GatewayContact.select().where(GatewayContact.gateway == gateway)).get()
        failures = row.failures + 1
        changes: dict[str, object] = {"failures": failures, "reason": reason}
        if failures >= FAILURES_BEFORE_DOWN:
            changes["down_since"] = row.down_since or moment.now
            changes["probe_due_at"] = moment.real_now + _wait(failures)
        GatewayContact.update(**changes).where(GatewayContact.gateway == gateway).execute()
        if failures == FAILURES_BEFORE_DOWN:
            details = {"gateway": gateway, "reason": reason}
            record(AuditAction.GATEWAY_DOWN, actor=SYSTEM, now=moment.now, subject="gateway", details=details)


def _wait(failures: int) -> timedelta:
    doublings: int = 2 ** min(failures - FAILURES_BEFORE_DOWN, 10)
    return min(FIRST_PROBE_AFTER * doublings, PROBE_LIMIT)


def takes_line(gateway: str, *, until: datetime, moment: Moment) -> bool:
    """Whether a command may be sent now: the gateway is up, or the probe is due and this caller got it.

    until is the real instant at which the next one may be tried when this one is not heard of again.
    """
    row = GatewayContact.get_or_none(GatewayContact.gateway == gateway)
    if row is None or row.down_since is None:
        return True
    query = GatewayContact.update(probe_due_at=until).where(
        GatewayContact.gateway == gateway,
        GatewayContact.down_since.is_null(is_null=False),
        GatewayContact.probe_due_at <= moment.real_now,
    )
    return bool(query.execute() == 1)
