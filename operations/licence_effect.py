"""What a confirmed command does to its subscription and terms. Called inside the transaction that confirms it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from database import row_by_id
from licensing.commands import Licence, TermSpan
from licensing.effects import apply_command
from licensing.pricing import NoPriceList, QuantityOutsideBands, find_band
from licensing.states import CancelKind, CommandKind, OrderState
from licensing.terms import month_of, use_ends_on
from models import Command, Sku, Subscription, Term
from queries.licences import licence_of, terms_of
from queries.prices import bands_of_product

_CARRIES_DETAILS = frozenset({CommandKind.CREATE, CommandKind.MODIFY_ATTRIBUTES, CommandKind.RECREATE})
_MOVES_SKU = frozenset({CommandKind.MODIFY_QUANTITY, CommandKind.RECREATE})


def _write_terms(command: Command, *, before: tuple[TermSpan, ...], after: tuple[TermSpan, ...]) -> None:
    subscription = command.subscription_id
    kept = {term.starts_at: term for term in before}
    wanted = {term.starts_at: term for term in after}
    gone = [starts_at for starts_at in kept if starts_at not in wanted]
    if gone:
        Term.delete().where(Term.subscription == subscription, Term.starts_at.in_(gone)).execute()
    for starts_at, term in wanted.items():
        if starts_at not in kept:
            Term.create(
                subscription=subscription,
                quantity=term.quantity,
                starts_at=starts_at,
                ends_at=term.ends_at,
                command=command.id,
            )
        elif term != kept[starts_at]:
            changes = {"quantity": term.quantity, "ends_at": term.ends_at}
            if term.quantity != kept[starts_at].quantity:
                changes["command"] = command.id
            Term.update(**changes).where(Term.subscription == subscription, Term.starts_at == starts_at).execute()


def _sku_held(subscription: Subscription, *, quantity: int, at: datetime, zone: ZoneInfo) -> int:
    try:
        band = find_band(bands_of_product(subscription.product_id, month=month_of(at, zone)), quantity)
    except (NoPriceList, QuantityOutsideBands):
        return int(subscription.sku_id)
    return int(Sku.get(Sku.code == band.sku_code).id)


def _cancel_kind(licence: Licence) -> CancelKind | None:
    if licence.cancelled_on is None:
        return None
    return CancelKind.HARD if licence.is_hard_cancelled else CancelKind.SOFT


def apply_effect(command: Command, *, executed_at: datetime, zone: ZoneInfo) -> None:
    """Write what the command did at the vendor: licence, dates, SKU, terms, confirmed details, last request.

    executed_at is the instant at which the vendor executed it, aware UTC (domain.md, Dates).
    """
    subscription = row_by_id(Subscription, command.subscription_id)
    kind = CommandKind(command.kind)
    before = terms_of(subscription)
    licence, after = apply_command(
        kind,
        licence_of(subscription),
        before,
        executed_at=executed_at,
        zone=zone,
        quantity=command.quantity,
        expires_on=command.expires_on,
    )
    changes = {
        "quantity": licence.quantity,
        "expires_on": licence.expires_on,
        "cancelled_on": licence.cancelled_on,
        "cancel_kind": _cancel_kind(licence),
        "ended_on": use_ends_on(licence),
        "order_state": OrderState.LIVE,
        "last_request": kind,
        "version": Subscription.version + 1,
    }
    if kind in _MOVES_SKU:
        changes["sku"] = _sku_held(subscription, quantity=licence.quantity, at=executed_at, zone=zone)
    if kind is CommandKind.CREATE:
        changes["activated_at"] = licence.created_at
    if kind in _CARRIES_DETAILS:
        changes["confirmed_details"] = command.details
    Subscription.update(**changes).where(Subscription.id == subscription.id).execute()
    _write_terms(command, before=before, after=after)
