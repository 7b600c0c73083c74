"""Random faults: the same seed draws the same faults, and nothing that was not asked for."""

import pytest

from simulator.faults import FaultDesk, FaultKind, FaultRule
from simulator.plan import WORDS, plan_from
from tests.simulator.conftest import ask, order

COMMANDS = ["create", "Activate", "renew", "HardCancel"] * 50


def drawn(plan, operations):
    rules = [plan.draw(operation) for operation in operations]
    return [None if rule is None else (rule.kind, rule.executes, rule.form, rule.status) for rule in rules]


def test_the_same_seed_draws_the_same_faults():
    first, again, other = (drawn(plan_from({"seed": seed}), COMMANDS) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_asking_more_often_does_not_change_what_commands_meet():
    asked = plan_from({"seed": 7})
    drawn(asked, ["find", "getdetails", "GetInfo"] * 20)
    assert drawn(asked, COMMANDS) == drawn(plan_from({"seed": 7}), COMMANDS)


def test_only_what_has_weight_is_drawn():
    plan = plan_from({"seed": 1, "weights": {"none": 1, "lost": 1, "busy": 0}})
    assert set(drawn(plan, COMMANDS)) > {None}
    assert {fault[0] for fault in drawn(plan, COMMANDS) if fault} == {"drop"}


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_a_fault_for_commands_and_reads(word):
    plan = plan_from({"seed": 1, "weights": {word: 1}, "seconds": 0.5})
    command, read = plan.draw("create"), plan.draw("GetInfo")
    assert command.fits("create", (), 0.0)
    assert read.fits("GetInfo", (), 0.0)
    assert command.seconds == 0.5


def test_a_word_that_hides_an_effect_tells_a_read_that_there_is_nothing():
    plan = plan_from({"seed": 1, "weights": {"late": 1}})
    assert (plan.draw("create").kind, plan.draw("find").kind) == (FaultKind.DROP, FaultKind.NOT_FOUND)


@pytest.mark.parametrize(
    "values",
    [
        {"seed": "x"},
        {"seed": True},
        {"weights": {"lost": 1}},
        {"seed": 1, "weights": {"explode": 1}},
        {"seed": 1, "weights": {"lost": -1, "none": 2}},
        {"seed": 1, "weights": {"lost": 0}},
        {"seed": 1, "weights": {}},
        {"seed": 1, "kind": "drop"},
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(values):
    with pytest.raises((ValueError, TypeError)):
        plan_from(values)


def test_a_rule_goes_before_the_plan():
    desk = FaultDesk()
    desk.draw = plan_from({"seed": 1, "weights": {"busy": 1}}).draw
    desk.add(FaultRule(FaultKind.DROP))
    assert [desk.take("create").kind for _ in range(2)] == ["drop", "fail"]


def test_the_plan_is_posted_shown_and_cleared(simulator, post):
    url = simulator.address + "/control/faults"
    status, plan = ask(url, {"seed": 3, "weights": {"failed": 1}})
    assert (status, plan["seed"], plan["weights"]) == (201, 3, {"failed": 1.0})
    assert post("create", order())[0] == 500
    assert ask(url, method="GET")[1]["plan"]["drawn"] == {"commands": 1, "reads": 0}
    assert ask(url, method="DELETE")[1]["plan"] is None
    assert post("create", order())[0] == 200


def test_two_runs_of_a_plan_leave_the_same_notes_in_the_ledger(simulator, post):
    def notes():
        ask(simulator.address + "/control/faults", {"seed": 5, "weights": {"none": 1, "failed": 1, "throttled": 1}})
        numbers = [f"plan-{simulator.ledger()[0]['id']}-{index}" for index in range(12)]
        return [(post("create", order(), number)[0], simulator.ledger(number)[0]["note"]) for number in numbers]

    first = notes()
    assert first == notes()
    assert {status for status, _ in first} == {200, 429, 500}
