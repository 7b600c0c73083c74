"""Answers a batch of the subscription service: each item by its rule, so that some succeed and others are refused."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from simulator import subscription_rules as rules
from simulator.ledger import Ledger
from simulator.licences import SOAP_COMMANDS, Answer, Call, Licence, Refused, Terms

INFO_SECTIONS = ("Subscription", "SubscriptionUsage")

Entry = dict[str, Any]


def transaction_error(call: Call, code: str, message: str, *, now: datetime, status: int = 200) -> Answer:
    """The whole batch is refused."""
    told = {"ErrorCode": code, "ErrorMessage": message}
    return Answer(status=status, body={**_head(call, now), "TransactionError": told, "ErrorCode": code}, is_final=True)


def unit_errors(call: Call, code: str, *, now: datetime) -> Answer:
    """Every item is refused with the same code."""
    refused = [_refusal(item, code, rules.MESSAGES[code]) for item in call.fields["Items"]]
    return Answer(status=200, body=_body(call, [], refused, now=now))


@dataclass(frozen=True, slots=True)
class Batch:
    """What answering one batch needs; called inside the ledger's transaction."""

    ledger: Ledger
    terms: Terms
    allows_info: bool

    def answer(self, request_id: int, call: Call) -> Answer:
        """Run the items in order; the effects of those that succeed are written down."""
        done: list[Entry] = []
        refused: list[Entry] = []
        for item in call.fields["Items"]:
            try:
                done.append(self._run(request_id, call, item))
            except Refused as reason:
                refused.append(_refusal(item, reason.code, reason.message))
        is_command = call.operation in SOAP_COMMANDS
        return Answer(status=200, body=_body(call, done, refused, now=self.terms.now), is_final=is_command)

    def _run(self, request_id: int, call: Call, item: Mapping[str, str]) -> Entry:
        licence = self.ledger.licence(item.get("SubscriberId", ""))
        if item["Operation"] not in SOAP_COMMANDS:
            return self._info(item, licence)
        changed = replace(rules.apply(item, licence, self.terms), last_reference=call.reference)
        self.ledger.add_effect(request_id, replace(call, operation=item["Operation"]), changed)
        code = {"ActivationCode": changed.activation_code} if licence is None else {}
        return {**_named(item), **code}

    def _info(self, item: Mapping[str, str], licence: Licence | None) -> Entry:
        if item["Operation"] != "GetInfo" or not self.allows_info:
            raise rules.refused("601")
        if item.get("InfoSection") not in INFO_SECTIONS:
            raise rules.refused("602")
        if licence is None:
            raise rules.refused("5")
        return {**_named(item), "Subscription": self._shown(licence)}

    def _shown(self, licence: Licence) -> dict[str, str]:
        return {
            "Status": rules.status(licence),
            "StartTime": licence.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "EndTime": rules.last_day(licence, self.terms),
            "LicenseCount": str(licence.quantity),
            "ProductId": licence.sku,
            "ActivationCode": licence.activation_code,
        }


def _named(item: Mapping[str, str]) -> Entry:
    return {name: item.get(name, "") for name in ("Operation", "UnitId", "SubscriberId")}


def _refusal(item: Mapping[str, str], code: str, message: str) -> Entry:
    return {**_named(item), "ErrorCode": code, "ErrorMessage": message}


def _head(call: Call, now: datetime) -> dict[str, str]:
    return {"Timestamp": now.isoformat(timespec="milliseconds"), "TransactionId": str(call.reference)}


def _body(call: Call, done: list[Entry], refused: list[Entry], *, now: datetime) -> dict[str, Any]:
    told = {"ErrorCode": refused[0]["ErrorCode"]} if refused else {}
    return {**_head(call, now), "SubscriptionResponse": done, "SubscriptionError": refused, **told}
