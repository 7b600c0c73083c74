"""What goes over the wire: answers, errors, repeated references, and what is left when extensions are off."""

import re
import sqlite3
import uuid

import pytest

from simulator.ledger import LEDGER_TABLES, Ledger
from tests.simulator.conftest import ask, order

UKC = "2000c301-10c8-9d6e-0ecc-39de0e7464d1"
BARE_DETAILS = {"SubscriptionId", "Status", "PeriodStart", "PeriodEnd", "PeriodType"}


def test_create_answers_with_ids_in_their_cases(post):
    status, body = post("create", order())
    assert status == 200
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", body["SubscriptionId"])
    assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", body["ActivationCode"])
    assert {"LicenseId", "EffectiveAt"} <= set(body)


def test_an_error_has_a_guid_a_code_and_a_message(post):
    status, body = post("hardcancel", {"SubscriptionId": "unknown"})
    assert status == 404
    assert (str(uuid.UUID(body["ErrorId"])), body["ErrorCode"]) == (body["ErrorId"], "SubscriptionUnknown")
    assert body["Message"]


def test_details_of_a_licence_of_the_book(get):
    status, body = get("getdetails", SubscriptionId=UKC)
    assert status == 200
    assert set(body) > BARE_DETAILS
    assert (body["Status"], body["Quantity"], body["PeriodType"]) == ("Active", 14, "Paid")
    assert body["Customer"]["Contacts"]["CompanyName"] == "UKC Mostar"


def test_a_first_month_is_a_free_period(post, get):
    _, made = post("create", order())
    _, body = get("getdetails", SubscriptionId=made["SubscriptionId"])
    assert body["PeriodType"] == "Free"


def test_without_extensions_the_known_wire_is_left(simulator, post, get):
    simulator.settings(extensions=dict.fromkeys(("softcancel", "recreate", "reduce", "find"), False))
    simulator.settings(extensions={"effective_at": False, "details": False})
    _, made = post("create", order())
    assert "EffectiveAt" not in made
    assert set(get("getdetails", SubscriptionId=made["SubscriptionId"])[1]) == BARE_DETAILS
    for operation in ("softcancel", "recreate", "reduce"):
        assert post(operation, {"SubscriptionId": made["SubscriptionId"]})[0] == 404
    assert get("find", Reference="x")[1]["ErrorCode"] == "OperationUnknown"


def test_a_repeated_reference_gets_the_first_answer(post, simulator):
    first, again = (post("create", order(), "wire-1") for _ in range(2))
    assert first == again
    assert simulator.effects("wire-1") == 1


def test_a_refusal_is_repeated_too(post):
    fields = {"SubscriptionId": UKC, "Quantity": 0}
    first, again = (post("modifyquantity", fields, "wire-2") for _ in range(2))
    assert first == again


def test_a_reference_of_another_request_is_refused(post, simulator):
    post("create", order(), "wire-3")
    status, body = post("create", order(Quantity=11), "wire-3")
    assert (status, body["ErrorCode"]) == (409, "ReferenceReused")
    assert simulator.effects("wire-3") == 1


def test_find_tells_an_executed_from_a_refused_and_an_unknown_reference(post, get):
    made = post("create", order(), "wire-4")[1]
    refused = post("create", order(Sku="none"), "wire-5")[1]
    assert get("find", Reference="wire-4")[1]["Answer"] == made
    found = get("find", Reference="wire-5")[1]
    assert (found["Status"], found["Answer"]) == (422, refused)
    assert get("find", Reference="wire-6")[1]["ErrorCode"] == "ReferenceUnknown"


def test_a_failure_that_executed_nothing_is_not_repeated(post, simulator):
    simulator.fault("fail", status=500)
    assert post("create", order(), "wire-7")[0] == 500
    assert post("create", order(), "wire-7")[0] == 200


@pytest.mark.parametrize("body", [[], "text", None])
def test_a_body_that_is_no_object_is_refused(post, body):
    status, answer = post("create", body)
    assert (status, answer["ErrorCode"]) == (400, "BodyUnreadable")


def test_an_unknown_operation_and_a_command_by_get_are_refused(simulator):
    assert ask(simulator.vendor_url + "explode", {})[0] == 404
    assert ask(simulator.vendor_url + "create", method="GET")[0] == 404


@pytest.mark.parametrize("table", LEDGER_TABLES)
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET id = id + 100"])
def test_the_ledger_only_grows(tmp_path, table, change):
    path = str(tmp_path / "vendor.db")
    Ledger(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO requests (received_at, operation, fields) VALUES ('', 'create', '{}')")
        connection.execute(
            "INSERT INTO answers (request_id, status, body, is_final, is_replay) VALUES (1, 1, '', 1, 0)"
        )
        connection.execute(
            "INSERT INTO effects (request_id, executed_at, operation, subscription_id, sku, quantity,"
            " is_hard_cancelled, customer) VALUES (1, '', '', '', '', 1, 0, '')"
        )
        with pytest.raises(sqlite3.IntegrityError, match="only grows"):
            connection.execute(change.format(table))
