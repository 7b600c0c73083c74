"""flask reconcile, hold and trace."""

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from licensing.commands import Evidence
from licensing.states import CommandState
from models import AuditEntry, GatewayHold, Subscription
from tests.admin_views.browser import config_for
from tests.desk import Desk, created, state_of
from tests.small_book import add_customer, add_product, add_reseller, add_subscription

NOWHERE = "http://127.0.0.1:1/Subscriptions/v2.0/api/Subscription/"
FOUND = Evidence(request="GET /find", response='{"ActivationCode":"***"}', http_status=200, was_written=True)


@pytest.fixture
def app(database: str, tmp_path: Path) -> Flask:
    return create_app(config_for(database, SEATDESK_VENDOR_URL=NOWHERE, SEATDESK_INSTANCE=str(tmp_path)))


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=list(words))


def a_licence() -> Subscription:
    customer = add_customer("Tunel d.o.o.", reseller=add_reseller())
    return add_subscription(customer, product=add_product(), quantity=10)


def write(folder: Path, *lines: str) -> str:
    path = folder / "list.csv"
    path.write_text("\n".join(["SubscriptionId,Quantity,Status", *lines]), encoding="utf-8")
    return str(path)


def test_a_clean_reconciliation_ends_with_0(app: Flask, tmp_path: Path) -> None:
    licence = a_licence()
    done = run(app, "reconcile", "--file", write(tmp_path, f"{licence.subscription_id},10,Active"))
    assert (done.exit_code, done.output) == (
        0,
        "1 licences compared, 0 left out, 0 not shown by the vendor, 0 differences open\n",
    )


def test_differences_are_printed_and_end_with_1(app: Flask, tmp_path: Path) -> None:
    licence = a_licence()
    done = run(app, "reconcile", "--file", write(tmp_path, f"{licence.subscription_id},12,Active", "stranger,3,Active"))
    assert done.exit_code == 1
    assert f"{licence.subscription_id} Tunel d.o.o.: quantity: here 10, there 12\n" in done.output
    assert 'stranger: missing here: here null, there {"quantity": "3", "status": "Active"}\n' in done.output
    assert done.output.endswith("2 differences open\n")


def test_a_vendor_that_cannot_be_read_ends_with_1_and_a_wrong_file_with_a_reason(app: Flask, tmp_path: Path) -> None:
    a_licence()
    assert "1 not shown by the vendor" in run(app, "reconcile").output
    done = run(app, "reconcile", "--file", write(tmp_path, "x,12.0,Active"))
    assert (done.exit_code, done.output) == (1, "Error: line 2: Quantity '12.0' is not a whole number\n")
    assert "cannot be read" in run(app, "reconcile", "--file", str(tmp_path / "missing.csv")).output


def test_hold_keeps_everything_from_being_sent(app: Flask) -> None:
    desk = Desk()
    command = desk.order()
    done = run(app, "hold", "--reason", "The vendor moves house")
    assert (done.exit_code, done.output) == (0, "Sending is on hold.\n")
    hold = GatewayHold.get()
    assert (hold.reason, hold.needs_reconciliation) == ("The vendor moves house", True)
    assert desk.claim(command) is None
    assert state_of(command) == CommandState.QUEUED
    assert AuditEntry.select().order_by(AuditEntry.id.desc()).get().action == "gateway.held"
    assert run(app, "hold").exit_code == 2


def test_hold_of_a_restored_book_doubts_what_is_queued(app: Flask) -> None:
    command = Desk().order()
    done = run(app, "hold", "--reason", "Restored from Sunday", "--restored")
    assert "1 queued commands are of unknown outcome now." in done.output
    assert state_of(command) == CommandState.UNKNOWN


def test_trace_prints_a_whole_life_and_no_activation_code(app: Flask) -> None:
    desk = Desk()
    command = desk.order()
    answer = created(evidence=FOUND)
    desk.send(command, answer)
    done = run(app, "trace", str(command.id))
    assert done.exit_code == 0
    for words in (
        f"Command {command.id}: Create for Tunel d.o.o.",
        "State:            confirmed",
        f"Subscription ID:  {answer.subscription_id}",
        "23.07.2017 14:46:35  subscription.ordered by Blake",
        "attempt 1, execute: Confirmed, HTTP 200",
        "> GET /find",
        '< {"ActivationCode":"***"}',
        "subscription.command.confirmed by Seatdesk",
        "term of 12 seats begins",
    ):
        assert words in done.output, words
    assert answer.activation_code not in done.output
    assert run(app, "trace", command.reference).output == done.output


def test_trace_of_what_never_was_says_so(app: Flask) -> None:
    for unknown in ("987654321", "no-such-reference", "0", "-1", "9" * 40):
        done = run(app, "trace", "--", unknown)
        assert (done.exit_code, done.output) == (1, f"Error: There is no command {unknown}.\n")
