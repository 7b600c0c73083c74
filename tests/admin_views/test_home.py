"""Home: the figures of the demo book on 22.07.2017 at noon, and who sees which of them."""

import re
from datetime import date, timedelta

import pytest

from access import Role
from config import ROOT
from licensing.states import CommandKind, CommandState
from models import Customer, Subscription, User
from operations.load_demo import load_demo
from tests.admin_views.browser import NOW
from tests.small_book import add_command, add_customer, add_product, add_reseller, add_subscription, add_user


def text(page):
    """The page as one reads it: no markup, single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)).split())


@pytest.fixture
def book(app):
    config = app.extensions["seatdesk"].config
    load_demo(ROOT / "demo", password="a demo pass phrase", moment=config.clock.moment(config.zone))


def user(name):
    return User.get(User.username == name)


def subscription_of(company):
    return Subscription.select().join(Customer).where(Customer.company_name == company).get()


@pytest.mark.usefixtures("book")
class TestDemoBook:
    def test_the_distributor_sees_both_resellers(self, browser_of):
        page = text(browser_of(user("ops")).get("/"))
        assert "Saturday 22.07.2017 12:00 · both resellers" in page
        assert "Active seats 260 in 11 subscriptions" in page
        assert "July 2017 so far 1,215.78 €" in page
        assert "Bluth Company 72 610.80 22.00% 476.43" in page
        assert "Sitwell Enterprises 182 901.65 18.00% 739.35" in page
        assert "TOTAL 254 1,512.45 1,215.78" in page

    def test_the_dates_that_come_next_are_soonest_first(self, browser_of):
        page = text(browser_of(user("ops")).get("/"))
        assert "1 30 days 1 60 days 1 90 days" in page
        assert "01.08.2017 Zrno pekara d.o.o. · 7 seats end, soft cancelled in 10 days" in page
        assert "01.11.2017 Big Big d.o.o. · 8 seats expire in 102 days" in page
        assert page.index("01.08.2017") < page.index("01.11.2017") < page.index("01.12.2017")

    def test_a_reseller_sees_its_own_figures_and_nothing_of_another(self, browser_of):
        page = text(browser_of(user("customer1")).get("/"))
        assert "12:00 · Bluth Company" in page
        assert "July 2017 so far 476.43 €" in page
        assert "Sitwell" not in page
        assert "Zrno pekara" not in page

    def test_requests_that_failed_or_are_unknown_stand_there_the_unknown_first(self, browser_of):
        add_command(
            subscription_of("UKC Mostar"),
            kind=CommandKind.MODIFY_ATTRIBUTES,
            state=CommandState.REJECTED,
            error_code="602",
            error_message="bad attribute",
        )
        add_command(
            subscription_of("Tunel d.o.o."), kind=CommandKind.MODIFY_QUANTITY, state=CommandState.PARKED, quantity=12
        )
        page = text(browser_of(user("ops")).get("/"))
        assert "Requests that need you 1 outcome unknown 1 failed" in page
        assert "Tunel d.o.o. ModifyQuantity, 12 seats Outcome unknown, a person must decide" in page
        assert "UKC Mostar ModifyAttributes Failed" in page
        assert "602 · bad attribute" in page
        assert page.index("Tunel d.o.o. ModifyQuantity") < page.index("UKC Mostar ModifyAttributes")

    def test_a_foreign_request_is_not_counted_and_not_shown(self, browser_of):
        add_command(subscription_of("Zrno pekara d.o.o."), kind=CommandKind.RENEW, state=CommandState.UNKNOWN)
        page = text(browser_of(user("customer1")).get("/"))
        assert "0 outcome unknown 0 failed" in page
        assert "None: no request has failed" in page


def test_an_empty_house_says_so_in_words(browser_of):
    page = text(browser_of(add_user("ops", role=Role.DISTRIBUTOR_OPERATOR)).get("/"))
    assert "Active seats 0 in 0 subscriptions" in page
    assert "Nothing is charged this month so far." in page
    assert "No subscription has an end date." in page
    assert "None: no request has failed" in page


def test_a_licence_that_ends_today_is_no_longer_active_and_none_of_the_next(browser_of):
    customer = add_customer("Last Day d.o.o.", reseller=add_reseller())
    product = add_product()
    add_subscription(customer, product=product, quantity=7, expires_on=date(2017, 7, 22))
    add_subscription(customer, product=product, quantity=9, expires_on=date(2017, 7, 23))
    page = text(browser_of(add_user("ops", role=Role.DISTRIBUTOR_OPERATOR)).get("/"))
    assert "Active seats 9 in 1 subscription" in page
    assert "in 1 day" in page
    assert "22.07.2017 Last Day" not in page


def test_names_of_companies_are_text(browser_of):
    customer = add_customer("<script>alert(1)</script>", reseller=add_reseller("<i>R</i>"))
    add_subscription(customer, product=add_product(), expires_on=date(2017, 9, 1))
    page = browser_of(add_user("ops", role=Role.DISTRIBUTOR_OPERATOR)).get("/").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "<i>R</i>" not in page
    assert "&lt;script&gt;alert" in page


def figures_with_links(browser):
    """Each figure of the page that is a link, with the number of rows in the list behind it."""
    page = browser.get("/").get_data(as_text=True)
    found = re.findall(
        r'<a[^>]* href="([^"]+)"[^>]*>\s*(?:<span>[^<]*</span>)?<strong>([\d,]+)</strong><span[^>]*>([^<]*)', page
    )
    for address, value, label in found:
        behind = browser.get(address.replace("&amp;", "&")).get_data(as_text=True)
        shown = re.search(r"Displaying (?:\d+ to \d+ of )?(\d+) items?", behind)[1]
        yield label, value, shown


def test_each_number_is_that_of_the_list_behind_it(browser_of):
    reseller, product = add_reseller(), add_product()
    customer = add_customer("Tunel d.o.o.", reseller=reseller)
    ends = [date(2017, 7, 22), date(2017, 8, 1), date(2017, 9, 1), date(2017, 10, 1), None]
    licences = [add_subscription(customer, product=product, quantity=1, expires_on=end) for end in ends]
    licences.append(add_subscription(customer, product=product, quantity=1, cancelled_on=date(2017, 8, 1)))
    add_command(licences[1], kind=CommandKind.RENEW, state=CommandState.PARKED)
    add_command(licences[2], kind=CommandKind.RENEW, state=CommandState.UNKNOWN)
    for licence, state, days in (
        (licences[3], CommandState.REJECTED, 0),
        (licences[3], CommandState.REJECTED, 30),
        (licences[3], CommandState.REJECTED, 31),
        (licences[4], CommandState.CANCELLED, 1),
        (licences[4], CommandState.CLOSED, 1),
    ):
        add_command(licence, kind=CommandKind.RENEW, state=state, at=NOW - timedelta(days=days))
    browser = browser_of(add_user("ops", role=Role.DISTRIBUTOR_OPERATOR))
    found = list(figures_with_links(browser))
    assert [(label, value) for label, value, _shown in found] == [
        ("in 5 subscriptions", "5"),
        ("30 days", "2"),
        ("60 days", "3"),
        ("90 days", "4"),
        ("outcome unknown", "2"),
        ("failed in 30 days", "2"),
    ]
    assert [(label, shown) for label, value, shown in found if value != shown] == []
    page = text(browser.get("/"))
    assert page.count("Renew Failed") == 2


def test_a_request_that_needs_a_person_leads_to_its_own_page(browser_of):
    licence = add_subscription(add_customer("Tunel d.o.o.", reseller=add_reseller()), product=add_product())
    command = add_command(licence, kind=CommandKind.RENEW, state=CommandState.PARKED)
    browser = browser_of(add_user("ops", role=Role.DISTRIBUTOR_OPERATOR))
    assert f'href="/requests/case/?id={command.id}"' in browser.get("/").get_data(as_text=True)
