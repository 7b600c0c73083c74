"""What an installation in production begins with: nobody who can sign in, and no way to the demo's people."""

import pytest

from app import create_app
from config import read_config
from models import User
from tests.test_config import PRODUCTION


@pytest.mark.parametrize("command", [["demo"], ["generate", "--subscriptions", "10"]])
def test_the_book_of_the_demo_and_an_invented_one_are_refused_and_nobody_is_added(
    sqlite_database: str, command: list[str]
) -> None:
    environ = {**PRODUCTION, "DATABASE_URL": sqlite_database, "SEATDESK_DEMO_PASSWORD": "a demo's password"}
    outcome = create_app(read_config(environ)).test_cli_runner().invoke(args=command)
    assert outcome.exit_code == 1
    assert "not for production" in outcome.output
    assert User.select().count() == 0
