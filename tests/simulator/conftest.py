"""A simulator for the tests of its own behaviour, and calls to it without any of the product's code."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.simulator.process import SimulatorProcess

Answer = tuple[int, dict[str, Any]]


@pytest.fixture(scope="session")
def simulator_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    vendor = SimulatorProcess(tmp_path_factory.mktemp("simulator"))
    yield vendor
    vendor.stop()


@pytest.fixture
def simulator(simulator_process: SimulatorProcess) -> SimulatorProcess:
    simulator_process.reset()
    return simulator_process


def ask(url: str, fields: Any = None, *, headers: dict[str, str] | None = None, method: str = "POST") -> Answer:
    """One request and its JSON answer, whatever its status."""
    body = None if method == "GET" else json.dumps(fields).encode()
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)  # noqa: S310  loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


@pytest.fixture
def post(simulator: SimulatorProcess) -> Callable[..., Answer]:
    def send(operation: str, fields: Any, reference: str = "") -> Answer:
        headers = {"X-Request-Reference": reference} if reference else {}
        return ask(simulator.vendor_url + operation, fields, headers=headers)

    return send


@pytest.fixture
def get(simulator: SimulatorProcess) -> Callable[..., Answer]:
    def send(operation: str, **query: str) -> Answer:
        return ask(f"{simulator.vendor_url}{operation}?{urllib.parse.urlencode(query)}", method="GET")

    return send


def order(**fields: Any) -> dict[str, Any]:
    """The body of a create that is accepted."""
    customer = {
        "Contacts": {"CompanyName": "Hotel Adriatic"},
        "Address": {"City": "Rovinj", "Country": "HRV"},
    }
    distributor = {"Partner": "SEATDESK", "Reseller": "BLUTH01"}
    plain = {"BillingPlan": "PAYG", "Sku": "KL4864XIKMG", "Quantity": 10, "Expiration": None}
    return {**plain, "Customer": customer, "Distributor": distributor, **fields}
