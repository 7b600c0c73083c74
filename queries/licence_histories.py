"""Licences with what made them what they are: names, terms, and the requests the vendor executed, up to an instant."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, ModelSelect

from access import Actor
from licensing.billing import Tariff
from licensing.commands import TermSpan
from licensing.report_lines import BilledLicence, Named
from licensing.states import CommandKind, CommandState
from models import Command, Customer, Product, Reseller, Subscription, Term
from queries.scope import in_scope, visible
from queries.tariffs import tariffs_of


@dataclass(frozen=True, slots=True)
class ExecutedRequest:
    """A request as it counts: what it was and when the vendor executed it."""

    kind: CommandKind
    executed_at: datetime


@dataclass(frozen=True, slots=True)
class HeldSpan:
    """A term and the request that set its quantity; None where the book does not say which it was."""

    span: TermSpan
    request: ExecutedRequest | None


@dataclass(frozen=True, slots=True)
class LicenceHistory:
    """A licence for billing, its Subscription ID, and the requests executed so far, oldest first."""

    billed: BilledLicence
    subscription_id: str
    held: tuple[HeldSpan, ...]
    requests: tuple[ExecutedRequest, ...]


def licence_histories(
    subscription_pks: Collection[int], *, as_of: datetime, actor: Actor
) -> Mapping[int, LicenceHistory]:
    """The history of each licence that the actor may see, by key; only what was executed up to as_of is in it."""
    keys = list(subscription_pks)
    rows = list(_subscriptions(keys, actor=actor))
    tariffs = tariffs_of({(row.product_id, row.reseller_id) for row in rows}, actor=actor)
    held, requests = _held(keys, as_of=as_of), _requests(keys, as_of=as_of, actor=actor)
    return {
        row.id: _history(
            row,
            tariff=tariffs[row.product_id, row.reseller_id],
            held=held.get(row.id, ()),
            requests=requests.get(row.id, ()),
        )
        for row in rows
    }


def _history(
    row: Subscription, *, tariff: Tariff, held: tuple[HeldSpan, ...], requests: tuple[ExecutedRequest, ...]
) -> LicenceHistory:
    billed = BilledLicence(
        key=row.id,
        reseller=_named(row.reseller, row.reseller.name),
        customer=_named(row.customer, row.customer.company_name),
        product=_named(row.product, row.product.name),
        terms=tuple(part.span for part in held),
        tariff=tariff,
    )
    return LicenceHistory(billed, row.subscription_id, held, requests)


def _named(row: Any, name: str) -> Named:
    return Named(row.id, name, row.name_key)


def _subscriptions(keys: list[int], *, actor: Actor) -> ModelSelect:
    query = (
        Subscription.select(Subscription, Reseller, Customer, Product)
        .join_from(Subscription, Reseller)
        .join_from(Subscription, Customer)
        .join_from(Subscription, Product)
        .where(Subscription.id.in_(keys))
    )
    return in_scope(query, actor=actor, model=Subscription)


def _held(keys: list[int], *, as_of: datetime) -> dict[int, tuple[HeldSpan, ...]]:
    rows = (
        Term.select(Term.subscription, Term.quantity, Term.starts_at, Term.ends_at, Command.kind, Command.executed_at)
        .join(Command, JOIN.LEFT_OUTER, on=(Term.command == Command.id))
        .where(Term.subscription.in_(keys), Term.starts_at <= as_of)
        .order_by(Term.starts_at)
    )
    found: dict[int, tuple[HeldSpan, ...]] = {}
    for key, quantity, starts_at, ends_at, kind, executed_at in rows.tuples():
        request = None if kind is None else ExecutedRequest(CommandKind(kind), executed_at)
        found[key] = (*found.get(key, ()), HeldSpan(TermSpan(quantity, starts_at, ends_at), request))
    return found


def _requests(keys: list[int], *, as_of: datetime, actor: Actor) -> dict[int, tuple[ExecutedRequest, ...]]:
    rows = (
        visible(Command, Command.subscription, Command.kind, Command.executed_at, actor=actor)
        .where(Command.subscription.in_(keys), Command.state == CommandState.CONFIRMED, Command.executed_at <= as_of)
        .order_by(Command.executed_at, Command.id)
    )
    found: dict[int, tuple[ExecutedRequest, ...]] = {}
    for key, kind, executed_at in rows.tuples():
        found[key] = (*found.get(key, ()), ExecutedRequest(CommandKind(kind), executed_at))
    return found
