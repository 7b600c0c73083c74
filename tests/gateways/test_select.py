"""The gateway that the configuration asks for."""

from zoneinfo import ZoneInfo

import pytest

from config import VendorConfig
from gateways.base import GatewayMisconfigured
from gateways.select import gateway_of
from licensing.states import CommandKind

ZONE = ZoneInfo("Europe/Belgrade")


def vendor_config(url, *, has_extensions):
    return VendorConfig(
        url=url,
        partner="SEATDESK",
        client_cert="",
        client_key="",
        ca_file="",
        deadline_seconds=12.5,
        has_extensions=has_extensions,
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
