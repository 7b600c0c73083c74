"""Close a difference that reconciliation found: somebody has looked at it, and says why it may stay."""

from access import Actor, Permission
from database import locked, write_transaction
from licensing.moment import Moment
from licensing.wording import Sentence
from models import Case
from operations.audit import AuditAction, record
from operations.decision_refusals import DecisionRefused
from operations.record_refusals import FieldsRefused
from operations.refusals import NotFound
from operations.text_rules import text_problem, tidy
from queries.scope import visible

LONGEST_REASON = 500


def close_case(case_id: int, *, reason: str, actor: Actor, moment: Moment) -> Case:
    """Close it; while the difference stays the same it stays closed, and a different one is a new case.

    Raises AccessDenied, NotFound; FieldsRefused without a reason; DecisionRefused where it is no longer open.
    """
    actor.require(Permission.SETTLE_UNKNOWN)
    reason = tidy(reason)
    problem = text_problem(reason, limit=LONGEST_REASON, is_required=True)
    with write_transaction():
        case: Case | None = locked(visible(Case, actor=actor).where(Case.id == case_id)).first()
        if case is None:
            raise NotFound(case_id)
        if problem is not None:
            raise FieldsRefused({"reason": problem})
        if case.state != "open":
            raise DecisionRefused(Sentence("This difference is no longer open."))
        Case.update(state="closed", settled_at=moment.now, closed_by=actor.user_id, closing_note=reason).where(
            Case.id == case.id
        ).execute()
        record(
            AuditAction.CASE_CLOSED,
            actor=actor,
            now=moment.now,
            subject="case",
            subject_id=case.id,
            reseller_id=case.reseller_id,
            details={"kind": case.kind, "subscription": case.vendor_id, "reason": reason},
        )
        return Case.get_by_id(case_id)  # type: ignore[no-any-return]
