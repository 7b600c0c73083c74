"""The hash chain over the audit trail: written by the clock process, checked by `flask verify-audit`.

Entries are sealed in the order in which they were found, not by id: transactions commit in any order.
"""

import hashlib
import json
from dataclasses import dataclass

from database import write_transaction
from models import AuditEntry

_BATCH = 500
_FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """What checking the chain found. broken_at is the place of the first entry that does not fit, None when all do."""

    sealed: int
    unsealed: int
    broken_at: int | None


def seal_audit() -> int:
    """Seal the entries that are not sealed yet, a batch at most; gives how many."""
    with write_transaction():
        last = AuditEntry.select().where(AuditEntry.seal.is_null(False)).order_by(AuditEntry.sealed_as.desc()).first()
        place, seal = (last.sealed_as, last.seal) if last else (0, _FIRST)
        waiting = AuditEntry.select().where(AuditEntry.seal.is_null()).order_by(AuditEntry.id).limit(_BATCH)
        for count, entry in enumerate(list(waiting), start=1):
            seal = _seal(entry, previous=seal)
            AuditEntry.update(seal=seal, sealed_as=place + count).where(AuditEntry.id == entry.id).execute()
        return len(waiting)


def verify_audit() -> AuditVerdict:
    """Recompute the chain: a changed, deleted or swapped entry breaks it where it stood."""
    seal, place, broken_at = _FIRST, 0, None
    for entry in AuditEntry.select().where(AuditEntry.seal.is_null(False)).order_by(AuditEntry.sealed_as).iterator():
        place += 1
        seal = _seal(entry, previous=seal)
        if broken_at is None and (entry.sealed_as != place or entry.seal != seal):
            broken_at = place
    unsealed = AuditEntry.select().where(AuditEntry.seal.is_null()).count()
    return AuditVerdict(sealed=place, unsealed=unsealed, broken_at=broken_at)


def _seal(entry: AuditEntry, *, previous: str) -> str:
    content = {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "action": entry.action,
        "actor": entry.actor_id,
        "actor_name": entry.actor_name,
        "reseller": entry.reseller_id,
        "subject": entry.subject,
        "subject_id": entry.subject_id,
        "details": entry.details,
    }
    text = previous + json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
