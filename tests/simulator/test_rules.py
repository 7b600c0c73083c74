"""The vendor's own rules: what each command does to a licence, what is refused, and the edges of months."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from simulator import rules
from simulator.licences import Licence, Refused, Sku, Terms
from simulator.months import month_end, month_start
from tests.simulator.conftest import order

ZONE = ZoneInfo("Europe/Belgrade")
NOW = datetime(2017, 7, 23, 12, tzinfo=UTC)
AUGUST = datetime(2017, 7, 31, 22, tzinfo=UTC)
DECEMBER = datetime(2017, 11, 30, 23, tzinfo=UTC)
SKUS = {
    code: Sku(code=code, product_code="4864", min_quantity=low, max_quantity=high)
    for code, low, high in [("KL4864XIEMG", 5, 9), ("KL4864XIKMG", 10, 14)]
}
TERMS = Terms(now=NOW, zone=ZONE, catalogue=SKUS)
ACTIVE = rules.create(order(), replace(TERMS, now=datetime(2017, 4, 1, tzinfo=UTC)))
LIMITED = replace(ACTIVE, expires_at=DECEMBER)
SOFT = replace(LIMITED, cancelled_at=AUGUST)
HARD = replace(SOFT, is_hard_cancelled=True)
ENDED = replace(HARD, cancelled_at=datetime(2017, 6, 30, 22, tzinfo=UTC))
EXPIRED = replace(ACTIVE, expires_at=datetime(2017, 6, 30, 22, tzinfo=UTC))
RECREATION = {"Quantity": 8, "Expiration": None, "Customer": order()["Customer"]}
IN_OCTOBER = {"Expiration": "2017-10-01T00:00:00+02:00"}


def change(operation, licence, **fields):
    return rules.change(operation, licence=licence, fields=fields, terms=TERMS)


@pytest.mark.parametrize(
    ("operation", "licence", "fields", "expected"),
    [
        ("softcancel", LIMITED, {}, {"cancelled_at": AUGUST, "is_hard_cancelled": False, "expires_at": DECEMBER}),
        ("hardcancel", ACTIVE, {}, {"cancelled_at": AUGUST, "is_hard_cancelled": True}),
        ("hardcancel", SOFT, {}, {"cancelled_at": AUGUST, "is_hard_cancelled": True}),
        ("renew", HARD, {}, {"cancelled_at": None, "is_hard_cancelled": False, "expires_at": DECEMBER}),
        ("renew", ENDED, {}, {"cancelled_at": None, "expires_at": DECEMBER}),
        ("renew", EXPIRED, {}, {"expires_at": None}),
        ("recreate", HARD, RECREATION, {"quantity": 8, "sku": "KL4864XIEMG", "cancelled_at": None, "expires_at": None}),
        ("recreate", EXPIRED, RECREATION, {"quantity": 8, "expires_at": None}),
        ("modifyquantity", ACTIVE, {"Quantity": 9}, {"quantity": 9, "sku": "KL4864XIEMG"}),
        ("modifyquantity", ACTIVE, {"Quantity": 5000}, {"quantity": 5000, "sku": "KL4864XIKMG"}),
        ("modifyexpiration", LIMITED, {"Expiration": None}, {"expires_at": None}),
        ("reduce", ACTIVE, IN_OCTOBER, {"expires_at": datetime(2017, 9, 30, 22, tzinfo=UTC)}),
        ("reduce", LIMITED, IN_OCTOBER, {"expires_at": datetime(2017, 9, 30, 22, tzinfo=UTC)}),
    ],
)
def test_a_command_changes_the_licence_so(operation, licence, fields, expected):
    changed = change(operation, licence, **fields)
    assert {name: getattr(changed, name) for name in expected} == expected
    assert changed.modified_at == NOW
    assert (changed.subscription_id, changed.activation_code) == (licence.subscription_id, licence.activation_code)


@pytest.mark.parametrize(
    ("operation", "licence", "fields", "code"),
    [
        ("softcancel", SOFT, {}, "SubscriptionCancelled"),
        ("softcancel", EXPIRED, {}, "SubscriptionEnded"),
        ("hardcancel", HARD, {}, "AlreadyHardCancelled"),
        ("hardcancel", EXPIRED, {}, "SubscriptionEnded"),
        ("renew", ACTIVE, {}, "NothingToRenew"),
        ("recreate", ACTIVE, RECREATION, "NotCancelled"),
        ("modifyquantity", HARD, {"Quantity": 9}, "SubscriptionCancelled"),
        ("modifyquantity", ACTIVE, {"Quantity": 0}, "QuantityInvalid"),
        ("modifyquantity", ACTIVE, {"Quantity": "9"}, "QuantityInvalid"),
        ("modifyquantity", ACTIVE, {"Quantity": True}, "QuantityInvalid"),
        ("modifyexpiration", ACTIVE, {}, "FieldRequired"),
        ("modifyexpiration", ACTIVE, {"Expiration": "2017-07-01T00:00:00+02:00"}, "ExpirationInvalid"),
        ("modifyexpiration", ACTIVE, {"Expiration": "2017-12-01T00:00:00"}, "ExpirationInvalid"),
        ("modifyexpiration", ACTIVE, {"Expiration": "2017-13"}, "ExpirationInvalid"),
        ("modifyattributes", ENDED, {"Customer": order()["Customer"]}, "SubscriptionEnded"),
        ("modifyattributes", ACTIVE, {}, "FieldRequired"),
        ("reduce", LIMITED, {"Expiration": "2017-12-01T00:00:00+01:00"}, "ExpirationNotEarlier"),
        ("reduce", LIMITED, {"Expiration": None}, "ExpirationNotEarlier"),
        ("reduce", SOFT, IN_OCTOBER, "SubscriptionCancelled"),
    ],
)
def test_a_command_is_refused_so(operation, licence, fields, code):
    with pytest.raises(Refused) as refused:
        change(operation, licence, **fields)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"BillingPlan": "Weekly"}, "BillingPlanInvalid"),
        ({"Sku": "KL0000"}, "SkuUnknown"),
        ({"Sku": None}, "FieldRequired"),
        ({"Quantity": 1_000_000}, "QuantityInvalid"),
        ({"ApprovalCode": "x" * 51}, "FieldInvalid"),
        ({"Distributor": {"Partner": "SEATDESK"}}, "FieldRequired"),
        ({"Customer": {"Contacts": {"CompanyName": "A"}, "Address": {"Country": "HR"}}}, "CountryInvalid"),
        ({"Customer": {"Contacts": {}, "Address": {"Country": "HRV"}}}, "FieldRequired"),
        ({"Customer": {"Contacts": {"CompanyName": 5}, "Address": {"Country": "HRV"}}}, "FieldInvalid"),
    ],
)
def test_an_order_is_refused_so(wrong, code):
    with pytest.raises(Refused) as refused:
        rules.create(order(**wrong), TERMS)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("instant", "begins", "ends"),
    [
        ("2017-07-31T23:59:59+02:00", "2017-07-01T00:00:00+02:00", "2017-08-01T00:00:00+02:00"),
        ("2017-08-01T00:00:00+02:00", "2017-08-01T00:00:00+02:00", "2017-09-01T00:00:00+02:00"),
        ("2017-10-15T00:00:00+02:00", "2017-10-01T00:00:00+02:00", "2017-11-01T00:00:00+01:00"),
        ("2017-12-31T23:30:00+00:00", "2018-01-01T00:00:00+01:00", "2018-02-01T00:00:00+01:00"),
    ],
)
def test_months_begin_and_end_in_the_vendors_zone(instant, begins, ends):
    moment = datetime.fromisoformat(instant)
    assert month_start(moment, ZONE) == datetime.fromisoformat(begins)
    assert month_end(moment, ZONE) == datetime.fromisoformat(ends)


def test_use_ends_at_the_earlier_of_both_dates():
    licence: Licence = replace(ACTIVE, expires_at=DECEMBER, cancelled_at=AUGUST)
    assert licence.is_usable(datetime(2017, 7, 31, 21, 59, 59, tzinfo=UTC))
    assert not licence.is_usable(AUGUST)
