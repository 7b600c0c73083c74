"""A lost answer to every vendor there may be: with and without deduplication, reading and finding, on both wires.

The one rule that must hold everywhere: by execute and settle alone no command takes effect twice.
"""

import itertools

import pytest

from gateways.order_service.config import Extension
from licensing.commands import Confirmed, NotFound, Unknown, Unreadable
from licensing.states import CommandKind
from tests.gateways.conftest import ORDER_SERVICE, SUBSCRIPTION_SERVICE, Desk

ABILITIES = ("deduplication", "details", "find")
COMBINATIONS = [
    dict(zip(ABILITIES, offered, strict=True)) for offered in itertools.product((True, False), repeat=len(ABILITIES))
]
ids_of_combinations = ["-".join(name for name, on in offered.items() if on) or "nothing" for offered in COMBINATIONS]
KINDS = (CommandKind.CREATE, CommandKind.HARD_CANCEL)


def gateway_for(adapter, vendor, offered):
    if adapter.name == ORDER_SERVICE.name:
        known = {Extension(name) for name, is_on in offered.items() if is_on}
        return adapter.gateway(adapter.url(vendor), extensions=frozenset(known))
    return adapter.gateway(adapter.url(vendor))


def can_be_asked(adapter, kind, offered):
    if adapter.name == SUBSCRIPTION_SERVICE.name:
        return offered["details"]
    return offered["find"] or (offered["details"] and kind is not CommandKind.CREATE)


@pytest.mark.parametrize("offered", COMBINATIONS, ids=ids_of_combinations)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("executes", "effects"), [("at_once", 1), ("never", 0)])
def test_a_lost_answer_is_settled_or_left_to_a_person(adapter, desk, vendor, offered, kind, executes, effects):
    request = desk.ready(kind)
    vendor.settings(extensions=offered)
    gateway = gateway_for(adapter, vendor, offered)
    vendor.fault("drop", executes=executes)
    assert isinstance(gateway.execute(request), Unknown)
    finding = gateway.settle(request)
    if not can_be_asked(adapter, kind, offered):
        assert (type(finding), finding.is_permanent) == (Unreadable, True)
    elif effects:
        assert isinstance(finding, Confirmed)
    else:
        assert isinstance(finding, NotFound)
    assert vendor.effects(request.reference) == effects


@pytest.mark.parametrize("offered", COMBINATIONS, ids=ids_of_combinations)
def test_what_was_proved_absent_is_sent_again_and_takes_effect_once(adapter, desk, vendor, offered):
    request = desk.ready(CommandKind.HARD_CANCEL)
    vendor.settings(extensions=offered)
    sender = Desk(gateway_for(adapter, vendor, offered))
    vendor.fault("drop")
    sender.gateway.execute(request)
    if isinstance(sender.gateway.settle(request), NotFound):
        assert isinstance(sender.gateway.execute(request), Confirmed)
        assert vendor.effects(request.reference) == 1
    else:
        assert not can_be_asked(adapter, CommandKind.HARD_CANCEL, offered)
