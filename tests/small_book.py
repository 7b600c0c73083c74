"""Rows for tests of lists and registers: each function adds one and fills in what the test does not care about."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import count
from zoneinfo import ZoneInfo

from access import Actor, Role
from licensing.moment import Moment
from licensing.search_key import search_key
from licensing.states import CancelKind, CommandKind, CommandState, OrderState
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

ZONE = ZoneInfo("Europe/Belgrade")
NOW = datetime(2017, 7, 23, 12, 46, 35, tzinfo=UTC)
TODAY = date(2017, 7, 23)
MOMENT = Moment(now=NOW, real_now=NOW, zone=ZONE)
_numbers = count(1)


def actor(role: Role = Role.DISTRIBUTOR_ADMIN, *, reseller: Reseller | None = None, user: User | None = None) -> Actor:
    return Actor(
        user_id=None if user is None else user.id,
        name="Somebody" if user is None else str(user),
        role=role,
        reseller_id=None if reseller is None else reseller.id,
    )


def add_reseller(name: str = "Bluth Company", *, discount: int = 2200) -> Reseller:
    reseller = Reseller.create(name=name, name_key=search_key(name), vendor_pin=name[:5].upper())
    ResellerDiscount.create(reseller=reseller, valid_from=date(2017, 1, 1), basis_points=discount)
    return reseller


def add_user(
    username: str, *, role: Role = Role.RESELLER_USER, reseller: Reseller | None = None, name: str = "", **columns
) -> User:
    name = name or username.title()
    return User.create(
        **{
            "username": username,
            "username_key": search_key(username),
            "password_hash": "never used",
            "must_change_password": False,
            "name": name,
            "name_key": search_key(f"{name} {columns.get('surname', '')}"),
            "role": role,
            "reseller": reseller,
            **columns,
        }
    )


def add_customer(name: str, *, reseller: Reseller, **columns) -> Customer:
    return Customer.create(
        **{"reseller": reseller, "company_name": name, "name_key": search_key(name), "country": "RS", **columns}
    )


def add_product(code: str = "4864", name: str = "Endpoint - Basic", *, bands=((5, 9, 1000), (10, 14, 770))) -> Product:
    product = Product.create(code=code, name=name, name_key=search_key(name))
    add_price_list(product, valid_from=date(2017, 1, 1), bands=bands)
    return product


def add_price_list(product: Product, *, valid_from: date, bands) -> PriceList:
    price_list = PriceList.create(product=product, valid_from=valid_from)
    for lowest, highest, cents in bands:
        sku, _created = Sku.get_or_create(code=f"KL{product.code}X{lowest}", defaults={"product": product})
        Price.create(price_list=price_list, sku=sku, min_quantity=lowest, max_quantity=highest, price_cents=cents)
    return price_list


def add_subscription(
    customer: Customer,
    *,
    product: Product,
    quantity: int = 10,
    expires_on: date | None = None,
    cancelled_on: date | None = None,
    state: OrderState = OrderState.LIVE,
    user: User | None = None,
    **columns,
) -> Subscription:
    number = next(_numbers)
    is_live = state is OrderState.LIVE
    return Subscription.create(
        **{
            "reseller": customer.reseller_id,
            "customer": customer,
            "product": product,
            "sku": Sku.get(Sku.product == product),
            "quantity": quantity,
            "order_state": state,
            "subscription_id": f"{number:08x}-10c8-9d6e-0ecc-39de0e709b02" if is_live else None,
            "activation_code": f"A{number:07X}-27A8-4C58-9346-85FE2B77F269" if is_live else None,
            "activated_at": NOW if is_live else None,
            "expires_on": expires_on,
            "cancelled_on": cancelled_on,
            "cancel_kind": CancelKind.SOFT if cancelled_on else None,
            "ended_on": min((day for day in (expires_on, cancelled_on) if day), default=None),
            "ordered_by": user,
            "ordered_at": NOW,
            **columns,
        }
    )


def add_command(
    subscription: Subscription,
    *,
    kind: CommandKind = CommandKind.CREATE,
    state: CommandState = CommandState.CONFIRMED,
    at: datetime = NOW,
    **columns,
) -> Command:
    return Command.create(
        **{
            "reference": str(uuid.uuid4()),
            "kind": kind,
            "state": state,
            "subscription": subscription,
            "reseller": subscription.reseller_id,
            "requested_at": at,
            **columns,
        }
    )


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that reaches the database inside the block."""
    seen: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(str(record.msg[0]))

    log, handler = logging.getLogger("peewee"), Kept()
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield seen
    finally:
        log.setLevel(before)
        log.removeHandler(handler)
