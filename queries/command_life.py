"""One command's whole life: what was asked, every exchange with the vendor, every entry of the audit trail about it."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from peewee import JOIN

from access import Actor
from licensing.pricing import NoPriceList
from licensing.states import CommandKind, CommandState
from licensing.terms import month_of
from models import Adoption, Attempt, AuditEntry, Command, Customer, Product, Reseller, Subscription, Term, User
from queries.prices import bands_of_product
from queries.scope import in_scope, visible


class NoSuchCommand(LookupError):
    """No command of that id exists for the actor."""


@dataclass(frozen=True, slots=True)
class CommandLife:
    """attempts and entries are oldest first; price_cents is the list price of a seat that a Create ordered at.

    has_evidence: what went over the wire may be shown to the actor. An answer may have strayed from another
    reseller's licence, so the wire is for those who see all resellers.
    """

    command: Command
    attempts: tuple[Attempt, ...]
    entries: tuple[AuditEntry, ...]
    terms: tuple[Term, ...]
    adoption: Adoption | None
    price_cents: int | None
    has_evidence: bool


def command_life(command_id: int | None, *, actor: Actor, zone: ZoneInfo) -> CommandLife:
    """The life of that command. Raises NoSuchCommand for a foreign or missing one."""
    command = _joined(command_id, actor=actor)
    has_evidence = actor.reseller_id is None
    return CommandLife(
        command=command,
        attempts=_attempts(command, has_evidence=has_evidence),
        entries=_entries(command, actor=actor),
        terms=tuple(Term.select().where(Term.command == command.id).order_by(Term.starts_at)),
        adoption=Adoption.select().where(Adoption.command == command.id).order_by(Adoption.id.desc()).first(),
        price_cents=_price(command, zone=zone),
        has_evidence=has_evidence,
    )


def _price(command: Command, *, zone: ZoneInfo) -> int | None:
    if command.sku_code is None:
        return None
    try:
        bands = bands_of_product(command.subscription.product_id, month=month_of(command.requested_at, zone))
    except NoPriceList:
        return None
    return next((band.price_cents for band in bands if band.sku_code == command.sku_code), None)


def _joined(command_id: int | None, *, actor: Actor) -> Command:
    query = (
        Command.select(Command, Subscription, Customer, Product, Reseller, User)
        .join_from(Command, Subscription)
        .join_from(Subscription, Customer)
        .join_from(Subscription, Product)
        .join_from(Command, Reseller)
        .join_from(Command, User, JOIN.LEFT_OUTER)
        .where(Command.id == command_id)
    )
    found = in_scope(query, actor=actor, model=Command).first()
    if found is None:
        raise NoSuchCommand(command_id)
    return found  # type: ignore[no-any-return]


def _attempts(command: Command, *, has_evidence: bool) -> tuple[Attempt, ...]:
    columns = [Attempt.id, Attempt.number, Attempt.purpose, Attempt.started_at, Attempt.finished_at, Attempt.result]
    columns += [Attempt.note, Attempt.http_status]
    columns += [Attempt.request, Attempt.response] if has_evidence else []
    return tuple(Attempt.select(*columns).where(Attempt.command == command.id).order_by(Attempt.id))


def _entries(command: Command, *, actor: Actor) -> tuple[AuditEntry, ...]:
    """The entries about the command; an order is asked for in that of its subscription."""
    is_about = (AuditEntry.subject == "command") & (AuditEntry.subject_id == command.id)
    if command.kind == CommandKind.CREATE:
        is_order = (AuditEntry.subject == "subscription") & (AuditEntry.subject_id == command.subscription_id)
        is_about |= is_order & (AuditEntry.action == "subscription.ordered")
    return tuple(visible(AuditEntry, actor=actor).where(is_about).order_by(AuditEntry.id))


def find_by_reference(reference: str, *, actor: Actor) -> int | None:
    """The id of the command that was sent with that reference."""
    found = visible(Command, Command.id, actor=actor).where(Command.reference == reference).first()
    return None if found is None else int(found.id)


def oldest_parked(*, actor: Actor) -> int | None:
    """The command that has waited longest for a person to decide."""
    query = visible(Command, Command.id, actor=actor).where(Command.state == CommandState.PARKED)
    found = query.order_by(Command.requested_at, Command.id).first()
    return None if found is None else int(found.id)
