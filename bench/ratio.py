"""One figure: ours and its baseline, run in turns."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """Seconds are medians; ratio is the median of the rounds' own ratios. limit is what the ratio may be."""

    name: str
    ours: float
    baseline: float
    ratio: float
    limit: float

    def __str__(self) -> str:
        verdict = "ok" if self.ratio <= self.limit else "MISSED"
        times = f"{self.ours * 1000:9,.0f} ms  baseline {self.baseline * 1000:9,.0f} ms"
        return f"{self.name:58} {times}  ratio {self.ratio:5.2f} of {self.limit:.2f}  {verdict}"


def measure(
    name: str, ours: Callable[[], object], baseline: Callable[[], object], *, limit: float, rounds: int = ROUNDS
) -> Figure:
    """Run both in turns, after one warm-up each."""
    ours(), baseline()
    pairs = [(_seconds(ours), _seconds(baseline)) for _ in range(rounds)]
    return Figure(
        name,
        ours=median(pair[0] for pair in pairs),
        baseline=median(pair[1] for pair in pairs),
        ratio=median(mine / theirs for mine, theirs in pairs),
        limit=limit,
    )


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
