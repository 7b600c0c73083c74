"""The service's words for our commands. Pure; the same VendorRequest gives the same bytes on every attempt.

EndTime names the last day of use. It is sent as noon UTC of that day, which is the same day from zone -12 to +11.
"""

import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateways.http_deadline import HttpRequest
from gateways.subscription_service.envelope import ACTION, build_envelope, service_element
from licensing.commands import VendorRequest
from licensing.states import CommandKind
from licensing.terms import cancellation_date, local_date

REFERENCE = re.compile(r"[A-Za-z0-9._-]{1,64}")
SUBSCRIBER_ID = re.compile(r"[A-Za-z0-9]{1,50}")
INDEFINITE = "indefinite"
# Fixed for ever: another one would give licences other Subscription IDs.
_NAMES = uuid.UUID("6f1d7a3e-5b0c-4c57-9d0e-2f7b8a41c9d6")


class NotSendable(ValueError):
    """The request cannot be put into the service's words; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a batch, which for us is the whole batch."""

    operation: str
    transaction_id: str
    unit_id: str
    subscriber_id: str


def item_of(request: VendorRequest, operation: str) -> Item:
    """Who and what a command is to the service. NotSendable for a licence or reference that is none of this service."""
    if not REFERENCE.fullmatch(request.reference):
        raise NotSendable("The transaction reference must be 1 to 64 letters, digits, dots, lines or dashes.")
    is_new = request.kind is CommandKind.CREATE
    subscriber_id = own_subscriber_id(request.reference) if is_new else request.subscription_id or ""
    return Item(operation, request.reference, unit_id_of(request.reference), checked_id(subscriber_id))


def info_item(subscriber_id: str) -> Item:
    """A question about a licence; each has a transaction id of its own, so that no answer is an old one."""
    transaction_id = str(uuid.uuid4())
    return Item("GetInfo", transaction_id, unit_id_of(transaction_id), checked_id(subscriber_id))


def own_subscriber_id(reference: str) -> str:
    """The Subscription ID of the licence that a Create makes: 32 letters and digits, the same on every attempt."""
    return uuid.uuid5(_NAMES, reference).hex


def unit_id_of(reference: str) -> str:
    """A number that belongs to the reference, so that another request's answer is not taken for ours."""
    return str(uuid.uuid5(_NAMES, f"unit {reference}").int % 1_000_000_000 + 1)


def checked_id(subscriber_id: str) -> str:
    """The id, where it is one that this service can have."""
    if not SUBSCRIBER_ID.fullmatch(subscriber_id):
        raise NotSendable("The Subscription ID is none of the vendor's subscription service.")
    return subscriber_id


def attributes_of(request: VendorRequest, zone: ZoneInfo) -> dict[str, str]:
    """What a command says besides whom it is about."""
    match request.kind:
        case CommandKind.CREATE:
            return {
                "ActivationType": "Standard",
                "StartTime": instant_text(_requested_at(request)),
                "EndTime": end_text(request, zone),
                "LicenseCount": str(_required(request.quantity, "the quantity")),
                "ProductId": str(_required(request.sku_code, "the SKU")),
            }
        case CommandKind.RENEW | CommandKind.SOFT_CANCEL | CommandKind.HARD_CANCEL:
            return {"EndTime": end_text(request, zone)}
        case _:
            raise NotSendable(f"The service has no {request.kind}.")


def last_day_of(request: VendorRequest, zone: ZoneInfo) -> date | None:
    """The last day of use that a command asks for; None for unlimited.

    Every cancel ends use with a month (domain.md, Dates): the one in which it was requested, as the time at which it
    will be executed is not known when its bytes are made.
    """
    if request.kind in {CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL}:
        return cancellation_date(_requested_at(request), zone) - timedelta(days=1)
    if request.expires_at is None:
        return None
    return local_date(request.expires_at, zone) - timedelta(days=1)


def end_text(request: VendorRequest, zone: ZoneInfo) -> str:
    """EndTime as it is sent."""
    day = last_day_of(request, zone)
    return INDEFINITE if day is None else f"{day.isoformat()}T12:00:00Z"


def instant_text(instant: datetime) -> str:
    """An instant in whole seconds of UTC, never after it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _requested_at(request: VendorRequest) -> datetime:
    requested_at = request.requested_at
    if requested_at is None:
        raise NotSendable("The request lacks the time at which it was asked for.")
    return requested_at


def _required(value: int | str | None, name: str) -> int | str:
    if value is None:
        raise NotSendable(f"The request lacks {name}.")
    return value


@dataclass(frozen=True, slots=True)
class Sender:
    """Who we are to the service, put into the header of every request."""

    user_name: str
    password: str = field(repr=False)

    def command(self, request: VendorRequest, item: Item, zone: ZoneInfo) -> HttpRequest:
        """One command. NotSendable names what the service's words cannot carry."""
        return self._request(item, at=_requested_at(request), attributes=attributes_of(request, zone))

    def question(self, item: Item, *, at: datetime) -> HttpRequest:
        """Read a licence."""
        return self._request(item, at=at, attributes={"InfoSection": "Subscription"})

    def _request(self, item: Item, *, at: datetime, attributes: dict[str, str]) -> HttpRequest:
        try:
            body = self._envelope(item, at=at, attributes=attributes)
        except ValueError as unsayable:
            raise NotSendable("A text holds a character that cannot be sent.") from unsayable
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{ACTION}"', "Accept": "text/xml"}
        return HttpRequest(method="POST", path="", headers=headers, body=body)

    def _envelope(self, item: Item, *, at: datetime, attributes: dict[str, str]) -> bytes:
        access = service_element("AccessInfo")
        access.append(service_element("UserName", self.user_name))
        access.append(service_element("Password", self.password))
        batch = service_element("SubscriptionRequest")
        named = {"UnitId": item.unit_id, "SubscriberId": item.subscriber_id}
        batch.append(service_element(item.operation, **named, **attributes))
        container = service_element("SubscriptionRequestContainer")
        container.append(service_element("Timestamp", instant_text(at)))
        container.append(service_element("TransactionId", item.transaction_id))
        container.append(batch)
        return build_envelope(header=access, content=container)
