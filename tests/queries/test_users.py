import pytest

from access import Role
from queries.listing import PageRequest
from queries.users import UserFilter, user, users
from tests.small_book import actor, add_reseller, add_user


@pytest.fixture
def book(database):
    bluth, sitwell = add_reseller(), add_reseller("Sitwell")
    add_user("ops", role=Role.DISTRIBUTOR_OPERATOR, name="Radomir", surname="Ljubojević")
    add_user("blake", role=Role.RESELLER_ADMIN, reseller=bluth)
    add_user("stan", reseller=sitwell, is_active=False)
    return bluth, sitwell


def _found(who=None, **wanted):
    return [row.username for row in users(UserFilter(**wanted), actor=who or actor()).page(PageRequest()).rows]


def test_the_filters_narrow_the_list(book):
    assert _found() == ["blake", "ops", "stan"]
    assert _found(name="ljubojevic") == ["ops"]
    assert _found(username="STA") == ["stan"]
    assert _found(role=Role.RESELLER_ADMIN) == ["blake"]
    assert _found(is_active=False) == ["stan"]
    assert _found(is_active=True) == ["blake", "ops"]


def test_people_without_a_reseller_come_last_when_sorted_by_it(book):
    for is_descending in (False, True):
        request = PageRequest(sort="reseller", is_descending=is_descending)
        assert users(UserFilter(), actor=actor()).page(request).rows[-1].username == "ops"


def test_a_reseller_sees_its_own_people_only(book):
    bluth, sitwell = book
    who = actor(Role.RESELLER_ADMIN, reseller=bluth)
    assert _found(who) == ["blake"]
    assert _found(who, reseller_id=sitwell.id) == []
    for foreign in users(UserFilter(), actor=actor()).page(PageRequest()).rows:
        assert (user(foreign.id, actor=who) is None) == (foreign.username != "blake")


def test_no_row_carries_a_password(book):
    row = users(UserFilter(), actor=actor()).page(PageRequest()).rows[0]
    assert "password_hash" not in row._fields
    assert "never used" not in row
