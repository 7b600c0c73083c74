"""JSON answers to a command that say something else, or nothing: unknown, whatever else they say."""

import json

import pytest

from licensing.commands import Confirmed, Unknown
from licensing.states import CommandKind
from tests.gateways.conftest import ORDER_SERVICE, Desk
from tests.gateways.listener import answering, listening, response

ADAPTERS = (ORDER_SERVICE,)
LICENCE = "1a00c301-10c8-9d6e-0ecc-39de0e709b02"
EXECUTED = json.dumps({"SubscriptionId": LICENCE}).encode()
A_CANCEL = Desk(None).request(CommandKind.HARD_CANCEL, LICENCE)
BAD_ANSWERS = {
    "a list": response(b"[]"),
    "not UTF-8": response(b'{"SubscriptionId": "\xff"}'),
    "another licence": response(b'{"SubscriptionId": "2000c301-10c8-9d6e-0ecc-39de0e7464d1"}'),
    "an instant without offset": response(EXECUTED[:-1] + b', "EffectiveAt": "2017-07-23T14:00:00"}'),
    "no instant": response(EXECUTED[:-1] + b', "EffectiveAt": 5}'),
    "an instant out of range": response(EXECUTED[:-1] + b', "EffectiveAt": "0001-01-01T00:00:00+14:00"}'),
    "deep JSON": response(b"[" * 500_000),
    "a number without end": response(b'{"a": ' + b"9" * 500_000 + b"}"),
    "a refusal without a code": response(b'{"Message": "no"}', status="409 Conflict"),
    "another request's answer": response(EXECUTED, headers="X-Request-Reference: cmd-of-another\r\n"),
    "another request's refusal": response(
        b'{"ErrorCode": "CreditLimit"}', status="409 Conflict", headers="X-Request-Reference: cmd-of-another\r\n"
    ),
}


def cancel_answered(adapter, answer):
    with listening(answering(answer)) as vendor:
        return adapter.gateway(f"http://127.0.0.1:{vendor.port}/").execute(A_CANCEL)


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_an_answer_that_does_not_say_so_is_unknown(adapter, answer):
    assert isinstance(cancel_answered(adapter, answer), Unknown)


def test_an_answer_that_names_our_request_is_believed(adapter):
    headers = f"X-Request-Reference: {A_CANCEL.reference}\r\n"
    assert isinstance(cancel_answered(adapter, response(EXECUTED, headers=headers)), Confirmed)
