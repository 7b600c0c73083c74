"""A large invented book, for trying out and measuring: resellers, customers, licences with their terms and requests.

The same numbers give the same book. It stands beside what the database holds already and uses its price lists.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from access import SYSTEM, Role
from auth.passwords import hash_password
from database import write_transaction
from licensing.commands import CustomerDetails
from licensing.moment import Moment
from licensing.pricing import Band, find_band
from licensing.search_key import search_key
from licensing.states import CancelKind, CommandKind, CommandState, OrderState
from licensing.terms import Month, day_start, use_ends_on
from models import Command, Customer, PriceList, Reseller, ResellerDiscount, Sku, Subscription, Term, User
from operations.audit import AuditAction, record
from operations.bulk_copy import continue_keys, copy_rows, next_key
from operations.generated_lives import Deed, Life, random_life
from operations.generated_names import Seller, company, seller
from queries.prices import bands_of_product

AT_ONCE = 5_000  # licences held in memory
_MOST_RESELLERS, _LICENCES_OF_A_RESELLER, _LICENCES_OF_A_CUSTOMER = 40, 25, 20
_DISCOUNTS = (1000, 1500, 1800, 2000, 2200, 2250, 2500, 3000)
_DETAILS_KINDS = frozenset({CommandKind.CREATE, CommandKind.MODIFY_ATTRIBUTES, CommandKind.RECREATE})
_CUSTOMER = ("id", "reseller", "name_key", *CustomerDetails.__dataclass_fields__)
_SUBSCRIPTION = (
    *("id", "reseller", "customer", "product", "sku", "quantity", "order_state", "subscription_id"),
    *("activation_code", "activated_at", "expires_on", "cancelled_on", "cancel_kind", "ended_on", "last_request"),
    *("confirmed_details", "ordered_by", "ordered_at", "version"),
)
_COMMAND = (
    *("id", "reference", "kind", "state", "subscription", "reseller", "requested_by", "requested_at", "quantity"),
    *("sku_code", "expires_on", "details", "change", "attempt", "completed_steps", "executed_at", "settled_at"),
    *("error_code", "error_message", "error_reference"),
)
_TERM = ("subscription", "quantity", "starts_at", "ends_at", "command")


class BookRefused(Exception):
    """Nothing was generated; the message says why."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A product on sale: its bands and the keys of their SKUs."""

    product_id: int
    bands: tuple[Band, ...]
    skus: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer: whose it is, who orders for it, and its block of details."""

    id: int
    reseller_id: int
    user_id: int
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The first keys that a chunk of licences may use."""

    subscription: int
    command: int


def generate_book(
    subscriptions: int, *, seed: int, password: str, moment: Moment, tell: Callable[[int], None] = lambda _: None
) -> None:
    """Add so many licences of invented customers and resellers, from the first price list until now.

    password becomes that of one person of each reseller; tell is called with the number of licences written so far.
    Everything is one transaction. Raises BookRefused without price lists, or where a book was generated before.
    """
    random = Random(seed)  # noqa: S311 - a book, not a secret
    with write_transaction():
        shops, begins_at = _shops(moment)
        buyers = _buyers(subscriptions, random, password=password, since=begins_at, moment=moment)
        numbers = Numbers(next_key(Subscription), next_key(Command))
        for done in range(0, subscriptions, AT_ONCE):
            count = min(AT_ONCE, subscriptions - done)
            numbers = _write_licences(count, random, shops, buyers, numbers, begins_at=begins_at, moment=moment)
            tell(done + count)
        for model in (Reseller, User, Customer, Subscription, Command):
            continue_keys(model)
        details = {"subscriptions": subscriptions, "seed": seed}
        record(AuditAction.BOOK_GENERATED, actor=SYSTEM, now=moment.now, subject="book", details=details)


def _shops(moment: Moment) -> tuple[list[Shop], datetime]:
    """What is on sale, and the beginning of the first month that has prices."""
    first: dict[int, date] = {}
    for product_id, valid_from in PriceList.select(PriceList.product, PriceList.valid_from).tuples():
        first[product_id] = min(valid_from, first.get(product_id, valid_from))
    skus = dict(Sku.select(Sku.code, Sku.id).tuples())
    shops = [
        Shop(product_id, bands_of_product(product_id, month=moment.month), skus)
        for product_id, valid_from in sorted(first.items())
        if valid_from <= moment.month.first_day
    ]
    if not shops:
        raise BookRefused("There is no price list: load the demo book first (flask demo).")
    return shops, day_start(max(first.values()), moment.zone)


def _buyers(subscriptions: int, random: Random, *, password: str, since: datetime, moment: Moment) -> list[Buyer]:
    sellers = [seller(number + 1) for number in range(_between(subscriptions // _LICENCES_OF_A_RESELLER))]
    names = [search_key(each.name) for each in sellers]
    if Reseller.select().where(Reseller.name_key.in_(names)).exists():
        raise BookRefused("A book was generated here before.")
    first_reseller, first_user = next_key(Reseller), next_key(User)
    _write_resellers(sellers, random, first=first_reseller, since=since, moment=moment)
    _write_users(sellers, password=password, first=first_user, first_reseller=first_reseller)
    owners = [random.randrange(len(sellers)) for _ in range(max(1, subscriptions // _LICENCES_OF_A_CUSTOMER))]
    buyers = [
        Buyer(key, first_reseller + owner, first_user + owner, company(random).as_dict())
        for key, owner in enumerate(owners, next_key(Customer))
    ]
    copy_rows(Customer, _CUSTOMER, (_customer_row(buyer) for buyer in buyers))
    return buyers


def _between(wanted: int) -> int:
    return min(max(wanted, 1), _MOST_RESELLERS)


def _write_resellers(sellers: Sequence[Seller], random: Random, *, first: int, since: datetime, moment: Moment) -> None:
    rows = [(first + place, each.name, search_key(each.name), each.vendor_pin) for place, each in enumerate(sellers)]
    copy_rows(Reseller, ("id", "name", "name_key", "vendor_pin"), rows)
    start = Month.of(since.astimezone(moment.zone).date())
    months = [start, *(start.plus(random.randint(1, 12)) for _ in range(2))]
    discounts = [
        {"reseller": first + place, "valid_from": month.first_day, "basis_points": random.choice(_DISCOUNTS)}
        for place in range(len(sellers))
        for month in sorted(set(months))
    ]
    ResellerDiscount.insert_many(discounts).execute()


def _write_users(sellers: Sequence[Seller], *, password: str, first: int, first_reseller: int) -> None:
    hashed = hash_password(password)
    rows = [
        {
            "id": first + place,
            "username": each.username,
            "username_key": search_key(each.username),
            "password_hash": hashed,
            "must_change_password": False,
            "name": each.username.title(),
            "name_key": search_key(each.username),
            "role": Role.RESELLER_ADMIN,
            "reseller": first_reseller + place,
        }
        for place, each in enumerate(sellers)
    ]
    User.insert_many(rows).execute()


def _customer_row(buyer: Buyer) -> tuple[Any, ...]:
    return (buyer.id, buyer.reseller_id, search_key(buyer.details["company_name"]), *buyer.details.values())


def _write_licences(
    count: int,
    random: Random,
    shops: Sequence[Shop],
    buyers: Sequence[Buyer],
    numbers: Numbers,
    *,
    begins_at: datetime,
    moment: Moment,
) -> Numbers:
    subscriptions: list[tuple[Any, ...]] = []
    commands: list[tuple[Any, ...]] = []
    terms: list[tuple[Any, ...]] = []
    for key in range(numbers.subscription, numbers.subscription + count):
        shop, buyer = random.choice(shops), random.choice(buyers)
        ordered_at = begins_at + timedelta(seconds=random.randrange(int((moment.now - begins_at).total_seconds())))
        life = random_life(random, shop.bands, ordered_at=ordered_at, now=moment.now, zone=moment.zone)
        first_command = numbers.command + len(commands)
        subscriptions.append(_subscription_row(key, life, shop, buyer, random))
        commands += _command_rows(key, life, shop, buyer, random, first=first_command)
        terms += _term_rows(key, life, first=first_command)
    copy_rows(Subscription, _SUBSCRIPTION, subscriptions)
    copy_rows(Command, _COMMAND, commands)
    copy_rows(Term, _TERM, terms)
    return Numbers(numbers.subscription + count, numbers.command + len(commands))


def _subscription_row(key: int, life: Life, shop: Shop, buyer: Buyer, random: Random) -> tuple[Any, ...]:
    licence = life.licence
    ids = (
        key,
        buyer.reseller_id,
        buyer.id,
        shop.product_id,
        shop.skus[find_band(shop.bands, licence.quantity).sku_code],
    )
    vendor = (_uuid(random), _uuid(random).upper(), licence.created_at)
    dates = (licence.expires_on, licence.cancelled_on, _cancel_kind(life), use_ends_on(licence))
    ordered = (buyer.user_id, life.deeds[0].at, 1 + len(life.deeds))
    return (*ids, licence.quantity, OrderState.LIVE, *vendor, *dates, life.deeds[-1].kind, buyer.details, *ordered)


def _cancel_kind(life: Life) -> CancelKind | None:
    if life.licence.cancelled_on is None:
        return None
    return CancelKind.HARD if life.licence.is_hard_cancelled else CancelKind.SOFT


def _command_rows(
    key: int, life: Life, shop: Shop, buyer: Buyer, random: Random, *, first: int
) -> Iterator[tuple[Any, ...]]:
    for number, deed in enumerate(life.deeds, first):
        is_create = deed.kind is CommandKind.CREATE
        ids = (number, _uuid(random), deed.kind, CommandState.CONFIRMED, key, buyer.reseller_id, buyer.user_id, deed.at)
        sku_code = find_band(shop.bands, deed.quantity).sku_code if is_create and deed.quantity else None
        details = buyer.details if deed.kind in _DETAILS_KINDS else None
        values = (deed.quantity, sku_code, deed.expires_on, details, None if is_create else _before(deed, buyer))
        yield (*ids, *values, 1, 0, deed.at, deed.at, "", "", "")


def _before(deed: Deed, buyer: Buyer) -> dict[str, Any]:
    expires_on = deed.before.expires_on
    return {
        "quantity": deed.before.quantity,
        "expires_on": None if expires_on is None else expires_on.isoformat(),
        "details": buyer.details if deed.kind in _DETAILS_KINDS else None,
    }


def _term_rows(key: int, life: Life, *, first: int) -> Iterator[tuple[Any, ...]]:
    by_instant = {deed.at: first + place for place, deed in enumerate(life.deeds)}
    for span in life.terms:
        yield key, span.quantity, span.starts_at, span.ends_at, by_instant.get(span.starts_at)


def _uuid(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128)))
