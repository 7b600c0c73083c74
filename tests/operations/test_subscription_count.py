"""The counts that the Subscription List shows as totals, whatever wrote the licences."""

from collections import Counter
from functools import partial
from importlib import import_module
from random import Random

import pytest

from access import SYSTEM, Role
from database import db, insert_rows
from licensing.commands import Rejected
from licensing.states import OrderState
from models import Command, Reseller, Subscription, SubscriptionCount
from operations.bulk_copy import copy_rows
from queries.listing import PageRequest
from queries.subscriptions import StatusFilter, SubscriptionFilter, subscriptions
from tests.desk import Desk, at_once, created
from tests.small_book import TODAY, actor, add_customer, add_product, add_reseller, add_subscription, statements

REFUSED = Rejected(code="17", message="No such SKU")
_PLAIN = ("reseller", "customer", "product", "sku", "quantity", "order_state", "ordered_at", "version", "last_request")


def counted() -> dict[int, tuple[int, int]]:
    """What the table says: licences and failed orders by reseller."""
    rows = SubscriptionCount.select(
        SubscriptionCount.reseller, SubscriptionCount.listed, SubscriptionCount.failed
    ).tuples()
    return {reseller: (listed, failed) for reseller, listed, failed in rows if listed or failed}


def there() -> dict[int, tuple[int, int]]:
    """The same, counted row by row."""
    rows = list(Subscription.select(Subscription.reseller, Subscription.order_state).tuples())
    failed = Counter(reseller for reseller, state in rows if state == OrderState.FAILED)
    everything = Counter(reseller for reseller, _state in rows)
    return {reseller: (everything[reseller] - failed[reseller], failed[reseller]) for reseller in everything}


class Writers:
    """Every way in which a licence comes, goes or changes its state, one of them at random."""

    def __init__(self, random: Random) -> None:
        self.random, self.desk = random, Desk()
        self.other = add_customer("Other d.o.o.", reseller=add_reseller("Other", discount=1000))
        self.sku = self.desk.product.skus.get()

    def write(self) -> None:
        ways = (
            *(self.order, self.confirm, self.refuse, self.insert_many, self.copy),
            *(self.delete_failed, self.move_to_other, self.update_by_hand, self.roll_back),
        )
        self.random.choice(ways)()

    def order(self) -> Command:
        return self.desk.order()

    def confirm(self) -> None:
        self.desk.send(self.order(), created())

    def refuse(self) -> None:
        self.desk.send(self.order(), REFUSED)

    def insert_many(self) -> None:
        insert_rows(Subscription, _PLAIN, self.rows())

    def copy(self) -> None:
        copy_rows(Subscription, _PLAIN, self.rows())

    def rows(self) -> list[tuple]:
        customers = (self.desk.customer, self.other)
        states = (OrderState.PENDING, OrderState.FAILED)
        return [
            (buyer.reseller_id, buyer.id, self.desk.product.id, self.sku.id, 5, state, self.desk.now, 1, "")
            for buyer in self.random.choices(customers, k=self.random.randrange(9))
            for state in self.random.choices(states, k=2)
        ]

    def delete_failed(self) -> None:
        without_request = Subscription.id.not_in(Command.select(Command.subscription))
        Subscription.delete().where(Subscription.order_state == OrderState.FAILED, without_request).execute()

    def move_to_other(self) -> None:
        Subscription.update(reseller=self.other.reseller_id).where(Subscription.id.in_(range(0, 2000, 7))).execute()

    def update_by_hand(self) -> None:
        state = self.random.choice((OrderState.PENDING, OrderState.FAILED))
        Subscription.update(order_state=state).where(
            Subscription.id.in_(range(0, 2000, 5)), Subscription.order_state != OrderState.LIVE
        ).execute()

    def roll_back(self) -> None:
        with db.atomic() as transaction:
            self.copy()
            transaction.rollback()


@pytest.mark.parametrize("seed", range(4))
def test_the_kept_counts_are_those_of_the_rows_whatever_wrote_them(database, seed):
    writers = Writers(Random(seed))  # noqa: S311 - a test, not a secret
    for _ in range(60):
        writers.write()
    assert counted() == there()
    assert len(there()) == 2


def test_orders_of_one_reseller_at_once_are_all_counted(database):
    desk = Desk()
    found = at_once(*[desk.order] * 8)
    assert [answer for answer in found if isinstance(answer, Exception)] == []
    assert counted() == {desk.reseller.id: (8, 0)}


def test_orders_and_refusals_at_once_leave_the_right_counts(database):
    desk = Desk()
    claims = [desk.claim(desk.order()) for _ in range(4)]
    refusals = [partial(desk.answer, claim, REFUSED) for claim in claims]
    found = at_once(*refusals, *(desk.order for _ in range(4)))
    assert [answer for answer in found if isinstance(answer, Exception)] == []
    assert counted() == {desk.reseller.id: (4, 4)}


def test_the_migration_counts_what_is_there(database):
    add_subscription(add_customer("Tunel d.o.o.", reseller=add_reseller()), product=add_product())
    migration = import_module("migrations.0007_subscription_list")
    with db.atomic():
        migration.down(None, db.obj)
        Subscription.update(order_state=OrderState.FAILED).execute()
        migration.up(None, db.obj)
    assert counted() == there()
    assert list(counted().values()) == [(0, 1)]


@pytest.fixture
def two_resellers(database):
    product = add_product()
    for number, name in enumerate(("Bluth Company", "Sitwell"), 1):
        customer = add_customer(f"{name} d.o.o.", reseller=add_reseller(name))
        for _ in range(number):
            add_subscription(customer, product=product)
        add_subscription(customer, product=product, state=OrderState.FAILED)
    return list(Reseller.select().order_by(Reseller.id))


@pytest.mark.parametrize(
    ("status", "totals"),
    [(StatusFilter.NOT_FAILED, (3, 1, 2)), (StatusFilter.ALL, (5, 2, 3)), (StatusFilter.FAILED, (2, 1, 1))],
)
def test_totals_are_read_not_counted_for_everybody_and_within_their_rights(two_resellers, status, totals):
    people = [SYSTEM, *(actor(Role.RESELLER_USER, reseller=reseller) for reseller in two_resellers)]
    with statements() as seen:
        lists = [subscriptions(SubscriptionFilter(status=status), actor=one, today=TODAY) for one in people]
        pages = [each.page(PageRequest()) for each in lists]
    assert [(page.total, page.is_exact, len(page.rows)) for page in pages] == [(all_, True, all_) for all_ in totals]
    assert [text for text in seen if "COUNT(" in text] == []


def test_the_total_of_one_reseller_is_read_too_and_a_foreign_one_has_none(two_resellers):
    bluth, sitwell = two_resellers
    chosen = SubscriptionFilter(reseller_id=sitwell.id)
    assert subscriptions(chosen, actor=SYSTEM, today=TODAY).count() == (2, True)
    foreign = actor(Role.RESELLER_USER, reseller=bluth)
    assert subscriptions(chosen, actor=foreign, today=TODAY).count() == (0, True)
