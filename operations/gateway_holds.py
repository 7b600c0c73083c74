"""Holds: nothing is sent through a gateway until a person of the distributor has looked and releases it."""

from access import Actor, Permission
from database import locked, write_transaction
from licensing.moment import Moment
from licensing.wording import Sentence
from models import GatewayHold
from operations.audit import AuditAction, record
from operations.decision_refusals import DecisionRefused
from operations.refusals import NotFound
from queries.reconciliations import is_clean_since


def hold_gateway(
    gateway: str, *, reason: str, actor: Actor, moment: Moment, needs_reconciliation: bool = False
) -> bool:
    """Hold the gateway. One that is held keeps its reason; a need for reconciliation is added. Gives whether it is new.

    Raises AccessDenied.
    """
    actor.require(Permission.SETTLE_UNKNOWN)
    with write_transaction():
        inserted = (
            GatewayHold.insert(
                gateway=gateway, reason=reason, held_at=moment.now, needs_reconciliation=needs_reconciliation
            )
            .on_conflict_ignore()
            .returning(GatewayHold.gateway)
            .execute()
        )
        is_new = bool(list(inserted))
        if needs_reconciliation and not is_new:
            _deepen(gateway, reason=reason, moment=moment)
        if is_new or needs_reconciliation:
            _audit(AuditAction.GATEWAY_HELD, gateway, actor=actor, moment=moment, reason=reason)
    return is_new


def _deepen(gateway: str, *, reason: str, moment: Moment) -> None:
    """A hold for another reason becomes one that only a clean reconciliation from now on can end."""
    held = GatewayHold.get_by_id(gateway)
    reasons = held.reason if reason in held.reason else f"{held.reason}; {reason}"
    GatewayHold.update(reason=reasons, held_at=moment.now, needs_reconciliation=True).where(
        GatewayHold.gateway == gateway
    ).execute()


def release_hold(gateway: str, *, actor: Actor, moment: Moment) -> None:
    """Let commands be sent again.

    Raises AccessDenied; NotFound where nothing is held; DecisionRefused while a reconciliation is wanted that began
    after the hold and found nothing.
    """
    actor.require(Permission.SETTLE_UNKNOWN)
    with write_transaction():
        held = locked(GatewayHold.select().where(GatewayHold.gateway == gateway)).first()
        if held is None:
            raise NotFound(gateway)
        if held.needs_reconciliation and not is_clean_since(held.held_at):
            raise DecisionRefused(
                Sentence("Sending stays on hold until a reconciliation that began after the hold finds no difference.")
            )
        GatewayHold.delete().where(GatewayHold.gateway == gateway).execute()
        _audit(AuditAction.GATEWAY_RELEASED, gateway, actor=actor, moment=moment, reason=held.reason)


def _audit(action: AuditAction, gateway: str, *, actor: Actor, moment: Moment, reason: str) -> None:
    record(action, actor=actor, now=moment.now, subject="gateway", details={"gateway": gateway, "reason": reason})
