"""The small book on which every schedule plays."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from access import Role
from database import connect_to, migrate
from models import Sku
from tests.small_book import actor, add_customer, add_product, add_reseller, add_user

BANDS = ((5, 9, 1000), (10, 14, 770), (15, 24, 354))


@dataclass(frozen=True, slots=True)
class Book:
    """What all schedules share: a reseller, two users of it, its customer, a product."""

    actors: tuple[object, ...]
    reseller_id: int
    customer_id: int
    product_id: int
    sku_id: int


@contextmanager
def small_book() -> Iterator[Book]:
    """A database in memory with what schedules need."""
    # A gateway that breaks is logged with its traceback: here it breaks all the time.
    logging.getLogger("seatdesk.jobs").setLevel(logging.CRITICAL)
    opened = connect_to("sqlite:///:memory:")
    opened.connect()
    try:
        migrate()
        reseller = add_reseller()
        product = add_product(bands=BANDS)
        users = [add_user(name, reseller=reseller) for name in ("blake", "nikola")]
        yield Book(
            actors=(
                *(actor(Role.RESELLER_USER, reseller=reseller, user=user) for user in users),
                actor(user=add_user("mira", role=Role.DISTRIBUTOR_ADMIN)),
            ),
            reseller_id=reseller.id,
            customer_id=add_customer("Tunel d.o.o.", reseller=reseller).id,
            product_id=product.id,
            sku_id=Sku.get(Sku.product == product).id,
        )
    finally:
        opened.close()
