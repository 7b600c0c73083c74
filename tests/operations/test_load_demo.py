"""The demo book as it stands in the tables, beside the history and beside the vendor's own book."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from access import Role
from auth.passwords import check_password
from config import VendorConfig
from database import db
from gateways.base import Snapshot
from gateways.select import gateway_of
from licensing.commands import CustomerDetails
from licensing.moment import Moment
from licensing.states import CommandKind, CommandState, OrderState
from models import AuditEntry, Command, Customer, Price, Reseller, Sku, Subscription, User
from operations.load_demo import load_demo
from operations.request_command import CommandRequest, request_command
from queries.licences import details_of
from tests.desk import local, spans
from tests.licensing import demo_book
from tests.services import schema
from tests.simulator.process import SimulatorProcess
from tests.small_book import ZONE, actor

DEMO = Path(__file__).resolve().parents[2] / "demo"
PASSWORD = "a demo pass phrase"
BEFORE, WHOLE = "2017-07-22T12:00:00", "2017-08-23T16:00:00"


class Stands(NamedTuple):
    """How a licence of the book stands: quantity, SKU, expiration, cancellation, its kind, last request."""

    quantity: int
    sku: str
    expires_on: str | None = None
    cancelled_on: str | None = None
    cancel_kind: str | None = None
    last_request: str = "Create"


# By the number in history.csv; written out by hand from it.
BOOK_BEFORE = {
    1: Stands(10, "KL4864XIKMG", "2017-12-01", "2017-07-01", "hard", "HardCancel"),
    2: Stands(14, "KL4864XIKMG"),
    3: Stands(10, "KL4551XIKMG"),
    4: Stands(6, "KL4251XIEMG"),
    5: Stands(9, "KL4864XIEMG", None, "2017-06-01", "soft", "SoftCancel"),
    6: Stands(12, "KL4864XIKMG"),
    7: Stands(8, "KL4151XIEMG", "2017-11-01", None, None, "Reduce"),
    8: Stands(12, "KL4864XIKMG"),
    9: Stands(10, "KL4864XIKMG"),
    10: Stands(6, "KL4864XIEMG", "2017-12-01", None, None, "Reduce"),
    12: Stands(55, "KL4863XIQMG", None, None, None, "ModifyQuantity"),
    13: Stands(7, "KL4864XIEMG", None, "2017-08-01", "soft", "SoftCancel"),
    14: Stands(120, "KL4551XIRMG"),
}
BOOK_WHOLE = BOOK_BEFORE | {
    1: Stands(10, "KL4864XIKMG", None, None, None, "Recreate"),
    6: Stands(8, "KL4864XIEMG", "2017-12-01", None, None, "Reduce"),
    11: Stands(10, "KL4864XIKMG", "2018-12-01", "2017-08-01", "hard", "ModifyAttributes"),
}
TERMS_WHOLE = {
    1: [
        (12, "2017-03-23 17:43:04", "2017-05-24 15:29:12"),
        (10, "2017-05-24 15:29:12", "2017-07-01 00:00:00"),
        (10, "2017-07-23 14:36:23", None),
    ],
    5: [(9, "2017-03-23 17:59:30", "2017-06-01 00:00:00")],
    6: [(12, "2017-03-23 18:03:27", "2017-07-23 14:43:49"), (8, "2017-07-23 14:43:49", "2017-12-01 00:00:00")],
    7: [(8, "2017-03-23 18:07:19", "2017-11-01 00:00:00")],
    11: [(10, "2017-07-23 13:34:34", "2017-08-01 00:00:00")],
    12: [(30, "2017-05-11 09:15:00", "2017-07-10 16:20:10"), (55, "2017-07-10 16:20:10", None)],
}
BOOKS = {BEFORE: BOOK_BEFORE, WHOLE: BOOK_WHOLE}


def load(until: str) -> bool:
    return load_demo(DEMO, password=PASSWORD, moment=Moment(now=local(until), real_now=local(until), zone=ZONE))


def by_number() -> dict[int, Subscription]:
    """The subscriptions of the book by their numbers in history.csv."""
    numbers = {row["subscription_id"]: int(row["subscription"]) for row in demo_book.rows("history.csv")}
    return {numbers[subscription.subscription_id]: subscription for subscription in Subscription.select()}


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def stands(subscription: Subscription) -> Stands:
    return Stands(
        quantity=subscription.quantity,
        sku=subscription.sku.code,
        expires_on=_text(subscription.expires_on),
        cancelled_on=_text(subscription.cancelled_on),
        cancel_kind=subscription.cancel_kind,
        last_request=subscription.last_request,
    )


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def loaded(request: pytest.FixtureRequest, engine: str) -> Iterator[str]:
    """The book up to an instant, loaded once for all tests of it; gives the instant."""
    url = request.getfixturevalue(f"shared_{engine}")
    with schema.bound(url), db.transaction() as transaction:
        assert load(request.param) is True
        yield request.param
        transaction.rollback()


whole = pytest.mark.parametrize("loaded", [WHOLE], indirect=True)
both = pytest.mark.parametrize("loaded", [BEFORE, WHOLE], indirect=True, ids=["before the 23rd", "whole"])


@both
def test_the_licences_stand_as_the_history_leaves_them(loaded: str) -> None:
    licences = by_number()
    assert {number: stands(licence) for number, licence in licences.items()} == BOOKS[loaded]
    assert {licence.order_state for licence in licences.values()} == {OrderState.LIVE}


@whole
def test_the_whole_book_has_fourteen_subscriptions_and_their_terms(loaded: str) -> None:
    licences = by_number()
    assert len(licences) == 14
    assert {number: spans(licences[number]) for number in TERMS_WHOLE} == TERMS_WHOLE
    plain = [licence for number, licence in licences.items() if number not in TERMS_WHOLE]
    assert all(len(spans(licence)) == 1 for licence in plain)


@whole
def test_the_terms_are_those_of_the_pure_replay(loaded: str) -> None:
    history = demo_book.history()
    for number, licence in by_number().items():
        _licence, terms = demo_book.replay([command for command in history if command.subscription == number])
        held = [(term.quantity, _shown(term.starts_at), _shown(term.ends_at)) for term in terms]
        assert spans(licence) == held


def _shown(instant: datetime | None) -> str | None:
    return None if instant is None else f"{instant.astimezone(ZONE):%Y-%m-%d %H:%M:%S}"


@whole
def test_every_line_of_the_history_is_a_confirmed_command_at_its_own_time(loaded: str) -> None:
    rows = demo_book.rows("history.csv")
    commands = list(Command.select().order_by(Command.id))
    assert [(command.kind, command.executed_at) for command in commands] == [
        (row["command"], local(row["at"])) for row in rows
    ]
    assert [command.requested_by.username for command in commands] == [row["username"] for row in rows]
    assert {command.state for command in commands} == {CommandState.CONFIRMED}
    confirmed = AuditEntry.select().where(AuditEntry.action == "subscription.command.confirmed")
    assert confirmed.count() == len(rows) == 31


@whole
def test_what_a_list_shows_as_before_and_after_is_there(loaded: str) -> None:
    prerada = by_number()[6]
    changed = Command.get(Command.subscription == prerada, Command.kind == CommandKind.MODIFY_QUANTITY)
    assert (changed.change["quantity"], changed.quantity) == (12, 8)
    reduced = Command.get(Command.subscription == prerada, Command.kind == CommandKind.REDUCE)
    assert (reduced.change["expires_on"], reduced.expires_on) == (None, date(2017, 12, 1))
    moved = Command.get(Command.subscription == prerada, Command.kind == CommandKind.MODIFY_ATTRIBUTES)
    addresses = moved.change["details"]["address_line_1"], moved.details["address_line_1"]
    assert addresses == ("Milana Rakića 123", "Milana Rakića 321")


@whole
def test_customers_end_with_the_details_that_the_vendor_confirmed(loaded: str) -> None:
    for licence in Subscription.select():
        assert CustomerDetails.from_dict(licence.confirmed_details) == details_of(licence.customer)
    assert Customer.get(Customer.name_key == "tunel d.o.o.").address_line_1 == "Drinska ulica 99"


@whole
def test_resellers_users_prices(loaded: str) -> None:
    assert [(r.name, r.vendor_pin, r.discounts[0].basis_points) for r in Reseller.select().order_by(Reseller.id)] == [
        ("Bluth Company", "BLUTH01", 2200),
        ("Sitwell Enterprises", "SITWE01", 1800),
    ]
    assert (Sku.select().count(), Price.select().count()) == (74, 74)
    users = {user.username: user for user in User.select()}
    assert sorted(users) == ["admin", "audit", "blake", "customer1", "john", "ops", "sitwell1"]
    assert not any(user.must_change_password for user in users.values())
    assert check_password(PASSWORD, stored=users["blake"].password_hash).is_right
    assert users["blake"].password_hash != users["john"].password_hash


@whole
def test_a_book_that_is_there_is_left_as_it_is(loaded: str) -> None:
    rows = (Subscription.select().count(), Command.select().count(), AuditEntry.select().count())
    assert load(BEFORE) is False
    assert (Subscription.select().count(), Command.select().count(), AuditEntry.select().count()) == rows


@whole
def test_a_command_goes_on_from_the_book(loaded: str) -> None:
    subscription = by_number()[2]
    user = User.get(User.username == "blake")
    request = CommandRequest(CommandKind.SOFT_CANCEL, subscription.id, subscription.version, "a key")
    with db.atomic() as savepoint:
        command = request_command(
            request,
            actor=actor(Role.RESELLER_ADMIN, reseller=user.reseller, user=user),
            moment=Moment(now=local(WHOLE), real_now=local(WHOLE), zone=ZONE),
        )
        assert command.state == CommandState.QUEUED
        savepoint.rollback()


@both
def test_the_vendors_own_book_says_the_same_of_every_licence(loaded: str, tmp_path: Path) -> None:
    vendor = SimulatorProcess(tmp_path, SIMULATOR_HISTORY_UNTIL=local(loaded).isoformat())
    service = gateway_of(_settings(vendor.vendor_url), zone=ZONE)
    licences = list(Subscription.select())
    theirs = {licence.subscription_id: service.read_details(licence.subscription_id) for licence in licences}
    assert {licence.subscription_id: _as_read(licence) for licence in licences} == {
        subscription_id: _comparable(snapshot) for subscription_id, snapshot in theirs.items()
    }
    kept = vendor.licences()
    vendor.stop()
    assert {licence.subscription_id: (licence.activation_code, licence.sku.code) for licence in licences} == {
        subscription_id: (row["activation_code"], row["sku"]) for subscription_id, row in kept.items()
    }


def _settings(url: str) -> VendorConfig:
    return VendorConfig(
        url=url,
        partner="SEATDESK",
        client_cert="",
        client_key="",
        ca_file="",
        deadline_seconds=5.0,
        has_extensions=True,
    )


def _as_read(licence: Subscription) -> tuple[object, ...]:
    kept = {**licence.confirmed_details, "website": "", "fax": ""}
    return (licence.quantity, licence.expires_on, licence.cancelled_on, CustomerDetails.from_dict(kept))


def _comparable(snapshot: Snapshot) -> tuple[object, ...]:
    return (snapshot.quantity, snapshot.expires_on, snapshot.cancelled_on, snapshot.customer)
