"""Yes, ModifyQuantity and Recreate: what is sent, what comes back in the form, and who may."""

import uuid
from datetime import date

import pytest

from access import Role
from licensing.states import CommandKind, CommandState
from tests.admin_views.desk import HOSTILE, text
from tests.admin_views.ordering import (
    HTMX,
    cancelled,
    commands_of,
    desk_before_now,
    dialog_form,
    errors,
    fields,
    licence,
    shown,
)
from tests.desk import again
from tests.small_book import add_reseller, add_user

SEVEN = [kind for kind in CommandKind if kind is not CommandKind.CREATE]


@pytest.fixture
def desk(app):
    return desk_before_now()


@pytest.fixture
def clerk(desk, browser_of):
    return browser_of(desk.user)


def send(browser, form, **more):
    return browser.post("/subscriptions/command/", {**form, **more})


def ask(browser, subscription, kind, **typed):
    return send(browser, dialog_form(browser, subscription, kind, **typed))


def asked_for(subscription):
    """The requests after Create, as kind and values."""
    return [(row.kind, row.quantity, row.expires_on) for row in commands_of(subscription)[1:]]


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        (CommandKind.SOFT_CANCEL, {}, (None, None)),
        (CommandKind.HARD_CANCEL, {}, (None, None)),
        (CommandKind.MODIFY_QUANTITY, {"quantity": "8"}, (8, None)),
        (CommandKind.REDUCE, {"expiration": "2017-11"}, (None, date(2017, 11, 1))),
        (CommandKind.RENEW, {"expiration": "2018-12"}, (None, date(2018, 12, 1))),
        (CommandKind.RENEW, {"expiration": ""}, (None, None)),
        (CommandKind.MODIFY_ATTRIBUTES, {"city": "Mostar"}, (None, None)),
    ],
)
def test_yes_asks_for_the_command_with_what_was_typed(desk, clerk, kind, typed, expected):
    subscription = licence(desk, expires_on=date(2017, 12, 1))
    answer = ask(clerk, subscription, kind, **typed)
    command = commands_of(subscription)[-1]
    assert (command.kind, command.state) == (kind, CommandState.QUEUED)
    assert (command.quantity, command.expires_on) == expected
    assert command.requested_by_id == desk.user.id
    assert (answer.status_code, answer.location) == (
        303,
        f"/subscriptions/edit/?id={subscription.id}&command={command.id}",
    )


def test_recreate_sends_customer_seats_and_expiration(desk, clerk):
    subscription = cancelled(desk)
    ask(
        clerk, subscription, CommandKind.RECREATE, quantity="8", expiration="2018-06", address_line_1="Drinska ulica 99"
    )
    command = commands_of(subscription)[-1]
    assert (command.kind, command.quantity, command.expires_on) == ("Recreate", 8, date(2018, 6, 1))
    assert command.details["address_line_1"] == "Drinska ulica 99"
    assert again(desk.customer).address_line_1 == ""


def test_with_htmx_the_page_follows_the_command_without_reload(desk, clerk):
    subscription = licence(desk)
    form = dialog_form(clerk, subscription, CommandKind.SOFT_CANCEL)
    answer = clerk.post("/subscriptions/command/", form, headers=HTMX)
    assert answer.status_code == 200
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Trigger"]) == ("#live", "command-sent")
    assert "SoftCancel of 22.07.2017 12:" in text(answer)
    assert 'hx-trigger="every 1s"' in text(answer)


def test_a_double_click_is_one_request(desk, clerk):
    subscription = licence(desk)
    form = dialog_form(clerk, subscription, CommandKind.MODIFY_QUANTITY, quantity="8")
    first, second = send(clerk, form), send(clerk, form)
    assert first.location == second.location
    assert asked_for(subscription) == [("ModifyQuantity", 8, None)]


def test_a_second_command_is_refused_while_one_is_on_its_way(desk, clerk):
    subscription = licence(desk)
    form = dialog_form(clerk, subscription, CommandKind.SOFT_CANCEL)
    ask(clerk, subscription, CommandKind.MODIFY_QUANTITY, quantity="8")
    answer = send(clerk, form)
    assert answer.status_code == 409
    assert "Nothing was sent. ModifyQuantity of 12:" in shown(text(answer))
    assert asked_for(subscription) == [("ModifyQuantity", 8, None)]


def test_a_command_of_a_dialog_that_grew_old_shows_both_versions_and_sends_nothing(desk, clerk):
    subscription = licence(desk)
    form = dialog_form(clerk, subscription, CommandKind.MODIFY_QUANTITY, quantity="8")
    desk.done(CommandKind.MODIFY_QUANTITY, subscription, quantity=10)
    answer = clerk.post("/subscriptions/command/", form, headers=HTMX)
    words = shown(text(answer))
    assert answer.status_code == 409
    assert "Nothing was sent: somebody else was first." in words
    assert "Yours As it stands now Quantity 12 10 SKU KL4864X10 KL4864X10" in words
    assert fields(text(answer))["quantity"] == "8"
    assert len(asked_for(subscription)) == 1
    assert send(clerk, fields(text(answer))).status_code == 303
    assert asked_for(subscription)[-1] == ("ModifyQuantity", 8, None)


@pytest.mark.parametrize("seen", ["", "[", "[1]", '"x"', "[" * 100_000, '{"Quantity": {"a": 1}}', HOSTILE])
def test_what_a_conflict_shows_as_seen_is_never_an_error(desk, clerk, seen):
    subscription = licence(desk)
    form = dialog_form(clerk, subscription, CommandKind.SOFT_CANCEL, seen=seen)
    desk.done(CommandKind.MODIFY_QUANTITY, subscription, quantity=10)
    answer = send(clerk, form)
    assert answer.status_code == 409
    assert HOSTILE not in text(answer)


@pytest.mark.parametrize(
    ("kind", "field", "typed", "reason"),
    [
        (CommandKind.MODIFY_QUANTITY, "quantity", "", "Enter a quantity from 5 to 24."),
        (CommandKind.MODIFY_QUANTITY, "quantity", "12", "The licence has 12 seats already."),
        (CommandKind.MODIFY_QUANTITY, "quantity", "12.0", "“12.0” is not a whole number such as 12."),
        (CommandKind.MODIFY_QUANTITY, "quantity", "1e9", "“1e9” is not a whole number such as 12."),
        (CommandKind.MODIFY_QUANTITY, "quantity", "-8", "“-8” is not a whole number such as 12."),
        (CommandKind.MODIFY_QUANTITY, "quantity", "25", "25 is outside the volume bands, which go from 5 to 24."),
        (CommandKind.REDUCE, "expiration", "", "Reduce needs a new expiration date."),
        (CommandKind.REDUCE, "expiration", "2018-13", "“2018-13” is not a month such as 2018-12."),
        (CommandKind.REDUCE, "expiration", "12/2017", "“12/2017” is not a month such as 2018-12."),
        (CommandKind.REDUCE, "expiration", "٢٠١٧-١١", "“٢٠١٧-١١” is not a month such as 2018-12."),
        (
            CommandKind.REDUCE,
            "expiration",
            "2017-07",
            "2017-07 is too early; the earliest new expiration date is 2017-08.",
        ),
        (
            CommandKind.REDUCE,
            "expiration",
            "2017-12",
            "2017-12 is too late; the latest new expiration date is 2017-11.",
        ),
        (
            CommandKind.RENEW,
            "expiration",
            "2017-12",
            "2017-12 is too early; the earliest new expiration date is 2018-01.",
        ),
        (CommandKind.RENEW, "expiration", HOSTILE, f"“{HOSTILE}” is not a month such as 2018-12."),
    ],
)
def test_a_wrong_value_is_named_beside_its_field_kept_and_not_sent(desk, clerk, kind, field, typed, reason):
    subscription = licence(desk, expires_on=date(2017, 12, 1))
    answer = ask(clerk, subscription, kind, **{field: typed})
    assert answer.status_code == 422
    assert errors(text(answer)) == {f"command-{field}": reason}
    assert fields(text(answer))[field] == typed
    assert len(asked_for(subscription)) == 1


@pytest.mark.parametrize("kind", SEVEN)
def test_an_auditor_neither_sees_dialogs_nor_sends_commands(desk, clerk, browser_of, kind):
    subscription = licence(desk)
    auditor = browser_of(add_user("audit", role=Role.AUDITOR))
    assert auditor.get(f"/subscriptions/command/?id={subscription.id}&kind={kind}").status_code == 403
    assert auditor.get(f"/subscriptions/command/impact/?id={subscription.id}&kind={kind}").status_code == 403
    form = dialog_form(clerk, subscription, kind)
    del form["csrf_token"]
    assert send(auditor, form).status_code == 403
    assert asked_for(subscription) == []


@pytest.mark.parametrize("kind", SEVEN)
def test_another_resellers_licence_has_no_dialogs_and_takes_no_commands(desk, clerk, browser_of, kind):
    subscription = licence(desk)
    stranger = browser_of(add_user("stan", reseller=add_reseller("Sitwell Enterprises")))
    form = dialog_form(clerk, subscription, kind)
    del form["csrf_token"]
    for pk in (str(subscription.id), "987654", "x"):
        assert stranger.get(f"/subscriptions/command/?id={pk}&kind={kind}").status_code == 404
        assert stranger.get(f"/subscriptions/command/impact/?id={pk}&kind={kind}").status_code == 404
        assert send(stranger, form, id=pk).status_code == 404
    assert asked_for(subscription) == []


def test_somebody_not_signed_in_is_sent_to_login(desk, browser):
    subscription = licence(desk)
    answer = send(browser, {"id": str(subscription.id), "kind": "SoftCancel", "version": "2", "key": str(uuid.uuid4())})
    assert answer.location.startswith("/login")
    assert asked_for(subscription) == []


@pytest.mark.parametrize("kind", ["Create", "create", "", "Nothing", "SoftCancel\x00"])
def test_a_command_that_does_not_exist_has_no_address(desk, clerk, kind):
    subscription = licence(desk)
    assert clerk.get("/subscriptions/command/", query_string={"id": subscription.id, "kind": kind}).status_code == 404
    assert send(clerk, {"id": str(subscription.id), "kind": kind}).status_code == 404
