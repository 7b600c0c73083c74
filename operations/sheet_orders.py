"""Orders from a sheet: every row judged before anything is ordered, then each placed like an order of the form.

A sheet with one wrong row orders nothing, so that a corrected sheet never repeats what went through. The key of each
order is fixed when the sheet is read: however often it is confirmed, each row is ordered once.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from access import Actor
from imports.orders import DETAIL_TITLES, PRODUCT, QUANTITY, RESELLER, OrderLine, read_orders
from imports.refusals import Problem
from imports.sheets import read_sheet, shown
from licensing.commands import CustomerDetails
from licensing.impact import Impact
from licensing.moment import Moment
from licensing.search_key import search_key
from licensing.wording import Sentence
from operations.countries import countries
from operations.customers import checked_details
from operations.record_refusals import FieldsRefused
from operations.uploads import SheetFound, stored_problems
from queries.prices import products_for_sale, resellers_for_choice
from queries.quote import plan_known_order
from queries.sheet_customers import KnownCustomers
from queries.tariff_book import TariffBook

ORDERS = "orders"
_TITLES = {**DETAIL_TITLES, "product": PRODUCT, "quantity": QUANTITY, "reseller": RESELLER}


def judge_orders(content: bytes, *, file_name: str, actor: Actor, moment: Moment) -> SheetFound:  # noqa: ARG001
    """Judge every row: the orders with their amounts, and what is wrong. Raises AccessDenied, SheetRefused."""
    sheet = read_sheet(content)
    found = read_orders(sheet, has_reseller=actor.reseller_id is None)
    judge = _Judge(found.lines, actor=actor, moment=moment)
    orders = [order for line in found.lines if (order := judge.order(line)) is not None]
    result = {
        "key": str(uuid.uuid4()),
        "rows": len(found.lines),
        "planned_on": moment.month.first_day.isoformat(),
        "problems": stored_problems([*found.problems, *judge.problems]),
        "orders": orders,
        "placed": False,
        "refused": {},
    }
    return SheetFound(sheet, lambda: result)


@dataclass(frozen=True, slots=True)
class _Customer:
    """An existing customer, or the details of a new one."""

    id: int | None
    company_name: str
    details: dict[str, str] | None


class _Judge:
    """Knows what can be ordered, and says of each row what is wrong with it."""

    def __init__(self, lines: Sequence[OrderLine], *, actor: Actor, moment: Moment) -> None:
        self._actor, self._moment = actor, moment
        self._resellers = {search_key(name): (pk, name) for pk, name in resellers_for_choice(actor=actor)}
        self._products = {search_key(name): (pk, name) for pk, name in products_for_sale(month=moment.month)}
        self._customers = KnownCustomers([line.details["company_name"] for line in lines], actor=actor)
        self._book = TariffBook(actor=actor)
        self.problems: list[Problem] = []

    def order(self, line: OrderLine) -> dict[str, Any] | None:
        """The order as it is kept; None where something is wrong, which is then among the problems."""
        known = len(self.problems)
        reseller = self._reseller(line)
        product = self._products.get(search_key(line.product))
        if product is None:
            self._note(line, "product", line.product, Sentence("There is no such product with prices this month."))
        customer = None if reseller is None else self._customer(line, reseller[0])
        impact = None
        if product is not None and reseller is not None and line.quantity is not None:
            impact = self._impact(line, product[0], reseller_id=reseller[0], quantity=line.quantity)
        if len(self.problems) > known or not (reseller and product and customer and impact):
            return None
        return _order(line, reseller=reseller, product=product, customer=customer, impact=impact)

    def _reseller(self, line: OrderLine) -> tuple[int, str] | None:
        is_own = self._actor.reseller_id is not None and not line.reseller
        found = next(iter(self._resellers.values()), None) if is_own else self._resellers.get(search_key(line.reseller))
        if found is None:
            self._note(line, "reseller", line.reseller, Sentence("There is no such reseller, or it is archived."))
        return found

    def _customer(self, line: OrderLine, reseller_id: int) -> _Customer | None:
        named = self._customers.named(line.details["company_name"], reseller_id=reseller_id)
        if len(named) > 1:
            reason = Sentence("Two customers have this name: order in New Subscription and say which is meant.")
            self._note(line, "company_name", line.details["company_name"], reason)
            return None
        if named:
            return _Customer(named[0].id, named[0].company_name, None)
        return self._new_customer(line)

    def _new_customer(self, line: OrderLine) -> _Customer | None:
        typed = {**line.details, "country": _country_code(line.details["country"])}
        try:
            details = checked_details(CustomerDetails.from_dict(typed))
        except FieldsRefused as refused:
            for name, reason in refused.problems.items():
                self._note(line, name, line.details[name], reason)
            return None
        return _Customer(None, details.company_name, details.as_dict())

    def _impact(self, line: OrderLine, product_id: int, *, reseller_id: int, quantity: int) -> Impact | None:
        tariff = self._book.tariff(product_id, reseller_id=reseller_id)
        planned = plan_known_order(tariff, quantity=quantity, moment=self._moment)
        if isinstance(planned, Impact):
            return planned
        self._note(line, "quantity", str(quantity), planned.reason)
        return None

    def _note(self, line: OrderLine, field: str, value: str, reason: Sentence) -> None:
        self.problems.append(Problem(line.row, _TITLES[field], shown(value), reason))


def _country_code(text: str) -> str:
    """The code of a country named by its code or its English name; other text stays, to be refused by name."""
    return text.upper() if text.upper() in countries() else _codes_by_name().get(search_key(text), text)


@cache
def _codes_by_name() -> dict[str, str]:
    return {search_key(name): code for code, name in countries().items()}


def _order(
    line: OrderLine,
    *,
    reseller: tuple[int, str],
    product: tuple[int, str],
    customer: _Customer,
    impact: Impact,
) -> dict[str, Any]:
    after = impact.after
    return {
        "row": line.row,
        "reseller_id": reseller[0],
        "reseller": reseller[1],
        "customer_id": customer.id,
        "company_name": customer.company_name,
        "details": customer.details,
        "product_id": product[0],
        "product": product[1],
        "quantity": line.quantity,
        "sku": after.rate.sku_code if after.rate else "",
        "end_user_cents": after.end_user_cents,
        "fee_cents": after.fee_cents,
    }
