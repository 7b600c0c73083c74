"""Finds out what became of a command by reading the order service, and reads licences. Sends no command."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from gateways.base import Snapshot
from gateways.http_deadline import HttpAnswer, HttpRequest
from gateways.order_service import messages
from gateways.order_service.errors import error_of
from gateways.order_service.evidence import evidence_of
from licensing.commands import Confirmed, Evidence, Finding, NotFound, Rejected, Unreadable, VendorRequest

Read = Callable[[HttpRequest], HttpAnswer | Unreadable]
UNKNOWN_REFERENCE = "ReferenceUnknown"
UNKNOWN_SUBSCRIPTION = "SubscriptionUnknown"


def settle_by_find(request: VendorRequest, calls: Sequence[str], *, read: Read) -> Finding:
    """Look up each call not completed yet by its reference; the first that is not confirmed decides."""
    confirmed: Confirmed | None = None
    for step in range(request.completed_steps, len(calls)):
        finding = _find_step(request, calls[step], step=step, read=read)
        if isinstance(finding, NotFound | Rejected) and confirmed is not None:
            return replace(finding, begun_at=confirmed.executed_at)
        if not isinstance(finding, Confirmed):
            return finding
        confirmed = finding if confirmed is None else replace(finding, executed_at=confirmed.executed_at)
    return confirmed or Unreadable(reason="No call of this command is left to ask about.", is_permanent=True)


def _find_step(request: VendorRequest, operation: str, *, step: int, read: Read) -> Finding:
    reference = messages.step_reference(request.reference, step)
    call = messages.build_find(reference)
    answer = read(call)
    if isinstance(answer, Unreadable):
        return answer
    evidence = evidence_of(call, answer, was_written=True)
    if _says(answer, UNKNOWN_REFERENCE):
        return NotFound(completed_steps=step, evidence=evidence)
    try:
        found = _readable(answer)
        _require_about(found, reference, operation)
        return _finding(found, request, operation=operation, step=step, evidence=evidence)
    except messages.AnswerUnreadable as unreadable:
        return Unreadable(reason=_reason(answer, unreadable), evidence=evidence)


def _require_about(found: Mapping[str, Any], reference: str, operation: str) -> None:
    if (found.get("Reference"), found.get("Operation")) != (reference, operation):
        raise messages.AnswerUnreadable("the answer is about another request")


def _finding(
    found: Mapping[str, Any], request: VendorRequest, *, operation: str, step: int, evidence: Evidence
) -> Confirmed | Rejected:
    earlier = found.get("Answer")
    if not isinstance(earlier, dict):
        raise messages.AnswerUnreadable("the earlier answer is missing")
    if found.get("Status") == HTTPStatus.OK:
        return replace(messages.read_confirmation(earlier, request, operation=operation), evidence=evidence)
    error = messages.read_error(earlier)
    return Rejected(
        code=error.code,
        message=error.message,
        error_reference=error.error_id,
        completed_steps=step,
        evidence=evidence,
    )


def settle_by_details(request: VendorRequest, calls: Sequence[str], *, read: Read, zone: ZoneInfo) -> Finding:
    """Compare the licence's last reference with those of the command; at most one command is open per licence."""
    snapshot = read_snapshot_of(str(request.subscription_id), read=read, zone=zone)
    if isinstance(snapshot, NotFound):
        return replace(snapshot, completed_steps=request.completed_steps)
    if isinstance(snapshot, Unreadable):
        return snapshot
    references = [messages.step_reference(request.reference, step) for step in range(len(calls))]
    if snapshot.last_reference not in references:
        return _not_ours(snapshot, request)
    completed = references.index(snapshot.last_reference) + 1
    if completed < len(calls):
        return NotFound(completed_steps=completed, begun_at=snapshot.modified_at, evidence=snapshot.evidence)
    return Confirmed(
        executed_at=snapshot.modified_at, subscription_id=snapshot.subscription_id, evidence=snapshot.evidence
    )


def _not_ours(snapshot: Snapshot, request: VendorRequest) -> NotFound | Unreadable:
    """Another request changed the licence last: before ours was asked for, or after it, which then hides ours."""
    requested_at = request.requested_at
    is_later = requested_at is not None and snapshot.modified_at is not None and snapshot.modified_at > requested_at
    if is_later:
        reason = "The licence was changed by somebody else since, so it does not show whether this was executed."
        return Unreadable(reason=reason, is_permanent=True, evidence=snapshot.evidence)
    return NotFound(completed_steps=request.completed_steps, evidence=snapshot.evidence)


def read_snapshot_of(subscription_id: str, *, read: Read, zone: ZoneInfo) -> Snapshot | NotFound | Unreadable:
    """Read a licence; NotFound only where the service says in its own words that it has none of this id."""
    call = messages.build_details(subscription_id)
    answer = read(call)
    if isinstance(answer, Unreadable):
        return answer
    evidence = evidence_of(call, answer, was_written=True)
    if _says(answer, UNKNOWN_SUBSCRIPTION):
        return NotFound(evidence=evidence)
    try:
        snapshot = messages.read_snapshot(_readable(answer), subscription_id=subscription_id, zone=zone)
    except messages.AnswerUnreadable as unreadable:
        return Unreadable(reason=_reason(answer, unreadable), evidence=evidence)
    return replace(snapshot, evidence=evidence)


def _readable(answer: HttpAnswer) -> dict[str, Any]:
    if answer.status != HTTPStatus.OK:
        raise messages.AnswerUnreadable("the service did not say")
    return messages.read_object(answer.body)


def _says(answer: HttpAnswer, code: str) -> bool:
    error = error_of(answer) if answer.status == HTTPStatus.NOT_FOUND else None
    return error is not None and error.code == code


def _reason(answer: HttpAnswer, unreadable: messages.AnswerUnreadable) -> str:
    return f"HTTP {answer.status}, but {unreadable}."
