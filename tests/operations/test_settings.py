from datetime import date

import pytest

from access import AccessDenied, Role
from licensing.terms import Month
from models import AuditEntry, Setting
from operations.record_refusals import FieldsRefused
from operations.settings import set_month_rule
from tests.small_book import MOMENT, actor


def _set(name="first_month", rule="full", month="2017-08", who=None):
    set_month_rule(name, rule=rule, valid_from=Month.parse(month), actor=who or actor(), moment=MOMENT)


def _stored():
    rows = Setting.select().order_by(Setting.name, Setting.valid_from)
    return [(row.name, row.valid_from, row.value) for row in rows]


def test_a_rule_holds_from_its_month_on(database):
    _set()
    _set("restart_month", "free", "2017-07")
    _set(rule="free", month="2018-01")
    assert _stored() == [
        ("first_month", date(2017, 8, 1), "full"),
        ("first_month", date(2018, 1, 1), "free"),
        ("restart_month", date(2017, 7, 1), "free"),
    ]


def test_the_rule_of_the_same_month_is_replaced_and_both_are_in_the_audit(database):
    _set(rule="full")
    _set(rule="free")
    assert _stored() == [("first_month", date(2017, 8, 1), "free")]
    assert [(entry.action, entry.details) for entry in AuditEntry.select().order_by(AuditEntry.id)] == [
        ("setting.changed", {"name": "first_month", "valid_from": "2017-08", "value": [None, "full"]}),
        ("setting.changed", {"name": "first_month", "valid_from": "2017-08", "value": ["full", "free"]}),
    ]


def test_setting_what_is_set_already_leaves_no_trace(database):
    _set()
    _set()
    assert AuditEntry.select().count() == 1


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({"month": "2017-06"}, {"valid_from": "2017-06 is over: a setting can be changed from 2017-07 on."}),
        ({"rule": "half"}, {"rule": "Choose one of the two."}),
        ({"rule": ""}, {"rule": "Choose one of the two."}),
    ],
)
def test_a_month_that_is_over_and_another_rule_are_refused(database, values, problems):
    with pytest.raises(FieldsRefused) as refused:
        _set(**values)
    assert {field: str(reason) for field, reason in refused.value.problems.items()} == problems
    assert _stored() == []


def test_another_setting_is_none_of_these(database):
    with pytest.raises(KeyError):
        _set("secret_key")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DISTRIBUTOR_ADMIN])
def test_only_the_distributor_admin_sets_rules(database, role):
    with pytest.raises(AccessDenied):
        _set(who=actor(role))
    assert _stored() == []
