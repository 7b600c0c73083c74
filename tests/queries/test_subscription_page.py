"""One subscription with its requests, months and the reach of its customer's details."""

from datetime import date

import pytest

from access import Role
from licensing.states import CommandKind, CommandState, OrderState
from models import Customer
from queries.licences import NoSuchSubscription
from queries.subscription_page import DetailsReach, details_reach, month_charges, subscription_page
from tests.desk import Desk
from tests.small_book import actor, add_command, add_reseller, add_subscription, statements


@pytest.fixture
def desk(rolled_back):
    return Desk()


def page_of(desk, subscription):
    return subscription_page(subscription.id, actor=desk.actor)


def test_every_request_newest_first_with_who_asked(desk):
    subscription = desk.live(at="2017-03-23T18:03:27")
    refused = add_command(subscription, kind=CommandKind.RENEW, state=CommandState.REJECTED, at=desk.now)
    page = page_of(desk, subscription)
    assert [row.kind for row in page.requests] == ["Renew", "Create"]
    assert page.requests[0] == refused
    assert str(page.requests[1].requested_by) == "Blake"
    assert page.open_command is None


def test_the_request_on_its_way_is_named(desk):
    subscription = desk.live()
    command = desk.ask(CommandKind.SOFT_CANCEL, subscription)
    page = page_of(desk, subscription)
    assert page.open_command == command
    assert page.holding.open_command.kind is CommandKind.SOFT_CANCEL


@pytest.mark.parametrize("pk", [None, 0, -1, 987654321])
def test_a_subscription_that_does_not_exist_is_not_found(desk, pk):
    with pytest.raises(NoSuchSubscription):
        subscription_page(pk, actor=desk.actor)


def test_another_resellers_subscription_is_not_found(desk):
    stranger = actor(Role.RESELLER_USER, reseller=add_reseller("Sitwell Enterprises"))
    with pytest.raises(NoSuchSubscription):
        subscription_page(desk.live().id, actor=stranger)


def test_the_page_is_read_by_a_few_statements(desk):
    subscription = desk.live()
    with statements() as seen:
        page = page_of(desk, subscription)
        assert (page.subscription.customer.company_name, page.subscription.sku.code) == ("Tunel d.o.o.", "KL4864X10")
        assert page.wanted.city == page.confirmed.city == "Sarajevo"
        month_charges(page.holding, moment=desk.moment)
    assert len(seen) <= 8


def months(desk, subscription):
    charges = month_charges(page_of(desk, subscription).holding, moment=desk.moment)
    return [str(charge.use.month) for charge in charges]


def test_months_run_from_the_first_to_two_ahead(desk):
    assert months(desk, desk.live(at="2017-05-10T10:00:00")) == ["2017-05", "2017-06", "2017-07", "2017-08", "2017-09"]


def test_months_of_an_ended_licence_run_to_its_end(desk):
    subscription = desk.live(at="2017-03-10T10:00:00")
    now = desk.now
    desk.done(CommandKind.HARD_CANCEL, subscription, at="2017-04-10T10:00:00")
    desk.now = now
    assert months(desk, subscription) == ["2017-03", "2017-04", "2017-05"]


def test_of_a_long_history_the_last_two_years_are_shown(desk):
    old = desk.live(at="2017-01-10T10:00:00")
    desk.at("2020-01-10T10:00:00")
    listed = months(desk, old)
    assert (listed[0], listed[-1], len(listed)) == ("2018-01", "2020-03", 27)


def test_an_order_not_answered_has_no_months(desk):
    assert months(desk, desk.order().subscription) == []


def test_the_reach_of_details_counts_other_usable_licences_and_those_that_wait(desk):
    subscription = desk.live()
    desk.live()
    desk.ask(CommandKind.SOFT_CANCEL, desk.live())
    desk.order()
    add_subscription(desk.customer, product=desk.product, state=OrderState.FAILED)
    add_subscription(desk.customer, product=desk.product, expires_on=date(2017, 6, 1))
    reach = details_reach(page_of(desk, subscription), actor=desk.actor, moment=desk.moment)
    assert reach == DetailsReach(others=1, waiting=1)


def test_a_record_changed_since_shows_as_wanted_and_confirmed(desk):
    subscription = desk.live()
    Customer.update(city="Mostar").where(Customer.id == desk.customer.id).execute()
    page = page_of(desk, subscription)
    assert (page.wanted.city, page.confirmed.city) == ("Mostar", "Sarajevo")
