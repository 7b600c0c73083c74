"""What tests of ordering and of a subscription's page share: a licence at a desk, forms as browsers send them."""

import html
import re
from html.parser import HTMLParser

from licensing.states import CommandKind
from models import Command, Subscription
from tests.admin_views.browser import Browser
from tests.desk import Desk

ORDERED_AT = "2017-03-23T18:03:27"
LATELY = "2017-07-20T09:00:00"
HTMX = {"HX-Request": "true"}


def desk_before_now() -> Desk:
    """A desk whose clock stands before that of the application in tests."""
    desk = Desk()
    desk.at(LATELY)
    return desk


def licence(desk: Desk, **values: object) -> Subscription:
    """A licence of 12 seats since March."""
    return desk.live(at=ORDERED_AT, **values)


def cancelled(desk: Desk, **values: object) -> Subscription:
    """The same, cancelled this month and still running."""
    subscription = licence(desk, **values)
    desk.done(CommandKind.SOFT_CANCEL, subscription)
    return subscription


def dialog(browser: Browser, subscription: Subscription, kind: CommandKind) -> str:
    """The dialog of a command, or the page's panels that it unlocks, as htmx gets it."""
    answer = browser.get(f"/subscriptions/command/?id={subscription.id}&kind={kind}", headers=HTMX)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def shown(page: str) -> str:
    """A page's words as a person reads them: no tags, single spaces."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page))).strip()


def errors(page: str) -> dict[str, str]:
    """The error beside each field, by the field's id."""
    return {name: shown(text) for name, text in re.findall(r'class="error" id="([\w-]+)-error">(.*?)</span>', page)}


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._select = ""

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        name = attributes.get("name", "")
        if tag == "input" and name:
            self.values.setdefault(name, attributes.get("value") or "")
        elif tag == "select":
            self._select = name
            self.values.setdefault(name, "")
        elif tag == "option" and self._select and "selected" in attributes:
            self.values[self._select] = attributes.get("value") or ""


def fields(page: str) -> dict[str, str]:
    """Every named field of the page with the value it would send; the form token of the page included."""
    parser = _Fields()
    parser.feed(page)
    return parser.values


def dialog_form(browser: Browser, subscription: Subscription, kind: CommandKind, **typed: str) -> dict[str, str]:
    """The form of a command as the browser would send it, with what was typed."""
    return {**fields(dialog(browser, subscription, kind)), **typed}


def commands_of(subscription: Subscription) -> list[Command]:
    """Its requests, oldest first."""
    return list(Command.select().where(Command.subscription == subscription.id).order_by(Command.id))
