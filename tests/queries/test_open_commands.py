"""What asks for open commands reads those few alone: every page asks, and there are millions of others."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from access import SYSTEM
from auth.sessions import find_session, open_session
from database import db
from queries.gateway_state import vendor_state
from queries.listing import PageRequest
from queries.subscriptions import StatusFilter, SubscriptionFilter, subscriptions
from tests.small_book import (
    MOMENT,
    NOW,
    TODAY,
    add_command,
    add_customer,
    add_product,
    add_reseller,
    add_subscription,
    add_user,
)


@contextmanager
def _asked() -> Iterator[list[tuple[str, Any]]]:
    """Every statement inside the block, with its values."""
    seen: list[tuple[str, Any]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append((str(record.msg[0]), record.msg[1]))

    log, handler = logging.getLogger("peewee"), Kept()
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield seen
    finally:
        log.setLevel(before)
        log.removeHandler(handler)


def _list(status: StatusFilter) -> None:
    subscriptions(SubscriptionFilter(status=status), actor=SYSTEM, today=TODAY).page(PageRequest())


QUESTIONS: dict[str, Callable[[], object]] = {
    "who is signed in": lambda: find_session(open_session(add_user("blake").id, now=NOW), now=NOW),
    "what is wrong with the vendor": lambda: vendor_state(actor=SYSTEM, moment=MOMENT),
    "the list": lambda: _list(StatusFilter.NOT_FAILED),
    "active licences": lambda: _list(StatusFilter.ACTIVE),
    "pending licences": lambda: _list(StatusFilter.PENDING),
    "parked licences": lambda: _list(StatusFilter.PARKED),
}


@pytest.fixture
def many_commands(sqlite_database):
    """So many settled ones that SQLite, which then counts them, would rather read all than look for four states."""
    licence = add_subscription(add_customer("Tunel d.o.o.", reseller=add_reseller()), product=add_product())
    with db.atomic():
        for number in range(500):
            add_command(licence, at=NOW + timedelta(seconds=number))
    db.execute_sql("ANALYZE")


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_sqlite_reads_open_commands_by_their_index(many_commands, question):
    with _asked() as seen:
        question()
    about_commands = [(text, values) for text, values in seen if '"command" AS' in text]
    assert [plan for statement in about_commands for plan in _scans(*statement)] == []


def _scans(text: str, values: Any) -> list[str]:
    """The steps of the statement's plan that read all commands."""
    names = re.findall(r'"command" AS "(\w+)"', text)
    steps = [row[3] for row in db.execute_sql(f"EXPLAIN QUERY PLAN {text}", values).fetchall()]
    return [step for step in steps if any(step == f"SCAN {name}" for name in names)]
