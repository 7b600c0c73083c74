"""The order service behind our eight commands: sends, asks, reads. Words: messages.py; their meaning: errors.py."""

from dataclasses import replace
from http import HTTPStatus

from gateways.base import Capabilities, Snapshot
from gateways.http_deadline import Deadline, HttpAnswer, HttpFailure, HttpRequest, HttpTransport
from gateways.http_outcomes import outcome_of_failure, refused_sign_in, unreadable_of_failure
from gateways.order_service import messages
from gateways.order_service.config import OrderServiceConfig
from gateways.order_service.errors import outcome_of_refusal
from gateways.order_service.evidence import evidence_of, joined
from gateways.order_service.settlement import read_snapshot_of, settle_by_details, settle_by_find
from licensing.commands import Confirmed, Finding, NotFound, Outcome, Rejected, Unknown, Unreadable, VendorRequest


class OrderServiceGateway:
    """One order service. GatewayMisconfigured when the address or the certificate files cannot be used."""

    def __init__(self, config: OrderServiceConfig) -> None:
        self._config = config
        self._capabilities = config.capabilities()
        self._transport = HttpTransport(
            config.base_url, client_cert=config.client_cert, client_key=config.client_key, ca_file=config.ca_file
        )

    @property
    def capabilities(self) -> Capabilities:
        """What this service can do."""
        return self._capabilities

    @property
    def deadline_seconds(self) -> float:
        """The longest that execute, settle or read_details may take, both calls of a Renew included."""
        return self._config.timeout_seconds

    def execute(self, request: VendorRequest) -> Outcome:
        """Send the calls of a command that are not completed yet, within one deadline."""
        support = self._capabilities.support(request.kind)
        if not support.is_offered:
            return Rejected(code="NotOffered", message=support.refusal)
        deadline = Deadline(self._config.timeout_seconds)
        first = self._execute_step(request, request.completed_steps, deadline)
        return self._continue(request, first, deadline)

    def _continue(self, request: VendorRequest, outcome: Outcome, deadline: Deadline) -> Outcome:
        steps = range(request.completed_steps + 1, len(self._capabilities.support(request.kind).calls))
        for step in steps:
            if not isinstance(outcome, Confirmed):
                return outcome
            following = self._execute_step(request, step, deadline)
            following = replace(following, evidence=joined(outcome.evidence, following.evidence))
            # Use began again with the first call: that is the instant from which the command counts.
            if isinstance(following, Confirmed):
                following = replace(following, executed_at=outcome.executed_at)
            else:
                following = replace(following, begun_at=outcome.executed_at)
            outcome = following
        return outcome

    def _execute_step(self, request: VendorRequest, step: int, deadline: Deadline) -> Outcome:
        operation = self._capabilities.support(request.kind).calls[step]
        try:
            call = messages.build_call(
                request, operation, step=step, partner=self._config.partner, zone=self._config.zone
            )
        except messages.NotSendable as impossible:
            return Rejected(code="NotSendable", message=str(impossible), completed_steps=step)
        outcome = self._send_command(call, request, operation, deadline)
        return outcome if isinstance(outcome, Confirmed) else replace(outcome, completed_steps=step)

    def _send_command(self, call: HttpRequest, request: VendorRequest, operation: str, deadline: Deadline) -> Outcome:
        try:
            answer = self._transport.send(call, deadline)
        except HttpFailure as failure:
            evidence = evidence_of(call, None, was_written=failure.was_written)
            return replace(outcome_of_failure(failure), evidence=evidence)
        evidence = evidence_of(call, answer, was_written=True)
        if messages.is_misdirected(call, answer):
            return Unknown(reason="The answer is about another request.", evidence=evidence)
        return replace(self._read_answer(answer, request, operation), evidence=evidence)

    def _read_answer(self, answer: HttpAnswer, request: VendorRequest, operation: str) -> Outcome:
        if answer.status != HTTPStatus.OK:
            return outcome_of_refusal(
                answer, throttle_means_not_executed=self._capabilities.throttle_means_not_executed
            )
        try:
            return messages.read_confirmation(messages.read_object(answer.body), request, operation=operation)
        except messages.AnswerUnreadable as unreadable:
            return Unknown(reason=f"HTTP 200, but {unreadable}.")

    def settle(self, request: VendorRequest) -> Finding:
        """Ask what became of a command: by our reference where the service finds it, else by the licence's last one."""
        if not self._capabilities.can_settle(request.kind):
            return Unreadable(reason="The service cannot be asked about this command.", is_permanent=True)
        deadline = Deadline(self._config.timeout_seconds)
        calls = self._capabilities.support(request.kind).calls
        if self._capabilities.find_by_reference:
            return settle_by_find(request, calls, read=lambda call: self._read(call, deadline))
        return settle_by_details(request, calls, read=lambda call: self._read(call, deadline), zone=self._config.zone)

    def read_details(self, subscription_id: str) -> Snapshot | NotFound | Unreadable:
        """Read a licence for reconciliation; NotFound where the service does not know it."""
        if not self._capabilities.read_details:
            return Unreadable(reason="The service does not show a licence's details.", is_permanent=True)
        deadline = Deadline(self._config.timeout_seconds)
        return read_snapshot_of(subscription_id, read=lambda call: self._read(call, deadline), zone=self._config.zone)

    def _read(self, call: HttpRequest, deadline: Deadline) -> HttpAnswer | Unreadable:
        try:
            answer = self._transport.send(call, deadline)
        except HttpFailure as failure:
            evidence = evidence_of(call, None, was_written=failure.was_written)
            return replace(unreadable_of_failure(failure), evidence=evidence)
        refused = refused_sign_in(answer)
        if refused:
            evidence = evidence_of(call, answer, was_written=True)
            return Unreadable(reason=refused, holds_gateway=True, evidence=evidence)
        return answer
