"""A vendor that can be asked for nothing but how a licence stands, as the subscription service can.

What its reading proves is decided by the product's own rules for that service; the ledger and the faults are the same.
"""

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from gateways.base import NotFound, Snapshot, Unreadable
from gateways.subscription_service import SubscriptionServiceConfig, settlement
from gateways.subscription_service.answers import Done
from gateways.subscription_service.messages import INDEFINITE, last_day_of, own_subscriber_id
from licensing.commands import Confirmed, Finding, Outcome, Rejected, VendorRequest
from licensing.states import CommandKind
from tests.chaos.checker import Effect
from tests.chaos.vendor import ANSWERED, SILENT, Call, Held, Vendor

SHARE = 0.15
# A reading may come long after the execution that it dates, and people wait before they decide.
SLACK = timedelta(minutes=20)
ONE_DAY = timedelta(days=1)


def is_for(seed: int) -> bool:
    """Whether that schedule meets this vendor; drawn apart, so that the others stay as they are."""
    return random.Random(f"{seed} stands").random() < SHARE  # noqa: S311 - to be repeated, not to be secret


class StandingVendor(Vendor):
    """It chooses no id of its own, refuses four commands unsent, and ends use with the month that a cancel names."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "is_composed": False})
        self._reading = "standing"
        config = SubscriptionServiceConfig(
            endpoint="https://vendor.example/", user_name="us", password="", zone=self._zone
        )
        self.capabilities = config.capabilities()
        self._sku_of: dict[str, str] = {}

    def execute(self, request: VendorRequest) -> Outcome:
        """As any vendor, but for what the service cannot do."""
        support = self.capabilities.support(request.kind)
        if not support.is_offered:
            return Rejected(code="NotOffered", message=support.refusal)
        return super().execute(request)

    def _arrived(self, call: Call, fault: str) -> Outcome:
        outcome = super()._arrived(call, fault)
        if isinstance(outcome, Confirmed) and outcome.executed_at is not None:
            counts_from = settlement.counted_at(call.request, outcome.executed_at, self._zone)
            return replace(outcome, executed_at=counts_from)
        return outcome

    def _after(self, call: Call) -> Held:
        request, held = call.request, super()._after(call)
        if request.kind is CommandKind.CREATE:
            own_id = own_subscriber_id(request.reference)
            self._sku_of[own_id] = str(request.sku_code)
            return replace(held, subscription_id=own_id)
        if request.kind in settlement.CANCELLED:
            before = self._licences[held.subscription_id].cancelled_on
            return replace(held, cancelled_on=before or self._named_end(request))
        return held

    def _named_end(self, request: VendorRequest) -> date | None:
        last_day = last_day_of(request, self._zone)
        return None if last_day is None else last_day + ONE_DAY

    def _shown(self, request: VendorRequest, fault: str) -> Finding:
        if fault == "read dropped" or self._is_out():
            return Unreadable(reason="no answer", evidence=SILENT)
        if not self.capabilities.can_settle(request.kind) or fault == "cannot be read":
            return Unreadable(reason="no such call", is_permanent=True, evidence=ANSWERED)
        is_new = request.kind is CommandKind.CREATE
        shown = self._standing(own_subscriber_id(request.reference) if is_new else str(request.subscription_id))
        if shown is None:
            return NotFound(evidence=ANSWERED)
        finding = settlement.finding_of(request, shown, read_at=self._business(), zone=self._zone)
        return replace(finding, evidence=ANSWERED)

    def _standing(self, subscription_id: str) -> Done | None:
        """The licence after the last execution that the vendor shows already."""
        mine = [effect for effect in self.effects if effect.subscription_id == subscription_id]
        seen = [effect for effect in mine if self._shown_at.get(effect.reference, 0) <= self._hub.seconds]
        return Done(values=self._values(seen[-1]), stated_at=None) if seen else None

    def _values(self, effect: Effect) -> dict[str, str]:
        is_cancelled = effect.cancelled_on is not None
        cancelled = "HardCancelled" if effect.is_hard_cancelled else "SoftCancelled"
        ends_on = effect.cancelled_on if is_cancelled else effect.expires_on
        return {
            "Status": cancelled if is_cancelled else "Started",
            "EndTime": INDEFINITE if ends_on is None else f"{ends_on - ONE_DAY}T12:00:00Z",
            "LicenseCount": str(effect.quantity),
            "ProductId": self._sku_of.get(effect.subscription_id, ""),
            "ActivationCode": self._code_of[effect.subscription_id],
        }

    def read_details(self, subscription_id: str) -> Snapshot | NotFound | Unreadable:
        """The licence as it stands."""
        shown = self._standing(subscription_id)
        found = NotFound() if shown is None else settlement.snapshot_of(subscription_id, shown)
        return replace(found, evidence=ANSWERED)
