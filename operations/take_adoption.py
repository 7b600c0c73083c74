"""A stated adoption meets what the vendor shows: it is taken and the command confirmed, or refused with the reason."""

from dataclasses import dataclass
from datetime import timedelta

from access import SYSTEM, Actor, Role
from database import locked, write_transaction
from licensing.commands import Confirmed, CustomerDetails, Evidence, NotFound, Unreadable
from licensing.moment import Moment
from licensing.states import CommandKind, CommandState
from licensing.vendor_licence import VendorLicence, Wanted, cancels_on, contradiction
from licensing.wording import Sentence
from models import Adoption, Command
from operations.audit import AuditAction
from operations.confirm_command import confirm, evidence_columns, lacks_own_id
from operations.parked_commands import audit_decision, write_decision
from operations.vendor_words import storable, storable_answer

Reading = VendorLicence | NotFound | Unreadable
_READ_AGAIN_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class StatedAdoption:
    """What must be read at the vendor before the adoption is taken."""

    adoption_id: int
    command_id: int
    subscription_id: str


def stated_adoption(command_id: int, *, moment: Moment) -> StatedAdoption | None:
    """What was stated about that command and is due to be read; None where there is nothing.

    It is due again only later, so that two jobs do not read at once.
    """
    with write_transaction():
        query = Adoption.select().where(
            Adoption.command == command_id, Adoption.state == "asked", Adoption.due_at <= moment.real_now
        )
        found: Adoption | None = locked(query).first()
        if found is None:
            return None
        Adoption.update(due_at=moment.real_now + _READ_AGAIN_AFTER).where(Adoption.id == found.id).execute()
        own_id = found.command.subscription.subscription_id
        return StatedAdoption(found.id, found.command_id, found.subscription_id or str(own_id or ""))


def take_adoption(stated: StatedAdoption, reading: Reading, *, moment: Moment) -> bool:
    """Confirm the command where the vendor shows what was stated, or cannot be read at all; else say why not.

    Gives whether the command was confirmed.
    """
    reading = storable_answer(reading)
    with write_transaction():
        # The command first, as every other decision about it does.
        command: Command = locked(Command.select().where(Command.id == stated.command_id)).get()
        adoption = Adoption.get_or_none(Adoption.id == stated.adoption_id, Adoption.state == "asked")
        if adoption is None:
            return False
        problem = _problem(adoption, command, reading, moment=moment)
        if problem is None and _confirm(adoption, command, reading.evidence, moment=moment):
            return True
        gone = Sentence("The request is no longer parked.")
        _refuse(adoption, command, problem or gone, reading.evidence, moment=moment)
        return False


def _problem(adoption: Adoption, command: Command, reading: Reading, *, moment: Moment) -> Sentence | None:
    if lacks_own_id(command, _outcome(adoption, command)):
        return Sentence("Another subscription has this Subscription ID.")
    match reading:
        case NotFound():
            return Sentence("The vendor has no licence with this Subscription ID.")
        case Unreadable(is_permanent=True):
            return None
        case Unreadable():
            template = "The vendor could not be read (%(reason)s). Try again later."
            return Sentence(template, {"reason": reading.reason})
        case VendorLicence():
            return contradiction(_wanted(adoption, command, moment=moment), reading)


def _wanted(adoption: Adoption, command: Command, *, moment: Moment) -> Wanted:
    kind = CommandKind(command.kind)
    return Wanted(
        kind=kind,
        quantity=command.quantity,
        expires_on=command.expires_on,
        details=None if command.details is None else CustomerDetails.from_dict(command.details),
        cancels_on=cancels_on(kind, executed_at=adoption.executed_at, zone=moment.zone),
    )


def _outcome(adoption: Adoption, command: Command) -> Confirmed:
    is_create = command.kind == CommandKind.CREATE
    return Confirmed(
        executed_at=adoption.executed_at,
        subscription_id=adoption.subscription_id if is_create else None,
        activation_code=adoption.activation_code if is_create else None,
    )


def _confirm(adoption: Adoption, command: Command, evidence: Evidence, *, moment: Moment) -> bool:
    outcome = _outcome(adoption, command)
    guard = Command.attempt == adoption.attempt
    if not confirm(command, outcome, before=CommandState.PARKED, guard=guard, moment=moment):
        return False
    actor = _person(adoption)
    Adoption.update(state="taken").where(Adoption.id == adoption.id).execute()
    write_decision(command, result="Adopted", note="", actor=actor, moment=moment, **evidence_columns(evidence))
    executed_at = adoption.executed_at.isoformat()
    audit_decision(AuditAction.COMMAND_ADOPTED, command, actor=actor, moment=moment, executed_at=executed_at)
    return True


def _refuse(adoption: Adoption, command: Command, problem: Sentence, evidence: Evidence, *, moment: Moment) -> None:
    answer = storable(str(problem))
    Adoption.update(state="refused", answer=answer).where(Adoption.id == adoption.id).execute()
    write_decision(
        command,
        result="Not adopted",
        note=answer,
        actor=_person(adoption),
        moment=moment,
        **evidence_columns(evidence),
    )


def _person(adoption: Adoption) -> Actor:
    """Whoever stated it: the decision is theirs, whichever process carries it out."""
    person = adoption.stated_by
    if person is None:
        return SYSTEM
    return Actor(user_id=person.id, name=str(person), role=Role(person.role), reseller_id=person.reseller_id)
