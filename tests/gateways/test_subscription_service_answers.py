"""What the subscription service says back, in every shape that it may have, and in shapes made to harm."""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from gateways.subscription_service.answers import (
    AnswerUnreadable,
    Done,
    Refusal,
    read_answer,
    read_code,
    read_count,
    read_end,
    read_instant,
)
from gateways.subscription_service.messages import Item
from licensing.commands import Confirmed, Rejected, Unknown
from licensing.states import CommandKind
from simulator.hostile import Form, spoil
from tests.gateways.conftest import SOAP_ANSWER, SUBSCRIPTION_SERVICE, Desk
from tests.gateways.listener import answering, listening, response

ADAPTERS = (SUBSCRIPTION_SERVICE,)
ROOT = Path(__file__).resolve().parents[2]
ITEM = Item(operation="HardCancel", transaction_id="t-1", unit_id="17", subscriber_id="abc123")
OURS = '<HardCancel UnitId="17" SubscriberId="abc123"/>'
ERROR = '<HardCancel UnitId="17" ErrorCode="{}" ErrorMessage="no ćevapi"/>'


def told(*parts):
    return SOAP_ANSWER.format("".join(parts)).encode()


def done(*entries):
    return f"<SubscriptionResponse>{''.join(entries)}</SubscriptionResponse>"


def refused(*entries):
    return f"<SubscriptionError>{''.join(entries)}</SubscriptionError>"


READABLE = {
    "attributes": done(OURS),
    "elements": done("<HardCancel><UnitId>17</UnitId><SubscriberId> abc123 </SubscriberId></HardCancel>"),
    "a common name for every entry": done('<Item UnitId="17"/>'),
    "no subscriber": done('<HardCancel UnitId="17"/>'),
    "another success beside it": done(OURS, '<HardCancel UnitId="18" SubscriberId="x"/>'),
    "another refusal beside it": done(OURS) + refused('<HardCancel UnitId="18" ErrorCode="5"/>'),
    "our transaction": "<TransactionId>t-1</TransactionId>" + done(OURS),
    "foreign attributes": done('<a xmlns:i="urn:x" i:type="b" UnitId="17"><c i:type="d">e</c></a>'),
    "comments": done("<!-- <HardCancel UnitId='17'/> -->", OURS),
    "a text without meaning": done("text", OURS, "text"),
}


@pytest.mark.parametrize("parts", READABLE.values(), ids=READABLE)
def test_our_item_is_found_in_every_shape(parts):
    assert isinstance(read_answer(told(parts), ITEM), Done)


@pytest.mark.parametrize(
    "parts",
    [
        refused(ERROR.format("4")),
        refused("<Error><UnitId>17</UnitId><ErrorCode>4</ErrorCode><ErrorMessage>no ćevapi</ErrorMessage></Error>"),
        '<TransactionError ErrorCode="4" ErrorMessage="no ćevapi"/>',
        "<TransactionError><ErrorCode>4</ErrorCode><ErrorMessage>no ćevapi</ErrorMessage></TransactionError>",
        refused(ERROR.format("4")) + done('<HardCancel UnitId="18"/>'),
    ],
)
def test_a_refusal_is_found_in_every_shape(parts):
    assert read_answer(told(parts), ITEM) == Refusal(code="4", message="no ćevapi")


SILENT = {
    "nothing": "",
    "no entry of ours": done('<HardCancel UnitId="18"/>'),
    "an entry without a unit": done("<HardCancel/>"),
    "two entries of ours": done(OURS, OURS),
    "done and refused": done(OURS) + refused(ERROR.format("4")),
    "done and refused in whole": done(OURS) + '<TransactionError ErrorCode="4"/>',
    "refused in whole twice": '<TransactionError ErrorCode="4"/><TransactionError ErrorCode="5"/>',
    "another subscriber": done('<HardCancel UnitId="17" SubscriberId="other"/>'),
    "another command": done('<SoftCancel UnitId="17"/>'),
    "another transaction": "<TransactionId>t-2</TransactionId>" + done(OURS),
    "two transactions": "<TransactionId>t-1</TransactionId><TransactionId>t-1</TransactionId>" + done(OURS),
    "two units in one": done('<HardCancel UnitId="17"><UnitId>18</UnitId></HardCancel>'),
    "an error without a code": refused('<HardCancel UnitId="17" ErrorMessage="no"/>'),
    "an empty transaction error": "<TransactionError/>",
}


@pytest.mark.parametrize("parts", SILENT.values(), ids=SILENT)
def test_an_answer_that_does_not_plainly_say_it_is_unreadable(parts):
    with pytest.raises(AnswerUnreadable):
        read_answer(told(parts), ITEM)


SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE = "http://schemas.kaspersky.com/services/subscription/2.0/"
NO_ENVELOPE = {
    "empty": b"",
    "spaces": b"   ",
    "no XML": b"hello",
    "HTML": b"<html><body>It works</body></html>",
    "JSON": b'{"SubscriptionId": "1"}',
    "SOAP 1.2": told(done(OURS)).replace(SOAP.encode(), b"http://www.w3.org/2003/05/soap-envelope"),
    "another service": told(done(OURS)).replace(SERVICE.encode(), b"urn:another"),
    "no body": f'<Envelope xmlns="{SOAP}"/>'.encode(),
    "two bodies": f'<Envelope xmlns="{SOAP}"><Body><a/></Body><Body><a/></Body></Envelope>'.encode(),
    "two contents": f'<Envelope xmlns="{SOAP}"><Body><a/><a/></Body></Envelope>'.encode(),
    "UTF-16": told(done(OURS)).decode().encode("utf-16"),
    "a lie about the encoding": b"<?xml version='1.0' encoding='utf-16'?>" + b"\xff" + told(done(OURS)),
    "UTF-7": b"<?xml version='1.0' encoding='utf-7'?>" + b"+ADwAIQ-DOCTYPE a+AD4-" + told(done(OURS)),
    "an entity that nobody declared": told(done('<HardCancel UnitId="17">&e;</HardCancel>')),
    "NUL": told(done('<HardCancel UnitId="17">\x00</HardCancel>')),
    "a doctype after a comment": b"<!-- x --><!DOCTYPE a>" + told(done(OURS)),
    "an internal subset": b"<!DOCTYPE a [<!ATTLIST a UnitId CDATA '17'>]>" + told(done(OURS)),
    "a depth of 300": told("<a>" * 300 + "</a>" * 300),
    **{f"simulated {form}": spoil(form, told(done(OURS))) for form in Form if spoil(form, b"<a/>") != b"<a/>"},
}
# Longer than any answer that the transport lets through, and well-formed.
del NO_ENVELOPE[f"simulated {Form.HUGE}"]


@pytest.mark.parametrize("content", NO_ENVELOPE.values(), ids=NO_ENVELOPE)
def test_what_is_no_envelope_is_unreadable(content):
    with pytest.raises(AnswerUnreadable):
        read_answer(content, ITEM)


MEASURE = """
import resource, sys
from gateways.subscription_service.answers import AnswerUnreadable, read_answer
from simulator.hostile import Form, spoil
from tests.gateways.test_subscription_service_answers import ITEM, OURS, done, told
whole = told(done(OURS))
long = OURS[:-2] + " a='" + "x" * 900_000 + "'/>"
bodies = [spoil(form, whole) for form in Form] + [told("<a/>" * 200_000), told(done(long))]
read_answer(whole, ITEM)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for body in bodies:
    try:
        read_answer(body, ITEM)
    except AnswerUnreadable:
        pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_no_body_makes_the_memory_grow():
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )
    assert int(measured.stdout) < 60_000  # KiB; the longest of the bodies has ten megabytes


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2017-07-23T12:43:49Z", datetime(2017, 7, 23, 12, 43, 49, tzinfo=UTC)),
        ("2017-07-23T14:43:49.1234567+02:00", datetime(2017, 7, 23, 12, 43, 49, 123456, tzinfo=UTC)),
        ("2017-07-23T14:43:49", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("now", None),
        ("", None),
        (None, None),
    ],
)
def test_a_time_is_read_or_not_stated(text, instant):
    assert read_instant(text) == instant


def test_an_end_is_the_day_that_is_written():
    texts = ["2018-11-30T00:00:00Z", "2018-11-30T23:59:59+03:00", "2018-11-30", "indefinite"]
    assert [read_end({"EndTime": text}) for text in texts] == [date(2018, 11, 30)] * 3 + [None]


@pytest.mark.parametrize("text", ["", "soon", "2018-11", "2018-13-01", "99999-01-01", "9999-12-31"])
def test_an_end_that_is_no_day_is_unreadable(text):
    with pytest.raises(AnswerUnreadable):
        read_end({"EndTime": text})


@pytest.mark.parametrize("text", ["", "-1", "1.0", "١٢", "9" * 10, "%x"])
def test_a_count_that_is_no_number_is_unreadable(text):
    with pytest.raises(AnswerUnreadable):
        read_count({"LicenseCount": text})


@pytest.mark.parametrize("text", ["", "x" * 61, "a\x00", "š"])
def test_a_code_that_cannot_be_kept_is_unreadable(text):
    with pytest.raises(AnswerUnreadable):
        read_code({"ActivationCode": text})


A_CANCEL = Desk(None).request(CommandKind.HARD_CANCEL, "abc123")
A_CREATE = Desk(None).create_request()


def outcome_of(adapter, request, parts, status="200 OK"):
    entry = parts.format(unit=adapter.unit_id(request))
    with listening(answering(response(told(entry), status=status))) as vendor:
        return adapter.gateway(f"http://127.0.0.1:{vendor.port}/").execute(request)


@pytest.mark.parametrize("code", ["4", "5", "8", "101", "304", "601", "602", "7777", "KSS-12/č"])
def test_a_code_is_kept_word_for_word(adapter, code):
    outcome = outcome_of(adapter, A_CANCEL, refused(f'<HardCancel UnitId="{{unit}}" ErrorCode="{code}"/>'))
    assert isinstance(outcome, Rejected)
    assert outcome.code == code


def test_the_services_own_message_goes_before_our_table(adapter):
    silent, telling = '<TransactionError ErrorCode="4"/>', '<TransactionError ErrorCode="4" ErrorMessage="Zu spät."/>'
    assert outcome_of(adapter, A_CANCEL, silent).message == "The licence is hard-cancelled already."
    assert outcome_of(adapter, A_CANCEL, telling).message == "Zu spät."


@pytest.mark.parametrize(
    ("request_", "code", "outcome"),
    [
        (A_CREATE, "1", Unknown),
        (A_CANCEL, "1", Rejected),
        (A_CREATE, "6", Unknown),
        (A_CANCEL, "6", Unknown),
        (A_CREATE, "99", Unknown),
        (A_CANCEL, "99", Unknown),
    ],
)
def test_a_code_that_an_earlier_attempt_may_have_caused_leaves_the_command_open(adapter, request_, code, outcome):
    in_whole = outcome_of(adapter, request_, f'<TransactionError ErrorCode="{code}"/>')
    alone = outcome_of(adapter, request_, refused(f'<Error UnitId="{{unit}}" ErrorCode="{code}"/>'))
    assert (type(in_whole), type(alone)) == (outcome, outcome)


@pytest.mark.parametrize(("status", "outcome"), [("400 Bad Request", Rejected), ("500 Internal Error", Unknown)])
def test_a_fault_is_a_refusal_where_its_status_says_so(adapter, status, outcome):
    fault = (
        f'<e:Envelope xmlns:e="{SOAP}"><e:Body><e:Fault><faultcode>e:Client</faultcode></e:Fault></e:Body></e:Envelope>'
    )
    with listening(answering(response(fault.encode(), status=status))) as vendor:
        found = adapter.gateway(f"http://127.0.0.1:{vendor.port}/").execute(A_CANCEL)
    assert isinstance(found, outcome)
    assert getattr(found, "code", "e:Client") == "e:Client"


def test_an_activation_without_a_code_is_unknown(adapter):
    assert isinstance(outcome_of(adapter, A_CREATE, done('<Activate UnitId="{unit}"/>')), Unknown)


@pytest.mark.parametrize(
    ("stamp", "is_stated"), [("2017-07-31T21:00:00Z", True), ("{sent}", False), ("later", False), ("", False)]
)
def test_a_time_that_only_gives_ours_back_is_not_stated(adapter, stamp, is_stated):
    sent = f"{A_CREATE.requested_at:%Y-%m-%dT%H:%M:%SZ}"
    parts = f"<Timestamp>{stamp.replace('{sent}', sent)}</Timestamp>" + done(
        '<Activate UnitId="{unit}" ActivationCode="A-1"/>'
    )
    outcome = outcome_of(adapter, A_CREATE, parts)
    assert isinstance(outcome, Confirmed)
    assert (outcome.executed_at is not None) == is_stated
