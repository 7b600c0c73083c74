"""A vendor in the same process, with a ledger and faults by seed; it never recognises a repeated request.

Its promise is the one that the product relies on: what it was sent it has executed, and shows, no later than the
lateness after the call's deadline, or it never will.
"""

import heapq
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateways.base import Capabilities, CommandSupport, NotFound, Snapshot, Unreadable
from licensing.commands import Confirmed, Evidence, Finding, NotExecuted, Outcome, Rejected, Unknown, VendorRequest
from licensing.states import CommandKind
from tests.chaos.checker import Effect
from tests.chaos.hub import Hub, Killed

DEADLINE_SECONDS, LATENESS_SECONDS = 10.0, 60.0
FAULTS = {
    "none": 50,
    "dropped": 6,
    "executed and dropped": 8,
    "executed late": 6,
    "hidden after executing": 6,
    "answered twice": 5,
    "throttled": 7,
    "refused connection": 4,
    "rejected": 3,
    "rejected and dropped": 3,
    "broke while reading": 4,
    "killed before executing": 4,
    "killed after executing": 5,
    "killed, executed late": 3,
    "stalled before the call": 3,
}
# How an outcome can be found out: by our reference, by a licence's last reference, or not at all.
READINGS = {"find": 60, "details": 25, "nothing": 15}
READ_FAULTS = {"none": 70, "read dropped": 12, "read hidden": 12, "cannot be read": 2, "killed while reading": 4}
ANSWERED = Evidence(request="a call", response="an answer", http_status=200, was_written=True)
SILENT = Evidence(request="a call", was_written=True)


@dataclass(frozen=True, slots=True)
class Held:
    """A licence as the vendor has it."""

    subscription_id: str
    quantity: int
    expires_on: date | None
    cancelled_on: date | None
    is_hard: bool
    company_name: str


@dataclass(slots=True)
class Call:
    """One call of a command on its way; ends_by is when it can no longer be executed, in seconds of the hub."""

    request: VendorRequest
    step: int
    ends_by: float

    @property
    def reference(self) -> str:
        return self.request.reference if self.step == 0 else f"{self.request.reference}.{self.step + 1}"


class Vendor:
    """A gateway and the service behind it. is_composed: it needs two calls for a Renew.

    It can then be asked by reference, as a licence's last one does not say when the first of two calls was executed.
    """

    deadline_seconds = DEADLINE_SECONDS

    def __init__(
        self, hub: Hub, *, business: Callable[[], datetime], zone: ZoneInfo, is_composed: bool, calm_at: float
    ) -> None:
        self._hub = hub
        self._business = business
        self._zone = zone
        self._calm_at = calm_at
        drawn = hub.chance.choices(list(READINGS), list(READINGS.values()))[0]
        self._reading = "find" if is_composed and drawn == "details" else drawn
        self._renewal = ("uncancel", "expire") if is_composed else ("renew",)
        self.capabilities = Capabilities(
            commands={kind: CommandSupport(calls=self._calls(kind)) for kind in CommandKind},
            read_details=self._reading == "details",
            find_by_reference=self._reading == "find",
        )
        self.effects: list[Effect] = []
        self.answered_twice: Callable[[VendorRequest, Outcome], None] = lambda _request, _outcome: None
        self.in_flight: defaultdict[str, int] = defaultdict(int)
        self._licences: dict[str, Held] = {}
        self._effect_of: dict[str, Effect] = {}
        self._code_of: dict[str, str] = {}
        self._refused: set[str] = set()
        self._shown_at: dict[str, float] = {}
        self._late: list[tuple[float, int, Call]] = []
        begins = hub.chance.uniform(0, calm_at) if hub.chance.random() < 0.15 else calm_at
        self._outage = (begins, begins + hub.chance.uniform(5, 60))

    def _calls(self, kind: CommandKind) -> tuple[str, ...]:
        return self._renewal if kind is CommandKind.RENEW else (kind.value.lower(),)

    def catch_up(self, seconds: float) -> None:
        """Execute what is late, each when it is due, before anybody does anything at that time of the hub."""
        while self._late and self._late[0][0] <= seconds:
            due_at, _number, call = heapq.heappop(self._late)
            self._hub.seconds = max(self._hub.seconds, due_at)
            self._make(call)

    def read_details(self, subscription_id: str) -> Snapshot | NotFound | Unreadable:
        """A licence as it stands, where this vendor shows one."""
        if self._reading != "details":
            return Unreadable(reason="not offered", is_permanent=True)
        held = self._licences.get(subscription_id)
        if held is None:
            return NotFound(evidence=ANSWERED)
        return Snapshot(
            subscription_id=subscription_id,
            status="",
            quantity=held.quantity,
            expires_on=held.expires_on,
            cancelled_on=held.cancelled_on,
            customer=None,
            modified_at=None,
            last_reference=None,
            evidence=ANSWERED,
        )

    def execute(self, request: VendorRequest) -> Outcome:
        """Send the calls that are missing; each meets a fault of its own."""
        ends_by = self._hub.seconds + DEADLINE_SECONDS + LATENESS_SECONDS - 0.5
        self.in_flight[request.reference] += 1
        try:
            return self._calls_of(request, ends_by)
        finally:
            self.in_flight[request.reference] -= 1

    def _calls_of(self, request: VendorRequest, ends_by: float) -> Outcome:
        first: datetime | None = None
        outcome: Outcome = Unknown(reason="no call is left")
        for step in range(request.completed_steps, len(self._calls(request.kind))):
            outcome = self._exchange(Call(request=request, step=step, ends_by=ends_by))
            if not isinstance(outcome, Confirmed):
                return replace(outcome, completed_steps=step, begun_at=first)
            first = first or outcome.executed_at
        return replace(outcome, executed_at=first) if isinstance(outcome, Confirmed) else outcome

    def _draw(self, weights: dict[str, int]) -> str:
        fault = self._hub.chance.choices(list(weights), list(weights.values()))[0]
        return fault if self._hub.seconds < self._calm_at else "none"

    def _fired(self, fault: str) -> None:
        if fault != "none":
            self._hub.faults[fault] += 1

    def _is_out(self) -> bool:
        begins, ends = self._outage
        return begins <= self._hub.seconds < min(ends, self._calm_at)

    def _exchange(self, call: Call) -> Outcome:
        chance = self._hub.chance
        if self._is_out():
            self._fired("outage")
            return NotExecuted(reason="connection refused", evidence=Evidence(request="a call"))
        fault = self._draw(FAULTS)
        self._fired(fault)
        if fault == "stalled before the call":
            self._hub.wait(chance.uniform(0, LATENESS_SECONDS - 1))
        self._hub.wait(chance.uniform(0.01, DEADLINE_SECONDS / 3))
        outcome = self._arrived(call, fault)
        self._hub.wait(chance.uniform(0.01, DEADLINE_SECONDS / 3))
        if fault.startswith("killed"):
            raise Killed
        if fault == "broke while reading":
            raise OSError("the connection broke")
        # The answer to a part of a command is never written down as that of the whole.
        if fault == "answered twice" and call.step == len(self._calls(call.request.kind)) - 1:
            self.answered_twice(call.request, outcome)
        return outcome

    def _some_time_until(self, ends_by: float) -> float:
        """Often at the very end, where a proof that is a little too quick fails."""
        begins = self._hub.chance.choice((self._hub.seconds, ends_by - 2))
        return self._hub.chance.uniform(begins, ends_by)

    def _arrived(self, call: Call, fault: str) -> Outcome:
        chance = self._hub.chance
        if fault in {"throttled", "refused connection"}:
            seconds = chance.uniform(0, 5) if fault == "throttled" else None
            return NotExecuted(reason=fault, retry_after_seconds=seconds, evidence=ANSWERED)
        if fault.startswith("rejected"):
            self._refused.add(call.reference)
            is_heard = fault == "rejected"
            return self._refusal(call.step) if is_heard else Unknown(reason="no answer", evidence=SILENT)
        if fault in {"executed late", "killed, executed late"}:
            at = self._some_time_until(call.ends_by)
            heapq.heappush(self._late, (at, len(self.effects) * 1000 + len(self._late), call))
        elif fault not in {"dropped", "killed before executing"} and (
            fault != "broke while reading" or chance.random() < 0.5
        ):
            self._make(call)
        if fault == "hidden after executing":
            self._shown_at[call.reference] = self._some_time_until(call.ends_by)
        is_lost = fault in {"dropped", "executed and dropped", "executed late", "hidden after executing"}
        if is_lost or call.reference not in self._effect_of:
            return Unknown(reason="no answer", evidence=SILENT)
        return self._confirmation(call.reference)

    @staticmethod
    def _refusal(step: int) -> Rejected:
        return Rejected(code="Simulated", message="refused", completed_steps=step, evidence=ANSWERED)

    def _confirmation(self, reference: str) -> Confirmed:
        effect = self._effect_of[reference]
        return Confirmed(
            executed_at=effect.executed_at,
            subscription_id=effect.subscription_id,
            activation_code=self._code_of[effect.subscription_id],
            evidence=ANSWERED,
        )

    def make_licence(self, reference: str, *, quantity: int, made_at: datetime) -> Effect:
        """A licence that was there before the schedule began."""
        held = Held(str(uuid.uuid4()), quantity, None, None, is_hard=False, company_name="Tunel d.o.o.")
        return self._write(reference, held, executed_at=made_at)

    def _make(self, call: Call) -> None:
        self._write(call.reference, self._after(call), executed_at=self._business())

    def _write(self, reference: str, held: Held, *, executed_at: datetime) -> Effect:
        self._licences[held.subscription_id] = held
        self._code_of.setdefault(held.subscription_id, str(uuid.uuid4()))
        effect = Effect(
            reference=reference,
            subscription_id=held.subscription_id,
            executed_at=executed_at,
            quantity=held.quantity,
            expires_on=held.expires_on,
            cancelled_on=held.cancelled_on,
            is_hard_cancelled=held.is_hard,
            company_name=held.company_name,
        )
        self.effects.append(effect)
        self._effect_of[reference] = effect
        return effect

    def _after(self, call: Call) -> Held:
        request, operation = call.request, self._calls(call.request.kind)[call.step]
        ends = None if request.expires_at is None else request.expires_at.astimezone(self._zone).date()
        if operation == "create":
            company = request.customer.company_name
            return Held(str(uuid.uuid4()), request.quantity, ends, None, is_hard=False, company_name=company)
        held = self._licences[request.subscription_id]
        if operation in {"softcancel", "hardcancel"}:
            is_hard = held.is_hard or operation == "hardcancel"
            return replace(held, cancelled_on=held.cancelled_on or self._next_month(), is_hard=is_hard)
        changes: dict[str, dict[str, object]] = {
            "uncancel": {"cancelled_on": None, "is_hard": False},
            "expire": {"expires_on": ends},
            "reduce": {"expires_on": ends},
            "renew": {"expires_on": ends, "cancelled_on": None, "is_hard": False},
            "modifyquantity": {"quantity": request.quantity},
        }
        if operation in changes:
            return replace(held, **changes[operation])
        company = request.customer.company_name
        if operation == "modifyattributes":
            return replace(held, company_name=company)
        return Held(held.subscription_id, request.quantity, ends, None, is_hard=False, company_name=company)

    def _next_month(self) -> date:
        return (self._business().astimezone(self._zone).date().replace(day=1) + timedelta(days=32)).replace(day=1)

    def settle(self, request: VendorRequest) -> Finding:
        """What the vendor shows of a command, call by call."""
        fault = self._draw(READ_FAULTS)
        self._fired(fault)
        self._hub.wait(self._hub.chance.uniform(0.01, 1))
        finding = self._shown(request, fault)
        self._hub.wait(self._hub.chance.uniform(0.01, 1))
        if fault == "killed while reading":
            raise Killed
        return finding

    def _shown(self, request: VendorRequest, fault: str) -> Finding:
        if fault == "read dropped" or self._is_out():
            return Unreadable(reason="no answer", evidence=SILENT)
        if not self.capabilities.can_settle(request.kind) or fault == "cannot be read":
            return Unreadable(reason="no such call", is_permanent=True, evidence=ANSWERED)
        return self._shown_by_licence(request) if self._reading == "details" else self._found(request)

    def _found(self, request: VendorRequest) -> Finding:
        first: datetime | None = None
        for step in range(request.completed_steps, len(self._calls(request.kind))):
            reference = Call(request=request, step=step, ends_by=0).reference
            if self._shown_at.get(reference, 0) > self._hub.seconds:
                return NotFound(completed_steps=step, begun_at=first, evidence=ANSWERED)
            if reference not in self._effect_of:
                if reference in self._refused:
                    return replace(self._refusal(step), begun_at=first)
                return NotFound(completed_steps=step, begun_at=first, evidence=ANSWERED)
            first = first or self._effect_of[reference].executed_at
        return replace(self._confirmation(reference), executed_at=first)

    def _shown_by_licence(self, request: VendorRequest) -> Finding:
        """A licence tells which request changed it last, and nothing of what was refused."""
        mine = [effect for effect in self.effects if effect.subscription_id == request.subscription_id]
        seen = [effect for effect in mine if self._shown_at.get(effect.reference, 0) <= self._hub.seconds]
        if not seen or seen[-1].reference != request.reference:
            return NotFound(evidence=ANSWERED)
        return self._confirmation(request.reference)

    def outcome_for_a_person(self, request_reference: str) -> tuple[list[Effect], str]:
        """What a person sees on the vendor's own screen, which never lies: the effects, and the activation code."""
        made = [effect for effect in self.effects if effect.command_reference == request_reference]
        return made, self._code_of[made[0].subscription_id] if made else ""
