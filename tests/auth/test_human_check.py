"""The human check on the server's side: only our own challenge, solved, in time and once."""

import base64
import json
from datetime import UTC, datetime, timedelta

import altcha
import pytest

from auth.human_check import LIFETIME, HumanCheck, create_challenge, verify

SECRET = "a secret of the installation"
NOW = datetime(2017, 7, 23, 12, 0, tzinfo=UTC)


class Kept:
    """Tokens kept in memory, as the database keeps them."""

    def __init__(self):
        self.tokens = {}

    def __call__(self, token, expires_at):
        is_new = token not in self.tokens
        self.tokens.setdefault(token, expires_at)
        return is_new


def encoded(challenge, solution):
    return base64.b64encode(json.dumps({"challenge": challenge, "solution": solution}).encode()).decode()


def solved(challenge):
    return altcha.solve_challenge(altcha.Challenge.from_dict(challenge)).to_dict()


@pytest.fixture(scope="module")
def challenge():
    return create_challenge(secret=SECRET, now=NOW)


@pytest.fixture(scope="module")
def solution(challenge):
    return solved(challenge)


@pytest.fixture
def kept():
    return Kept()


def judged(payload, kept, *, secret=SECRET, now=NOW):
    return verify(payload, secret=secret, now=now, remember_once=kept)


def test_a_solved_challenge_passes(challenge, solution, kept):
    assert judged(encoded(challenge, solution), kept) is HumanCheck.PASSED
    assert kept.tokens == {challenge["signature"]: NOW + LIFETIME}


def test_it_passes_once_however_the_answer_is_written(challenge, solution, kept):
    assert judged(encoded(challenge, solution), kept) is HumanCheck.PASSED
    assert judged(encoded(challenge, solution), kept) is HumanCheck.USED
    assert judged(encoded(challenge, {**solution, "time": 7}), kept) is HumanCheck.USED
    assert judged(encoded({**challenge, "more": 1}, solution), kept) is HumanCheck.USED


def test_it_passes_until_it_expires(challenge, solution, kept):
    payload = encoded(challenge, solution)
    assert judged(payload, kept, now=NOW + LIFETIME) is HumanCheck.EXPIRED
    assert kept.tokens == {}
    assert judged(payload, kept, now=NOW + LIFETIME - timedelta(seconds=1)) is HumanCheck.PASSED


def test_another_installation_s_challenge_is_wrong(challenge, solution, kept):
    assert judged(encoded(challenge, solution), kept, secret="another") is HumanCheck.WRONG


@pytest.mark.parametrize(
    ("field", "value"), [("cost", 1), ("keyPrefix", ""), ("nonce", "00" * 16), ("data", {"expires": 4102444800})]
)
def test_a_challenge_that_was_made_easier_or_longer_is_wrong(challenge, kept, field, value):
    eased = {**challenge, "parameters": {**challenge["parameters"], field: value}}
    assert judged(encoded(eased, {"counter": 1, "derivedKey": "00"}), kept) is HumanCheck.WRONG
    assert kept.tokens == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"counter": 1},
        {"counter": True},
        {"counter": "1"},
        {"counter": -1},
        {"counter": 2**32},
        {"counter": None},
        {"derivedKey": ""},
        {"derivedKey": None},
    ],
)
def test_a_wrong_solution_is_wrong(challenge, solution, kept, wrong):
    assert judged(encoded(challenge, {**solution, **wrong}), kept) is HumanCheck.WRONG


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        1,
        "x",
        {"challenge": None, "solution": None},
        {"challenge": [], "solution": []},
        {"challenge": {"parameters": "x"}, "solution": {"counter": 1, "derivedKey": "x"}},
        {"challenge": {"parameters": {}}, "solution": {}},
    ],
)
def test_json_of_another_shape_is_wrong(kept, document):
    assert judged(base64.b64encode(json.dumps(document).encode()).decode(), kept) is HumanCheck.WRONG


@pytest.mark.parametrize("payload", ["", " ", "%%%", "é", "AAAA", "x" * 5000, base64.b64encode(b"[" * 3000).decode()])
def test_what_is_no_payload_is_wrong(kept, payload):
    assert judged(payload, kept) is HumanCheck.WRONG


def test_the_signature_is_needed(challenge, solution, kept):
    unsigned = {"parameters": challenge["parameters"]}
    assert judged(encoded(unsigned, solution), kept) is HumanCheck.WRONG
    assert judged(encoded({**challenge, "signature": None}, solution), kept) is HumanCheck.WRONG


def test_no_two_challenges_are_alike():
    challenges = [create_challenge(secret=SECRET, now=NOW) for _ in range(20)]
    assert len({challenge["parameters"]["nonce"] for challenge in challenges}) == 20
    assert len({challenge["signature"] for challenge in challenges}) == 20
