"""How one subscription service is reached, and what it can do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from gateways.base import Capabilities, CommandSupport
from licensing.states import CommandKind

_REFUSALS = {
    CommandKind.MODIFY_QUANTITY: "The vendor's subscription service cannot change the quantity of a licence.",
    CommandKind.MODIFY_ATTRIBUTES: "The vendor's subscription service keeps no customer details.",
    CommandKind.REDUCE: "The vendor's subscription service cannot move the end of a licence to an earlier date.",
    CommandKind.RECREATE: "The vendor's subscription service has no Recreate: renew the licence or order another.",
}


def _machine_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SubscriptionServiceConfig:
    """Address, identity and capabilities. client_cert, client_key and ca_file name PEM files.

    endpoint is the whole address, as in https://vendor.example/soap/upi. zone is the distributor's; timeout_seconds is
    the total deadline of one call. throttle_means_not_executed: 429, and 503 with Retry-After, are known to leave
    everything as it was. clock dates the reads, which need no bytes of their own; commands carry their own time.
    """

    endpoint: str
    user_name: str
    zone: ZoneInfo
    password: str = field(repr=False)
    timeout_seconds: float = 30.0
    client_cert: str = ""
    client_key: str = ""
    ca_file: str = ""
    throttle_means_not_executed: bool = False
    clock: Callable[[], datetime] = _machine_clock

    def capabilities(self) -> Capabilities:
        """The service's abilities as data (domain.md, "Ours to it")."""
        return Capabilities(
            commands={
                CommandKind.CREATE: CommandSupport(calls=("Activate",)),
                CommandKind.RENEW: CommandSupport(calls=("Renew",)),
                CommandKind.SOFT_CANCEL: CommandSupport(calls=("SoftCancel",)),
                CommandKind.HARD_CANCEL: CommandSupport(calls=("HardCancel",)),
                **{kind: CommandSupport(refusal=reason) for kind, reason in _REFUSALS.items()},
            },
            read_details=True,
            chooses_own_id=True,
            states_effective_at=True,
            throttle_means_not_executed=self.throttle_means_not_executed,
        )
