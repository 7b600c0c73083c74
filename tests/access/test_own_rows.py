"""The watch over SQLite's statements finds what it is there for, and leaves alone what is a reseller's own."""

from collections.abc import Callable, Iterator

import pytest

from access import Role
from database import across_tenants, as_tenant, db
from models import Command, Customer, Subscription, Term
from queries.scope import visible
from tests.access.own_rows import OwnRows, watched
from tests.admin_views.desk import Desk, set_up
from tests.small_book import actor, add_command

Ask = Callable[[Desk], object]


@pytest.fixture
def desk(sqlite_database: str) -> Desk:
    desk = set_up()
    for licence in (desk.licence, desk.foreign_licence):
        add_command(licence, kind="Create", quantity=10)
        Term.create(subscription=licence, quantity=10, starts_at=licence.activated_at)
    return desk


@pytest.fixture
def watch(desk: Desk) -> Iterator[OwnRows]:
    with watched() as own_rows, as_tenant(desk.bluth.id):
        yield own_rows


@pytest.mark.parametrize(
    "ask",
    [
        lambda _desk: list(Subscription.select()),
        lambda _desk: Customer.select().count(),
        lambda _desk: list(Customer.select(Customer.id).join(Subscription).order_by(Customer.name_key).limit(5)),
        lambda desk: Customer.get_or_none(Customer.id == desk.canary.id),
        lambda _desk: list(Term.select()),
        lambda _desk: Customer.update(city="").execute(),
        lambda _desk: Customer.update(city="").where(Customer.city != "").execute(),
        lambda _desk: Command.delete().execute(),
        lambda _desk: db.execute_sql("SELECT count(*) FROM subscription JOIN customer ON customer.id = customer_id"),
        lambda _desk: db.connection().cursor().execute("WITH every AS (SELECT id FROM customer) SELECT * FROM every"),
    ],
)
def test_a_statement_without_its_predicate_is_found(ask: Ask, desk: Desk, watch: OwnRows) -> None:
    ask(desk)
    assert len(watch.trespasses) == 1


@pytest.mark.parametrize(
    "ask",
    [
        lambda desk: list(
            visible(Customer, actor=actor(Role.RESELLER_ADMIN, reseller=desk.bluth, user=desk.people["blake"]))
        ),
        lambda desk: Customer.get_by_id(desk.tunel.id),
        lambda desk: Customer.update(city="Banja Luka").where(Customer.id == desk.tunel.id).execute(),
        lambda desk: list(Term.select().where(Term.subscription == desk.licence)),
        lambda desk: list(desk.people["ops"].requests),
    ],
)
def test_what_is_ones_own_is_left_alone(ask: Ask, desk: Desk, watch: OwnRows) -> None:
    ask(desk)
    assert watch.trespasses == []
    assert watch.compared > 0


def test_what_must_know_of_every_tenant_says_so(watch: OwnRows) -> None:
    with across_tenants():
        assert Customer.select().count() == 2
    assert (watch.trespasses, watch.compared) == ([], 0)
