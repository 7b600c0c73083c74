"""Random worlds for the two reports: price lists, discounts, settings and many licences, as values and as rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from licensing.billing import MonthRule, MonthSetting, Tariff
from licensing.commands import Licence, TermSpan
from licensing.pricing import Band, Discount, PriceTable
from licensing.report_lines import BilledLicence, Named
from licensing.states import CommandKind, OrderState
from licensing.terms import Month, month_of, month_start, months_between
from models import (
    Customer,
    Price,
    PriceList,
    Product,
    Reseller,
    ResellerDiscount,
    Setting,
    Sku,
    Subscription,
    Term,
)
from tests.licensing.commands_drawn import STARTS_AT, ZONES, Drawn, Step, run

RESELLERS, PRODUCTS = (1, 2), (1, 2)
CUSTOMERS = {1: 1, 2: 1, 3: 1, 4: 2, 5: 2}  # customer to reseller
KINDS = tuple(kind for kind in CommandKind if kind is not CommandKind.CREATE)
QUANTITIES = (5, 6, 8, 9, 10, 12, 24, 25, 60)
# Limits of bands around these quantities: some of them are left without a band.
LIMITS = ((5, 9, 14, 24, 60), (6, 10, 11, 25, 59), (1, 8, 12, 24, 99))
FIRST, LAST = Month(2017, 2), Month(2019, 2)


@dataclass(frozen=True)
class History:
    """The commands of one licence, all of them legal, with the licence and its terms after each."""

    key: int
    customer: int
    product: int
    steps: tuple[Step, ...]

    @property
    def reseller(self) -> int:
        return CUSTOMERS[self.customer]

    def terms(self, as_of: datetime) -> tuple[TermSpan, ...]:
        """What the terms were at that instant: those after the last command executed up to it."""
        done = [step for step in self.steps if step.command.executed_at <= as_of]
        return done[-1].terms if done else ()

    @property
    def licence(self) -> Licence:
        return self.steps[-1].licence


@dataclass(frozen=True)
class World:
    zone: ZoneInfo
    price_tables: dict[int, tuple[PriceTable, ...]]
    discounts: dict[int, tuple[Discount, ...]]
    first_month: tuple[MonthSetting, ...]
    restart_month: tuple[MonthSetting, ...]
    histories: tuple[History, ...]
    as_of: datetime

    @property
    def months(self) -> tuple[Month, ...]:
        """Every month that has begun at the as of instant."""
        return months_between(FIRST, min(LAST, month_of(self.as_of, self.zone)))

    def licences(self) -> list[BilledLicence]:
        return [
            BilledLicence(
                key=history.key,
                reseller=named("Reseller", history.reseller),
                customer=named("Customer", history.customer),
                product=named("Product", history.product),
                terms=history.terms(self.as_of),
                tariff=self._tariff(history),
            )
            for history in self.histories
        ]

    def _tariff(self, history: History) -> Tariff:
        return Tariff(
            self.price_tables[history.product],
            self.discounts[history.reseller],
            self.first_month,
            self.restart_month,
        )


def named(word: str, key: int) -> Named:
    return Named(key, f"{word} {key}", f"{word.lower()} {key}")


def _dated(values: st.SearchStrategy, *, most: int) -> st.SearchStrategy:
    """Up to so many values, each valid from a month of its own; often there is one from the beginning."""
    months = st.sampled_from((0, 0, 1, 2, 3, 4, 6, 8, 11, 15, 20)).map(FIRST.plus)
    dated = st.lists(st.tuples(months, values), max_size=most)
    return dated.map(lambda drawn: tuple(sorted(dict(drawn).items())))


def _table(valid_from: Month, limits: tuple[int, ...], prices: list[int], product: int) -> PriceTable:
    bands = [
        Band(f"P{product}-{number}", low if number == 0 else low + 1, high, prices[number])
        for number, (low, high) in enumerate(pairwise(limits))
    ]
    return PriceTable(valid_from, tuple(bands))


# Half a seat's cents is what the rounding is about.
_prices = st.lists(st.sampled_from((0, 1, 255, 285, 770, 1001, 2999)), min_size=4, max_size=4)
_price_lists = _dated(st.tuples(st.sampled_from(LIMITS), _prices), most=3)
_basis_points = st.sampled_from((0, 1800, 2200, 2250, 5000, 9999, 10000))
_discounts = _dated(_basis_points, most=3)
_month_rules = st.sampled_from(MonthRule)
_rules = _dated(_month_rules, most=3)


@st.composite
def worlds(draw: st.DrawFn, *, most: int) -> World:
    """A world of up to so many licences.

    Each history comes from one drawn number: a draw for every command would cost more than all that is tested.
    """
    zone = draw(st.sampled_from(ZONES))
    numbers = draw(st.lists(st.integers(0, 2**32 - 1), min_size=draw(st.sampled_from((1, most, most))), max_size=most))
    histories = tuple(_history(key, number, zone) for key, number in enumerate(numbers, 1))
    tables = {
        product: tuple(_table(month, *drawn, product) for month, drawn in draw(_price_lists)) for product in PRODUCTS
    }
    discounts = {reseller: tuple(Discount(*drawn) for drawn in draw(_discounts)) for reseller in RESELLERS}
    first_month, restart_month = (tuple(MonthSetting(*drawn) for drawn in draw(_rules)) for _ in range(2))
    return World(zone, tables, discounts, first_month, restart_month, histories, draw(_as_of(histories)))


@st.composite
def changing(draw: st.DrawFn, world: World, month: Month) -> World:
    """The world in which some prices, discounts and settings become others when that month begins."""

    def dated(values: tuple, make: Callable[[], object]) -> tuple:
        if draw(st.booleans()):
            return values
        return (*(value for value in values if value.valid_from != month), make())

    tables, discounts = world.price_tables, world.discounts
    rules = {"first_month": world.first_month, "restart_month": world.restart_month}

    def table(product: int) -> PriceTable:
        return _table(month, draw(st.sampled_from(LIMITS)), draw(_prices), product)

    return replace(
        world,
        price_tables={product: dated(tables[product], partial(table, product)) for product in PRODUCTS},
        discounts={
            reseller: dated(discounts[reseller], lambda: Discount(month, draw(_basis_points))) for reseller in RESELLERS
        },
        **{name: dated(rule, lambda: MonthSetting(month, draw(_month_rules))) for name, rule in rules.items()},
    )


def _history(key: int, number: int, zone: ZoneInfo) -> History:
    random = Random(number)  # noqa: S311 - a history, not a secret
    commands = _commands(random, zone)
    return History(key, random.choice(sorted(CUSTOMERS)), random.choice(PRODUCTS), tuple(run(commands, zone)))


def _commands(random: Random, zone: ZoneInfo) -> list[Drawn]:
    """A Create and up to eleven commands: at once, soon, weeks later, or at the very instant a month begins."""
    executed_at, commands = STARTS_AT + timedelta(seconds=random.choice((0, random.randint(0, 86400 * 300)))), []
    for number in range(random.randint(1, 12)):
        executed_at += timedelta(seconds=random.choice((0, random.randint(1, 5), random.randint(60, 86400 * 40))))
        if random.random() < 0.25:
            executed_at = month_start(month_of(executed_at, zone).next(), zone)
        kind = random.choice(KINDS) if number else CommandKind.CREATE
        expires_on = _expiration(random, executed_at, earliest=-1 if number else 2)
        commands.append(Drawn(kind, executed_at, random.choice(QUANTITIES), expires_on))
    return commands


def _expiration(random: Random, executed_at: datetime, *, earliest: int) -> date | None:
    if random.random() < 0.4:
        return None
    return Month(executed_at.year, executed_at.month).plus(random.randint(earliest, 6)).first_day


def _as_of(histories: Iterable[History]) -> st.SearchStrategy:
    """After everything, or about an instant at which something was executed."""
    executed = [step.command.executed_at for history in histories for step in history.steps]
    after_all = STARTS_AT + timedelta(days=3000)
    about = st.tuples(st.sampled_from(executed), st.sampled_from((-1, 0, 1, 86400)))
    return st.one_of(st.just(after_all), about.map(lambda drawn: drawn[0] + timedelta(seconds=drawn[1])))


def store(world: World) -> None:
    """Write the world into empty tables, a statement a table."""
    Reseller.insert_many([{**_name("Reseller", key), "vendor_pin": "PIN"} for key in RESELLERS]).execute()
    customers = [_customer(key, reseller) for key, reseller in CUSTOMERS.items()]
    Customer.insert_many(customers).execute()
    Product.insert_many([{**_name("Product", key), "code": f"P{key}"} for key in PRODUCTS]).execute()
    _store_prices(world)
    _insert(ResellerDiscount, [row for key in RESELLERS for row in _discount_rows(world, key)])
    _insert(Setting, [*_setting_rows("first_month", world.first_month)])
    _insert(Setting, [*_setting_rows("restart_month", world.restart_month)])
    _insert(Subscription, [_subscription(history) for history in world.histories])
    _insert(Term, [row for history in world.histories for row in _terms(history)])


def _insert(model: type, rows: list[dict]) -> None:
    if rows:
        model.insert_many(rows).execute()


def _name(word: str, key: int) -> dict:
    return {"id": key, "name": f"{word} {key}", "name_key": f"{word.lower()} {key}"}


def _customer(key: int, reseller: int) -> dict:
    name = f"Customer {key}"
    return {"id": key, "reseller": reseller, "company_name": name, "name_key": name.lower(), "country": "RS"}


def _store_prices(world: World) -> None:
    codes = [(product, f"P{product}-{number}") for product in PRODUCTS for number in range(4)]
    ids = {code: key for key, (_, code) in enumerate(codes, 1)}
    _insert(Sku, [{"id": ids[code], "product": product, "code": code} for product, code in codes])
    lists, prices = [], []
    for product, tables in world.price_tables.items():
        for table in tables:
            lists.append({"id": len(lists) + 1, "product": product, "valid_from": table.valid_from.first_day})
            prices += [_price(band, price_list=len(lists), sku=ids[band.sku_code]) for band in table.bands]
    _insert(PriceList, lists)
    _insert(Price, prices)


def _price(band: Band, *, price_list: int, sku: int) -> dict:
    return {
        "price_list": price_list,
        "sku": sku,
        "min_quantity": band.min_quantity,
        "max_quantity": band.max_quantity,
        "price_cents": band.price_cents,
    }


def _discount_rows(world: World, reseller: int) -> Iterable[dict]:
    for discount in world.discounts[reseller]:
        yield {
            "reseller": reseller,
            "valid_from": discount.valid_from.first_day,
            "basis_points": discount.basis_points,
        }


def _setting_rows(name: str, settings: Iterable[MonthSetting]) -> Iterable[dict]:
    for setting in settings:
        yield {"name": name, "valid_from": setting.valid_from.first_day, "value": setting.rule}


def _subscription(history: History) -> dict:
    return {
        "id": history.key,
        "reseller": history.reseller,
        "customer": history.customer,
        "product": history.product,
        "sku": 4 * (history.product - 1) + 1,
        "quantity": history.licence.quantity,
        "order_state": OrderState.LIVE,
        "subscription_id": f"s{history.key}",
        "activated_at": history.licence.created_at,
        "ordered_at": history.licence.created_at,
    }


def _terms(history: History) -> Iterable[dict]:
    for span in history.steps[-1].terms:
        yield {
            "subscription": history.key,
            "quantity": span.quantity,
            "starts_at": span.starts_at,
            "ends_at": span.ends_at,
        }
