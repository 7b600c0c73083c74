"""What a command asks of the vendor, as frozen values, and what can come back.

The gateway receives a VendorRequest and answers with one of the outcomes; operations apply it. No wire format here.
"""

from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from typing import Any

from licensing.states import CommandKind


@dataclass(frozen=True, slots=True)
class CustomerDetails:
    """The customer block that the vendor keeps per licence; country is ISO 3166 alpha-2."""

    company_name: str
    country: str
    address_line_1: str = ""
    address_line_2: str = ""
    city: str = ""
    post_code: str = ""
    state: str = ""
    email: str = ""
    website: str = ""
    phone: str = ""
    fax: str = ""
    contact_person: str = ""

    def as_dict(self) -> dict[str, str]:
        """Field names to values, as stored."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "CustomerDetails":
        """Read back what as_dict gave; unknown names are ignored."""
        names = {f.name for f in fields(cls)}
        return cls(**{name: value or "" for name, value in values.items() if name in names})


@dataclass(frozen=True, slots=True)
class VendorRequest:
    """One command as the vendor needs it.

    reference is our transaction reference, the same on every attempt. expires_at is the first unusable instant, None
    for unlimited. completed_steps counts the calls of a composed command that the vendor has already confirmed.
    requested_at is when the command was asked for: the one time that is the same on every attempt.
    """

    kind: CommandKind
    reference: str
    vendor_pin: str
    subscription_id: str | None = None
    sku_code: str | None = None
    quantity: int | None = None
    expires_at: datetime | None = None
    customer: CustomerDetails | None = None
    completed_steps: int = 0
    requested_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen on the wire, kept for a person: secrets masked, bodies cut to a few thousand characters."""

    request: str = ""
    response: str = ""
    http_status: int | None = None
    was_written: bool = False


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The vendor executed the command. executed_at is the time it states, None where it states none."""

    executed_at: datetime | None = None
    subscription_id: str | None = None
    activation_code: str | None = None
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, slots=True)
class Rejected:
    """The vendor (or the adapter, before sending) refused the command: nothing was changed there.

    Where completed_steps is not 0 only the last call of a composed command was refused, and those before it stand.
    """

    code: str
    message: str
    error_reference: str = ""
    completed_steps: int = 0
    begun_at: datetime | None = None
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, slots=True)
class NotExecuted:
    """Proved not executed: may be queued again. holds_gateway stops the whole gateway (401, 403, certificate)."""

    reason: str
    retry_after_seconds: float | None = None
    holds_gateway: bool = False
    completed_steps: int = 0
    begun_at: datetime | None = None
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Sent, and no answer that can be trusted: nothing may be sent again before the vendor was asked."""

    reason: str
    completed_steps: int = 0
    begun_at: datetime | None = None
    evidence: Evidence = field(default_factory=Evidence)


# begun_at is when the vendor executed the first call of a composed command that is not done yet, as far as it states
# it: use began again with that call, whenever the others follow.
Outcome = Confirmed | Rejected | NotExecuted | Unknown


@dataclass(frozen=True, slots=True)
class NotFound:
    """The vendor was read and knows nothing of our reference: one negative read, no proof alone.

    completed_steps counts the calls of a composed command that it does know: only those after them are missing.
    """

    completed_steps: int = 0
    begun_at: datetime | None = None
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The vendor could not be asked this time (is_permanent: this service can never be asked).

    holds_gateway: it does not accept us, and nothing must be sent until a person has looked.
    """

    reason: str
    is_permanent: bool = False
    holds_gateway: bool = False
    evidence: Evidence = field(default_factory=Evidence)


Finding = Confirmed | Rejected | NotFound | Unreadable


@dataclass(frozen=True, slots=True)
class Licence:
    """A subscription as the rules see it. Dates are local dates of the distributor's zone; instants are UTC.

    expires_on is the first unusable date (2018-12 means 2018-12-01), None for unlimited. cancelled_on is the date
    on which a cancel ends use, None when there is none.
    """

    is_live: bool
    is_failed: bool
    quantity: int
    expires_on: date | None = None
    cancelled_on: date | None = None
    is_hard_cancelled: bool = False
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TermSpan:
    """A quantity held while usable on the half-open span [starts_at, ends_at); None means for ever."""

    quantity: int
    starts_at: datetime
    ends_at: datetime | None = None
