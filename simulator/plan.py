"""A plan of random faults: the same seed and weights draw the same faults in the same order. Touches no socket.

Commands and reads draw from a sequence each, so that asking more often does not change what commands meet.
"""

import random
from collections.abc import Mapping
from typing import Any

from simulator.faults import ALL_READS, FaultRule, rule_from
from simulator.hostile import Form

NOTHING = "none"
# What each word of a plan does to a call; seconds are those of the plan.
WORDS: dict[str, dict[str, Any]] = {
    "dropped": {"kind": "drop"},
    "lost": {"kind": "drop", "executes": "at_once"},
    "late": {"kind": "drop", "executes": "late"},
    "slow": {"kind": "hang", "executes": "at_once"},
    "slow_and_late": {"kind": "hang", "executes": "late"},
    "twice": {"kind": "twice"},
    "throttled": {"kind": "fail", "status": 429, "retry_after": 1},
    "busy": {"kind": "fail", "status": 503, "retry_after": 1},
    "failed": {"kind": "fail", "status": 500},
    "failed_but_done": {"kind": "fail", "status": 500, "executes": "at_once"},
    "truncated": {"kind": "truncate", "executes": "at_once"},
    "hostile": {"kind": "hostile", "executes": "at_once"},
    "hidden": {"kind": "hide"},
    "outage": {"kind": "outage"},
}
# A read executes nothing: of these it meets the ones about answers, and may be told that there is nothing.
READ_WORDS = frozenset({"dropped", "slow", "twice", "throttled", "busy", "failed", "truncated", "hostile", "outage"})
NOT_FOUND = {"kind": "not_found"}
EVEN_WEIGHTS = {NOTHING: 60.0, **dict.fromkeys(WORDS, 3.0)}


class FaultPlan:
    """Draws a fault, or none, for each call. seed and weights are as given, drawn counts the calls."""

    def __init__(self, seed: int, weights: Mapping[str, float], seconds: float) -> None:
        self.seed = seed
        self.weights = dict(weights)
        self.seconds = seconds
        self.drawn = {"commands": 0, "reads": 0}
        self._random = {
            group: random.Random(f"{seed} {group}")  # noqa: S311  to be repeated, not to be secret
            for group in self.drawn
        }

    def draw(self, operation: str) -> FaultRule | None:
        """What the next call of this operation meets."""
        group = "reads" if operation in ALL_READS else "commands"
        self.drawn[group] += 1
        chance = self._random[group]
        word = chance.choices(list(self.weights), list(self.weights.values()))[0]
        form = chance.choice(list(Form))
        if word == NOTHING:
            return None
        values = NOT_FOUND if group == "reads" and word not in READ_WORDS else WORDS[word]
        return rule_from({**values, "operation": operation, "seconds": self.seconds, "form": form})

    def as_dict(self) -> dict[str, Any]:
        """The plan as the JSON API shows it."""
        return {"seed": self.seed, "weights": self.weights, "seconds": self.seconds, "drawn": self.drawn}


def plan_from(values: Mapping[str, Any]) -> FaultPlan:
    """Build a plan from JSON: seed, and any of weights and seconds. ValueError names what is wrong."""
    unknown = set(values) - {"seed", "weights", "seconds"}
    if unknown or isinstance(values.get("seed"), bool):
        raise ValueError("A plan has a whole number as seed, and any of weights and seconds.")
    weights = {str(word): float(weight) for word, weight in values.get("weights", EVEN_WEIGHTS).items()}
    strange = set(weights) - {NOTHING, *WORDS}
    if strange or min(weights.values(), default=0) < 0 or not sum(weights.values()) > 0:
        raise ValueError(f"Weights are numbers for any of {', '.join([NOTHING, *WORDS])}, not all of them 0.")
    return FaultPlan(int(values.get("seed", "")), weights, float(values.get("seconds", 1)))
