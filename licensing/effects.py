"""What a confirmed command does to a licence and to its terms: one pure function, total over every command.

It judges nothing: the vendor has executed the command. Terms are what billing reads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from licensing.commands import Licence, TermSpan
from licensing.states import CommandKind
from licensing.terms import cancellation_date, require_aware, use_ends_at

_CANCELS = frozenset({CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL})
_RENEWALS = frozenset({CommandKind.RENEW, CommandKind.RECREATE})


def apply_command(
    kind: CommandKind,
    licence: Licence,
    terms: Sequence[TermSpan],
    *,
    executed_at: datetime,
    zone: ZoneInfo,
    quantity: int | None = None,
    expires_on: date | None = None,
) -> tuple[Licence, tuple[TermSpan, ...]]:
    """The licence and all its terms after the vendor executed the command at that instant.

    terms are in order and disjoint, and so are those returned: at most the last is open, adjoining terms of the same
    quantity are one, none is empty. Instants count in whole seconds, as vendors state them, and a command never counts
    from before the term it finds. Raises ValueError where Create, Recreate or ModifyQuantity carries no quantity.
    """
    counts_from = _counts_from(executed_at, terms)
    changed = _changed(kind, licence, counts_from=counts_from, zone=zone, quantity=quantity, expires_on=expires_on)
    ends_at = use_ends_at(changed, zone)
    spans = [_cut(span, counts_from) for span in terms]
    spans.append(TermSpan(quantity=changed.quantity, starts_at=counts_from, ends_at=ends_at))
    return changed, _joined(_cut(span, ends_at) for span in spans)


def _counts_from(executed_at: datetime, terms: Sequence[TermSpan]) -> datetime:
    instant = require_aware(executed_at).replace(microsecond=0)
    return max(instant, terms[-1].starts_at) if terms else instant


def _changed(
    kind: CommandKind,
    licence: Licence,
    *,
    counts_from: datetime,
    zone: ZoneInfo,
    quantity: int | None,
    expires_on: date | None,
) -> Licence:
    if kind is CommandKind.CREATE:
        return Licence(
            is_live=True,
            is_failed=False,
            quantity=_required(kind, quantity),
            expires_on=expires_on,
            created_at=counts_from,
        )
    if kind in _CANCELS:
        return _cancelled(licence, cancellation_date(counts_from, zone), is_hard=kind is CommandKind.HARD_CANCEL)
    if kind in _RENEWALS:
        seats = licence.quantity if kind is CommandKind.RENEW else _required(kind, quantity)
        return replace(licence, quantity=seats, expires_on=expires_on, cancelled_on=None, is_hard_cancelled=False)
    if kind is CommandKind.REDUCE:
        return replace(licence, expires_on=expires_on)
    if kind is CommandKind.MODIFY_QUANTITY:
        return replace(licence, quantity=_required(kind, quantity))
    return licence


def _required(kind: CommandKind, quantity: int | None) -> int:
    if quantity is None or quantity < 1:
        raise ValueError(f"{kind} needs a quantity")
    return quantity


def _cancelled(licence: Licence, cancelled_on: date, *, is_hard: bool) -> Licence:
    """A hard cancel after a soft one is final and keeps the date (domain.md, Life cycle)."""
    kept = cancelled_on if licence.cancelled_on is None else licence.cancelled_on
    return replace(licence, cancelled_on=kept, is_hard_cancelled=is_hard or licence.is_hard_cancelled)


def _cut(span: TermSpan, ends_at: datetime | None) -> TermSpan:
    if ends_at is None or (span.ends_at is not None and span.ends_at <= ends_at):
        return span
    return replace(span, ends_at=ends_at)


def _joined(spans: Iterable[TermSpan]) -> tuple[TermSpan, ...]:
    """The spans without empty ones, adjoining spans of one quantity as one."""
    joined: list[TermSpan] = []
    for span in spans:
        if span.ends_at is not None and span.ends_at <= span.starts_at:
            continue
        last = joined[-1] if joined else None
        if last is not None and last.quantity == span.quantity and last.ends_at == span.starts_at:
            joined[-1] = replace(last, ends_at=span.ends_at)
        else:
            joined.append(span)
    return tuple(joined)


def terms_as_of(terms: Iterable[TermSpan], as_of: datetime) -> tuple[TermSpan, ...]:
    """The terms that commands executed up to that instant had begun, which is all that billing needs of them.

    A later command ends use no earlier than the month after its own, so the ends of these terms are right for every
    month that has begun at as_of.
    """
    return tuple(span for span in terms if span.starts_at <= as_of)
