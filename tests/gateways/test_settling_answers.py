"""A read that does not plainly answer what was asked finds out nothing: it neither confirms nor denies."""

import json
from dataclasses import replace

import pytest

from licensing.commands import Confirmed, NotFound, Rejected, Unreadable
from licensing.states import CommandKind
from tests.gateways.conftest import ORDER_SERVICE, Desk
from tests.gateways.listener import answering, listening, response

ADAPTERS = (ORDER_SERVICE,)
LICENCE = "1a00c301-10c8-9d6e-0ecc-39de0e709b02"
REFERENCE = "cmd-of-this-test"
EXECUTED = {
    "Reference": REFERENCE,
    "Operation": "hardcancel",
    "Status": 200,
    "Answer": {"SubscriptionId": LICENCE, "EffectiveAt": "2017-07-23T14:29:01+02:00"},
}
REFUSED = EXECUTED | {"Status": 409, "Answer": {"ErrorCode": "AlreadyHardCancelled", "Message": "", "ErrorId": "x"}}
UNKNOWN = {"ErrorCode": "ReferenceUnknown", "Message": "", "ErrorId": "x"}
NOT_FOUND = "404 Not Found"


def settle_against(adapter, fields, status="200 OK"):
    request = replace(Desk(None).request(CommandKind.HARD_CANCEL, LICENCE), reference=REFERENCE)
    with listening(answering(response(json.dumps(fields).encode(), status=status))) as vendor:
        return adapter.gateway(f"http://127.0.0.1:{vendor.port}/").settle(request)


@pytest.mark.parametrize(
    ("fields", "status", "finding"),
    [(EXECUTED, "200 OK", Confirmed), (REFUSED, "200 OK", Rejected), (UNKNOWN, NOT_FOUND, NotFound)],
)
def test_a_plain_answer_is_believed(adapter, fields, status, finding):
    assert isinstance(settle_against(adapter, fields, status), finding)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (EXECUTED | {"Reference": "cmd-of-another"}, "200 OK"),
        (EXECUTED | {"Operation": "softcancel"}, "200 OK"),
        (EXECUTED | {"Answer": None}, "200 OK"),
        (EXECUTED | {"Answer": {"SubscriptionId": "another"}}, "200 OK"),
        (REFUSED | {"Answer": {"Message": "no code"}}, "200 OK"),
        (EXECUTED, "203 Somebody Else"),
        (UNKNOWN, "200 OK"),
        (UNKNOWN, "410 Gone"),
        (UNKNOWN | {"ErrorCode": "OperationUnknown"}, NOT_FOUND),
        ([], NOT_FOUND),
    ],
)
def test_any_other_answer_finds_out_nothing(adapter, fields, status):
    finding = settle_against(adapter, fields, status)
    assert isinstance(finding, Unreadable)
    assert not finding.is_permanent


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_sign_in_that_is_refused_while_reading_finds_out_nothing_and_holds_the_gateway(adapter, status):
    finding = settle_against(adapter, {}, status)
    assert isinstance(finding, Unreadable)
    assert (finding.is_permanent, finding.holds_gateway) == (False, True)
