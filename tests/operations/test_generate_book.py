"""The invented book is one that the desk could hold: legal, charged by the rules, and the same for the same seed."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from access import SYSTEM
from licensing.moment import Moment
from licensing.report_lines import licence_months, reseller_lines, reseller_totals
from licensing.states import CommandKind, CommandState, OrderState
from licensing.terms import Month, use_ends_on
from models import AuditEntry, Command, Customer, Reseller, Subscription, Term, User
from operations.generate_book import BookRefused, generate_book
from operations.load_demo import load_demo
from queries.billing import ReportFilter, reseller_report
from queries.licence_histories import licence_histories
from queries.licences import licence_of, terms_of
from tests.services import schema

DEMO = Path(__file__).resolve().parents[2] / "demo"
ZONE = ZoneInfo("Europe/Belgrade")
NOW = datetime(2018, 9, 15, 10, 0, tzinfo=UTC)
MOMENT = Moment(now=NOW, real_now=NOW, zone=ZONE)
PASSWORD = "a demo pass phrase"
COUNT = 300


def generate(count: int = COUNT, seed: int = 7) -> None:
    generate_book(count, seed=seed, password=PASSWORD, moment=MOMENT)


@pytest.fixture
def demo(database: str) -> None:
    load_demo(DEMO, password=PASSWORD, moment=MOMENT)


@pytest.fixture
def book(demo: None) -> None:
    generate()


def generated() -> list[Subscription]:
    """Those beside the fourteen of the demo book."""
    return list(Subscription.select().order_by(Subscription.id).offset(14))


@pytest.mark.usefixtures("book")
class TestABook:
    def test_has_the_licences_asked_for_with_customers_and_resellers(self):
        assert len(generated()) == COUNT
        assert (Reseller.select().count(), Customer.select().count()) == (2 + COUNT // 25, 12 + COUNT // 20)
        assert AuditEntry.get(AuditEntry.action == "book.generated").details == {"subscriptions": COUNT, "seed": 7}

    def test_has_every_kind_of_request(self):
        kinds = {kind for (kind,) in Command.select(Command.kind).where(Command.id > 31).tuples()}
        assert kinds == {str(kind) for kind in CommandKind}

    def test_has_rows_that_agree_with_one_another(self):
        for subscription in generated():
            licence, terms = licence_of(subscription), terms_of(subscription)
            assert (subscription.order_state, subscription.ended_on) == (OrderState.LIVE, use_ends_on(licence))
            assert subscription.activated_at == terms[0].starts_at
            assert subscription.quantity == terms[-1].quantity
            assert subscription.customer.reseller_id == subscription.reseller_id

    def test_names_the_request_of_every_term(self):
        for term in Term.select().where(Term.id > 40).limit(200):
            assert term.command is not None
            assert term.command.subscription_id == term.subscription_id
            assert (term.command.executed_at, term.command.state) == (term.starts_at, CommandState.CONFIRMED)

    def test_is_charged_by_the_statement_as_by_the_rules(self):
        histories = licence_histories([each.id for each in generated()], as_of=NOW, actor=SYSTEM)
        demo = licence_histories(range(1, 15), as_of=NOW, actor=SYSTEM)
        licences = [history.billed for history in (*demo.values(), *histories.values())]
        month = Month(2018, 7)
        lines = reseller_lines(licence_months(licences, [month], now=NOW, zone=ZONE))
        _, totals = reseller_report(month, ReportFilter(NOW), actor=SYSTEM, zone=ZONE)
        assert (totals.lines, totals.fee_cents) == (len(lines), reseller_totals(lines).fee_cents)
        assert totals.fee_cents > 100_000

    def test_leaves_the_keys_free_for_what_comes_after(self):
        last = Subscription.select().order_by(Subscription.id.desc()).first()
        copied = {**last.__data__, "subscription_id": "later", "id": None}
        assert Subscription.create(**copied).id == last.id + 1

    def test_is_not_generated_twice(self):
        with pytest.raises(BookRefused, match="generated here before"):
            generate(10, seed=8)
        assert len(generated()) == COUNT

    def test_lets_one_person_of_each_reseller_sign_in(self):
        person = User.get(User.username == "adria1")
        assert (person.reseller.name, person.must_change_password) == ("Adria Distribucija 1", False)


def everything() -> list[tuple]:
    rows = Command.select(Command.subscription, Command.kind, Command.executed_at, Command.quantity, Command.reference)
    return list(rows.where(Command.id > 31).order_by(Command.id).tuples())


def test_the_same_seed_gives_the_same_book_and_another_seed_another(sqlite_copies):
    books = []
    for seed in (7, 7, 8):
        with sqlite_copies.fresh() as url, schema.bound(url):
            load_demo(DEMO, password=PASSWORD, moment=MOMENT)
            generate(40, seed=seed)
            books.append(everything())
    assert books[0] == books[1]
    assert books[0] != books[2]


@pytest.mark.usefixtures("database")
def test_without_price_lists_nothing_can_be_ordered():
    with pytest.raises(BookRefused, match="no price list"):
        generate()
