"""The demo book of two resellers, read from demo/*.csv and replayed command by command through the rules."""

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from licensing.billing import Tariff
from licensing.commands import Licence, TermSpan
from licensing.lifecycle import apply_command
from licensing.money import parse_basis_points, parse_hundredths
from licensing.pricing import Band, Discount, PriceTable
from licensing.report_lines import BilledLicence, Named
from licensing.search_key import search_key
from licensing.states import CommandKind
from licensing.terms import Month

BOOK = Path(__file__).resolve().parents[2] / "demo"
ZONE = ZoneInfo("Europe/Belgrade")
PENDING = Licence(is_live=False, is_failed=False, quantity=1)


@dataclass(frozen=True)
class Executed:
    subscription: int
    kind: CommandKind
    executed_at: datetime
    quantity: int | None
    expires_on: date | None


@dataclass(frozen=True)
class Ordered:
    customer: str
    product_code: str


def rows(name: str) -> list[dict[str, str]]:
    with (BOOK / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def executed(row: dict[str, str]) -> Executed:
    return Executed(
        subscription=int(row["subscription"]),
        kind=CommandKind(row["command"]),
        executed_at=local(row["at"]),
        quantity=int(row["quantity"]) if row["quantity"] else None,
        expires_on=Month.parse(row["expiration_month"]).first_day if row["expiration_month"] else None,
    )


def history() -> list[Executed]:
    return [executed(row) for row in rows("history.csv")]


def orders() -> dict[int, Ordered]:
    creates = [row for row in rows("history.csv") if row["command"] == "Create"]
    return {int(row["subscription"]): Ordered(row["customer"], row["product_code"]) for row in creates}


def replay(commands: list[Executed], zone: ZoneInfo = ZONE) -> tuple[Licence, tuple[TermSpan, ...]]:
    """One licence after these commands, in their order."""
    licence, terms = PENDING, ()
    for command in commands:
        licence, terms = apply_command(
            command.kind,
            licence,
            terms,
            executed_at=command.executed_at,
            zone=zone,
            quantity=command.quantity,
            expires_on=command.expires_on,
        )
    return licence, terms


def bands(product_code: str) -> tuple[Band, ...]:
    return tuple(
        Band(
            sku_code=row["sku_code"],
            min_quantity=int(row["min_quantity"]),
            max_quantity=int(row["max_quantity"]),
            price_cents=parse_hundredths(row["price_eur"]),
        )
        for row in rows("price_list.csv")
        if row["product_code"] == product_code
    )


def tariff(product_code: str, reseller: str) -> Tariff:
    found = next(row for row in rows("resellers.csv") if row["name"] == reseller)
    discount = Discount(Month.parse(found["valid_from_month"]), parse_basis_points(found["discount_percent"]))
    return Tariff((PriceTable(Month(2017, 1), bands(product_code)),), (discount,))


def licences(*, until: datetime | None = None, reseller: str | None = None) -> list[BilledLicence]:
    """The licences of the book after the commands executed up to an instant, or after all of them."""
    counted = [command for command in history() if until is None or command.executed_at <= until]
    customers = {row["key"]: row for row in rows("customers.csv")}
    products = {row["product_code"]: row["product_name"] for row in rows("price_list.csv")}
    found = []
    for number, order in orders().items():
        commands = [command for command in counted if command.subscription == number]
        customer = customers[order.customer]
        if commands and reseller in {None, customer["reseller"]}:
            found.append(
                BilledLicence(
                    key=number,
                    reseller=_named(customer["reseller"], customer["reseller"]),
                    customer=_named(order.customer, customer["company_name"]),
                    product=_named(order.product_code, products[order.product_code]),
                    terms=replay(commands)[1],
                    tariff=tariff(order.product_code, customer["reseller"]),
                )
            )
    return found


def _named(key: str, name: str) -> Named:
    return Named(key=key, name=name, search_key=search_key(name))
