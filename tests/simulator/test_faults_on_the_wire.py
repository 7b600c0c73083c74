"""Faults as a client without any of the product's code meets them."""

import json
import socket
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from simulator.hostile import HUGE_BYTES, Form
from tests.simulator.conftest import ask, order
from tests.simulator.soap_call import activate, entries, get_info, post_soap, soap_body


def raw(simulator, path, body, headers=""):
    """All that comes back on one connection."""
    host, port = urllib.parse.urlsplit(simulator.address).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        connection.sendall(head.encode() + body)
        received = b""
        while piece := connection.recv(1_000_000):
            received += piece
        return received


def create(simulator, reference):
    headers = f"X-Request-Reference: {reference}\r\n"
    return raw(simulator, "/Subscriptions/v2.0/api/Subscription/create", json.dumps(order()).encode(), headers)


def activate_raw(simulator, reference):
    return raw(simulator, "/soap/upi", soap_body(activate(reference), transaction_id=reference))


SENDERS = pytest.mark.parametrize("send", [create, activate_raw])


@SENDERS
def test_an_answer_may_come_twice_for_one_effect(simulator, send):
    simulator.fault("twice")
    received = send(simulator, f"twice{send.__name__[:6]}")
    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert simulator.effects(f"twice{send.__name__[:6]}") == 1


@SENDERS
@pytest.mark.parametrize("form", Form)
def test_every_hostile_form_is_sent_after_one_effect(simulator, send, form):
    reference = f"hostile{form.replace('_', '')}{send.__name__[:6]}"
    simulator.fault("hostile", form=form, executes="at_once")
    received = send(simulator, reference)
    head, body = received.split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert f"Content-Length: {len(body)}".encode() in head
    assert simulator.effects(reference) == 1


@SENDERS
@pytest.mark.parametrize(
    ("form", "shows"),
    [
        (Form.HUGE, lambda body: len(body) > HUGE_BYTES),
        (Form.DEEP, lambda body: body.count(b"[" if body.startswith(b"[") else b"<a>") >= 100_000),
        (Form.EMPTY, lambda body: body == b""),
        (Form.INVALID_UTF8, lambda body: b"\xff\xfe" in body),
        (Form.ENTITIES, lambda body: b"<!ENTITY e11" in body and b"&e;" in body),
        (Form.EXTERNAL_ENTITY, lambda body: b'SYSTEM "file:' in body and b"&e;" in body),
        (Form.DOCTYPE, lambda body: b"<!DOCTYPE" in body),
        (Form.WRONG_IDS, lambda body: b"99999999" in body),
    ],
)
def test_a_hostile_body_is_what_its_form_says(simulator, send, form, shows):
    simulator.fault("hostile", form=form, executes="at_once")
    assert shows(send(simulator, f"form{form.replace('_', '')}{send.__name__[:6]}").split(b"\r\n\r\n", 1)[1])


@SENDERS
def test_another_requests_answer_carries_the_other_ids(simulator, send):
    send(simulator, f"theirs{send.__name__[:6]}")
    simulator.fault("hostile", form="another_answer", executes="at_once")
    received = send(simulator, f"ours{send.__name__[:6]}")
    assert f"theirs{send.__name__[:6]}".encode() in received
    assert f"ours{send.__name__[:6]}".encode() not in received


def test_a_hidden_effect_is_not_found_for_a_while(simulator, get):
    simulator.fault("hide", seconds=0.4)
    assert create(simulator, "hidden-1") == b""
    other = create(simulator, "seen-1")
    made = json.loads(other.split(b"\r\n\r\n", 1)[1])
    assert simulator.effects("hidden-1") == 1
    assert get("find", Reference="hidden-1")[0] == 404
    assert get("find", Reference="seen-1")[0] == 200
    assert get("getdetails", SubscriptionId=made["SubscriptionId"])[0] == 200
    until = time.monotonic() + 5
    while get("find", Reference="hidden-1")[0] == 404:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_hidden_subscriber_is_unknown_for_a_while(simulator):
    simulator.fault("hide", seconds=30)
    with pytest.raises((urllib.error.URLError, ConnectionError)):
        post_soap(simulator, activate("hidden2"), transaction_id="hidden2")
    told = post_soap(simulator, get_info("hidden2"))[1]
    assert entries(told, "SubscriptionError")["1"]["ErrorCode"] == "5"


def test_a_vendor_that_knows_references_echoes_them(simulator):
    assert b"X-Request-Reference: echo-1\r\n" in create(simulator, "echo-1")
    simulator.settings(extensions={"deduplication": False})
    assert b"X-Request-Reference" not in create(simulator, "echo-2")


def test_a_request_that_cannot_be_read_is_in_the_ledger_too(simulator):
    raw(simulator, "/soap/upi", b"<not xml")
    ask(simulator.vendor_url + "explode", {})
    assert [row["operation"] for row in simulator.ledger()[:2]] == ["explode", "SubscriptionRequest"]
    assert {row["status"] for row in simulator.ledger()[:2]} == {400, 404}
