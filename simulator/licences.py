"""The vendor's words: a licence as it stands, a call as it came, an answer as it goes, a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

COMMANDS = (
    "create",
    "softcancel",
    "hardcancel",
    "renew",
    "recreate",
    "reduce",
    "modifyquantity",
    "modifyexpiration",
    "modifyattributes",
)
READS = ("getdetails", "find")
SOAP_COMMANDS = ("Activate", "Renew", "SoftCancel", "HardCancel", "Pause", "Resume")
SOAP_READS = ("GetInfo", "GetDownloadLinks")


class Refused(Exception):
    """The vendor refuses: HTTP status, ErrorCode and Message of the answer. Nothing was changed.

    The subscription service refuses by code alone; its answer has status 200 all the same.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Licence:
    """One subscription. expires_at and cancelled_at are first unusable instants; None is never.

    Of the subscription service's the SubscriberId is the subscription_id; it keeps no customer and no reseller.
    """

    subscription_id: str
    activation_code: str
    sku: str
    quantity: int
    customer: Mapping[str, Any]
    partner: str
    reseller: str
    created_at: datetime
    modified_at: datetime
    expires_at: datetime | None = None
    cancelled_at: datetime | None = None
    is_hard_cancelled: bool = False
    last_reference: str | None = None
    paused_at: datetime | None = None

    def ends_at(self) -> datetime | None:
        """The earlier of expiration and cancellation."""
        return min((end for end in (self.expires_at, self.cancelled_at) if end), default=None)

    def is_usable(self, now: datetime) -> bool:
        """Whether use has not ended yet."""
        end = self.ends_at()
        return end is None or now < end


@dataclass(frozen=True, slots=True)
class Sku:
    """A row of the vendor's catalogue."""

    code: str
    product_code: str
    min_quantity: int
    max_quantity: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule needs besides the licence: the instant it takes effect, the vendor's zone and catalogue."""

    now: datetime
    zone: ZoneInfo
    catalogue: Mapping[str, Sku]


@dataclass(frozen=True, slots=True)
class Call:
    """One request as received. fields is the body of a POST or the query of a GET; note names the fault it met.

    A SOAP batch is one call: named after its first command, its fields hold Timestamp, TransactionId and Items.
    """

    operation: str
    fields: Mapping[str, Any]
    reference: str | None = None
    note: str | None = None

    @property
    def is_soap(self) -> bool:
        """Whether it came by the subscription service's wire."""
        return self.operation in (*SOAP_COMMANDS, *SOAP_READS)

    @property
    def subscription_id(self) -> str | None:
        """The licence that it names first."""
        items = self.fields.get("Items") or [{}]
        named = self.fields.get("SubscriptionId", items[0].get("SubscriberId"))
        return named if isinstance(named, str) else None

    def subjects(self) -> frozenset[str]:
        """The references and licences that it is about."""
        named = (self.reference, self.subscription_id, self.fields.get("Reference"))
        return frozenset(name for name in named if isinstance(name, str))


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. is_final: executed or refused by rule, so that a repeated reference gets it again."""

    status: int
    body: Mapping[str, Any]
    is_final: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
