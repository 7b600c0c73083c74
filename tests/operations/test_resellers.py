from datetime import date

import pytest

from access import AccessDenied, Role
from licensing.terms import Month
from models import AuditEntry, Reseller, ResellerDiscount
from operations.record_refusals import FieldsRefused, RecordChanged
from operations.refusals import NotFound
from operations.resellers import change_reseller, create_reseller, set_discount
from tests.small_book import MOMENT, actor, add_reseller


def _create(name="Bluth Company", pin="BLUTH01", discount=2200, who=None):
    return create_reseller(
        name=name, vendor_pin=pin, discount_basis_points=discount, actor=who or actor(), moment=MOMENT
    )


def _set(reseller, basis_points, month, who=None):
    set_discount(
        reseller.id, basis_points=basis_points, valid_from=Month.parse(month), actor=who or actor(), moment=MOMENT
    )


def _discounts():
    return [(row.valid_from, row.basis_points) for row in ResellerDiscount.select().order_by(ResellerDiscount.id)]


def test_a_reseller_begins_with_its_discount_from_the_running_month(database):
    reseller = _create(name="Ćiro d.o.o.")
    assert Reseller[reseller.id].name_key == "ciro d.o.o."
    assert _discounts() == [(date(2017, 7, 1), 2200)]
    assert [entry.action for entry in AuditEntry.select()] == ["reseller.created", "reseller.discount_set"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": "\u0301"}, "name"),
        ({"pin": ""}, "vendor_pin"),
        ({"pin": "1" * 51}, "vendor_pin"),
        ({"discount": -1}, "discount"),
        ({"discount": 10_001}, "discount"),
    ],
)
def test_a_bad_value_is_refused_with_its_field_and_writes_nothing(sqlite_database, values, field):
    with pytest.raises(FieldsRefused) as refused:
        _create(**values)
    assert list(refused.value.problems) == [field]
    assert Reseller.select().count() == AuditEntry.select().count() == 0


def test_a_name_is_taken_once_whatever_case_and_accents(database):
    _create(name="Ćiro")
    with pytest.raises(FieldsRefused, match="“Ćiro” is already a reseller"):
        _create(name="CIRO")


def test_name_and_pin_change_from_the_version_shown(database):
    reseller = add_reseller()
    changed = _change(reseller, version=1, name="Bluth d.d.")
    assert Reseller[changed.id].name == "Bluth d.d."
    with pytest.raises(RecordChanged):
        _change(reseller, version=1, name="Other")
    assert Reseller[reseller.id].version == 2
    entry = AuditEntry.get()
    assert entry.details == {"name": ["Bluth Company", "Bluth d.d."]}


def _change(reseller, *, version, name, who=None):
    return change_reseller(
        reseller.id, name=name, vendor_pin="BLUTH", version=version, actor=who or actor(), moment=MOMENT
    )


def test_a_discount_is_a_row_per_month_and_replaces_only_its_own(database):
    reseller = add_reseller()
    _set(reseller, 2500, "2017-09")
    _set(reseller, 2400, "2017-07")
    _set(reseller, 2600, "2017-09")
    assert sorted(_discounts()) == [
        (date(2017, 1, 1), 2200),
        (date(2017, 7, 1), 2400),
        (date(2017, 9, 1), 2600),
    ]
    assert AuditEntry.select().order_by(AuditEntry.id.desc()).get().details == {
        "valid_from": "2017-09",
        "basis_points": [2500, 2600],
    }


def test_a_discount_of_a_month_that_is_over_is_refused_in_words(database):
    reseller = add_reseller()
    with pytest.raises(FieldsRefused, match="2017-06 is over: a discount can be set from 2017-07 on"):
        _set(reseller, 2500, "2017-06")
    assert _discounts() == [(date(2017, 1, 1), 2200)]


@pytest.mark.parametrize("role", [Role.RESELLER_ADMIN, Role.RESELLER_USER, Role.AUDITOR])
def test_only_the_distributor_writes_resellers(sqlite_database, role):
    reseller = add_reseller()
    who = actor(role, reseller=reseller)
    for write in (lambda: _create(who=who), lambda: _set(reseller, 1, "2017-09", who)):
        with pytest.raises(AccessDenied):
            write()
    with pytest.raises(AccessDenied):
        _change(reseller, version=1, name="Mine", who=who)
    assert AuditEntry.select().count() == 0


def test_a_missing_reseller_is_not_found(sqlite_database):
    reseller = add_reseller()
    reseller.id = 10**12
    with pytest.raises(NotFound):
        _set(reseller, 1, "2017-09")
    with pytest.raises(NotFound):
        _change(reseller, version=1, name="Nobody")
