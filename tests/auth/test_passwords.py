"""Passwords: how they are kept, what an unknown user costs, and which are refused."""

import statistics
import time
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters

from auth.passwords import MAX_LENGTH, MIN_LENGTH, PasswordCheck, check_password, hash_password, password_refusal

ROOT = Path(__file__).resolve().parents[2]
WRONG = PasswordCheck(is_right=False, needs_rehash=False)
GOOD = "correct horse battery"


@pytest.fixture(scope="module")
def stored():
    return hash_password(GOOD)


def test_hashes_are_argon2id_with_at_least_the_recommended_cost(stored):
    parameters = extract_parameters(stored)
    assert stored.startswith("$argon2id$")
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2


def test_one_password_has_two_hashes(stored):
    assert hash_password(GOOD) != stored


def test_the_right_password_is_right(stored):
    assert check_password(GOOD, stored=stored) == PasswordCheck(is_right=True, needs_rehash=False)


@pytest.mark.parametrize("password", ["", "Correct horse battery", f"{GOOD} ", f"{GOOD}\0", "\ud800", "x" * 10_000])
def test_any_other_password_is_wrong(stored, password):
    assert check_password(password, stored=stored) == WRONG


def test_a_hash_of_older_parameters_is_to_be_made_anew():
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)
    assert check_password(GOOD, stored=old) == PasswordCheck(is_right=True, needs_rehash=True)
    assert check_password("wrong", stored=old) == WRONG


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$broken"])
def test_without_a_hash_every_password_is_wrong(stored):
    assert check_password("", stored=stored) == WRONG
    assert check_password(GOOD, stored=stored) == WRONG


@pytest.mark.parametrize(
    ("password", "absent"), [("wrong", None), ("wrong", "not a hash"), ("x" * (MAX_LENGTH + 1), "known")]
)
def test_an_unknown_user_costs_the_work_of_a_known_one(stored, password, absent):
    def seconds(password, stored):
        began = time.process_time()
        check_password(password, stored=stored)
        return time.process_time() - began

    pairs = [(seconds("wrong", stored), seconds(password, stored if absent == "known" else absent)) for _ in range(9)]
    known, unknown = (statistics.median(times) for times in zip(*pairs, strict=True))
    assert unknown > known / 2


@pytest.mark.parametrize(
    "password", [GOOD, "tvrda lozinka", "ključ od kuće", "x7#Kq!2p", "a b c d e f g", "y" * 200 + "abcd"]
)
def test_length_is_enough_and_no_kind_of_character_is_asked_for(password):
    assert password_refusal(password, username="ops") is None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "at least 8 characters"),
        ("x7#Kq!2", "at least 8 characters"),
        ("abcde" * 52, "at most 256 characters"),
        ("abababababab", "at least 5 different"),
        ("12345678", "most common"),
        ("Password1", "most common"),
        ("qwertyuiop", "most common"),
        ("Seatdesk2017", "guessed from a name"),
        ("2017seatdeskSEATDESK!", "guessed from a name"),
        ("Radomir-2017", "guessed from a name"),
        ("bluthcompany1", "guessed from a name"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_with_the_reason(password, reason):
    refusal = password_refusal(password, username="radomir", words=["Bluth", "Company", ""])
    assert refusal is not None
    assert reason in refusal


def test_a_long_password_may_hold_a_name():
    assert password_refusal("radomir plants seven cherries", username="radomir") is None


def test_a_short_user_name_does_not_forbid_words_that_hold_it():
    assert password_refusal("lops tops", username="ops") is None


def test_at_least_three_thousand_common_passwords_of_allowed_length_are_known():
    words = (ROOT / "auth/common_passwords.txt").read_text(encoding="utf-8").splitlines()
    refused = [word for word in words if len(word) >= MIN_LENGTH and password_refusal(word, username="nobody")]
    assert len(set(refused)) == len(words) >= 3000
