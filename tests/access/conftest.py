"""The application on a fresh SQLite database, and browsers on it."""

from collections.abc import Callable

import pytest
from flask import Flask

from app import create_app
from models import User
from tests.admin_views.browser import Browser, config_for


@pytest.fixture
def app(sqlite_database: str) -> Flask:
    return create_app(config_for(sqlite_database))


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(app)


@pytest.fixture
def browser_of(app: Flask) -> Callable[[User], Browser]:
    """Browsers in which a user is signed in."""
    return lambda user: Browser(app).enter(user)
