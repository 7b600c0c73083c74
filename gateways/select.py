"""Builds the gateway that the configuration asks for. The one place that names the adapters."""

from typing import Protocol
from zoneinfo import ZoneInfo

from gateways.base import GatewayMisconfigured, LicensingGateway
from gateways.order_service import OrderServiceConfig, OrderServiceGateway
from gateways.order_service.config import Extension
from gateways.subscription_service import SubscriptionServiceConfig, SubscriptionServiceGateway
from licensing.states import CommandKind


class VendorSettings(Protocol):
    """What the configuration says about the vendor; paths name PEM files."""

    @property
    def kind(self) -> str:
        """Which service: order or subscription."""

    @property
    def url(self) -> str:
        """Address of the service with its path (/Subscriptions/v2.0/api/Subscription/, or /soap/upi)."""

    @property
    def partner(self) -> str:
        """Who we are to the order service."""

    @property
    def user_name(self) -> str:
        """Who we are to the subscription service."""

    @property
    def password(self) -> str:
        """Our password there."""

    @property
    def client_cert(self) -> str:
        """Our certificate, empty for none."""

    @property
    def client_key(self) -> str:
        """Its key, empty where it is in the certificate's file."""

    @property
    def ca_file(self) -> str:
        """The authority of the service, empty for the public ones."""

    @property
    def deadline_seconds(self) -> float:
        """The total deadline of a call."""

    @property
    def has_extensions(self) -> bool:
        """Whether the service has the extensions of our simulator."""


def gateway_of(vendor: VendorSettings, *, zone: ZoneInfo) -> LicensingGateway:
    """The gateway of the configuration. GatewayMisconfigured when what it says cannot be used."""
    match vendor.kind:
        case "order":
            return OrderServiceGateway(_order_service(vendor, zone))
        case "subscription":
            return SubscriptionServiceGateway(_subscription_service(vendor, zone))
        case _:
            raise GatewayMisconfigured(f"There is no {vendor.kind} service.")


def refusals_of(vendor: VendorSettings, *, zone: ZoneInfo) -> dict[CommandKind, str]:
    """The commands that the configured service cannot do, and why; nobody is called, and no file is read."""
    make = _subscription_service if vendor.kind == "subscription" else _order_service
    commands = make(vendor, zone).capabilities().commands
    return {kind: support.refusal for kind, support in commands.items() if not support.is_offered}


def _order_service(vendor: VendorSettings, zone: ZoneInfo) -> OrderServiceConfig:
    return OrderServiceConfig(
        base_url=vendor.url,
        partner=vendor.partner,
        zone=zone,
        timeout_seconds=vendor.deadline_seconds,
        client_cert=vendor.client_cert,
        client_key=vendor.client_key,
        ca_file=vendor.ca_file,
        extensions=frozenset(Extension) if vendor.has_extensions else frozenset(),
        throttle_means_not_executed=vendor.has_extensions,
    )


def _subscription_service(vendor: VendorSettings, zone: ZoneInfo) -> SubscriptionServiceConfig:
    return SubscriptionServiceConfig(
        endpoint=vendor.url,
        user_name=vendor.user_name,
        password=vendor.password,
        zone=zone,
        timeout_seconds=vendor.deadline_seconds,
        client_cert=vendor.client_cert,
        client_key=vendor.client_key,
        ca_file=vendor.ca_file,
        throttle_means_not_executed=vendor.has_extensions,
    )
