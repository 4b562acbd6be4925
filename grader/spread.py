"""How far the score of one and the same answer differs between cohorts, whose hidden cases come from other secrets.

Measured without a model: points that need replies are left out, and how many are left is said. Their own uncertainty is
the interval on the check (see `atelier.kits.base.wilson`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atelier import kits
from grader import catalog, scoring
from grader.model import Lab, Status

COHORTS = 20
EACH_WAY = 5.0  # points of 100: what two cohorts may differ from the middle of their range


@dataclass(frozen=True, slots=True)
class Spread:
    """The lowest and highest points of an attempt over `cohorts` secrets, on the checks worth `points` that need no model."""

    attempt: str
    low: float
    high: float
    points: float
    cohorts: int = COHORTS

    @property
    def each_way(self) -> float:
        """Return how far the extremes lie from the middle of the range, in points."""
        return (self.high - self.low) / 2


def measure(lab: Lab, answers: Mapping[str, Any], cases: Sequence[Any]) -> tuple[Spread, ...]:
    """Return the spread of each of `answers` (by name). Answers that name cases, such as cards, name those of `cases`."""
    kit = kits.load(lab.file.kit)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in answers}
    for cohort in range(COHORTS):
        others = catalog.hidden_cases(lab, f"spread, cohort {cohort + 1}")
        for name, answer in answers.items():
            carried = kit.carry(answer, cases, others, lab.setup)
            score = scoring.score(lab, scoring.Submission(lab.id, "", carried), others, {}, "")
            measured = [r for r in score.results if r.status is not Status.NOT_EVALUATED]
            found[name].append((float(sum(r.earned or 0 for r in measured)), sum(r.points for r in measured)))
    return tuple(
        Spread(name, min(earned for earned, _ in all_), max(earned for earned, _ in all_), min(p for _, p in all_))
        for name, all_ in found.items()
    )
