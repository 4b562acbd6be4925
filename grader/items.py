"""Item analysis: which checks tell a cohort's learners apart, and which teach nothing. Pure.

Two figures per check, both of classical test theory (Crocker and Algina 1986, chapter 14):

    difficulty       mean share of the check's points; a high one means that the check is easy
    discrimination   corrected item-total correlation: Pearson's r between the points of the check and those of the lab's other
                     checks (Henrysson 1963), with its 95 % interval by Fisher's z (1921)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import atanh, sqrt, tanh
from statistics import StatisticsError, correlation, fmean

from grader.model import Lab, Score
from grader.progress.guide import share

FEWEST = 10  # under this, an interval of r covers nearly everything: 9 people give r = 0.5 ± 0.6
WEAK = 0.2  # Ebel (1965): under 0.20 a check should be rewritten or left out
EASY, HARD = 0.95, 0.05


@dataclass(frozen=True, slots=True)
class Item:
    """A check across a cohort.

    n                submissions in which every check was evaluated and no cap cut the points: only those compare
    difficulty       mean share, 0 to 1; None while n is 0
    discrimination   -1 to 1; None where it cannot be said, and `reading` says why
    interval         95 %, of the discrimination
    reading          what the figures say, for an author
    """

    lab: str
    lab_title: str
    check: str
    n: int
    difficulty: float | None
    discrimination: float | None
    interval: tuple[float, float] | None
    reading: str


def analyse(labs: Sequence[Lab], scores: Iterable[Score]) -> tuple[Item, ...]:
    """Return every check of `labs`, in order, over the cohort's `scores`."""
    graded = [score for score in scores if score.graded]
    return tuple(item for lab in labs for item in _of_lab(lab, [score for score in graded if score.lab == lab.id]))


def _of_lab(lab: Lab, scores: Sequence[Score]) -> list[Item]:
    ids = [check.id for check in lab.file.checks]
    table = []
    for score in scores:
        shares = {result.check: share(result) for result in score.results}
        row = [(shares.get(check.id), check.points) for check in lab.file.checks]
        if not score.cap and all(got is not None for got, _ in row):
            table.append([(got or 0.0) * points for got, points in row])
    found = []
    for place, check in enumerate(lab.file.checks):
        own = [row[place] for row in table]
        rest = [sum(row) - row[place] for row in table]
        difficulty = fmean(own) / check.points if own else None
        r = _correlation(own, rest) if len(ids) > 1 and len(table) >= FEWEST else None
        interval = _interval(r, len(table)) if r is not None else None
        reading = _reading(len(table), len(ids), difficulty, r, interval)
        found.append(Item(lab.id, lab.file.title, check.id, len(table), difficulty, r, interval, reading))
    return found


def _correlation(own: Sequence[float], rest: Sequence[float]) -> float | None:
    try:
        return correlation(own, rest)
    except StatisticsError:  # all the same on one side
        return None


def _interval(r: float, n: int) -> tuple[float, float]:
    z, half = atanh(max(-0.999999, min(0.999999, r))), 1.96 / sqrt(n - 3)
    return tanh(z - half), tanh(z + half)


def _reading(
    n: int, checks: int, difficulty: float | None, r: float | None, interval: tuple[float, float] | None
) -> str:
    if difficulty is None or n < FEWEST:
        return f"too few to say: {n} of {FEWEST}"
    if difficulty >= EASY:
        return "nearly everybody earns it: it tells nobody apart"
    if difficulty <= HARD:
        return "nearly nobody earns it: is it taught?"
    if checks == 1:
        return "the lab's only check: nothing to compare with"
    if r is None or interval is None:
        return "everybody earns the same, here or on the other checks"
    if interval[1] < 0:
        return "who does well elsewhere fails here: look for a fault"
    if r < WEAK:
        return (
            "weak: it says little about the rest of the lab"
            if interval[1] >= WEAK
            else "says nothing about the rest of the lab"
        )
    return "separates" if interval[0] > 0 else "probably separates; more people would tell"
