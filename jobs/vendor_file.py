"""The vendor's list of licences as a CSV file: how a service that cannot be read, or lists nothing, is compared.

Columns by name, in any order: SubscriptionId and Quantity; Expiration, CancellationDate (a date, or an instant with its
offset; blank for none), Status, Reseller (the vendor's PIN), CompanyName where the vendor gives them.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from licensing.vendor_licence import VendorLicence

_NEEDED = ("subscriptionid", "quantity")
_NONE = frozenset({"", "unlimited", "null", "none"})
_LONGEST = 300


class VendorFileRefused(Exception):
    """The file cannot be read as the vendor's list; the message names the line."""


@dataclass(frozen=True, slots=True)
class ListedLicence:
    """One line of the file."""

    subscription_id: str
    licence: VendorLicence
    vendor_pin: str
    company_name: str


def read_vendor_file(path: Path, *, zone: ZoneInfo) -> dict[str, ListedLicence]:
    """Every licence of the file by its Subscription ID. Raises VendorFileRefused."""
    found: dict[str, ListedLicence] = {}
    for line, values in _lines(path):
        try:
            listed = _listed(values, zone=zone)
        except ValueError as wrong:
            raise VendorFileRefused(f"line {line}: {wrong}") from None
        if listed.subscription_id in found:
            raise VendorFileRefused(f"line {line}: {listed.subscription_id} stands in the file twice")
        found[listed.subscription_id] = listed
    return found


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            names = {name: (name or "").strip().lower() for name in reader.fieldnames or ()}
            missing = [needed for needed in _NEEDED if needed not in names.values()]
            if missing:
                raise VendorFileRefused(f"line 1: there is no column {' and no column '.join(missing)}")
            for row in reader:
                yield reader.line_num, {names.get(name, ""): (value or "").strip() for name, value in _cells(row)}
    except (OSError, UnicodeDecodeError, csv.Error) as unreadable:
        raise VendorFileRefused(f"{path} cannot be read: {unreadable}") from None


def _cells(row: Mapping[str | None, str | list[str]]) -> Iterator[tuple[str, str]]:
    """The cells below a heading; what stands to the right of the last heading is not looked at."""
    for name, value in row.items():
        if isinstance(name, str) and not isinstance(value, list):
            yield name, value


def _listed(values: Mapping[str, str], *, zone: ZoneInfo) -> ListedLicence:
    subscription_id, quantity = values["subscriptionid"], values["quantity"]
    if not 1 <= len(subscription_id) <= 60:  # noqa: PLR2004 - the width of our column
        raise ValueError("SubscriptionId is missing or too long")
    if not (quantity.isascii() and quantity.isdigit() and len(quantity) <= 9):  # noqa: PLR2004 - as everywhere
        raise ValueError(f"Quantity {quantity[:40]!r} is not a whole number")
    licence = VendorLicence(
        quantity=int(quantity),
        expires_on=_day(values.get("expiration", ""), zone),
        cancelled_on=_day(values.get("cancellationdate", ""), zone),
        status=values.get("status", "")[:_LONGEST],
    )
    pin, company = (values.get(name, "")[:_LONGEST] for name in ("reseller", "companyname"))
    return ListedLicence(subscription_id, licence, vendor_pin=pin, company_name=company)


def _day(text: str, zone: ZoneInfo) -> date | None:
    if text.lower() in _NONE:
        return None
    if len(text) == len("2018-12-01"):
        return date.fromisoformat(text)
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text[:40]!r} has no offset")
    return instant.astimezone(zone).date()
