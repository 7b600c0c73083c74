"""The application on a fresh database of either engine, and browsers on it.

Both walls stand: PostgreSQL has the second one, and on SQLite the statements are watched (own_rows.py). On PostgreSQL
what a test wrote is rolled back, as a new database for each door would take most of the time.
"""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app import create_app
from database import db
from models import User
from tests.access.own_rows import watched
from tests.admin_views.browser import Browser, config_for
from tests.services import schema


@pytest.fixture
def postgres_rolled_back(shared_postgres: str) -> Iterator[str]:
    with schema.bound(shared_postgres), db.transaction() as transaction:
        # The doors name the first price list by its id, and what counts ids is never rolled back.
        db.execute_sql("SELECT setval('price_list_id_seq', 1, false)")
        yield shared_postgres
        transaction.rollback()


@pytest.fixture
def sqlite_watched(sqlite_database: str) -> Iterator[str]:
    with watched() as own_rows:
        yield sqlite_database
    assert own_rows.trespasses == []


@pytest.fixture(params=["sqlite_watched", pytest.param("postgres_rolled_back", marks=pytest.mark.postgres)])
def app(request: pytest.FixtureRequest) -> Flask:
    return create_app(config_for(request.getfixturevalue(request.param)))


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(app)


@pytest.fixture
def browser_of(app: Flask) -> Callable[[User], Browser]:
    """Browsers in which a user is signed in."""
    return lambda user: Browser(app).enter(user)
