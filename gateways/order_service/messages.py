"""The order service's words: requests built, answers read. Pure; the same VendorRequest gives the same bytes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pycountry

from gateways.base import Snapshot
from gateways.http_deadline import HttpAnswer, HttpRequest
from licensing.commands import Confirmed, CustomerDetails, VendorRequest

BILLING_PLAN = "PAYG"
REFERENCE_HEADER = "X-Request-Reference"
REFERENCE = re.compile(r"[A-Za-z0-9._-]{1,64}")
MAX_ID = 64
MAX_CODE = 64
MAX_MESSAGE = 1_000
MAX_TEXT = 300
# Kosovo has no ISO 3166 code; these are the user-assigned ones in common use.
EXTRA_COUNTRIES = {"XK": "XKX"}

Value = TypeVar("Value")


class NotSendable(ValueError):
    """The request cannot be put into the service's words; the message is for the operator."""


class AnswerUnreadable(ValueError):
    """The answer is not what the service is known to say."""


@dataclass(frozen=True, slots=True)
class VendorError:
    """The body of an answer other than 200; error_id is quoted to the vendor's support."""

    code: str
    message: str
    error_id: str


def step_reference(reference: str, step: int) -> str:
    """The reference of one call: ours for the first, marked for those after it, so that each is executed once."""
    return reference if step == 0 else f"{reference}.{step + 1}"


def build_call(request: VendorRequest, operation: str, *, step: int, partner: str, zone: ZoneInfo) -> HttpRequest:
    """One call of a command. NotSendable names what the service's words cannot carry."""
    reference = step_reference(request.reference, step)
    if not REFERENCE.fullmatch(reference):
        raise NotSendable("The transaction reference must be 1 to 64 letters, digits, dots, lines or dashes.")
    fields = _create_fields(request, partner, zone) if operation == "create" else _fields(request, operation, zone)
    headers = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
    return HttpRequest(
        method="POST",
        path=f"/{operation}",
        headers={**headers, REFERENCE_HEADER: reference},
        body=_json_bytes(fields),
    )


def build_find(reference: str) -> HttpRequest:
    """Look up one call by its reference (extension)."""
    return _get("find", {"Reference": reference})


def build_details(subscription_id: str) -> HttpRequest:
    """Read a licence."""
    return _get("getdetails", {"SubscriptionId": subscription_id})


def _get(operation: str, query: Mapping[str, str]) -> HttpRequest:
    headers = {"Accept": "application/json"}
    return HttpRequest(method="GET", path=f"/{operation}", query=urlencode(query), headers=headers)


def _json_bytes(fields: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        raise NotSendable("A text holds a character that cannot be sent.") from None


def _create_fields(request: VendorRequest, partner: str, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "BillingPlan": BILLING_PLAN,
        "Sku": _required(request.sku_code, "the SKU"),
        "Quantity": _required(request.quantity, "the quantity"),
        "Expiration": expiration_text(request.expires_at, zone),
        "Customer": customer_block(_required(request.customer, "the customer")),
        "Distributor": {"Partner": partner, "Reseller": request.vendor_pin},
        "ExternalReference": {"ExternalOrderId": request.reference},
    }


def _fields(request: VendorRequest, operation: str, zone: ZoneInfo) -> dict[str, Any]:
    fields: dict[str, Any] = {"SubscriptionId": _required(request.subscription_id, "the Subscription ID")}
    if operation in {"modifyquantity", "recreate"}:
        fields["Quantity"] = _required(request.quantity, "the quantity")
    if operation in {"modifyexpiration", "recreate", "reduce"}:
        fields["Expiration"] = expiration_text(request.expires_at, zone)
    if operation in {"modifyattributes", "recreate"}:
        fields["Customer"] = customer_block(_required(request.customer, "the customer"))
    return fields


def _required(value: Value | None, name: str) -> Value:
    if value is None:
        raise NotSendable(f"The request lacks {name}.")
    return value


def expiration_text(expires_at: datetime | None, zone: ZoneInfo) -> str | None:
    """The first unusable instant as ISO 8601 with the offset of the distributor's zone; None is unlimited."""
    return None if expires_at is None else expires_at.astimezone(zone).isoformat(timespec="seconds")


def customer_block(customer: CustomerDetails) -> dict[str, dict[str, str]]:
    """The customer as the service keeps it: website and fax have no place in it."""
    return {
        "Contacts": {
            "CompanyName": customer.company_name,
            "Name": customer.contact_person,
            "Email": customer.email,
            "Phone": customer.phone,
        },
        "Address": {
            "AddressLine1": customer.address_line_1,
            "AddressLine2": customer.address_line_2,
            "City": customer.city,
            "State": customer.state,
            "Zip": customer.post_code,
            "Country": country_alpha_3(customer.country),
        },
    }


def country_alpha_3(alpha_2: str) -> str:
    """BA becomes BIH; NotSendable for a code that is no country."""
    if alpha_2 in EXTRA_COUNTRIES:
        return EXTRA_COUNTRIES[alpha_2]
    country = pycountry.countries.get(alpha_2=alpha_2)
    if country is None:
        raise NotSendable(f"{alpha_2!r} is no country code.")
    return str(country.alpha_3)


def country_alpha_2(alpha_3: str) -> str:
    """BIH becomes BA; AnswerUnreadable for a code that is no country."""
    extra = {long: short for short, long in EXTRA_COUNTRIES.items()}
    if alpha_3 in extra:
        return extra[alpha_3]
    country = pycountry.countries.get(alpha_3=alpha_3)
    if country is None:
        raise AnswerUnreadable(f"{alpha_3!r} is no country code")
    return str(country.alpha_2)


def is_misdirected(call: HttpRequest, answer: HttpAnswer) -> bool:
    """Whether the service says that this answers another call; one that says nothing is believed."""
    ours = call.headers[REFERENCE_HEADER]
    return answer.headers.get(REFERENCE_HEADER.lower(), ours) != ours


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; AnswerUnreadable for anything else, however it was made."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise AnswerUnreadable("the body is no JSON") from None
    if not isinstance(fields, dict):
        raise AnswerUnreadable("the body is no JSON object")
    return fields


def read_confirmation(fields: Mapping[str, Any], request: VendorRequest, *, operation: str) -> Confirmed:
    """What an answer of 200 says; AnswerUnreadable where it lacks what was ordered or speaks of another licence."""
    executed_at = _optional_instant(fields, "EffectiveAt")
    if operation != "create":
        if fields.get("SubscriptionId", request.subscription_id) != request.subscription_id:
            raise AnswerUnreadable("the answer is about another subscription")
        return Confirmed(executed_at=executed_at, subscription_id=request.subscription_id)
    return Confirmed(
        executed_at=executed_at,
        subscription_id=_id(fields, "SubscriptionId"),
        activation_code=_id(fields, "ActivationCode"),
    )


def read_error(fields: Mapping[str, Any]) -> VendorError:
    """An error as the service states it; a code is the least that makes it readable."""
    code = fields.get("ErrorCode")
    if not isinstance(code, str | int) or not str(code):
        raise AnswerUnreadable("the error has no ErrorCode")
    return VendorError(
        code=_storable(str(code), MAX_CODE),
        message=_storable(fields.get("Message"), MAX_MESSAGE),
        error_id=_storable(fields.get("ErrorId"), MAX_CODE),
    )


def _storable(value: Any, limit: int) -> str:
    """A stranger's text as our tables take it: no NUL, no half characters, no endless length."""
    text = value if isinstance(value, str) else ""
    return text[:limit].replace("\x00", "").encode("utf-8", "replace").decode()


def read_snapshot(fields: Mapping[str, Any], *, subscription_id: str, zone: ZoneInfo) -> Snapshot:
    """What getdetails says of a licence, with the extension that adds quantity, dates and customer."""
    if fields.get("SubscriptionId") != subscription_id:
        raise AnswerUnreadable("the answer is about another subscription")
    quantity, modified_at = fields.get("Quantity"), _optional_instant(fields, "ModifiedAt")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or modified_at is None:
        raise AnswerUnreadable("the details lack Quantity or ModifiedAt")
    last_reference = fields.get("LastReference")
    return Snapshot(
        subscription_id=subscription_id,
        status=str(fields.get("Status")),
        quantity=quantity,
        expires_on=_optional_date(fields, "Expiration", zone),
        cancelled_on=_optional_date(fields, "CancellationDate", zone),
        customer=_read_customer(fields),
        modified_at=modified_at,
        last_reference=last_reference if isinstance(last_reference, str) else None,
    )


def _read_customer(fields: Mapping[str, Any]) -> CustomerDetails:
    try:
        contacts, address = fields["Customer"]["Contacts"], fields["Customer"]["Address"]
        return CustomerDetails(
            company_name=_storable(contacts["CompanyName"], MAX_TEXT),
            contact_person=_storable(contacts.get("Name"), MAX_TEXT),
            email=_storable(contacts.get("Email"), MAX_TEXT),
            phone=_storable(contacts.get("Phone"), MAX_TEXT),
            address_line_1=_storable(address.get("AddressLine1"), MAX_TEXT),
            address_line_2=_storable(address.get("AddressLine2"), MAX_TEXT),
            city=_storable(address.get("City"), MAX_TEXT),
            state=_storable(address.get("State"), MAX_TEXT),
            post_code=_storable(address.get("Zip"), MAX_TEXT),
            country=country_alpha_2(str(address["Country"])),
        )
    except (KeyError, TypeError, AttributeError):
        raise AnswerUnreadable("the details lack the customer") from None


def _id(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_ID or not value.isascii() or not value.isprintable():
        raise AnswerUnreadable(f"the answer lacks {name}")
    return value


def _optional_instant(fields: Mapping[str, Any], name: str) -> datetime | None:
    value = fields.get(name)
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
        utc = instant.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise AnswerUnreadable(f"{name} is no instant") from None
    if instant.tzinfo is None:
        raise AnswerUnreadable(f"{name} has no offset")
    return utc


def _optional_date(fields: Mapping[str, Any], name: str, zone: ZoneInfo) -> date | None:
    instant = _optional_instant(fields, name)
    try:
        return None if instant is None else instant.astimezone(zone).date()
    except OverflowError:
        raise AnswerUnreadable(f"{name} is no date") from None
