"""A parked request and its page, for the tests of what it shows and of what people decide there."""

import re
from datetime import timedelta

from clock import real_now
from licensing.states import CommandKind, CommandState, OrderState
from models import Attempt
from tests.admin_views.browser import NOW
from tests.admin_views.desk import HOSTILE, text
from tests.small_book import add_command, add_subscription

LOST = "The connection closed before an answer came"


def parked(desk, *, licence=None, kind=CommandKind.CREATE, minutes=20, **columns):
    """A parked request, sent so many minutes ago, with the evidence of its one attempt."""
    at = NOW - timedelta(minutes=minutes)
    subscription = licence or add_subscription(
        desk.tunel, product=desk.product, quantity=10, state=OrderState.PENDING, user=desk.people["john"]
    )
    command = add_command(
        subscription, kind=kind, state=CommandState.PARKED, at=at, quantity=10, sku_code="KL4864X10", attempt=1,
        requested_by=desk.people["john"], error_message="The service cannot be asked about this command.",
        deadline_at=real_now() - timedelta(minutes=minutes), **columns,
    )  # fmt: skip
    Attempt.create(
        command=command, number=1, purpose="execute", started_at=at, finished_at=at + timedelta(seconds=30),
        result="Unknown", note=LOST, request=f"POST /create\n{HOSTILE}", response="",
    )  # fmt: skip
    return command


def page_of(browser, command):
    return text(browser.get(f"/requests/case/?id={command.id}"))


def send(browser, what, command, **form):
    values = {
        "adopt": {
            "attempt": "1",
            "subscription_id": "5300d101-aaaa",
            "activation_code": "5300D101-BBBB",
            "executed_at": "22.07.2017 11:45:10",
        },
        "absent": {"attempt": "1"},
        "close": {"attempt": "1", "reason": "The customer withdrew"},
    }[what]
    return browser.post(f"/requests/case/{what}/?id={command.id}", {**values, **form})


def flashes(browser, answer):
    assert answer.status_code == 303, answer.get_data(as_text=True)
    page = text(browser.get(answer.headers["Location"]))
    return re.sub(r"<[^>]+>", " ", page[page.index('class="notes"') :][:400])
