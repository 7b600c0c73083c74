"""One call in, one answer out: dedups, runs the rules, writes the ledger. Knows no HTTP and no fault but by name."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from simulator import rules
from simulator.ledger import Ledger, fields_column
from simulator.licences import SOAP_READS, Answer, Call, Licence, Refused, Sku, Terms
from simulator.months import Clock, month_end, month_start, to_wire
from simulator.subscription_rules import MESSAGES
from simulator.subscription_service import Batch, transaction_error

REFERENCE_HEADER = "X-Request-Reference"
DUPLICATE_ORDER = "6"

EXTENSION_OF = {
    "softcancel": "softcancel",
    "recreate": "recreate",
    "reduce": "reduce",
    "find": "find",
}


@dataclass(slots=True)
class Extensions:
    """What this vendor offers beyond the known wire; each can be switched off while it runs."""

    softcancel: bool = True
    recreate: bool = True
    reduce: bool = True
    effective_at: bool = True
    details: bool = True
    find: bool = True
    deduplication: bool = True

    def as_dict(self) -> dict[str, bool]:
        """Names to switches."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Service:
    """The vendor: its ledger, clock, zone, catalogue and extensions."""

    ledger: Ledger
    clock: Clock
    zone: ZoneInfo
    catalogue: Mapping[str, Sku]
    extensions: Extensions

    def record(self, call: Call) -> None:
        """Write down a request that will get neither effect nor answer."""
        with self.ledger.transaction():
            self.ledger.add_request(call, self.clock())

    def answer_without_effect(self, call: Call, answer: Answer) -> Answer:
        """Write down a request and the answer that was decided for it from outside."""
        with self.ledger.transaction():
            self.ledger.add_answer(self.ledger.add_request(call, self.clock()), answer)
        return answer

    def handle(self, call: Call) -> Answer:
        """Answer a call by the vendor's own rules; an effect and its answer are one transaction."""
        with self.ledger.transaction():
            request_id = self.ledger.add_request(call, self.clock())
            earlier = self._earlier_answer(call)
            answer = earlier or self._decide(request_id, call)
            self.ledger.add_answer(request_id, answer, is_replay=earlier is not None)
            return self._echoing(call, answer)

    def _echoing(self, call: Call, answer: Answer) -> Answer:
        """A vendor that knows references says which one it answers; in SOAP the answer itself does."""
        is_known = self.extensions.deduplication and not call.is_soap
        return replace(answer, headers=echo_of(call.reference)) if is_known else answer

    def _earlier_answer(self, call: Call) -> Answer | None:
        is_read = call.operation in SOAP_READS
        if is_read or not (self.extensions.deduplication and call.reference):
            return None
        row = self.ledger.answer_to(call.reference)
        if row is None:
            return None
        if (row["operation"], row["fields"]) != (call.operation, fields_column(call)):
            return self._reused(call)
        return Answer(status=row["status"], body=json.loads(row["body"]))

    def _reused(self, call: Call) -> Answer:
        if call.is_soap:
            return transaction_error(call, DUPLICATE_ORDER, MESSAGES[DUPLICATE_ORDER], now=self.clock())
        return error(409, "ReferenceReused", "This reference belongs to another request.")

    def _terms(self) -> Terms:
        return Terms(now=self.clock(), zone=self.zone, catalogue=self.catalogue)

    def _decide(self, request_id: int, call: Call) -> Answer:
        if call.is_soap:
            batch = Batch(ledger=self.ledger, terms=self._terms(), allows_info=self.extensions.details)
            return batch.answer(request_id, call)
        try:
            self._require_offered(call.operation)
            if call.operation == "find":
                return self._find(call)
            if call.operation == "getdetails":
                return self._details(self._licence(call))
            return self._execute(request_id, call)
        except Refused as refused:
            is_command = call.operation not in ("find", "getdetails")
            return error(refused.status, refused.code, refused.message, is_final=is_command)

    def _require_offered(self, operation: str) -> None:
        extension = EXTENSION_OF.get(operation)
        if extension is not None and not self.extensions.as_dict()[extension]:
            raise Refused(404, "OperationUnknown", f"There is no operation {operation}.")

    def _licence(self, call: Call) -> Licence:
        licence = self.ledger.licence(str(call.fields.get("SubscriptionId")))
        if licence is None:
            raise Refused(404, "SubscriptionUnknown", "There is no such subscription.")
        return licence

    def _execute(self, request_id: int, call: Call) -> Answer:
        terms = self._terms()
        if call.operation == "create":
            changed = rules.create(call.fields, terms)
        else:
            changed = rules.change(call.operation, licence=self._licence(call), fields=call.fields, terms=terms)
        changed = replace(changed, last_reference=call.reference)
        self.ledger.add_effect(request_id, call, changed)
        return Answer(status=200, body=self._executed_body(call, changed), is_final=True)

    def _executed_body(self, call: Call, licence: Licence) -> dict[str, Any]:
        body: dict[str, Any] = {"SubscriptionId": licence.subscription_id}
        if call.operation == "create":
            body["ActivationCode"] = licence.activation_code
            body["LicenseId"] = licence.activation_code[:8]
        if self.extensions.effective_at:
            body["EffectiveAt"] = to_wire(licence.modified_at, self.zone)
        return body

    def _find(self, call: Call) -> Answer:
        row = self.ledger.answer_to(str(call.fields.get("Reference")))
        if row is None:
            raise Refused(404, "ReferenceUnknown", "No request with this reference was executed or refused.")
        body = {
            "Reference": call.fields["Reference"],
            "Operation": row["operation"],
            "Status": row["status"],
            "Answer": json.loads(row["body"]),
        }
        return Answer(status=200, body=body)

    def _details(self, licence: Licence) -> Answer:
        now = self.clock()
        body: dict[str, Any] = {
            "SubscriptionId": licence.subscription_id,
            "Status": _status(licence, is_usable=licence.is_usable(now)),
            "PeriodStart": to_wire(month_start(now, self.zone), self.zone),
            "PeriodEnd": to_wire(month_end(now, self.zone), self.zone),
            "PeriodType": "Free" if licence.created_at >= month_start(now, self.zone) else "Paid",
        }
        if self.extensions.details:
            body |= self._more_details(licence)
        if self.extensions.effective_at:
            body["EffectiveAt"] = to_wire(now, self.zone)
        return Answer(status=200, body=body)

    def _more_details(self, licence: Licence) -> dict[str, Any]:
        return {
            "Quantity": licence.quantity,
            "Expiration": to_wire(licence.expires_at, self.zone),
            "CancellationDate": to_wire(licence.cancelled_at, self.zone),
            "Customer": licence.customer,
            "ModifiedAt": to_wire(licence.modified_at, self.zone),
            "LastReference": licence.last_reference,
        }


def _status(licence: Licence, *, is_usable: bool) -> str:
    if licence.is_hard_cancelled:
        return "HardCancelled"
    if not is_usable:
        return "Expired"
    return "Active" if licence.cancelled_at is None else "PendingCancellation"


def echo_of(reference: str | None) -> dict[str, str]:
    """The header that names the request an answer belongs to."""
    return {} if reference is None else {REFERENCE_HEADER: reference}


def error(status: int, code: str, message: str, *, is_final: bool = False) -> Answer:
    """An error as the wire has it; ErrorId is a new GUID to quote to support."""
    body = {"ErrorId": str(uuid.uuid4()), "ErrorCode": code, "Message": message}
    return Answer(status=status, body=body, is_final=is_final)
