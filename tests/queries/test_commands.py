from datetime import timedelta

import pytest

from access import Role
from licensing.states import CommandKind, CommandState
from queries.commands import STATES_OF, RequestFilter, RequestRow, Standing, requests, standing_counts
from queries.listing import PageRequest
from tests.small_book import (
    NOW,
    actor,
    add_command,
    add_customer,
    add_product,
    add_reseller,
    add_subscription,
)


@pytest.fixture
def book(database):
    bluth, sitwell, basic = add_reseller(), add_reseller("Sitwell"), add_product()
    voca = add_subscription(add_customer("Prerada voća", reseller=bluth), product=basic)
    lipa = add_subscription(add_customer("Lipa", reseller=sitwell), product=basic)
    add_command(voca, at=NOW - timedelta(minutes=3))
    add_command(voca, kind=CommandKind.RENEW, state=CommandState.REJECTED, at=NOW - timedelta(minutes=2))
    add_command(voca, kind=CommandKind.REDUCE, state=CommandState.SENDING, at=NOW)
    add_command(lipa, state=CommandState.PARKED, at=NOW - timedelta(minutes=1))
    add_command(lipa, kind=CommandKind.RENEW, state=CommandState.CANCELLED, at=NOW - timedelta(hours=1))
    return voca, lipa


def _kinds(who=None, **wanted):
    page = requests(RequestFilter(**wanted), actor=who or actor()).page(PageRequest())
    return [(row.company_name, row.kind) for row in page.rows]


def test_requests_stand_newest_first(book):
    assert _kinds() == [
        ("Prerada voća", "Reduce"),
        ("Lipa", "Create"),
        ("Prerada voća", "Renew"),
        ("Prerada voća", "Create"),
        ("Lipa", "Renew"),
    ]


def test_each_state_is_in_exactly_one_tab():
    tabs = {tab: states for tab, states in STATES_OF.items() if tab is not Standing.PARKED}
    assert sorted(state for states in tabs.values() for state in states) == sorted(CommandState)


def test_those_that_wait_for_a_person_are_among_the_unknown():
    assert set(STATES_OF[Standing.PARKED]) < set(STATES_OF[Standing.UNKNOWN])


def test_the_tabs_count_what_they_show(book):
    counts = standing_counts(RequestFilter(), actor=actor())
    assert counts == {
        None: 5,
        Standing.CONFIRMED: 1,
        Standing.FAILED: 1,
        Standing.UNKNOWN: 1,
        Standing.SENDING: 1,
        Standing.WAITING: 0,
        Standing.WITHDRAWN: 1,
        Standing.PARKED: 1,
    }
    assert all(len(_kinds(standing=tab)) == number for tab, number in counts.items())


def test_the_other_filters_narrow_list_and_counts_alike(book):
    voca, lipa = book
    assert _kinds(company_name="VOCA", kind=CommandKind.RENEW) == [("Prerada voća", "Renew")]
    assert {name for name, _ in _kinds(subscription_id=lipa.subscription_id[:9])} == {"Lipa"}
    assert {name for name, _ in _kinds(reseller_id=voca.reseller_id)} == {"Prerada voća"}
    counts = standing_counts(RequestFilter(company_name="voca", standing=Standing.FAILED), actor=actor())
    assert (counts[None], counts[Standing.FAILED], counts[Standing.UNKNOWN]) == (3, 1, 0)


def test_since_takes_what_was_requested_at_that_instant_and_later(book):
    assert len(_kinds(since=NOW - timedelta(minutes=2))) == 3
    assert len(_kinds(since=NOW - timedelta(minutes=2), standing=Standing.FAILED)) == 1
    assert _kinds(since=NOW + timedelta(seconds=1)) == []


def test_another_resellers_requests_are_neither_listed_nor_counted(book):
    voca, lipa = book
    who = actor(Role.RESELLER_USER, reseller=lipa.reseller)
    assert {name for name, _ in _kinds(who)} == {"Lipa"}
    assert _kinds(who, subscription_id=voca.subscription_id) == []
    assert _kinds(who, reseller_id=voca.reseller_id) == []
    assert standing_counts(RequestFilter(), actor=who)[None] == 2


def test_no_row_carries_an_activation_code(book):
    voca, _lipa = book
    assert "activation_code" not in RequestRow._fields
    rows = requests(RequestFilter(), actor=actor()).page(PageRequest()).rows
    assert voca.activation_code not in str(rows)
