"""The demo book: two resellers, their customers, prices and history, replayed through what confirms commands.

Each line of history.csv becomes a command confirmed at its own time, so that the book is what the desk would hold had
it been there.
"""

import csv
import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from access import SYSTEM
from auth.passwords import hash_password
from database import write_transaction
from licensing.commands import CustomerDetails
from licensing.moment import Moment
from licensing.pricing import find_band
from licensing.search_key import search_key
from licensing.states import CommandKind, CommandState, OrderState
from licensing.terms import Month, month_of
from models import (
    Command,
    Customer,
    Price,
    PriceList,
    Product,
    Reseller,
    ResellerDiscount,
    Sku,
    Subscription,
    User,
)
from operations.audit import AuditAction, record
from operations.licence_effect import apply_effect
from queries.licences import details_of
from queries.prices import bands_of_product

_PRICES_FROM = date(2017, 1, 1)
_DETAILS_KINDS = frozenset({CommandKind.RECREATE, CommandKind.MODIFY_ATTRIBUTES})
Row = dict[str, str]


def load_demo(folder: Path, *, password: str, moment: Moment) -> bool:
    """Load the CSV files of that folder into an empty database, the history up to now. False when there is a book.

    password becomes that of every demo user. Everything is one transaction.
    """
    with write_transaction():
        if Reseller.select().exists():
            return False
        _load_resellers(folder)
        _load_users(folder, password=password)
        _load_prices(folder)
        customers = _load_customers(folder)
        _replay(folder, customers=customers, moment=moment)
        record(AuditAction.DEMO_LOADED, actor=SYSTEM, now=moment.now, subject="book")
    return True


def _rows(folder: Path, name: str) -> Iterator[Row]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _hundredths(text: str) -> int:
    return int(Decimal(text) * 100)


def _load_resellers(folder: Path) -> None:
    for row in _rows(folder, "resellers.csv"):
        name = row["name"]
        reseller = Reseller.create(name=name, name_key=search_key(name), vendor_pin=row["vendor_pin"])
        ResellerDiscount.create(
            reseller=reseller,
            valid_from=Month.parse(row["valid_from_month"]).first_day,
            basis_points=_hundredths(row["discount_percent"]),
        )


def _load_users(folder: Path, *, password: str) -> None:
    for row in _rows(folder, "users.csv"):
        reseller = Reseller.get(Reseller.name == row["reseller"]) if row["reseller"] else None
        User.create(
            username=row["username"],
            username_key=search_key(row["username"]),
            password_hash=hash_password(password),
            must_change_password=False,
            name_key=search_key(f"{row['name']} {row['surname']}"),
            reseller=reseller,
            **{name: row[name] for name in ("name", "surname", "title", "phone", "email", "role")},
        )


def _load_prices(folder: Path) -> None:
    lists: dict[str, PriceList] = {}
    for row in _rows(folder, "price_list.csv"):
        code = row["product_code"]
        if code not in lists:
            name = row["product_name"]
            product = Product.create(code=code, name=name, name_key=search_key(name))
            lists[code] = PriceList.create(product=product, valid_from=_PRICES_FROM)
        Price.create(
            price_list=lists[code],
            sku=Sku.create(product=lists[code].product, code=row["sku_code"]),
            min_quantity=int(row["min_quantity"]),
            max_quantity=int(row["max_quantity"]),
            price_cents=_hundredths(row["price_eur"]),
        )


def _load_customers(folder: Path) -> dict[str, Customer]:
    customers = {}
    for row in _rows(folder, "customers.csv"):
        details = CustomerDetails.from_dict(row)
        customers[row["key"]] = Customer.create(
            reseller=Reseller.get(Reseller.name == row["reseller"]),
            name_key=search_key(details.company_name),
            **details.as_dict(),
        )
    return customers


def _replay(folder: Path, *, customers: dict[str, Customer], moment: Moment) -> None:
    subscriptions: dict[str, Subscription] = {}
    for row in _rows(folder, "history.csv"):
        at = datetime.fromisoformat(row["at"]).replace(tzinfo=moment.zone)
        if at > moment.now:
            return
        user = User.get(User.username == row["username"])
        kind = CommandKind(row["command"])
        if kind is CommandKind.CREATE:
            customer = customers[row["customer"]]
            subscriptions[row["subscription"]] = _place(row, customer=customer, user=user, at=at, moment=moment)
        subscription = Subscription.get_by_id(subscriptions[row["subscription"]].id)
        _confirm(_command(row, kind, subscription=subscription, user=user, at=at), at=at, moment=moment)


def _place(row: Row, *, customer: Customer, user: User, at: datetime, moment: Moment) -> Subscription:
    product = Product.get(Product.code == row["product_code"])
    band = find_band(bands_of_product(product.id, month=month_of(at, moment.zone)), int(row["quantity"]))
    placed: Subscription = Subscription.create(
        reseller=customer.reseller_id,
        customer=customer,
        product=product,
        sku=Sku.get(Sku.code == band.sku_code),
        quantity=int(row["quantity"]),
        order_state=OrderState.PENDING,
        subscription_id=row["subscription_id"],
        activation_code=row["activation_code"],
        ordered_by=user,
        ordered_at=at,
    )
    return placed


def _command(row: Row, kind: CommandKind, *, subscription: Subscription, user: User, at: datetime) -> Command:
    created: Command = Command.create(
        reference=str(uuid.uuid4()),
        kind=kind,
        state=CommandState.CONFIRMED,
        subscription=subscription,
        reseller=subscription.reseller_id,
        requested_by=user,
        requested_at=at,
        quantity=int(row["quantity"]) if row["quantity"] else None,
        sku_code=subscription.sku.code if kind is CommandKind.CREATE else None,
        expires_on=Month.parse(row["expiration_month"]).first_day if row["expiration_month"] else None,
        details=_details(row, kind, subscription=subscription),
        change=_change(kind, subscription),
        executed_at=at,
        settled_at=at,
    )
    return created


def _details(row: Row, kind: CommandKind, *, subscription: Subscription) -> dict[str, str] | None:
    """The customer block of the command; a change that the history makes is made to the customer's record, too."""
    customer: Customer = subscription.customer
    if kind in _DETAILS_KINDS:
        details = replace(details_of(customer), **json.loads(row["changes"] or "{}"))
        Customer.update(**details.as_dict()).where(Customer.id == customer.id).execute()
        return details.as_dict()
    return details_of(customer).as_dict() if kind is CommandKind.CREATE else None


def _change(kind: CommandKind, subscription: Subscription) -> dict[str, Any] | None:
    if kind is CommandKind.CREATE:
        return None
    expires_on = subscription.expires_on
    return {
        "quantity": subscription.quantity,
        "expires_on": None if expires_on is None else expires_on.isoformat(),
        "details": subscription.confirmed_details if kind in _DETAILS_KINDS else None,
    }


def _confirm(command: Command, *, at: datetime, moment: Moment) -> None:
    apply_effect(command, executed_at=at, zone=moment.zone)
    record(
        AuditAction.COMMAND_CONFIRMED,
        actor=SYSTEM,
        now=at,
        subject="command",
        subject_id=command.id,
        reseller_id=command.reseller_id,
        details={"from": "history"},
    )
