"""Seeds the vendor with the demo book: reads its own copy of the CSV files and replays the history, row by row."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from simulator import rules
from simulator.ledger import Ledger
from simulator.licences import Call, Licence, Sku, Terms
from simulator.months import month_named, to_wire

PARTNER = "SEATDESK"
COUNTRIES = {"BA": "BIH", "HR": "HRV", "RS": "SRB", "SI": "SVN"}
OPERATIONS = {
    "Create": ("create",),
    "SoftCancel": ("softcancel",),
    "HardCancel": ("hardcancel",),
    "Renew": ("renew", "modifyexpiration"),
    "Recreate": ("recreate",),
    "ModifyAttributes": ("modifyattributes",),
    "ModifyQuantity": ("modifyquantity",),
    "Reduce": ("reduce",),
}

Row = dict[str, str]


def read_catalogue(book: Path) -> dict[str, Sku]:
    """The SKUs that the vendor sells, from price_list.csv."""
    return {
        row["sku_code"]: Sku(
            code=row["sku_code"],
            product_code=row["product_code"],
            min_quantity=int(row["min_quantity"]),
            max_quantity=int(row["max_quantity"]),
        )
        for row in _rows(book / "price_list.csv")
    }


def _rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


@dataclass(frozen=True, slots=True)
class _Book:
    zone: ZoneInfo
    catalogue: dict[str, Sku]
    customers: dict[str, Row]
    pins: dict[str, str]


def seed(ledger: Ledger, *, book: Path, zone: ZoneInfo, until: datetime | None) -> int:
    """Replay history.csv up to an instant (None: whole) as already executed; gives the number of rows replayed."""
    shelf = _Book(
        zone=zone,
        catalogue=read_catalogue(book),
        customers={row["key"]: row for row in _rows(book / "customers.csv")},
        pins={row["reseller"]: row["vendor_pin"] for row in _resellers(book)},
    )
    history = [row for row in _rows(book / "history.csv") if until is None or _executed_at(row, zone) <= until]
    with ledger.transaction():
        _replay(ledger, shelf=shelf, history=history)
    return len(history)


def _resellers(book: Path) -> Iterator[Row]:
    for row in _rows(book / "resellers.csv"):
        yield {"reseller": row["name"], "vendor_pin": row["vendor_pin"]}


def _executed_at(row: Row, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(row["at"]).replace(tzinfo=zone).astimezone(UTC)


def _replay(ledger: Ledger, *, shelf: _Book, history: Iterable[Row]) -> None:
    licences: dict[str, Licence] = {}
    customers: dict[str, Row] = {}
    for number, row in enumerate(history, start=1):
        key = row["subscription"]
        customers[key] = _customer_row(row, known=shelf.customers, current=customers.get(key))
        terms = Terms(now=_executed_at(row, shelf.zone), zone=shelf.zone, catalogue=shelf.catalogue)
        fields = _fields(row, licence=licences.get(key), customer=customers[key], shelf=shelf)
        for step, operation in enumerate(OPERATIONS[row["command"]], start=1):
            call = Call(operation=operation, fields=fields, reference=f"history-{number}-{step}", note="history")
            licences[key] = _apply(call, row=row, licence=licences.get(key), terms=terms)
            ledger.add_effect(ledger.add_request(call, terms.now), call, licences[key])


def _apply(call: Call, *, row: Row, licence: Licence | None, terms: Terms) -> Licence:
    if licence is None:
        made = rules.create(call.fields, terms)
        made = replace(made, subscription_id=row["subscription_id"], activation_code=row["activation_code"])
    else:
        made = rules.change(call.operation, licence=licence, fields=call.fields, terms=terms)
    return replace(made, last_reference=call.reference)


def _customer_row(row: Row, *, known: dict[str, Row], current: Row | None) -> Row:
    changes = json.loads(row["changes"]) if row["changes"] else {}
    return {**(current or known[row["customer"]]), **changes}


def _fields(row: Row, *, licence: Licence | None, customer: Row, shelf: _Book) -> dict[str, Any]:
    month = row["expiration_month"]
    fields: dict[str, Any] = {
        "Expiration": to_wire(month_named(month, shelf.zone), shelf.zone) if month else None,
        "Customer": _customer_block(customer),
    }
    if row["quantity"]:
        fields["Quantity"] = int(row["quantity"])
    if licence is not None:
        return fields | {"SubscriptionId": licence.subscription_id}
    return fields | {
        "BillingPlan": "PAYG",
        "Sku": _sku_code(row, shelf.catalogue),
        "Distributor": {"Partner": PARTNER, "Reseller": shelf.pins[customer["reseller"]]},
    }


def _sku_code(row: Row, catalogue: dict[str, Sku]) -> str:
    quantity = int(row["quantity"])
    skus = (sku for sku in catalogue.values() if sku.product_code == row["product_code"])
    return next(sku.code for sku in skus if sku.min_quantity <= quantity <= sku.max_quantity)


def _customer_block(customer: Row) -> dict[str, dict[str, str]]:
    return {
        "Contacts": {
            "CompanyName": customer["company_name"],
            "Name": customer["contact_person"],
            "Email": customer["email"],
            "Phone": customer["phone"],
            "CustomerCode": "",
        },
        "Address": {
            "AddressLine1": customer["address_line_1"],
            "AddressLine2": customer["address_line_2"],
            "City": customer["city"],
            "State": customer["state"],
            "Zip": customer["post_code"],
            "Country": COUNTRIES[customer["country"]],
        },
    }
