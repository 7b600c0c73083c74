"""One running vendor for all contract tests, and each adapter that speaks to it."""

import itertools
import json
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateways.base import LicensingGateway
from gateways.order_service import OrderServiceConfig, OrderServiceGateway
from gateways.order_service.config import Extension
from gateways.subscription_service import SubscriptionServiceConfig, SubscriptionServiceGateway
from gateways.subscription_service.messages import unit_id_of
from licensing.commands import Confirmed, CustomerDetails, VendorRequest
from licensing.states import CommandKind
from tests.simulator.process import SimulatorProcess

ZONE = ZoneInfo("Europe/Belgrade")
CUSTOMER = CustomerDetails(
    company_name="Prerada voća d.o.o.",
    country="RS",
    address_line_1="Milana Rakića 123",
    city="Beograd",
    post_code="11000",
    email="pv@prerada-voca.example",
    phone="011 123 456",
    contact_person="Petar Petrović",
)
MOVED_CUSTOMER = CustomerDetails(company_name="Prerada voća d.o.o.", country="XK", city="Priština")
_numbers = itertools.count(1)


def month_from_now(months: int) -> datetime:
    """The first midnight of the month so many months after this one."""
    today = datetime.now(ZONE)
    year, index = divmod(today.year * 12 + today.month - 1 + months, 12)
    return datetime(year, index + 1, 1, tzinfo=ZONE).astimezone(UTC)


def new_reference() -> str:
    return f"cmd-{next(_numbers)}-{datetime.now(UTC):%H%M%S%f}"


# What each command asks for in these tests, besides the licence.
CHANGES: dict[CommandKind, dict[str, Any]] = {
    CommandKind.RENEW: {"expires_at": month_from_now(14)},
    CommandKind.RECREATE: {"quantity": 20, "expires_at": None, "customer": CUSTOMER},
    CommandKind.MODIFY_QUANTITY: {"quantity": 8},
    CommandKind.MODIFY_ATTRIBUTES: {"customer": MOVED_CUSTOMER},
    CommandKind.REDUCE: {"expires_at": month_from_now(3)},
}


class OrderServiceAdapter:
    """How the contract tests build the order service's gateway, and what this service answers in its own words."""

    name = "order service"
    offered = tuple(CommandKind)
    composed = (CommandKind.RENEW,)
    unknown_licence = "00000000-0000-0000-0000-000000000000"
    unknown_licence_code = "SubscriptionUnknown"
    already_hard_cancelled_code = "AlreadyHardCancelled"

    def url(self, vendor: SimulatorProcess) -> str:
        return vendor.vendor_url

    def gateway(self, url: str, *, timeout_seconds: float = 5.0, **options: Any) -> LicensingGateway:
        options = {"extensions": frozenset(Extension), "throttle_means_not_executed": True, **options}
        config = OrderServiceConfig(
            base_url=url, partner="SEATDESK", zone=ZONE, timeout_seconds=timeout_seconds, **options
        )
        return OrderServiceGateway(config)

    def executed(self, request: VendorRequest) -> bytes:
        """The least that confirms a command on an existing licence."""
        return json.dumps({"SubscriptionId": request.subscription_id}).encode()


class SubscriptionServiceAdapter:
    """As above, for the subscription service."""

    name = "subscription service"
    offered = (CommandKind.CREATE, CommandKind.RENEW, CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL)
    composed = ()
    unknown_licence = "00000000000000000000000000000000"
    unknown_licence_code = "5"
    already_hard_cancelled_code = "4"

    def url(self, vendor: SimulatorProcess) -> str:
        return f"{vendor.address}/soap/upi"

    def gateway(self, url: str, *, timeout_seconds: float = 5.0, **options: Any) -> LicensingGateway:
        options = {"password": "open-sesame", "throttle_means_not_executed": True, **options}
        config = SubscriptionServiceConfig(
            endpoint=url, user_name="seatdesk", zone=ZONE, timeout_seconds=timeout_seconds, **options
        )
        return SubscriptionServiceGateway(config)

    def unit_id(self, request: VendorRequest) -> str:
        return unit_id_of(request.reference)

    def executed(self, request: VendorRequest) -> bytes:
        """The least that confirms a command on an existing licence."""
        entry = f'<HardCancel UnitId="{self.unit_id(request)}"/>'
        return SOAP_ANSWER.format(f"<SubscriptionResponse>{entry}</SubscriptionResponse>").encode()


SOAP_ANSWER = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><SubscriptionResponseContainer '
    'xmlns="http://schemas.kaspersky.com/services/subscription/2.0/">{}</SubscriptionResponseContainer></s:Body>'
    "</s:Envelope>"
)
Adapter = OrderServiceAdapter | SubscriptionServiceAdapter
ORDER_SERVICE, SUBSCRIPTION_SERVICE = OrderServiceAdapter(), SubscriptionServiceAdapter()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test of the contract runs on every adapter, and with offered_kind on each command that the adapter offers.

    single_call_kind leaves out those of two calls. A module about one service names it in ADAPTERS.
    """
    if "adapter" not in metafunc.fixturenames:
        return
    adapters = getattr(metafunc.module, "ADAPTERS", (ORDER_SERVICE, SUBSCRIPTION_SERVICE))
    for wanted, left_out in (("offered_kind", False), ("single_call_kind", True)):
        if wanted in metafunc.fixturenames:
            pairs = [(one, kind) for one in adapters for kind in one.offered if not (left_out and kind in one.composed)]
            names = [f"{adapter.name}-{kind}" for adapter, kind in pairs]
            metafunc.parametrize(("adapter", wanted), pairs, ids=names, indirect=["adapter"])
            return
    metafunc.parametrize("adapter", adapters, ids=lambda adapter: adapter.name, indirect=True)


class Desk:
    """A gateway at work: orders licences and builds requests for them."""

    def __init__(self, gateway: LicensingGateway) -> None:
        self.gateway = gateway

    def request(self, kind: CommandKind, subscription_id: str | None = None, **fields: Any) -> VendorRequest:
        return VendorRequest(
            kind=kind,
            reference=new_reference(),
            vendor_pin="BLUTH01",
            subscription_id=subscription_id,
            requested_at=datetime.now(UTC),
            **fields,
        )

    def create_request(self, **fields: Any) -> VendorRequest:
        fields = {"sku_code": "KL4864XIKMG", "quantity": 12, "customer": CUSTOMER, **fields}
        return self.request(CommandKind.CREATE, **fields)

    def licence(self, **fields: Any) -> str:
        """A new licence's Subscription ID."""
        outcome = self.gateway.execute(self.create_request(**fields))
        assert isinstance(outcome, Confirmed), outcome
        return outcome.subscription_id

    def ready(self, kind: CommandKind) -> VendorRequest:
        """A request that the vendor will accept, on a licence brought to the right state."""
        if kind is CommandKind.CREATE:
            return self.create_request()
        limited_to = month_from_now(2) if kind is CommandKind.RENEW else None
        licence = self.licence(expires_at=limited_to)
        if kind is CommandKind.RECREATE:
            self.gateway.execute(self.request(CommandKind.HARD_CANCEL, licence))
        return self.request(kind, licence, **CHANGES.get(kind, {}))


@pytest.fixture(scope="session")
def vendor_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    vendor = SimulatorProcess(tmp_path_factory.mktemp("vendor"))
    yield vendor
    vendor.stop()


@pytest.fixture
def vendor(vendor_process: SimulatorProcess) -> SimulatorProcess:
    vendor_process.reset()
    return vendor_process


@pytest.fixture
def adapter(request: pytest.FixtureRequest) -> Adapter:
    return request.param


@pytest.fixture
def desk(adapter: Adapter, vendor: SimulatorProcess) -> Desk:
    return Desk(adapter.gateway(adapter.url(vendor)))


@pytest.fixture
def hasty(adapter: Adapter, vendor: SimulatorProcess) -> LicensingGateway:
    """A gateway with a short deadline, for vendors that keep silent."""
    return adapter.gateway(adapter.url(vendor), timeout_seconds=0.3)


@pytest.fixture
def refused_url() -> Iterator[str]:
    """An address at which nobody listens, held so that nobody will."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/"


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Wait until a condition holds, a few seconds at most."""

    def wait(holds: Callable[[], bool]) -> None:
        until = time.monotonic() + 5
        while not holds():
            assert time.monotonic() < until
            time.sleep(0.03)

    return wait


def seconds_ago(instant: datetime) -> float:
    return (datetime.now(UTC) - instant) / timedelta(seconds=1)
