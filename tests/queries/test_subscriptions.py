from datetime import date, datetime, timedelta
from itertools import product as combinations

import pytest

from access import Role
from licensing.lifecycle import licence_state
from licensing.states import OPEN_STATES, CommandKind, CommandState, LicenceState, OrderState
from licensing.terms import Month
from models import Subscription
from queries.home import seats_in_use
from queries.licences import licence_of, open_command_of
from queries.listing import PageRequest
from queries.subscriptions import Expiration, StatusFilter, SubscriptionFilter, product_names, subscriptions
from tests.small_book import (
    MOMENT,
    TODAY,
    ZONE,
    actor,
    add_command,
    add_customer,
    add_product,
    add_reseller,
    add_subscription,
    add_user,
    statements,
)

DATES = [None, date(2017, 6, 1), date(2017, 7, 1), date(2017, 8, 1), date(2017, 12, 1)]
STANDING = {
    LicenceState.ACTIVE: StatusFilter.ACTIVE,
    LicenceState.SOFT_CANCELLED: StatusFilter.CANCELLED_RUNNING,
    LicenceState.HARD_CANCELLED: StatusFilter.CANCELLED_RUNNING,
    LicenceState.CANCELLED_ENDED: StatusFilter.CANCELLED_ENDED,
    LicenceState.EXPIRED: StatusFilter.EXPIRED,
    LicenceState.FAILED: StatusFilter.FAILED,
}
OPEN = {
    CommandState.QUEUED: StatusFilter.PENDING,
    CommandState.SENDING: StatusFilter.PENDING,
    CommandState.UNKNOWN: StatusFilter.UNKNOWN,
    CommandState.PARKED: StatusFilter.PARKED,
}
_OVERLAPPING = {StatusFilter.ALL, StatusFilter.NOT_FAILED, StatusFilter.USABLE}
SETTLED = [choice for choice in StatusFilter if choice not in _OVERLAPPING]


@pytest.fixture
def bluth(database):
    return add_reseller()


@pytest.fixture
def basic(database):
    return add_product()


@pytest.fixture
def tunel(bluth):
    return add_customer("Tunel d.o.o.", reseller=bluth, city="Sarajevo", country="BA")


def _ids(who=None, *, today=TODAY, sort="", down=False, **wanted):
    listing = subscriptions(SubscriptionFilter(**wanted), actor=who or actor(), today=today)
    return [row.id for row in listing.page(PageRequest(size=100, sort=sort, is_descending=down)).rows]


def _expected_status(subscription, today):
    command = open_command_of(subscription)
    if command is not None:
        return OPEN[command.state]
    now = datetime(today.year, today.month, today.day, 12, tzinfo=ZONE)
    return STANDING[licence_state(licence_of(subscription), now, ZONE)]


def test_each_licence_has_exactly_the_status_that_the_life_cycle_gives(tunel, basic):
    for expires_on, cancelled_on in combinations(DATES, DATES):
        add_subscription(tunel, product=basic, expires_on=expires_on, cancelled_on=cancelled_on)
    for state in OPEN_STATES:
        held = add_subscription(tunel, product=basic, cancelled_on=date(2017, 8, 1))
        add_command(held, kind=CommandKind.RENEW, state=state)
    add_command(add_subscription(tunel, product=basic, state=OrderState.PENDING), state=CommandState.QUEUED)
    add_subscription(tunel, product=basic, state=OrderState.FAILED)
    for today in (TODAY, date(2017, 7, 31), date(2017, 8, 1), date(2018, 1, 1)):
        expected = {choice: [] for choice in SETTLED}
        for subscription in Subscription.select().order_by(Subscription.id):
            expected[_expected_status(subscription, today)].append(subscription.id)
        assert {choice: _ids(status=choice, today=today) for choice in SETTLED} == expected
        assert all(expected.values()) or today > TODAY


def test_usable_are_those_that_home_counts_whatever_is_on_its_way(tunel, basic):
    for expires_on, cancelled_on in combinations(DATES, DATES):
        add_subscription(tunel, product=basic, expires_on=expires_on, cancelled_on=cancelled_on, quantity=5)
    held = add_subscription(tunel, product=basic, cancelled_on=date(2017, 8, 1), quantity=7)
    add_command(held, kind=CommandKind.RENEW, state=CommandState.PARKED)
    add_subscription(tunel, product=basic, state=OrderState.PENDING)
    listed = Subscription.select().where(Subscription.id.in_(_ids(status=StatusFilter.USABLE)))
    in_use = seats_in_use(actor=actor(), moment=MOMENT)
    assert (sum(one.quantity for one in listed), len(listed)) == (in_use.seats, in_use.subscriptions)
    assert held in listed


def test_failed_orders_leave_the_list_unless_asked_for(tunel, basic):
    live = add_subscription(tunel, product=basic)
    failed = add_subscription(tunel, product=basic, state=OrderState.FAILED)
    assert _ids() == [live.id]
    assert _ids(status=StatusFilter.FAILED) == [failed.id]
    assert _ids(status=StatusFilter.ALL) == [live.id, failed.id]


def test_expiration_is_a_month_or_unlimited(tunel, basic):
    december = add_subscription(tunel, product=basic, expires_on=date(2017, 12, 1))
    unlimited = add_subscription(tunel, product=basic)
    add_command(add_subscription(tunel, product=basic, state=OrderState.PENDING), state=CommandState.QUEUED)
    assert _ids(expiration=Expiration(Month(2017, 12))) == [december.id]
    assert _ids(expiration=Expiration(Month(2017, 11))) == []
    assert _ids(expiration=Expiration()) == [unlimited.id]


def test_ids_and_codes_are_found_by_a_part_or_whole_in_any_case(tunel, basic):
    wanted = add_subscription(tunel, product=basic)
    add_subscription(tunel, product=basic)
    for text in (wanted.subscription_id, wanted.subscription_id.upper(), wanted.subscription_id[:9].upper()):
        assert _ids(subscription_id=text) == [wanted.id]
    for text in (wanted.activation_code, wanted.activation_code.lower(), wanted.activation_code[:9].lower()):
        assert _ids(activation_code=text) == [wanted.id]
    assert _ids(subscription_id="%") == []


def test_names_skus_products_and_dates_narrow_the_list(bluth, tunel, basic):
    core = add_product("4551", "Core", bands=((1, 9, 1750),))
    first = add_subscription(tunel, product=basic)
    ending = add_subscription(add_customer("Prerada voća", reseller=bluth), product=core, cancelled_on=date(2017, 8, 1))
    assert _ids(company_name="VOCA") == [ending.id]
    assert _ids(sku="kl4551") == [ending.id]
    assert _ids(product_id=core.id) == [ending.id]
    assert _ids(company_name="d.o.o. tunel") == [first.id]
    assert _ids(ends_before=TODAY + timedelta(30)) == [ending.id]
    assert _ids(ends_before=date(2017, 8, 1)) == []
    assert product_names(actor=actor()) == [(core.id, "Core"), (basic.id, "Endpoint - Basic")]


def test_every_sort_gives_each_row_once(bluth, basic):
    people = [add_user("blake", reseller=bluth), None]
    for number in range(6):
        customer = add_customer(f"Č{number % 3}", reseller=bluth)
        add_subscription(customer, product=basic, expires_on=DATES[number % 5], user=people[number % 2])
    everything = _ids()
    for sort in ("reseller", "company_name", "product", "sku", "quantity", "subscription_id", "expiration", "user"):
        assert sorted(_ids(sort=sort)) == sorted(_ids(sort=sort, down=True)) == everything, sort


def test_unlimited_comes_last_whichever_way_expiration_is_sorted(tunel, basic):
    unlimited = add_subscription(tunel, product=basic)
    add_subscription(tunel, product=basic, expires_on=date(2017, 12, 1))
    assert _ids(sort="expiration")[-1] == _ids(sort="expiration", down=True)[-1] == unlimited.id


def test_another_resellers_licences_do_not_exist(tunel, basic):
    sitwell = add_reseller("Sitwell")
    foreign, own = add_subscription(tunel, product=basic), None
    own = add_subscription(add_customer("Own", reseller=sitwell), product=basic)
    who = actor(Role.RESELLER_USER, reseller=sitwell)
    assert _ids(who) == [own.id]
    assert _ids(who, reseller_id=tunel.reseller_id) == []
    assert _ids(who, subscription_id=foreign.subscription_id) == []
    assert _ids(who, company_name="tunel") == []


def test_a_page_costs_three_statements_however_many_rows(tunel, basic):
    for _ in range(30):
        add_subscription(tunel, product=basic)
    with statements() as seen:
        assert len(_ids()) == 30
    assert len(seen) == 3
