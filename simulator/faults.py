"""Faults on request, as data: rules taken in order by the calls they fit. Nothing here touches a socket."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from simulator.hostile import Form
from simulator.licences import COMMANDS, READS, SOAP_COMMANDS, SOAP_READS


class FaultKind(StrEnum):
    """What is done to a call."""

    REFUSE = "refuse"  # answer with status, code and message as if by rule; nothing is executed
    FAIL = "fail"  # answer with status, code and message as a broken or busy server
    DROP = "drop"  # close the connection without an answer
    TRUNCATE = "truncate"  # answer with the first half of the body
    HOSTILE = "hostile"  # answer with a body made to harm or to mislead; the form says how
    TWICE = "twice"  # answer as ever, and then once more on the same connection
    HANG = "hang"  # be silent for seconds, then answer
    NOT_FOUND = "not_found"  # a read knows nothing of what it is asked for
    HIDE = "hide"  # execute, drop the answer, and let reads know nothing of it for seconds
    OUTAGE = "outage"  # close the connection at once; the ledger sees nothing


class Execution(StrEnum):
    """When the effect of the call is made, if at all."""

    NEVER = "never"
    AT_ONCE = "at_once"
    LATE = "late"  # after the seconds of the rule


ALL_COMMANDS = (*COMMANDS, *SOAP_COMMANDS)
ALL_READS = (*READS, *SOAP_READS)
GROUPS: dict[str, tuple[str, ...]] = {"*": (*ALL_COMMANDS, *ALL_READS), "commands": ALL_COMMANDS, "reads": ALL_READS}
DEFAULT_STATUS = {FaultKind.REFUSE: 409, FaultKind.FAIL: 500}


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One fault. operation is a name, `commands`, `reads` or `*`; times None lasts until removed.

    skip lets so many fitting calls pass first. lasts_seconds ends the rule that long after it was added. seconds is
    the silence of a hang, the delay of a late execution and how long a read is in the dark. retry_after goes into the
    header of that name. about, if not empty, limits the rule to calls about one of these references or licences.
    """

    kind: FaultKind
    operation: str = "commands"
    times: int | None = 1
    skip: int = 0
    lasts_seconds: float | None = None
    executes: Execution = Execution.NEVER
    seconds: float = 0.0
    status: int = 0
    code: str = "Simulated"
    message: str = "The simulator was told to do this."
    retry_after: int | None = None
    form: Form = Form.WRONG_TYPES
    about: frozenset[str] = frozenset()
    number: int = 0
    ends_at: float | None = None

    def fits(self, operation: str, subjects: Collection[str], monotonic: float) -> bool:
        """Whether the rule is for this operation, about one of the subjects, and still in force."""
        is_over = self.ends_at is not None and monotonic >= self.ends_at
        is_about = not self.about or not self.about.isdisjoint(subjects)
        return not is_over and is_about and operation in GROUPS.get(self.operation, (self.operation,))

    def as_dict(self) -> dict[str, Any]:
        """The rule as the JSON API shows it."""
        shown = {name: value for name, value in asdict(self).items() if name != "ends_at"}
        return shown | {"about": sorted(self.about)}


Draw = Callable[[str], FaultRule | None]
READERS: dict[str, Callable[[Any], Any]] = {
    "kind": FaultKind,
    "operation": str,
    "times": int,
    "skip": int,
    "lasts_seconds": float,
    "executes": Execution,
    "seconds": float,
    "status": int,
    "code": str,
    "message": str,
    "retry_after": int,
    "form": Form,
    "about": lambda names: frozenset(map(str, names)),
}
EXECUTES_UNLESS_TOLD = {FaultKind.TWICE: Execution.AT_ONCE, FaultKind.HIDE: Execution.AT_ONCE}


def _read(name: str, value: Any) -> Any:
    return None if value is None else READERS[name](value)


def rule_from(values: Mapping[str, Any]) -> FaultRule:
    """Build a rule from JSON or a form; an absent value takes its default. ValueError names what is wrong."""
    unknown = set(values) - set(READERS)
    if unknown or "kind" not in values:
        raise ValueError(f"A rule has a kind and any of {', '.join(sorted(READERS))}.")
    given: dict[str, Any] = {name: _read(name, value) for name, value in values.items()}
    if given["kind"] is FaultKind.NOT_FOUND:
        given.setdefault("operation", "reads")
    given.setdefault("status", DEFAULT_STATUS.get(given["kind"], 200))
    given.setdefault("executes", EXECUTES_UNLESS_TOLD.get(given["kind"], Execution.NEVER))
    rule = FaultRule(**given)
    if rule.operation not in GROUPS and rule.operation not in GROUPS["*"]:
        raise ValueError(f"There is no operation {rule.operation}.")
    return rule


class FaultDesk:
    """The rules in force, in order, the latency of every call in seconds, and what draws a fault where no rule fits."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._monotonic = monotonic
        self._rules: list[FaultRule] = []
        self._last_number = 0
        self.draw: Draw | None = None
        self.latency_seconds = 0.0

    def add(self, rule: FaultRule) -> FaultRule:
        """Append a rule; gives it with its number."""
        with self._lock:
            self._last_number += 1
            ends_at = None if rule.lasts_seconds is None else self._monotonic() + rule.lasts_seconds
            numbered = replace(rule, number=self._last_number, ends_at=ends_at)
            self._rules.append(numbered)
            return numbered

    def clear(self, number: int | None = None) -> None:
        """Remove one rule by its number, or all."""
        with self._lock:
            self._rules = [rule for rule in self._rules if number is not None and rule.number != number]

    def rules(self) -> list[FaultRule]:
        """The rules still in force, in order."""
        with self._lock:
            now = self._monotonic()
            self._rules = [rule for rule in self._rules if rule.ends_at is None or now < rule.ends_at]
            return list(self._rules)

    def take(self, operation: str, subjects: Collection[str] = ()) -> FaultRule | None:
        """The first rule that fits a call, used up by one; a rule that still skips lets the next one look."""
        with self._lock:
            for index, rule in enumerate(self._rules):
                if not rule.fits(operation, subjects, self._monotonic()):
                    continue
                if rule.skip > 0:
                    self._rules[index] = replace(rule, skip=rule.skip - 1)
                    continue
                self._use_up(index)
                return rule
            return None if self.draw is None else self.draw(operation)

    def _use_up(self, index: int) -> None:
        rule = self._rules[index]
        if rule.times is None:
            return
        if rule.times <= 1:
            del self._rules[index]
        else:
            self._rules[index] = replace(rule, times=rule.times - 1)
