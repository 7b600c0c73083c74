"""Rows in bulk are the rows that peewee gives, value by value and type by type, on both databases."""

from datetime import date

import pytest

from access import SYSTEM
from licensing.states import CommandKind, OrderState
from models import Command, Customer, Product, Reseller, Subscription, User
from queries.listing import PageRequest
from queries.streaming import answer_of, stream
from queries.subscriptions import StatusFilter, SubscriptionFilter, SubscriptionRow, subscriptions
from tests.small_book import TODAY, add_command, add_customer, add_product, add_reseller, add_subscription, add_user

NAMES = [
    "Prerada voća d.o.o.",
    "=HYPERLINK(1)",
    'a "quoted" name, with comma; semicolon',
    "tab\tand\nnew line\rand return",
    r"back\slash, \N, \n and \\",
    "\\",
    "\\\\t",
    "'-1",
    "\u2028 line separator, \x85 next line, \x0b\x0c\x08 controls",
    "Ћирилица 日本 🙂",
    " ",
]


@pytest.fixture
def book(database):
    reseller, product = add_reseller(), add_product()
    user = add_user("blake", surname="Ljubojević")
    for number, name in enumerate(NAMES):
        customer = add_customer(name, reseller=reseller, city=name[::-1])
        licence = add_subscription(
            customer,
            product=product,
            quantity=number + 1,
            expires_on=date(2017, 8, 1) if number % 3 else None,
            cancelled_on=date(2017, 7, 1) if number % 4 == 0 else None,
            state=OrderState.FAILED if number == 5 else OrderState.LIVE,
            user=user if number % 2 else None,
        )
        add_command(licence, kind=CommandKind.RENEW, details={"text": name, "list": [1, None]} if number % 2 else None)
    return database


SELECTS = {
    "licences": lambda: Subscription.select(*Subscription._meta.sorted_fields).order_by(Subscription.id),
    "customers": lambda: Customer.select(*Customer._meta.sorted_fields).order_by(Customer.id),
    "requests": lambda: Command.select(*Command._meta.sorted_fields).order_by(Command.id),
    "users": lambda: User.select(User.id, User.is_active, User.reseller, User.csv_format).order_by(User.id),
    "names": lambda: (
        Subscription.select(Reseller.name, Product.name, Customer.company_name)
        .join_from(Subscription, Reseller)
        .join_from(Subscription, Customer)
        .join_from(Subscription, Product)
        .order_by(Subscription.id)
    ),
    "one column": lambda: Customer.select(Customer.state).order_by(Customer.id),
    "nothing": lambda: Customer.select(Customer.id).where(Customer.id < 0),
}


@pytest.mark.parametrize("select", SELECTS.values(), ids=SELECTS)
def test_rows_in_bulk_are_those_of_peewee(book, select):
    expected = list(select().tuples())
    found = list(stream(select()))
    assert found == expected
    assert [[type(value) for value in row] for row in found] == [[type(value) for value in row] for row in expected]


def test_a_batch_holds_some_thousand_rows_column_by_column(book):
    query = Customer.select(Customer.id, Customer.company_name).order_by(Customer.id)
    answer = answer_of(query)
    (columns,) = list(answer.batches)
    assert list(columns[1]) == NAMES
    assert answer.rows == len(NAMES)


def test_a_list_read_by_columns_is_the_list_read_by_rows(book):
    listing = subscriptions(SubscriptionFilter(status=StatusFilter.ALL), actor=SYSTEM, today=TODAY)
    wanted = PageRequest(sort="company_name", is_descending=True)
    by_rows = list(listing.everything(wanted))
    by_columns = [row for columns in listing.columns(wanted).batches for row in zip(*columns, strict=True)]
    assert by_rows == [SubscriptionRow._make(row) for row in by_columns]
    assert len(by_rows) == len(NAMES)


def test_a_stream_that_is_left_early_leaves_the_connection_usable(book):
    rows = stream(Customer.select(Customer.id))
    next(rows)
    rows.close()
    assert Customer.select().count() == len(NAMES)
