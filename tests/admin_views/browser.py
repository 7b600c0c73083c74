"""A browser without a screen: it keeps cookies, sends form tokens and can solve the human check."""

import base64
import json
import re
from datetime import UTC, datetime

import altcha
from flask import Flask
from werkzeug.test import TestResponse

from auth import human_check
from auth.sessions import open_session
from clock import real_now
from config import Config, read_config
from models import User

NOW = datetime(2017, 7, 22, 10, 0, tzinfo=UTC)
"""The business time of the tests: 22.07.2017 12:00 in Belgrade."""
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def config_for(database_url: str, **environ: str) -> Config:
    """A configuration for that database whose business clock starts at NOW."""
    offset = (NOW - real_now()).total_seconds()
    return read_config(
        {
            "SEATDESK_ENV": "test",
            "DATABASE_URL": database_url,
            "SECRET_KEY": "a secret of the tests, long enough to be one",
            "SEATDESK_CLOCK_OFFSET": str(offset),
            **environ,
        }
    )


class Browser:
    """One browser; several on one application are several people."""

    def __init__(self, app: Flask, *, base_url: str = "http://localhost", address: str = "127.0.0.1") -> None:
        self.app = app
        self.client = app.test_client()
        self._options = {"base_url": base_url, "environ_overrides": {"REMOTE_ADDR": address}}

    def enter(self, user: User) -> "Browser":
        """Be signed in as that user, without the sign-in page."""
        token = open_session(user.id, now=real_now())
        with self.client.session_transaction(base_url=self._options["base_url"]) as session:
            session["_user_id"] = token
        return self

    def get(self, path: str, **options) -> TestResponse:
        return self.client.get(path, **{**self._options, **options})

    def post(self, path: str, data: dict | None = None, *, token: str | None = None, **options) -> TestResponse:
        """Send a form; the token is that of the sign-in or Account page unless given."""
        data = {"csrf_token": self.token() if token is None else token, **(data or {})}
        return self.client.post(path, data=data, **{**self._options, **options})

    def token(self) -> str:
        """A form token of this browser's session."""
        page = self.get("/login")
        return form_token(page if page.status_code == 200 else self.get("/account"))

    def sign_in(self, username: str, password: str, *, human_check: str | None = None, **form: str) -> TestResponse:
        """Fill in the sign-in page and send it."""
        answer = self.solve() if human_check is None else human_check
        return self.post("/login", {"username": username, "password": password, "human_check": answer, **form})

    def solve(self) -> str:
        """The answer to a human check of the same secret that costs next to nothing."""
        key = human_check._key(self.app.secret_key)
        expires = int((real_now() + human_check.LIFETIME).timestamp())
        return _answer(altcha.create_challenge("PBKDF2/SHA-256", 1, data={"expires": expires}, hmac_secret=key))

    def solve_as_a_browser_does(self) -> str:
        """The answer to the human check that the sign-in page asks for, found by trying."""
        return _answer(altcha.Challenge.from_dict(self.get("/login/challenge").get_json()))


def _answer(challenge: altcha.Challenge) -> str:
    answer = {"challenge": challenge.to_dict(), "solution": altcha.solve_challenge(challenge).to_dict()}
    return base64.b64encode(json.dumps(answer).encode()).decode()


def form_token(page: TestResponse) -> str:
    """The token in the first form of a page."""
    return _TOKEN.search(page.get_data(as_text=True))[1]
