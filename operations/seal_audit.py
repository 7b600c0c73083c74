"""The hash chain over the audit trail: written by the clock process, checked by `flask verify-audit`.

Entries are sealed in the order in which they were found, not by id: transactions commit in any order.
"""

import hashlib
import json
from dataclasses import dataclass

from database import locked, write_transaction
from models import AuditEntry, AuditHead

_BATCH = 500
_FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """What checking the chain found. broken_at is the place of the first entry that does not fit, None when all do."""

    sealed: int
    unsealed: int
    broken_at: int | None


def seal_audit() -> int:
    """Seal the entries that are not sealed yet, a batch at most; gives how many. A second clock waits at the head."""
    with write_transaction():
        head = locked(AuditHead.select()).get()
        seal = head.seal
        waiting = list(AuditEntry.select().where(AuditEntry.seal.is_null()).order_by(AuditEntry.id).limit(_BATCH))
        for place, entry in enumerate(waiting, start=head.sealed + 1):
            seal = _seal(entry, previous=seal)
            AuditEntry.update(seal=seal, sealed_as=place).where(AuditEntry.id == entry.id).execute()
        if waiting:
            AuditHead.update(sealed=head.sealed + len(waiting), seal=seal).execute()
        return len(waiting)


def verify_audit() -> AuditVerdict:
    """Recompute the chain: a changed, deleted or swapped entry breaks it where it stood.

    The head is read before and after, as the clock may be sealing meanwhile.
    """
    head = AuditHead.get()
    seal, place, broken_at = _FIRST, 0, None
    for entry in AuditEntry.select().where(AuditEntry.seal.is_null(False)).order_by(AuditEntry.sealed_as).iterator():
        place += 1
        seal = _seal(entry, previous=seal)
        is_end = place == head.sealed
        fits = (entry.sealed_as, entry.seal) == (place, seal) and (seal == head.seal or not is_end)
        if broken_at is None and not fits:
            broken_at = place
    if broken_at is None and not head.sealed <= place <= AuditHead.get().sealed:
        broken_at = min(place, head.sealed) + 1
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
