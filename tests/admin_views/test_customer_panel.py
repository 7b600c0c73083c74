"""ModifyAttributes and Recreate: the customer panel unlocked, and how far its changes reach."""

import pytest

from licensing.states import CommandKind
from models import Customer
from tests.admin_views.desk import text
from tests.admin_views.ordering import (
    cancelled,
    commands_of,
    desk_before_now,
    dialog,
    dialog_form,
    errors,
    fields,
    licence,
    shown,
)
from tests.desk import again
from tests.small_book import add_customer


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


def test_modify_attributes_unlocks_the_customer_panel_and_says_how_many_requests_it_sends(desk, clerk):
    subscription = licence(desk)
    licence(desk)
    busy = licence(desk)
    desk.ask(CommandKind.SOFT_CANCEL, busy)
    page = dialog(clerk, subscription, CommandKind.MODIFY_ATTRIBUTES)
    assert fields(page)["company_name"] == "Tunel d.o.o."
    assert fields(page)["country"] == "BA"
    assert (
        "Changed details become the customer's, and 2 requests are sent: for this licence and for the customer's "
        "other usable ones (1). Licences of this customer with a request on its way: 1. They get none and show the "
        "difference."
    ) in shown(page)


def test_modify_attributes_changes_the_record_and_asks_for_every_usable_licence(desk, clerk):
    subscription, other = licence(desk), licence(desk)
    ended = licence(desk)
    desk.done(CommandKind.HARD_CANCEL, ended, at="2017-05-20T10:00:00")
    desk.at("2017-07-20T09:00:00")
    ask(clerk, subscription, CommandKind.MODIFY_ATTRIBUTES, city="Mostar", email="info@tunel.example")
    assert (again(desk.customer).city, again(desk.customer).email) == ("Mostar", "info@tunel.example")
    for asked in (subscription, other):
        assert commands_of(asked)[-1].details["city"] == "Mostar"
    assert commands_of(ended)[-1].kind == "HardCancel"


@pytest.mark.parametrize(
    ("typed", "field", "reason"),
    [
        ({"company_name": ""}, "company_name", "This is required."),
        ({"country": ""}, "country", "Select a country from the list."),
        ({"email": "pv@x"}, "email", "“pv@x” lacks the end of the address, such as .rs"),
        ({"city": "a\x00b"}, "city", "It contains a character that cannot be seen (U+0000)."),
        ({"phone": "1" * 61}, "phone", "It has 61 characters; at most 60 fit."),
    ],
)
@pytest.mark.parametrize("kind", [CommandKind.MODIFY_ATTRIBUTES, CommandKind.RECREATE])
def test_wrong_details_are_named_kept_and_not_sent(desk, clerk, kind, typed, field, reason):
    subscription = cancelled(desk)
    before = len(commands_of(subscription))
    answer = ask(clerk, subscription, kind, **typed)
    assert answer.status_code == 422
    assert errors(text(answer)) == {field: reason}
    assert fields(text(answer))[field] == typed[field]
    assert len(commands_of(subscription)) == before
    assert again(desk.customer).version == 1


def test_details_that_somebody_else_changed_meanwhile_are_a_conflict(desk, clerk):
    subscription = licence(desk)
    form = dialog_form(clerk, subscription, CommandKind.MODIFY_ATTRIBUTES, city="Mostar")
    Customer.update(city="Zenica", version=2).where(Customer.id == desk.customer.id).execute()
    answer = send(clerk, form)
    assert answer.status_code == 409
    assert "Yours As it stands now City Mostar Zenica" in shown(text(answer))
    assert fields(text(answer))["city"] == "Mostar"
    assert len(commands_of(subscription)) == 1
    assert send(clerk, fields(text(answer))).status_code == 303
    assert again(desk.customer).city == "Mostar"


def test_the_name_of_another_customer_is_asked_about(desk, clerk):
    subscription = licence(desk)
    add_customer("Lipa", reseller=desk.reseller, city="Ljubljana")
    form = dialog_form(clerk, subscription, CommandKind.MODIFY_ATTRIBUTES, company_name="LIPA")
    answer = send(clerk, form)
    assert answer.status_code == 422
    assert "Lipa, Ljubljana is another customer. Is the same name meant?" in shown(text(answer))
    assert len(commands_of(subscription)) == 1
    assert send(clerk, form, meant="new").status_code == 303
    assert again(desk.customer).company_name == "LIPA"
