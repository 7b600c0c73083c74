"""The Subscription List as a browser gets it, against SQL written by hand for the same rows and the same count.

The page is asked for through the application by somebody who is signed in: session, filters, rows, total, HTML. What
the SQL finds is compared with the page first.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from peewee import Database
from werkzeug.test import TestResponse

from access import Role
from app import create_app
from bench.book import MOMENT, small_book
from bench.ratio import Figure, measure
from config import Config, read_config
from database import db, is_sqlite
from licensing.search_key import search_key
from licensing.states import OrderState
from models import Session, Subscription, User
from tests.admin_views.browser import Browser
from tests.small_book import statements

ROUNDS = 21
LARGEST_PAGE, MOST_QUERIES = 80 * 1024, 6
SMALL = 10_000
GROWTH = 1.25
WORDS = "pekara marić"
_LIST = "/subscriptions/"
_TOTAL = re.compile(r"Displaying [\d,]+ to [\d,]+ of ([\d,]+) item")

_ROWS = """
SELECT subscription.id, reseller.name, customer.company_name, customer.city, customer.country, product.name, sku.code,
       subscription.quantity, subscription.subscription_id, subscription.activation_code, subscription.order_state,
       subscription.expires_on, subscription.cancelled_on, subscription.cancel_kind, person.name, person.surname,
       command.state
FROM subscription
JOIN reseller ON reseller.id = subscription.reseller_id
JOIN customer ON customer.id = subscription.customer_id
JOIN product ON product.id = subscription.product_id
JOIN sku ON sku.id = subscription.sku_id
LEFT JOIN "user" AS person ON person.id = subscription.ordered_by_id
LEFT JOIN command ON command.subscription_id = subscription.id
     AND command.state IN ('queued', 'sending', 'unknown', 'parked')
WHERE {condition}
ORDER BY subscription.id LIMIT 50
"""
_COUNT = "SELECT count(*) FROM subscription {joined} WHERE {condition}"
_JOIN_CUSTOMER = "JOIN customer ON customer.id = subscription.customer_id"
_LARGEST_RESELLER = "SELECT reseller_id FROM subscription GROUP BY reseller_id ORDER BY count(*) DESC LIMIT 1"
_LISTED = "subscription.order_state <> 'failed'"


@dataclass(frozen=True, slots=True)
class PageFigure:
    """A page's time against its baseline, the size of its HTML in bytes, and how many statements it took."""

    times: Figure
    size: int
    queries: int

    def __str__(self) -> str:
        is_small = self.size <= LARGEST_PAGE and self.queries <= MOST_QUERIES
        return f"{self.times}, {self.size / 1024:.0f} KiB, {self.queries} queries{'' if is_small else '  MISSED'}"


class Reader:
    """Somebody who is signed in and looks at lists."""

    def __init__(self, role: Role) -> None:
        self.user = _somebody(role)
        self.app = create_app(_config())
        self._browser = Browser(self.app).enter(self.user)

    def page(self, query: str = "") -> TestResponse:
        """The list with that query string."""
        answer = self._browser.get(_LIST, query_string=query)
        if answer.status_code != HTTPStatus.OK:
            raise SystemExit(f"{_LIST}?{query} answers {answer.status_code}")
        return answer

    def export(self, query: str) -> TestResponse:
        """The list as CSV, not yet read."""
        return self._browser.get(f"{_LIST}export/csv/", query_string=query, buffered=False)

    def own(self, condition: str) -> str:
        """The condition, limited to what the reader may see."""
        reseller_id = self.user.reseller_id
        return condition if reseller_id is None else f"{condition} AND subscription.reseller_id = {reseller_id}"

    def shown(self, query: str = "") -> tuple[list[int], int | None]:
        """The keys of the rows on the page, and the total that it tells; None for "more than"."""
        text = self.page(query).get_data(as_text=True)
        told = _TOTAL.search(text)
        keys = [int(key) for key in re.findall(r'name="row" form="bar" value="(\d+)"', text)]
        return keys, None if told is None else int(told[1].replace(",", ""))

    def sign_out(self) -> None:
        """Leave no session behind."""
        Session.delete().where(Session.user == self.user).execute()


def figures() -> Iterator[PageFigure | Figure]:
    """The list of the distributor and of a reseller, then how it grows from ten thousand licences to all of them."""
    operator, reseller = Reader(Role.DISTRIBUTOR_OPERATOR), Reader(Role.RESELLER_ADMIN)
    try:
        yield _against_sql("list, first page, distributor", operator, limit=0.8)
        yield _against_sql("list, first page, reseller", reseller, limit=0.8)
        yield _against_first("list, page 1000", operator, "page=1000")
        yield _against_first("list, status Active", operator, "status=active")
        yield _against_first("list, status Expired, reseller", reseller, "status=expired")
        yield _against_first("list, sorted by company", operator, "sort=company_name")
        yield _against_first("list, sorted by company, reseller", reseller, "sort=company_name")
        yield _two_words(operator)
        _require_no_query_per_row(operator)
        yield from _growth(operator)
    finally:
        operator.sign_out()
        reseller.sign_out()


def _somebody(role: Role) -> User:
    """A user of that role; a reseller's is of the one with the most licences."""
    people = User.select().where(User.role == role, User.is_active)
    if role is Role.RESELLER_ADMIN:
        people = people.where(User.reseller == _scalar(_LARGEST_RESELLER))
    return people.get()  # type: ignore[no-any-return]


def address() -> str:
    """Where the bound database is."""
    return f"sqlite:///{db.obj.database}" if is_sqlite() else str(db.obj.database)


def _config() -> Config:
    offset = (MOMENT.now - datetime.now(UTC)).total_seconds()
    return read_config({"SEATDESK_ENV": "test", "DATABASE_URL": address(), "SEATDESK_CLOCK_OFFSET": str(offset)})


def _against_sql(name: str, reader: Reader, *, query: str = "", condition: str = _LISTED, limit: float) -> PageFigure:
    own = reader.own(condition)
    keys, total = reader.shown(query)
    if (keys, total) != ([row[0] for row in _rows(own)], _count(own)):
        raise SystemExit(f"{name}: the page and the statements do not show the same, so their times say nothing")

    def by_hand() -> None:
        _rows(own)
        _count(own)

    return _measured(name, reader, query, by_hand, limit=limit)


def _two_words(reader: Reader) -> PageFigure:
    condition = " AND ".join([_LISTED, *(f"customer.name_key LIKE '%%{word}%%'" for word in search_key(WORDS).split())])
    query = urlencode({"company_name": WORDS})
    return _against_sql("list, company name contains two words", reader, query=query, condition=condition, limit=1.5)


def _against_first(name: str, reader: Reader, query: str) -> PageFigure:
    return _measured(name, reader, query, reader.page, limit=1.5)


def _measured(name: str, reader: Reader, query: str, baseline: Callable[[], object], *, limit: float) -> PageFigure:
    with statements() as seen:
        answer = reader.page(query)
    figure = measure(name, lambda: reader.page(query), baseline, limit=limit, rounds=ROUNDS)
    return PageFigure(figure, len(answer.data), len(seen))


def _require_no_query_per_row(reader: Reader) -> None:
    taken = []
    for size in (20, 100):
        with statements() as seen:
            reader.page(f"page_size={size}")
        taken.append(len(seen))
    if taken[0] != taken[1]:
        raise SystemExit(f"20 rows take {taken[0]} statements and 100 rows {taken[1]}")


def _growth(reader: Reader) -> Iterator[Figure]:
    """The same page of this book and of one of ten thousand licences, in turns."""
    large = db.obj
    with small_book(SMALL) as small:
        other = Reader(Role.DISTRIBUTOR_OPERATOR)
        pages = {"first page": ["", ""], "lookup by Subscription ID": [_lookup(large), _lookup(small)]}
        for what, (here, there) in pages.items():
            yield measure(
                f"list, {what}, against {SMALL:,} licences",
                lambda query=here: _in(large, reader, query),
                lambda query=there: _in(small, other, query),
                limit=GROWTH,
                rounds=ROUNDS,
            )
    db.initialize(large)


def _in(database: Database, reader: Reader, query: str) -> None:
    db.initialize(database)
    reader.page(query)


def _lookup(database: Database) -> str:
    """The address of a licence in the middle of that book, by its Subscription ID."""
    db.initialize(database)
    found = Subscription.select(Subscription.subscription_id).where(Subscription.order_state == OrderState.LIVE)
    middle = _scalar("SELECT max(id) / 2 FROM subscription")
    return urlencode(
        {"subscription_id": found.where(Subscription.id >= middle).order_by(Subscription.id).get().subscription_id}
    )


def _rows(condition: str) -> list[Any]:
    return list(db.execute_sql(_ROWS.format(condition=condition)).fetchall())


def _count(condition: str) -> int:
    joined = _JOIN_CUSTOMER if "customer.name_key" in condition else ""
    return int(_scalar(_COUNT.format(joined=joined, condition=condition)))


def _scalar(statement: str) -> Any:
    return db.execute_sql(statement).fetchone()[0]
