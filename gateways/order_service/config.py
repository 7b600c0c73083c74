"""How one order service is reached, and which of the extensions it has."""

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from gateways.base import Capabilities, CommandSupport
from licensing.states import CommandKind


class Extension(StrEnum):
    """What our simulator has beyond the known service."""

    SOFT_CANCEL = "softcancel"
    RECREATE = "recreate"
    REDUCE = "reduce"
    EFFECTIVE_AT = "effective_at"
    DETAILS = "details"
    FIND = "find"
    DEDUPLICATION = "deduplication"


@dataclass(frozen=True, slots=True)
class OrderServiceConfig:
    """Address, identity and capabilities. client_cert, client_key and ca_file name PEM files.

    base_url ends with the base path, as in https://vendor.example/Subscriptions/v2.0/api/Subscription/.
    zone is the distributor's; timeout_seconds is the total deadline of one call.
    throttle_means_not_executed: 429, and 503 with Retry-After, are known to leave everything as it was.
    """

    base_url: str
    partner: str
    zone: ZoneInfo
    timeout_seconds: float = 30.0
    client_cert: str = ""
    client_key: str = ""
    ca_file: str = ""
    extensions: frozenset[Extension] = frozenset()
    throttle_means_not_executed: bool = False

    def capabilities(self) -> Capabilities:
        """The service's abilities as data (domain.md, "Ours to it")."""
        return Capabilities(
            commands={
                CommandKind.CREATE: CommandSupport(calls=("create",)),
                CommandKind.HARD_CANCEL: CommandSupport(calls=("hardcancel",)),
                CommandKind.MODIFY_QUANTITY: CommandSupport(calls=("modifyquantity",)),
                CommandKind.MODIFY_ATTRIBUTES: CommandSupport(calls=("modifyattributes",)),
                CommandKind.RENEW: CommandSupport(calls=("renew", "modifyexpiration")),
                CommandKind.SOFT_CANCEL: self._extended(CommandKind.SOFT_CANCEL, Extension.SOFT_CANCEL),
                CommandKind.RECREATE: self._extended(CommandKind.RECREATE, Extension.RECREATE),
                CommandKind.REDUCE: self._extended(CommandKind.REDUCE, Extension.REDUCE),
            },
            read_details=Extension.DETAILS in self.extensions,
            find_by_reference=Extension.FIND in self.extensions,
            deduplicates=Extension.DEDUPLICATION in self.extensions,
            states_effective_at=Extension.EFFECTIVE_AT in self.extensions,
            throttle_means_not_executed=self.throttle_means_not_executed,
        )

    def _extended(self, kind: CommandKind, extension: Extension) -> CommandSupport:
        if extension in self.extensions:
            return CommandSupport(calls=(extension.value,))
        return CommandSupport(refusal=f"The vendor's order service has no {kind}.")
