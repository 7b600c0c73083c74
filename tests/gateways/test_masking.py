"""Credentials and codes are masked in every form in which XML can hold them."""

import pytest

from gateways.subscription_service.evidence import masked

BODIES = [
    b'<Activate ActivationCode="AAAA-1" UnitId="1"/>',
    b"<Activate activationcode = 'AAAA-1'/>",
    b'<Activate ActivationCode="AAAA-1',
    b"<k:ActivationCode>AAAA-1</k:ActivationCode>",
    b"<ActivationCode><![CDATA[AAAA-1]]></ActivationCode>",
    b"<ActivationCode a='b'>AA<i/>AA-1</ActivationCode><b/>",
    b"<ActivationCode>AAAA-1",
    b"<Password>AAAA-1</Password>",
    b"<kss:UserName>\nAAAA-1\n</kss:UserName>",
    b"You are AAAA-1, and A&amp;A.",
    b"\xff<Password>AAAA-1</Password>",
]


@pytest.mark.parametrize("body", BODIES)
def test_no_secret_is_left(body):
    text = masked(body, ["AAAA-1", "A&A"])
    assert "AAAA" not in text
    assert "A&amp;A" not in text
    assert "***" in text


def test_codes_are_masked_even_where_no_secret_is_known():
    assert all("AA-1" not in masked(body, []) for body in BODIES if b"You are" not in body)


def test_what_comes_after_a_secret_stays():
    text = masked(
        b'<a><Password>x</Password><TransactionId>t</TransactionId><b ActivationCode="c" UnitId="7"/></a>', []
    )
    assert text == '<a><Password>***</Password><TransactionId>t</TransactionId><b ActivationCode=*** UnitId="7"/></a>'


def test_an_empty_secret_masks_nothing():
    assert masked(b"<a/>", [""]) == "<a/>"
