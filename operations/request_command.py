"""Ask for a command on a licence: command row and audit entry in one transaction; a refusal leaves only the entry."""

import uuid
from dataclasses import dataclass, replace
from datetime import date

from access import Actor, Permission
from database import locked, write_transaction
from licensing.commands import CustomerDetails
from licensing.lifecycle import QUANTITY_KINDS
from licensing.moment import Moment
from licensing.refusals import Refusal, RefusalCode
from licensing.states import CommandKind, CommandState
from licensing.wording import Sentence
from models import Command, Subscription
from operations.audit import AuditAction, record
from operations.command_rules import refusal_of
from operations.earlier_command import earlier_command
from operations.refusals import CommandRefused, NotFound, VersionConflict
from queries.licences import open_command_of
from queries.scope import visible

_DATED_KINDS = frozenset({CommandKind.RENEW, CommandKind.RECREATE, CommandKind.REDUCE})
_DETAILS_KINDS = frozenset({CommandKind.RECREATE, CommandKind.MODIFY_ATTRIBUTES})


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """What the dialog of a command asks for.

    version is that of the subscription when the dialog was shown; request_key came with the form and makes a second
    click the same request; expires_on is the first of a month, None for unlimited; quantity is absolute.
    """

    kind: CommandKind
    subscription_pk: int
    version: int
    request_key: str
    quantity: int | None = None
    expires_on: date | None = None
    details: CustomerDetails | None = None


def request_command(request: CommandRequest, *, actor: Actor, moment: Moment) -> Command:
    """Queue the command and give it; a repeated request_key gives the first one.

    Raises AccessDenied; NotFound for a subscription that the actor cannot know of; VersionConflict when somebody else
    changed it meanwhile; CommandRefused with the life cycle's reason, after an audit entry was written.
    """
    actor.require(Permission.RUN_COMMANDS)
    request = _carried(request)
    with write_transaction():
        subscription = _locked_subscription(request, actor=actor)
        # Under the lock: the first click of a double click may have been writing while the second one came.
        first = earlier_command(request.request_key, actor=actor)
        if first is not None:
            return first
        if subscription.version != request.version:
            raise VersionConflict(subscription)
        refused = _form_refusal(request) or _refusal(request, subscription, moment=moment)
        if refused is None:
            return queue_command(request, subscription, actor=actor, moment=moment)
        _audit_refusal(request, subscription, refused, actor=actor, moment=moment)
    raise CommandRefused(str(refused), field=refused.field_name)


def _locked_subscription(request: CommandRequest, *, actor: Actor) -> Subscription:
    subscription = locked(visible(Subscription, actor=actor).where(Subscription.id == request.subscription_pk)).first()
    if subscription is None:
        raise NotFound(request.subscription_pk)
    return subscription  # type: ignore[no-any-return]


def _carried(request: CommandRequest) -> CommandRequest:
    """The request with the values that its command carries, whatever else the form sent."""
    return replace(
        request,
        quantity=request.quantity if request.kind in QUANTITY_KINDS else None,
        expires_on=request.expires_on if request.kind in _DATED_KINDS else None,
        details=request.details if request.kind in _DETAILS_KINDS else None,
    )


def _form_refusal(request: CommandRequest) -> Refusal | None:
    """What no form of ours asks for: a second Create, or a command without the details it is about."""
    if request.kind is CommandKind.CREATE:
        return Refusal(RefusalCode.ORDERED_ALREADY, Sentence("Create is for a new subscription; this one exists."))
    if request.kind in _DETAILS_KINDS and request.details is None:
        return Refusal(RefusalCode.DETAILS_MISSING, Sentence("Enter the company name."), "company_name")
    return None


def _refusal(request: CommandRequest, subscription: Subscription, *, moment: Moment) -> Refusal | None:
    return refusal_of(
        request.kind,
        subscription,
        quantity=request.quantity,
        expires_on=request.expires_on,
        moment=moment,
        open_command=open_command_of(subscription),
    )


def queue_command(request: CommandRequest, subscription: Subscription, *, actor: Actor, moment: Moment) -> Command:
    """Write the command row, due at once, and its audit entry into the transaction that is open."""
    details = request.details
    command = Command.create(
        reference=str(uuid.uuid4()),
        request_key=request.request_key,
        kind=request.kind,
        state=CommandState.QUEUED,
        subscription=subscription,
        reseller=subscription.reseller_id,
        requested_by=actor.user_id,
        requested_at=moment.now,
        quantity=request.quantity,
        expires_on=request.expires_on,
        details=None if details is None else details.as_dict(),
        change=_change(request, subscription),
        due_at=moment.real_now,
    )
    record(
        AuditAction.COMMAND_REQUESTED,
        actor=actor,
        now=moment.now,
        subject="command",
        subject_id=command.id,
        reseller_id=subscription.reseller_id,
        details={"kind": request.kind, "subscription": subscription.id},
    )
    return command  # type: ignore[no-any-return]


def _change(request: CommandRequest, subscription: Subscription) -> dict[str, object]:
    """How the licence stood when the command was asked for: the left side of "12 → 8 seats" in every list."""
    expires_on = subscription.expires_on
    return {
        "quantity": subscription.quantity,
        "expires_on": None if expires_on is None else expires_on.isoformat(),
        "details": subscription.confirmed_details if request.details is not None else None,
    }


def _audit_refusal(
    request: CommandRequest, subscription: Subscription, refused: Refusal, *, actor: Actor, moment: Moment
) -> None:
    record(
        AuditAction.COMMAND_REFUSED,
        actor=actor,
        now=moment.now,
        subject="subscription",
        subject_id=subscription.id,
        reseller_id=subscription.reseller_id,
        details={"kind": request.kind, "code": refused.code, "reason": str(refused)},
    )
