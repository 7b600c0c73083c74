"""A click as a browser sends it: the product's own pages, served in a forked process that can be killed on the way.

The queue that such a process knows of takes the connection and says nothing. Once the command stands in the table the
process is therefore between its commit and its wake, and can be killed just there.
"""

import socket
from collections.abc import Callable
from dataclasses import replace

from app import create_app
from config import Config
from jobs.dispatch import wake
from models import Command, Subscription, User
from tests.admin_views.browser import Browser
from tests.admin_views.ordering import HTMX, fields

FOUND, SEE_OTHER = 200, 303


class Web:
    """A person who is signed in, and the pages with a queue that works or with the deaf one."""

    def __init__(self, config: Config, user: User) -> None:
        self._user_id = user.id
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.deaf_queue = f"redis://127.0.0.1:{self._listener.getsockname()[1]}"
        self._browser = Browser(create_app(config)).enter(user)
        self._deaf = Browser(create_app(replace(config, redis_url=self.deaf_queue))).enter(user)

    def form(self, licence: Subscription, kind: str, **typed: str) -> dict[str, str] | None:
        """The dialog of a command with what was typed; None where the command is not to be had."""
        address = f"/subscriptions/command/?id={licence.id}&kind={kind}"
        answer = self._browser.get(address, headers=HTMX)
        if answer.status_code != FOUND:
            return None
        # The same sign-in in both: the form's token is the session's.
        cookie = self._deaf.app.config["SESSION_COOKIE_NAME"]
        self._deaf.client.set_cookie(cookie, self._browser.client.get_cookie(cookie).value)
        return {**fields(answer.get_data(as_text=True)), **typed}

    def key_of(self, form: dict[str, str]) -> str:
        """What makes a second click on that form the same request."""
        return f"{form['key']}:{self._user_id}"

    def send(self, form: dict[str, str]) -> bool:
        """Click Yes; gives whether the page of the request came back."""
        answer = self._browser.post("/subscriptions/command/", form, token=form["csrf_token"])
        return answer.status_code == SEE_OTHER

    def send_unheard(self, form: dict[str, str]) -> None:
        """Click Yes on pages whose queue is deaf."""
        self._deaf.post("/subscriptions/command/", form, token=form["csrf_token"])

    def order_unheard(self, order: Callable[[], Command]) -> None:
        """What the page of New Subscription does with an order that is in order."""
        wake(order().id, redis_url=self.deaf_queue)
