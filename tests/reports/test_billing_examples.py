"""docs/billing.md is true: each of its examples, by the rules and by the statements, on both databases."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from access import SYSTEM
from licensing.billing import MonthCharge, MonthRule, MonthSetting, Tariff, month_charge
from licensing.commands import Licence, TermSpan
from licensing.effects import apply_command
from licensing.money import format_hundredths, parse_basis_points, parse_hundredths
from licensing.pricing import Band, Discount, PriceTable
from licensing.states import CommandKind
from licensing.terms import Month, months_between
from models import Customer, Price, PriceList, Product, Reseller, ResellerDiscount, Setting, Sku, Term
from queries.billing import ResellerRow, SummaryRow, reseller_report, summary_report
from queries.charged_licences import ReportFilter
from tests.small_book import add_customer, add_subscription

ZONE = ZoneInfo("Europe/Belgrade")
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "billing.md").read_text("utf-8")
EXAMPLES = re.findall(r"```example\n(.*?)```", PAGE, re.DOTALL)
LATER = datetime(2018, 6, 1, tzinfo=UTC)
LICENCE_OF_ITS_OWN = "Somebody"
_COMMAND = re.compile(
    r"(?P<at>[-\d]{10} [:\d]{8})(?:  (?P<customer>\S.*?))?  (?P<kind>[A-Z]\w+)(?: (?P<quantity>\d+))?"
    r"(?: until (?P<until>[-\d]{7}))?"
)
_SETTING = re.compile(r"setting (?P<name>\w+) (?P<rule>\w+) from (?P<month>[-\d]{7})")
_DISCOUNT = re.compile(r"discount (?P<percent>[.\d]+)% from (?P<month>[-\d]{7})")
_PRICES = re.compile(r"prices from (?P<month>[-\d]{7}): (?P<bands>.+)")
_BAND = re.compile(r"(\d+) to (\d+) at ([.\d]+)")
_REPORT = re.compile(
    r"(?P<report>Reseller|Summary) Report (?P<first>[-\d]{7})(?: to (?P<last>[-\d]{7}))?  (?P<said>.+)"
)


@dataclass
class Sold:
    """One licence of an example, with its terms after the commands so far."""

    customer: str
    licence: Licence = field(default_factory=lambda: Licence(is_live=False, is_failed=False, quantity=1))
    terms: tuple[TermSpan, ...] = ()


@dataclass
class Example:
    """What an example says happened, and what it says comes of it."""

    tables: list[PriceTable]
    discounts: list[Discount]
    settings: dict[str, list[MonthSetting]]
    sold: list[Sold]
    gives: list[str]

    @property
    def tariff(self) -> Tariff:
        settings = (tuple(self.settings[name]) for name in ("first_month", "restart_month"))
        return Tariff(tuple(self.tables), tuple(self.discounts), *settings)


def prices_of_the_page() -> PriceTable:
    rows = re.findall(r"\| (KL\w+) \| (\d+) to (\d+) \| ([.\d]+) \|", PAGE)
    return PriceTable(
        Month(2017, 1),
        tuple(Band(code, int(low), int(high), parse_hundredths(price)) for code, low, high, price in rows),
    )


def read(text: str) -> Example:
    story, _, gives = text.partition("gives\n")
    example = Example(
        [prices_of_the_page()],
        [Discount(Month(2017, 1), 2200)],
        {"first_month": [], "restart_month": []},
        [],
        gives.splitlines(),
    )
    for line in story.splitlines():
        _read_line(line, example)
    return example


def _read_line(line: str, example: Example) -> None:
    if found := _SETTING.fullmatch(line):
        setting = MonthSetting(Month.parse(found["month"]), MonthRule(found["rule"]))
        example.settings[found["name"]].append(setting)
    elif found := _DISCOUNT.fullmatch(line):
        example.discounts.append(Discount(Month.parse(found["month"]), parse_basis_points(found["percent"])))
    elif found := _PRICES.fullmatch(line):
        bands = [
            Band(f"KL4864-{low}", int(low), int(high), parse_hundredths(price))
            for low, high, price in _BAND.findall(found["bands"])
        ]
        example.tables.append(PriceTable(Month.parse(found["month"]), tuple(bands)))
    elif found := _COMMAND.fullmatch(line):
        _execute(found, example)
    else:
        pytest.fail(f"{line!r} cannot be read")


def _execute(found: re.Match, example: Example) -> None:
    customer, kind = found["customer"] or LICENCE_OF_ITS_OWN, CommandKind(found["kind"])
    if kind is CommandKind.CREATE:
        example.sold.append(Sold(customer))
    sold = next(sold for sold in reversed(example.sold) if sold.customer == customer)
    sold.licence, sold.terms = apply_command(
        kind,
        sold.licence,
        sold.terms,
        executed_at=datetime.fromisoformat(found["at"]).replace(tzinfo=ZONE),
        zone=ZONE,
        quantity=int(found["quantity"]) if found["quantity"] else None,
        expires_on=Month.parse(found["until"]).first_day if found["until"] else None,
    )


def store(example: Example) -> None:
    reseller = Reseller.create(name="Bluth Company", name_key="bluth company", vendor_pin="PIN")
    product = Product.create(code="4864", name="Basic", name_key="basic")
    for discount in example.discounts:
        month = discount.valid_from.first_day
        ResellerDiscount.create(reseller=reseller, valid_from=month, basis_points=discount.basis_points)
    for name, settings in example.settings.items():
        for setting in settings:
            Setting.create(name=name, valid_from=setting.valid_from.first_day, value=setting.rule)
    for table in example.tables:
        _store_prices(table, product)
    for sold in example.sold:
        _store_licence(sold, reseller=reseller, product=product)


def _store_prices(table: PriceTable, product: Product) -> None:
    price_list = PriceList.create(product=product, valid_from=table.valid_from.first_day)
    for band in table.bands:
        sku, _ = Sku.get_or_create(code=band.sku_code, defaults={"product": product})
        Price.create(
            price_list=price_list,
            sku=sku,
            min_quantity=band.min_quantity,
            max_quantity=band.max_quantity,
            price_cents=band.price_cents,
        )


def _store_licence(sold: Sold, *, reseller: Reseller, product: Product) -> None:
    customer = Customer.get_or_none(Customer.company_name == sold.customer)
    customer = customer or add_customer(sold.customer, reseller=reseller)
    subscription = add_subscription(customer, product=product, activated_at=sold.licence.created_at)
    for span in sold.terms:
        Term.create(subscription=subscription, quantity=span.quantity, starts_at=span.starts_at, ends_at=span.ends_at)


def line_said(line: ResellerRow | SummaryRow) -> str:
    """A line of a report in the words of the page."""
    price, amount, fee = (format_hundredths(cents) for cents in (line.price_cents, line.end_user_cents, line.fee_cents))
    said = f"{line.quantity} × {price} = {amount}, for the reseller {fee}"
    if isinstance(line, SummaryRow) and line.months > 1:
        return f"{said}, {line.months} months {format_hundredths(line.total_cents)}"
    return said


def charge_said(charge: MonthCharge) -> str:
    """What one licence costs in a month in the words of the page."""
    if not charge.use.is_charged:
        return f"nothing: {charge.use.reason.replace('_', ' ')}"
    price, amount, fee = (
        format_hundredths(cents) for cents in (charge.rate.price_cents, charge.end_user_cents, charge.fee_cents)
    )
    return f"{charge.use.quantity} × {price} = {amount}, for the reseller {fee}"


def by_the_rules(example: Example, month: Month) -> str:
    (sold,) = example.sold
    return charge_said(month_charge(sold.terms, month, tariff=example.tariff, zone=ZONE))


def by_the_statement(month: Month) -> list[str]:
    return [line_said(line) for line in summary_report([month], ReportFilter(LATER), actor=SYSTEM, zone=ZONE)[0]]


def report_said(report: str, months: Iterable[Month]) -> list[str]:
    """All that a report says: its lines and its total."""
    months = list(months)
    if report == "Summary":
        lines, totals = summary_report(months, ReportFilter(LATER), actor=SYSTEM, zone=ZONE)
        total = totals.total_cents
    else:
        lines, totals = reseller_report(months[0], ReportFilter(LATER), actor=SYSTEM, zone=ZONE)
        total = totals.fee_cents
    return [*(line_said(line) for line in lines), f"total {format_hundredths(total)}"]


def check_month(example: Example, line: str) -> None:
    month, said = Month.parse(line[:7]), line[9:]
    assert by_the_rules(example, month) == said
    assert by_the_statement(month) == ([] if said.startswith("nothing") else [said])


def check_report(report: str, months: Iterable[Month], said: list[str]) -> None:
    """Without a total on the page, the total is not looked at; the order of lines is that of the report."""
    given = report_said(report, months)
    lines = given if any(line.startswith("total") for line in said) else given[:-1]
    assert sorted(lines) == sorted(said)


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_example_is_true(database: str, text: str) -> None:
    example = read(text)
    store(example)
    reports: dict[tuple[str, tuple[Month, ...]], list[str]] = {}
    for line in example.gives:
        if found := _REPORT.fullmatch(line):
            months = months_between(Month.parse(found["first"]), Month.parse(found["last"] or found["first"]))
            reports.setdefault((found["report"], months), []).append(found["said"])
        else:
            check_month(example, line)
    for (report, months), said in reports.items():
        check_report(report, months, said)


def test_the_page_has_examples_and_prices() -> None:
    assert len(EXAMPLES) == PAGE.count("```") / 2
    assert len(EXAMPLES) > 15
    assert len(prices_of_the_page().bands) == 5
