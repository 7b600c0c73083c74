"""The control desk: faults as data, taken in order; a page that works without script; nobody else's page may post."""

import urllib.parse
import urllib.request

import pytest

from simulator.faults import FaultDesk, FaultKind, FaultRule, rule_from
from tests.simulator.conftest import ask, order


class Stopwatch:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


def kinds_taken(desk, operations):
    return [rule.kind if (rule := desk.take(operation)) else None for operation in operations]


def test_rules_are_taken_in_order_and_used_up():
    desk = FaultDesk()
    desk.add(FaultRule(FaultKind.REFUSE, times=2))
    desk.add(FaultRule(FaultKind.DROP))
    assert kinds_taken(desk, ["create"] * 4) == ["refuse", "refuse", "drop", None]


def test_a_rule_waits_for_its_operation():
    desk = FaultDesk()
    desk.add(FaultRule(FaultKind.DROP, operation="renew"))
    desk.add(FaultRule(FaultKind.NOT_FOUND, operation="reads"))
    assert kinds_taken(desk, ["create", "find", "renew", "renew"]) == [None, "not_found", "drop", None]


def test_a_rule_may_let_calls_pass_first():
    desk = FaultDesk()
    desk.add(FaultRule(FaultKind.DROP, skip=2))
    assert kinds_taken(desk, ["create"] * 4) == [None, None, "drop", None]


def test_a_rule_may_last_for_a_while():
    watch = Stopwatch()
    desk = FaultDesk(watch)
    desk.add(FaultRule(FaultKind.OUTAGE, times=None, lasts_seconds=60))
    assert kinds_taken(desk, ["create", "create"]) == ["outage", "outage"]
    watch.seconds = 60.0
    assert desk.take("create") is None
    assert desk.rules() == []


@pytest.mark.parametrize(
    "values",
    [{}, {"kind": "explode"}, {"kind": "drop", "operation": "fly"}, {"kind": "drop", "times": "many"}, {"what": 1}],
)
def test_a_rule_that_makes_no_sense_is_refused(values):
    with pytest.raises(ValueError):
        rule_from(values)


def test_faults_are_listed_removed_by_number_and_cleared(simulator):
    for kind in ("drop", "refuse", "outage"):
        simulator.fault(kind)
    url = simulator.address + "/control/faults"
    rules = ask(url, method="GET")[1]["rules"]
    assert [rule["kind"] for rule in rules] == ["drop", "refuse", "outage"]
    left = ask(f"{url}?number={rules[1]['number']}", method="DELETE")[1]["rules"]
    assert [rule["kind"] for rule in left] == ["drop", "outage"]
    assert ask(url, method="DELETE")[1]["rules"] == []


@pytest.mark.parametrize(
    ("path", "body"),
    [("faults", {"kind": "explode"}), ("faults", []), ("settings", {"extensions": {"magic": True}})],
)
def test_wrong_json_is_answered_in_words(simulator, path, body):
    status, answer = ask(f"{simulator.address}/control/{path}", body)
    assert status == 422
    assert answer["error"]


def fill_in(simulator, **fields):
    content = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(simulator.address + "/control", content, timeout=10) as page:  # noqa: S310  loopback
        return page.read().decode()


def test_the_page_adds_and_removes_faults_by_forms_alone(simulator, post):
    page = fill_in(simulator, do="add", kind="refuse", operation="commands", times="1", code="<Limit>", message="No.")
    assert "&lt;Limit&gt;" in page
    assert post("create", order())[1]["ErrorCode"] == "<Limit>"
    fill_in(simulator, do="add until removed", kind="outage", operation="*", times="1")
    assert "No fault is set" in fill_in(simulator, do="clear")


def test_the_page_sets_latency_and_extensions(simulator):
    fill_in(simulator, do="settings", latency_ms="250", details="1", deduplication="1")
    settings = ask(simulator.address + "/control/settings", method="GET")[1]
    assert settings["latency_ms"] == 250
    assert {name for name, is_on in settings["extensions"].items() if is_on} == {"details", "deduplication"}


def test_the_page_has_no_script_and_shows_the_ledger_without_activation_codes(simulator, post):
    made = post("create", order(), "shown-on-the-page")[1]
    page = fill_in(simulator, do="clear")
    assert "<script" not in page
    assert "shown-on-the-page" in page
    assert made["ActivationCode"] not in page


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
def test_another_sites_page_cannot_steer_it(simulator, headers):
    status, _ = ask(simulator.address + "/control/faults", {"kind": "outage"}, headers=headers)
    assert status == 403


def test_health_answers(simulator):
    assert ask(simulator.address + "/health", method="GET") == (200, {"status": "ok"})
