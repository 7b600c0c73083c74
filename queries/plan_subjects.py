"""The licences of a selection as the plan needs them: some hundreds at a time, in two statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from peewee import JOIN, ModelSelect

from access import Actor
from licensing.bulk_plan import Details, Subject
from licensing.commands import CustomerDetails, Licence, TermSpan
from licensing.impact import Holding
from licensing.refusals import OpenCommand
from licensing.states import OPEN_STATES, CancelKind, CommandKind, CommandState, OrderState
from models import Command, Customer, SelectionRow, Subscription, Term
from queries.scope import in_scope
from queries.tariff_book import TariffBook

_DETAIL_COLUMNS = tuple(getattr(Customer, field.name) for field in fields(CustomerDetails))
_UNKNOWN_STATES = frozenset({CommandState.UNKNOWN, CommandState.PARKED})


@dataclass(frozen=True, slots=True)
class PlanSubject:
    """One row of a selection with its licence as it stands now; the versions say from when that is."""

    position: int
    is_added: bool
    subscription_pk: int
    version: int
    customer_version: int
    order_state: str
    open_state: str | None
    cancel_kind: str | None
    subject: Subject


def plan_subjects(
    selection_id: int, positions: Sequence[int], *, book: TariffBook, actor: Actor, has_details: bool
) -> list[PlanSubject]:
    """The rows at those positions; has_details reads the customers' details too, which ModifyAttributes needs.

    The selection is the actor's own; a licence that the actor can no longer know of is left out.
    """
    chosen = (SelectionRow.selection == selection_id) & SelectionRow.position.in_(positions)
    terms = _terms(chosen)
    details = (Subscription.confirmed_details, *_DETAIL_COLUMNS) if has_details else ()
    rows = in_scope(_licences(chosen, details), actor=actor, model=Subscription).tuples()
    return [_subject(row, terms=terms, book=book) for row in rows]


def _licences(chosen: Any, details: Iterable[Any]) -> ModelSelect:
    is_open = (Command.subscription == Subscription.id) & Command.state.in_(OPEN_STATES)
    return (
        SelectionRow.select(
            SelectionRow.position,
            SelectionRow.is_added,
            Subscription.id,
            Subscription.version,
            Customer.version,
            Subscription.order_state,
            Subscription.cancel_kind,
            Subscription.quantity,
            Subscription.expires_on,
            Subscription.cancelled_on,
            Subscription.activated_at,
            Subscription.product,
            Subscription.reseller,
            Command.kind,
            Command.requested_at,
            Command.state,
            *details,
        )
        .join_from(SelectionRow, Subscription)
        .join_from(Subscription, Customer)
        .join_from(Subscription, Command, JOIN.LEFT_OUTER, on=is_open)
        .where(chosen)
        .order_by(SelectionRow.position)
    )


def _terms(chosen: Any) -> Mapping[int, tuple[TermSpan, ...]]:
    rows = (
        SelectionRow.select(Term.subscription, Term.quantity, Term.starts_at, Term.ends_at)
        .join(Term, on=(Term.subscription == SelectionRow.subscription))
        .where(chosen)
        .order_by(Term.subscription, Term.starts_at)
        .tuples()
    )
    spans: dict[int, list[TermSpan]] = defaultdict(list)
    for subscription_pk, *span in rows:
        spans[subscription_pk].append(TermSpan(*span))
    return {subscription_pk: tuple(held) for subscription_pk, held in spans.items()}


def _subject(row: Sequence[Any], *, terms: Mapping[int, tuple[TermSpan, ...]], book: TariffBook) -> PlanSubject:
    position, is_added, subscription_pk, version, customer_version, order_state, cancel_kind = row[:7]
    quantity, expires_on, cancelled_on, activated_at, product_id, reseller_id = row[7:13]
    kind, requested_at, open_state = row[13:16]
    holding = Holding(
        licence=Licence(
            is_live=order_state == OrderState.LIVE,
            is_failed=order_state == OrderState.FAILED,
            quantity=quantity,
            expires_on=expires_on,
            cancelled_on=cancelled_on,
            is_hard_cancelled=cancel_kind == CancelKind.HARD,
            created_at=activated_at,
        ),
        terms=terms.get(subscription_pk, ()),
        tariff=book.tariff(product_id, reseller_id=reseller_id),
        open_command=None if kind is None else OpenCommand(CommandKind(kind), requested_at),
    )
    return PlanSubject(
        position=position,
        is_added=is_added,
        subscription_pk=subscription_pk,
        version=version,
        customer_version=customer_version,
        order_state=order_state,
        open_state=open_state,
        cancel_kind=cancel_kind,
        subject=Subject(holding, is_unknown=open_state in _UNKNOWN_STATES, details=_details(row[16:])),
    )


def _details(columns: Sequence[Any]) -> Details | None:
    if not columns:
        return None
    confirmed, *wanted = columns
    return Details(
        wanted=CustomerDetails(*wanted),
        confirmed=None if confirmed is None else CustomerDetails.from_dict(confirmed),
    )
