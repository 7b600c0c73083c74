"""Reads the fields of a request body and refuses what is missing or wrong. Knows no licence and no rule."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from simulator.licences import Refused

MAX_QUANTITY = 999_999
MAX_TEXT = 300
COUNTRY = re.compile(r"[A-Z]{3}")
CONTACTS = ("CompanyName", "Name", "Email", "Phone", "CustomerCode")
ADDRESS = ("AddressLine1", "AddressLine2", "City", "State", "Zip", "Country")


def text(fields: Mapping[str, Any], name: str, *, limit: int = MAX_TEXT) -> str:
    """A required text."""
    value = optional_text(fields, name, limit=limit)
    if not value:
        raise Refused(422, "FieldRequired", f"{name} is required.")
    return value


def optional_text(fields: Mapping[str, Any], name: str, *, limit: int = MAX_TEXT) -> str:
    """A text, empty where it is missing or null."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > limit:
        raise Refused(422, "FieldInvalid", f"{name} must be a text of at most {limit} characters.")
    return value


def quantity(fields: Mapping[str, Any]) -> int:
    """Quantity, a whole number of seats."""
    value = fields.get("Quantity")
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_QUANTITY:
        raise Refused(422, "QuantityInvalid", f"Quantity must be a whole number from 1 to {MAX_QUANTITY}.")
    return value


def expiration(fields: Mapping[str, Any], now: datetime) -> datetime | None:
    """Expiration, an instant with offset still to come, or null for unlimited."""
    if "Expiration" not in fields:
        raise Refused(422, "FieldRequired", "Expiration is required; null means unlimited.")
    if fields["Expiration"] is None:
        return None
    instant = _instant(text(fields, "Expiration"))
    if instant <= now:
        raise Refused(422, "ExpirationInvalid", "Expiration has passed.")
    return instant


def _instant(value: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise Refused(422, "ExpirationInvalid", "Expiration must be ISO 8601.") from None
    if instant.tzinfo is None:
        raise Refused(422, "ExpirationInvalid", "Expiration needs an offset.")
    return instant


def customer(fields: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The customer block, whole; company and country are required."""
    block = _part(fields, "Customer")
    contacts, address = _part(block, "Contacts"), _part(block, "Address")
    text(contacts, "CompanyName")
    if not COUNTRY.fullmatch(text(address, "Country")):
        raise Refused(422, "CountryInvalid", "Country must be three letters (ISO 3166 alpha-3).")
    return {
        "Contacts": {name: optional_text(contacts, name) for name in CONTACTS},
        "Address": {name: optional_text(address, name) for name in ADDRESS},
    }


def distributor(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Partner and Reseller, both required."""
    block = _part(fields, "Distributor")
    return text(block, "Partner"), text(block, "Reseller")


def _part(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    if not isinstance(value, Mapping):
        raise Refused(422, "FieldRequired", f"{name} is required.")
    return value
