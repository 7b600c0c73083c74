"""Every hostile body that the simulator knows, on both wires: unknown after one effect, settled by asking."""

import pytest

from licensing.commands import Confirmed, Unknown, Unreadable
from licensing.states import CommandKind
from simulator.hostile import Form
from tests.gateways.listener import listening, read_request, response


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("kind", [CommandKind.CREATE, CommandKind.HARD_CANCEL])
def test_a_hostile_answer_is_unknown_and_settled_by_asking(desk, vendor, form, kind):
    desk.gateway.execute(desk.ready(kind))
    request = desk.ready(kind)
    vendor.fault("hostile", form=form, executes="at_once")
    outcome = desk.gateway.execute(request)
    assert isinstance(outcome, Unknown)
    assert len(outcome.evidence.response) <= 4_000
    assert isinstance(desk.gateway.settle(request), Confirmed)
    assert vendor.effects(request.reference) == 1


@pytest.mark.parametrize("form", Form)
def test_a_hostile_read_finds_out_nothing(desk, vendor, form):
    other, request = desk.ready(CommandKind.HARD_CANCEL), desk.ready(CommandKind.HARD_CANCEL)
    for asked in (other, request):
        desk.gateway.execute(asked)
    desk.gateway.settle(other)
    vendor.fault("hostile", form=form, executes="at_once", operation="reads")
    finding = desk.gateway.settle(request)
    assert isinstance(finding, Unreadable)
    assert not finding.is_permanent


def test_an_answer_that_comes_twice_is_one_answer(desk, vendor, offered_kind):
    request = desk.ready(offered_kind)
    vendor.fault("twice")
    assert isinstance(desk.gateway.execute(request), Confirmed)
    assert vendor.effects(request.reference) == 1


def test_an_effect_that_is_hidden_for_a_while_is_found_later(desk, vendor, single_call_kind, eventually):
    request = desk.ready(single_call_kind)
    vendor.fault("hide", seconds=0.5)
    assert isinstance(desk.gateway.execute(request), Unknown)
    eventually(lambda: isinstance(desk.gateway.settle(request), Confirmed))
    assert vendor.effects(request.reference) == 1


def test_nothing_in_an_answer_makes_us_call_anybody(adapter, desk):
    with listening(lambda connection: connection.close()) as stranger:
        address = f"http://127.0.0.1:{stranger.port}/evil"
        bodies = [
            f'<!DOCTYPE a SYSTEM "{address}.dtd"><a/>',
            f'<!DOCTYPE a [<!ENTITY e SYSTEM "{address}">]><a>&e;</a>',
            f'<!DOCTYPE a [<!ENTITY % p SYSTEM "{address}">%p;]><a/>',
            f'<?xml-stylesheet href="{address}"?><a/>',
            f'<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{address}"/></a>',
            f'<a xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="a {address}.xsd"/>',
            f'{{"$ref": "{address}"}}',
        ]

        def answer(connection):
            read_request(connection)
            connection.sendall(response(bodies.pop().encode()))

        with listening(answer) as vendor:
            gateway = adapter.gateway(f"http://127.0.0.1:{vendor.port}/")
            outcomes = {type(gateway.execute(desk.create_request())) for _ in range(len(bodies))}
        assert (outcomes, bodies) == ({Unknown}, [])
        assert stranger.connections == 0
