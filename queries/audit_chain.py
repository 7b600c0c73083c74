"""How far the audit trail is sealed: the mark by which a database is known again."""

from dataclasses import dataclass

from models import AuditEntry, AuditHead

_FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class ChainMark:
    """The end of the chain at some time: how many entries were sealed, and the last seal."""

    sealed: int
    seal: str


def chain_end() -> ChainMark:
    """Where the chain ends now."""
    head = AuditHead.get()
    return ChainMark(sealed=head.sealed, seal=head.seal)


def goes_on_from(mark: ChainMark) -> bool:
    """Whether this trail once ended so: it is the one that the mark was taken of, and not an earlier state of it."""
    if mark.sealed == 0:
        return mark.seal == _FIRST
    return bool(AuditEntry.select().where(AuditEntry.sealed_as == mark.sealed, AuditEntry.seal == mark.seal).exists())
