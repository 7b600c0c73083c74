"""A file that is written column by column is, byte for byte, the file that is written row by row."""

from datetime import date

import pytest
from flask import Flask, g

from access import Role
from admin_views.subscription_list import SubscriptionListScreen
from app import create_app
from auth.login import SignedIn
from exports.columns import Column
from exports.csv import Dialect, csv_chunks
from licensing.states import CommandKind, CommandState, OrderState
from queries.listing import PageRequest
from queries.subscriptions import StatusFilter
from tests.admin_views.browser import Browser, config_for
from tests.small_book import add_command, add_customer, add_product, add_reseller, add_subscription, add_user

NAMES = ["Tunel d.o.o.", "=1+1", "'=1", 'Hotel "Adriatic", Split; a', "-2", "@x", "a\tb\nc", "\\N", "Prerada voća"]


@pytest.fixture
def licences(database):
    reseller, product = add_reseller(), add_product(name="Endpoint, Core; Basic")
    user = add_user("blake", surname="Ljubojević, jr.")
    for number in range(60):
        customer = add_customer(NAMES[number % len(NAMES)], reseller=reseller, city=NAMES[-number % len(NAMES)])
        licence = add_subscription(
            customer,
            product=product,
            quantity=number + 1,
            expires_on=[None, date(2017, 7, 1), date(2018, 1, 1)][number % 3],
            cancelled_on=[None, None, date(2017, 8, 1), date(2017, 6, 1)][number % 4],
            state=OrderState.FAILED if number % 7 == 0 else OrderState.LIVE,
            user=user if number % 2 else None,
        )
        if number % 5 == 0:
            state = (CommandState.QUEUED, CommandState.UNKNOWN, CommandState.PARKED)[number % 3]
            add_command(licence, kind=CommandKind.RENEW, state=state)
    return database


@pytest.mark.parametrize("dialect", Dialect)
def test_the_csv_of_the_list_is_that_of_its_rows(licences, dialect):
    app = create_app(config_for(licences))
    operator = add_user("ops", role=Role.DISTRIBUTOR_OPERATOR, csv_format=dialect)
    content = Browser(app).enter(operator).get("/subscriptions/export/csv/?status=all&sort=company_name").data
    with app.test_request_context():
        g._login_user = SignedIn(operator, "", is_unusual=False)
        assert content == b"".join(csv_chunks(*_by_rows(app), dialect=dialect))
    assert content.count(b"\r\n") == 61


def _by_rows(app: Flask) -> tuple[list[Column], list[tuple]]:
    screen = next(view for view in app.extensions["admin"][0]._views if isinstance(view, SubscriptionListScreen))
    rows = screen.listing({"status": StatusFilter.ALL}).everything(PageRequest(sort="company_name"))
    readers = [column.reader() for column in screen.export_columns]
    shown = [Column(str(column.label), column.kind) for column in screen.export_columns]
    return shown, [tuple(read(row) for read in readers) for row in rows]
