"""The subscription service behind our eight commands: sends, asks, reads. Words: messages.py; meaning: answers.py."""

from dataclasses import replace
from http import HTTPStatus

from gateways.base import Capabilities, GatewayMisconfigured, Snapshot
from gateways.http_deadline import Deadline, HttpAnswer, HttpFailure, HttpRequest, HttpTransport
from gateways.http_outcomes import (
    REFUSALS,
    outcome_of_failure,
    outcome_of_status,
    refused_sign_in,
    unreadable_of_failure,
)
from gateways.subscription_service import settlement
from gateways.subscription_service.answers import AnswerUnreadable, Done, Refusal, read_answer, read_code, read_fault
from gateways.subscription_service.codes import MEANINGS, leaves_open
from gateways.subscription_service.config import SubscriptionServiceConfig
from gateways.subscription_service.envelope import service_element
from gateways.subscription_service.evidence import evidence_of
from gateways.subscription_service.messages import (
    Item,
    NotSendable,
    Sender,
    info_item,
    item_of,
    own_subscriber_id,
)
from licensing.commands import (
    Confirmed,
    Evidence,
    Finding,
    NotFound,
    Outcome,
    Rejected,
    Unknown,
    Unreadable,
    VendorRequest,
)
from licensing.states import CommandKind


class SubscriptionServiceGateway:
    """One subscription service. GatewayMisconfigured when address, name, password or certificates cannot be used."""

    def __init__(self, config: SubscriptionServiceConfig) -> None:
        self._config = config
        self._capabilities = config.capabilities()
        self._sender = _sender(config)
        self._secrets = (config.password,)
        self._transport = HttpTransport(
            config.endpoint, client_cert=config.client_cert, client_key=config.client_key, ca_file=config.ca_file
        )

    @property
    def capabilities(self) -> Capabilities:
        """What this service can do."""
        return self._capabilities

    @property
    def deadline_seconds(self) -> float:
        """The longest that execute, settle or read_details may take."""
        return self._config.timeout_seconds

    def execute(self, request: VendorRequest) -> Outcome:
        """Send the one call of a command."""
        support = self._capabilities.support(request.kind)
        if not support.is_offered:
            return Rejected(code="NotOffered", message=support.refusal)
        try:
            item = item_of(request, support.calls[0])
            call = self._sender.command(request, item, self._config.zone)
        except NotSendable as impossible:
            return Rejected(code="NotSendable", message=str(impossible))
        return self._send_command(call, item, request)

    def _send_command(self, call: HttpRequest, item: Item, request: VendorRequest) -> Outcome:
        try:
            answer = self._transport.send(call, Deadline(self._config.timeout_seconds))
        except HttpFailure as failure:
            evidence = self._evidence(call, None, was_written=failure.was_written)
            return replace(outcome_of_failure(failure), evidence=evidence)
        return replace(self._outcome(answer, item, request), evidence=self._evidence(call, answer))

    def _outcome(self, answer: HttpAnswer, item: Item, request: VendorRequest) -> Outcome:
        proved = outcome_of_status(answer, throttle_means_not_executed=self._capabilities.throttle_means_not_executed)
        if proved is not None:
            return proved
        try:
            told = _told(answer, item)
            return _refused(told, request.kind) if isinstance(told, Refusal) else self._confirmed(told, item, request)
        except AnswerUnreadable as unreadable:
            return Unknown(reason=f"HTTP {answer.status}, but {unreadable}.")

    def _confirmed(self, told: Done, item: Item, request: VendorRequest) -> Confirmed:
        is_new = request.kind is CommandKind.CREATE
        return Confirmed(
            executed_at=settlement.stated_execution(request, told, self._config.zone),
            subscription_id=item.subscriber_id,
            activation_code=read_code(told.values) if is_new else None,
        )

    def settle(self, request: VendorRequest) -> Finding:
        """Find out from how the licence stands what became of a command."""
        if not self._capabilities.can_settle(request.kind):
            return Unreadable(reason="The service cannot be asked about this command.", is_permanent=True)
        is_new = request.kind is CommandKind.CREATE
        subscription_id = own_subscriber_id(request.reference) if is_new else request.subscription_id or ""
        shown, evidence = self._ask(subscription_id)
        if isinstance(shown, Done):
            read_at = shown.stated_at or self._config.clock()
            finding = settlement.finding_of(request, shown, read_at=read_at, zone=self._config.zone)
        else:
            finding = shown
        return replace(finding, evidence=evidence)

    def read_details(self, subscription_id: str) -> Snapshot | NotFound | Unreadable:
        """Read a licence for reconciliation; NotFound where the service does not know it."""
        shown, evidence = self._ask(subscription_id)
        found = settlement.snapshot_of(subscription_id, shown) if isinstance(shown, Done) else shown
        return replace(found, evidence=evidence)

    def _ask(self, subscription_id: str) -> tuple[Done | NotFound | Unreadable, Evidence]:
        """Put a question about a licence; what was seen goes beside what was found."""
        try:
            item = info_item(subscription_id)
        except NotSendable as impossible:
            return Unreadable(reason=str(impossible), is_permanent=True), Evidence()
        call = self._sender.question(item, at=self._config.clock())
        try:
            answer = self._transport.send(call, Deadline(self._config.timeout_seconds))
        except HttpFailure as failure:
            return unreadable_of_failure(failure), self._evidence(call, None, was_written=failure.was_written)
        return _shown(answer, item), self._evidence(call, answer)

    def _evidence(self, call: HttpRequest, answer: HttpAnswer | None, *, was_written: bool = True) -> Evidence:
        return evidence_of(call, answer, was_written=was_written, secrets=self._secrets)


def _sender(config: SubscriptionServiceConfig) -> Sender:
    try:
        for text in (config.user_name, config.password):
            service_element("AccessInfo", text)
    except ValueError:
        raise GatewayMisconfigured(
            "The vendor's user name or password holds a character that cannot be sent."
        ) from None
    if not config.user_name:
        raise GatewayMisconfigured("The subscription service needs a user name.")
    return Sender(user_name=config.user_name, password=config.password)


def _told(answer: HttpAnswer, item: Item) -> Done | Refusal:
    """What a readable answer says; only a refusal may come with a status other than 200."""
    if answer.status in REFUSALS:
        told = read_fault(answer.body) or read_answer(answer.body, item)
        if isinstance(told, Refusal):
            return told
    return _told_with_ok(answer, item)


def _told_with_ok(answer: HttpAnswer, item: Item) -> Done | Refusal:
    if answer.status != HTTPStatus.OK:
        raise AnswerUnreadable("the service did not say")
    return read_answer(answer.body, item)


def _refused(refusal: Refusal, kind: CommandKind) -> Rejected | Unknown:
    message = refusal.message or MEANINGS.get(refusal.code, "")
    if leaves_open(refusal.code, kind):
        return Unknown(reason=f"{refusal.code} {message}".strip())
    return Rejected(code=refusal.code, message=message)


def _shown(answer: HttpAnswer, item: Item) -> Done | NotFound | Unreadable:
    refused = refused_sign_in(answer)
    if refused:
        return Unreadable(reason=refused, holds_gateway=True)
    try:
        told = _told_with_ok(answer, item)
    except AnswerUnreadable as unreadable:
        return Unreadable(reason=f"HTTP {answer.status}, but {unreadable}.")
    return settlement.finding_of_refusal(told) if isinstance(told, Refusal) else told
