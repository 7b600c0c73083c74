"""The gateway that the configuration asks for, and what the configuration asks of its environment."""

from zoneinfo import ZoneInfo

import pytest

from config import ConfigError, VendorConfig, VendorKind, read_config
from gateways.base import GatewayMisconfigured
from gateways.select import gateway_of
from licensing.states import CommandKind

ZONE = ZoneInfo("Europe/Belgrade")


PRODUCTION = {
    "SECRET_KEY": "0123456789abcdef" * 4,
    "DATABASE_URL": "sqlite:////nowhere/seatdesk.db",
    "REDIS_URL": "redis://127.0.0.1",
    "SEATDESK_PUBLIC_URL": "https://seats.example",
    "SEATDESK_VENDOR_URL": "https://vendor.example/soap/upi",
    "SEATDESK_VENDOR_CLIENT_CERT": "ours.pem",
    "SEATDESK_VENDOR_CLIENT_KEY": "ours.key",
}
SOAP = {"SEATDESK_VENDOR_KIND": "subscription", "SEATDESK_VENDOR_USER": "us", "SEATDESK_VENDOR_PASSWORD": "open-sesame"}


def vendor_config(url, *, has_extensions, **fields):
    return VendorConfig(
        url=url,
        partner="SEATDESK",
        client_cert="",
        client_key="",
        ca_file="",
        deadline_seconds=12.5,
        has_extensions=has_extensions,
        **fields,
    )


def test_the_demo_gets_every_extension():
    gateway = gateway_of(vendor_config("http://127.0.0.1:8081/", has_extensions=True), zone=ZONE)
    assert all(support.is_offered for support in gateway.capabilities.commands.values())
    assert (gateway.capabilities.find_by_reference, gateway.capabilities.throttle_means_not_executed) == (True, True)
    assert gateway.deadline_seconds == 12.5


def test_a_real_service_gets_the_known_wire_alone():
    gateway = gateway_of(vendor_config("https://vendor.example/", has_extensions=False), zone=ZONE)
    assert not gateway.capabilities.support(CommandKind.SOFT_CANCEL).is_offered
    assert not gateway.capabilities.read_details
    assert not gateway.capabilities.throttle_means_not_executed


def test_a_missing_address_is_refused():
    with pytest.raises(GatewayMisconfigured):
        gateway_of(vendor_config("", has_extensions=True), zone=ZONE)


def test_the_subscription_service_is_chosen_by_its_kind():
    given = {"kind": VendorKind.SUBSCRIPTION, "user_name": "us", "password": "open-sesame"}
    gateway = gateway_of(vendor_config("https://vendor.example/soap/upi", has_extensions=False, **given), zone=ZONE)
    offered = {kind for kind, support in gateway.capabilities.commands.items() if support.is_offered}
    assert offered == {CommandKind.CREATE, CommandKind.RENEW, CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL}
    assert gateway.deadline_seconds == 12.5


def test_the_subscription_service_without_a_name_is_refused():
    with pytest.raises(GatewayMisconfigured):
        gateway_of(vendor_config("https://vendor.example/", has_extensions=False, kind="subscription"), zone=ZONE)


def test_a_service_that_does_not_exist_is_refused():
    with pytest.raises(GatewayMisconfigured):
        gateway_of(vendor_config("https://vendor.example/", has_extensions=False, kind="telex"), zone=ZONE)


@pytest.mark.parametrize("stage", ["demo", "test"])
def test_without_a_word_the_order_service_is_meant(stage):
    vendor = read_config({"SEATDESK_ENV": stage, "SEATDESK_VENDOR_URL": "http://127.0.0.1:1/"}).vendor
    assert (vendor.kind, vendor.has_extensions) == (VendorKind.ORDER, True)


def test_production_takes_the_subscription_service_with_name_and_password():
    vendor = read_config(PRODUCTION | SOAP).vendor
    assert (vendor.kind, vendor.user_name, vendor.password) == (VendorKind.SUBSCRIPTION, "us", "open-sesame")
    assert "open-sesame" not in repr(vendor)


@pytest.mark.parametrize("missing", ["SEATDESK_VENDOR_USER", "SEATDESK_VENDOR_PASSWORD", "SEATDESK_VENDOR_CLIENT_KEY"])
def test_production_refuses_a_subscription_service_that_cannot_be_used(missing):
    with pytest.raises(ConfigError, match=missing):
        read_config(PRODUCTION | SOAP | {missing: ""})


def test_production_does_not_ask_the_order_service_for_a_password():
    assert read_config(PRODUCTION).vendor.kind is VendorKind.ORDER


def test_a_kind_that_does_not_exist_is_named():
    with pytest.raises(ConfigError, match="SEATDESK_VENDOR_KIND"):
        read_config({"SEATDESK_ENV": "demo", "SEATDESK_VENDOR_KIND": "telex"})
