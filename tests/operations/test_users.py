from datetime import timedelta

import pytest

from access import AccessDenied, Role
from auth.passwords import check_password
from auth.sessions import find_session, open_session
from models import AuditEntry, User
from operations.record_refusals import FieldsRefused, RecordChanged
from operations.refusals import NotFound
from operations.users import UserDetails, change_user, create_user, grantable_roles
from tests.small_book import MOMENT, NOW, actor, add_reseller, add_user

PASSWORD = "quiet harbour lantern 7"


@pytest.fixture
def bluth(database):
    return add_reseller()


@pytest.fixture
def chief(database):
    return add_user("chief", role=Role.DISTRIBUTOR_ADMIN)


def _details(user=None, **values):
    shown = {"name": "Stan", "role": Role.RESELLER_USER}
    if user is not None:
        names = ("name", "surname", "title", "phone", "email", "is_active", "reseller_id")
        shown = {**{name: getattr(user, name) for name in names}, "role": Role(user.role)}
    return UserDetails(**{**shown, **values})


def _create(details, who=None, username="stan", password=PASSWORD):
    return create_user(details, username=username, password=password, actor=who or actor(), moment=MOMENT)


def _change(user, who=None, *, version=None, password="", **values):
    return change_user(
        user.id,
        _details(user, **values),
        version=user.version if version is None else version,
        password=password,
        actor=who or actor(),
        moment=MOMENT,
    )


def _session_of(user):
    token = open_session(user.id, now=NOW)
    return lambda: find_session(token, now=NOW + timedelta(seconds=1))


def test_a_new_user_must_change_the_initial_password(bluth):
    user = User[_create(_details(reseller_id=bluth.id, surname="Sitwell")).id]
    assert user.must_change_password
    assert check_password(PASSWORD, stored=user.password_hash).is_right
    assert (user.username_key, user.name_key, user.reseller_id) == ("stan", "stan sitwell", bluth.id)
    entry = AuditEntry.get()
    assert entry.action == "user.created"
    assert PASSWORD not in str(entry.details)
    assert "hash" not in str(entry.details)


@pytest.mark.parametrize(
    ("values", "username", "password", "fields"),
    [
        ({"name": ""}, "stan", PASSWORD, {"name"}),
        ({"name": "a\0b"}, "stan", PASSWORD, {"name"}),
        ({"email": "stan@sitwell"}, "stan", PASSWORD, {"email"}),
        ({}, "", PASSWORD, {"username"}),
        ({}, "st an", PASSWORD, {"username"}),
        ({}, "s" * 61, PASSWORD, {"username"}),
        ({}, "TAKEN", PASSWORD, {"username"}),
        ({}, "stan", "short", {"password"}),
        ({}, "stan", "", {"password"}),
        ({"name": ""}, "", "", {"name", "username", "password"}),
    ],
)
def test_bad_values_are_refused_with_their_fields(sqlite_database, values, username, password, fields):
    add_user("taken", role=Role.DISTRIBUTOR_OPERATOR)
    with pytest.raises(FieldsRefused) as refused:
        _create(_details(role=Role.DISTRIBUTOR_OPERATOR, **values), username=username, password=password)
    assert refused.value.problems.keys() == fields
    assert User.select().count() == 1


def test_a_role_and_a_reseller_must_go_together(bluth):
    for role, reseller_id in (
        (Role.RESELLER_USER, None),
        (Role.RESELLER_ADMIN, None),
        (Role.DISTRIBUTOR_ADMIN, bluth.id),
        (Role.DISTRIBUTOR_OPERATOR, bluth.id),
        (Role.RESELLER_USER, 10**12),
    ):
        with pytest.raises(FieldsRefused) as refused:
            _create(_details(role=role, reseller_id=reseller_id))
        assert refused.value.problems.keys() == {"reseller"}
    assert _create(_details(role=Role.AUDITOR), username="ada").reseller_id is None
    assert _create(_details(role=Role.AUDITOR, reseller_id=bluth.id), username="ben").reseller_id == bluth.id


def test_nobody_grants_more_than_their_own_rights(bluth):
    assert grantable_roles(actor()) == list(Role)
    boss = actor(Role.RESELLER_ADMIN, reseller=bluth)
    assert set(grantable_roles(boss)) == {Role.RESELLER_ADMIN, Role.RESELLER_USER}
    for role in (Role.DISTRIBUTOR_ADMIN, Role.DISTRIBUTOR_OPERATOR, Role.AUDITOR):
        with pytest.raises(FieldsRefused) as refused:
            _create(_details(role=role, reseller_id=bluth.id), boss)
        assert refused.value.problems.keys() == {"role"}


def test_a_resellers_admin_adds_people_of_that_reseller_only(bluth):
    sitwell = add_reseller("Sitwell")
    boss = actor(Role.RESELLER_ADMIN, reseller=bluth)
    assert _create(_details(reseller_id=bluth.id), boss).reseller_id == bluth.id
    for foreign in (sitwell.id, None):
        with pytest.raises(FieldsRefused):
            _create(_details(reseller_id=foreign), boss, username="other")


def test_role_reseller_password_and_activity_end_the_sessions(bluth):
    for number, change in enumerate(
        (
            {"role": Role.RESELLER_ADMIN},
            {"reseller_id": add_reseller("Sitwell").id},
            {"is_active": False},
            {"password": PASSWORD},
        )
    ):
        user = add_user(f"user{number}", reseller=bluth)
        still_there = _session_of(user)
        _change(user, phone="011")
        assert still_there() is not None
        _change(User[user.id], **change)
        assert still_there() is None


def test_a_reset_password_must_be_changed_and_is_not_written_down(bluth):
    user = add_user("stan", reseller=bluth)
    _change(user, password=PASSWORD)
    changed = User[user.id]
    assert changed.must_change_password
    assert check_password(PASSWORD, stored=changed.password_hash).is_right
    assert PASSWORD not in str(AuditEntry.get().details)


def test_a_deactivation_is_an_action_of_its_own(bluth):
    _change(add_user("stan", reseller=bluth), is_active=False)
    assert AuditEntry.get().action == "user.deactivated"


def test_nobody_deactivates_demotes_or_moves_themselves(chief, bluth):
    who = actor(user=chief)
    for values, field in (
        ({"is_active": False}, "is_active"),
        ({"role": Role.AUDITOR}, "role"),
        ({"password": PASSWORD}, "password"),
    ):
        with pytest.raises(FieldsRefused) as refused:
            _change(chief, who, **values)
        assert refused.value.problems.keys() == {field}
    changed = _change(chief, who, phone="011")
    assert (changed.phone, changed.version) == ("011", 2)


def test_a_resellers_admin_cannot_touch_an_auditor_of_the_reseller(bluth):
    auditor = add_user("ada", role=Role.AUDITOR, reseller=bluth)
    with pytest.raises(AccessDenied):
        _change(auditor, actor(Role.RESELLER_ADMIN, reseller=bluth), phone="1")


def test_a_foreign_user_and_a_missing_one_are_alike(bluth, chief):
    boss = actor(Role.RESELLER_ADMIN, reseller=bluth)
    missing = add_user("gone", reseller=bluth)
    missing.id = 10**12
    for user in (chief, add_user("stan", reseller=add_reseller("Sitwell")), missing):
        with pytest.raises(NotFound):
            _change(user, boss, phone="1")


def test_a_change_from_an_older_version_is_refused(bluth):
    user = add_user("stan", reseller=bluth)
    _change(user, phone="1")
    with pytest.raises(RecordChanged):
        _change(user, version=1, phone="2")
    assert User[user.id].phone == "1"


def test_saving_without_a_difference_writes_nothing(bluth):
    user = add_user("stan", reseller=bluth)
    _change(user)
    assert User[user.id].version == 1
    assert AuditEntry.select().count() == 0


@pytest.mark.parametrize("role", [Role.DISTRIBUTOR_OPERATOR, Role.RESELLER_USER, Role.AUDITOR])
def test_other_roles_write_no_users(sqlite_database, role):
    reseller = add_reseller()
    who = actor(role, reseller=reseller)
    with pytest.raises(AccessDenied):
        _create(_details(reseller_id=reseller.id), who)
    with pytest.raises(AccessDenied):
        _change(add_user("stan", reseller=reseller), who, phone="1")
