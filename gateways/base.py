"""What every vendor adapter offers, and what it says about its service as data. No transport, no wire format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from licensing.commands import CustomerDetails, Evidence, Finding, NotFound, Outcome, Unreadable, VendorRequest
from licensing.states import CommandKind


class GatewayMisconfigured(Exception):
    """The adapter cannot be built from its configuration; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class CommandSupport:
    """How a service does one command: by these calls in this order, or not at all (refusal says why)."""

    calls: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def is_offered(self) -> bool:
        """Whether the command is sent at all."""
        return bool(self.calls)

    @property
    def is_composed(self) -> bool:
        """Whether the command takes several calls, of which a later one may fail alone."""
        return len(self.calls) > 1


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a service can do (domain.md, The vendor's services).

    read_details: a licence can be read, so that what it shows tells whether a command was executed.
    chooses_own_id: the Subscription ID is ours to choose, so that a licence can be read before its Create was answered.
    find_by_reference: a request can be looked up by our reference. deduplicates: the same reference is executed once.
    states_effective_at: answers carry the instant of execution. throttle_means_not_executed: 429, and 503 with
    Retry-After, prove that nothing was done.
    """

    commands: Mapping[CommandKind, CommandSupport]
    read_details: bool = False
    chooses_own_id: bool = False
    find_by_reference: bool = False
    deduplicates: bool = False
    states_effective_at: bool = False
    throttle_means_not_executed: bool = False

    def support(self, kind: CommandKind) -> CommandSupport:
        """How the command is done; every kind has an entry."""
        return self.commands[kind]

    def can_settle(self, kind: CommandKind) -> bool:
        """Whether an unknown outcome of this kind can be asked about; a licence of unknown id cannot be read.

        What is never sent cannot: a licence that stands as such a command asks does so for another reason.
        """
        is_readable = self.chooses_own_id or kind is not CommandKind.CREATE
        return self.support(kind).is_offered and (self.find_by_reference or (self.read_details and is_readable))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A licence as the vendor has it now. Dates are in the distributor's zone; expires_on is the first unusable one.

    customer holds only what the service keeps: what it has no place for comes back empty, and None where it keeps no
    customer. modified_at and last_reference are None where the service does not tell.
    """

    subscription_id: str
    status: str
    quantity: int
    expires_on: date | None
    cancelled_on: date | None
    customer: CustomerDetails | None
    modified_at: datetime | None
    last_reference: str | None
    evidence: Evidence = field(default_factory=Evidence)


class LicensingGateway(Protocol):
    """A vendor's licensing service behind our eight commands."""

    @property
    def capabilities(self) -> Capabilities:
        """What the service can do."""

    @property
    def deadline_seconds(self) -> float:
        """The longest that one execute, settle or read_details may take, composed commands included."""

    def execute(self, request: VendorRequest) -> Outcome:
        """Send the command, from its first step not yet completed; never twice within one call."""

    def settle(self, request: VendorRequest) -> Finding:
        """Ask the vendor what became of the command, by our reference; sends no command."""

    def read_details(self, subscription_id: str) -> Snapshot | NotFound | Unreadable:
        """Read a licence for reconciliation."""
