"""Whatever comes back, the readers answer in their own words: a value, or that the answer is unreadable."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateways.base import Snapshot
from gateways.http_deadline import HttpAnswer
from gateways.http_outcomes import LONGEST_RETRY_AFTER, outcome_of_status
from gateways.order_service import messages
from gateways.order_service.errors import outcome_of_refusal
from gateways.subscription_service import settlement
from gateways.subscription_service.answers import AnswerUnreadable, Done, Refusal, read_answer, read_fault
from gateways.subscription_service.evidence import masked
from gateways.subscription_service.messages import Item
from licensing.commands import Confirmed, NotExecuted, NotFound, Rejected, Unknown, Unreadable, VendorRequest
from licensing.states import CommandKind
from simulator.soap import SoapUnreadable, read_request
from tests.gateways.conftest import SOAP_ANSWER
from tests.simulator.soap_call import activate, soap_body

ZONE = ZoneInfo("Europe/Belgrade")
ITEM = Item(operation="HardCancel", transaction_id="t-1", unit_id="17", subscriber_id="abc123")
VALID = SOAP_ANSWER.format(
    "<Timestamp>2017-07-23T12:00:00Z</Timestamp><TransactionId>t-1</TransactionId>"
    '<SubscriptionResponse><HardCancel UnitId="17" SubscriberId="abc123"/></SubscriptionResponse>'
).encode()
QUICK = settings(max_examples=120, deadline=None)


@st.composite
def spoilt(draw, whole):
    """A whole body with a few pieces cut out, put in or said twice."""
    body = whole
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        end = draw(st.integers(start, min(len(body), start + 40)))
        piece = draw(
            st.binary(max_size=6) | st.sampled_from([b"<", b"&e;", b"/>", b"\x00", b'"', b"17", body[start:end] * 2])
        )
        body = body[:start] + piece + body[end:]
    return body


def read(content):
    with suppress(AnswerUnreadable):
        read_fault(content)
    try:
        return read_answer(content, ITEM)
    except AnswerUnreadable:
        return None


@QUICK
@given(st.binary(max_size=300) | spoilt(VALID))
@example(VALID)
def test_any_bytes_are_an_answer_or_unreadable(content):
    told = read(content)
    assert told is None or isinstance(told, Done | Refusal)


COLLECTIONS = "SubscriptionResponse SubscriptionError TransactionError TransactionId"
NAMES = st.sampled_from(f"{COLLECTIONS} HardCancel Renew UnitId SubscriberId ErrorCode ErrorMessage x".split())
VALUES = st.sampled_from(["17", "18", "abc123", "other", "t-1", "5", ""])
TREES = st.recursive(
    st.builds(lambda name, text: f"<{name}>{text}</{name}>", NAMES, VALUES),
    lambda inner: st.builds(
        lambda name, attributes, parts: (
            f"<{name} "
            + " ".join(f'{key}="{value}"' for key, value in attributes.items())
            + f">{''.join(parts)}</{name}>"
        ),
        NAMES,
        st.dictionaries(NAMES, VALUES, max_size=3),
        st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)


@QUICK
@given(st.lists(TREES, max_size=3))
def test_any_tree_that_is_believed_speaks_of_our_item_alone(trees):
    told = read(SOAP_ANSWER.format("".join(trees)).encode())
    if isinstance(told, Done):
        assert told.values["UnitId"] == "17"
        assert told.values.get("SubscriberId", "abc123") == "abc123"
    if isinstance(told, Refusal):
        assert told.code


KINDS = st.sampled_from([CommandKind.CREATE, CommandKind.RENEW, CommandKind.SOFT_CANCEL, CommandKind.HARD_CANCEL])
INSTANTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
SHOWN = st.fixed_dictionaries(
    {"SubscriberId": st.just("abc")},
    optional={
        "Status": st.sampled_from(["Started", "SoftCancelled", "HardCancelled", "Paused", "?"]),
        "EndTime": st.sampled_from(["indefinite", "2018-11-30T12:00:00Z", "9999-12-31"]) | st.text(max_size=12),
        "LicenseCount": st.sampled_from(["12", "0"]) | st.text(max_size=4),
        "ProductId": st.just("KL") | st.text(max_size=4),
        "ActivationCode": st.just("A") | st.text(max_size=4),
    },
)


@QUICK
@given(KINDS, SHOWN, INSTANTS, INSTANTS | st.none())
def test_any_licence_shown_is_a_finding_and_a_snapshot_or_not(kind, values, read_at, requested_at):
    request = VendorRequest(
        kind=kind,
        reference="r",
        vendor_pin="",
        subscription_id="abc",
        sku_code="KL",
        quantity=12,
        requested_at=requested_at,
    )
    shown = Done(values=values, stated_at=None)
    found = settlement.finding_of(request, shown, read_at=read_at, zone=ZONE)
    assert isinstance(found, Confirmed | NotFound | Unreadable)
    assert isinstance(settlement.snapshot_of("abc", shown), Snapshot | Unreadable)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2017-07-23T12:00:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ANSWERED = "SubscriptionId ActivationCode EffectiveAt ErrorCode Message ErrorId"
SHOWN_TOO = "Quantity Expiration CancellationDate ModifiedAt LastReference Customer Status"
FIELDS = st.dictionaries(st.sampled_from(f"{ANSWERED} {SHOWN_TOO}".split()), JSON_VALUES)
CREATE = VendorRequest(kind=CommandKind.CREATE, reference="r", vendor_pin="")


@QUICK
@given(FIELDS)
def test_any_object_is_a_confirmation_an_error_a_snapshot_or_unreadable(fields):
    with suppress(messages.AnswerUnreadable):
        made = messages.read_confirmation(fields, CREATE, operation="create")
        assert made.subscription_id.isascii()
        assert made.executed_at is None or made.executed_at.tzinfo is UTC
    with suppress(messages.AnswerUnreadable):
        assert messages.read_error(fields).code
    with suppress(messages.AnswerUnreadable):
        assert isinstance(messages.read_snapshot(fields, subscription_id="1", zone=ZONE), Snapshot)


@QUICK
@given(st.binary(max_size=200) | spoilt(json.dumps({"ErrorCode": "A", "Message": "b", "ErrorId": "c"}).encode()))
def test_any_bytes_are_a_json_object_or_unreadable(content):
    with suppress(messages.AnswerUnreadable):
        assert isinstance(messages.read_object(content), dict)


@QUICK
@given(
    st.integers(100, 599), st.text(max_size=30) | st.sampled_from(["Sun, 23 Jul 2017 12:00:00 GMT", "99999999999999"])
)
@example(503, "Mon, 31 Dec 9999 23:59:60 -2359")
@example(429, "1" * 5000)
def test_any_status_and_header_has_a_meaning(status, retry_after):
    headers = {"retry-after": retry_after, "date": "Sun, 23 Jul 2017 12:00:00 GMT"}
    answer = HttpAnswer(status=status, headers=headers, body=b"{}")
    outcome = outcome_of_refusal(answer, throttle_means_not_executed=True)
    assert isinstance(outcome, NotExecuted | Rejected | Unknown)
    proved = outcome_of_status(answer, throttle_means_not_executed=True)
    assert proved is None or 0 <= (proved.retry_after_seconds or 0) <= LONGEST_RETRY_AFTER


@QUICK
@given(st.binary(max_size=100), st.sampled_from([b"open-sesame", b"a<b&c>d"]), st.binary(max_size=100))
def test_no_evidence_holds_the_password(before, password, after):
    assert password.decode() not in masked(before + password + after, [password.decode()])


@QUICK
@given(st.binary(max_size=300) | spoilt(soap_body(activate("abc"))))
def test_the_simulator_reads_any_bytes_or_says_that_it_cannot(content):
    with suppress(SoapUnreadable):
        assert read_request(content).call.fields["Items"]
