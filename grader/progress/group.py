"""What the organisation may see: groups of at least five people, rounded, without any id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from atelier.kits.base import wilson
from grader.kpi import KpiResult
from grader.model import Skills
from grader.progress.guide import LearnerProgress
from grader.progress.overview import CohortProgress, Confidence

SMALLEST_GROUP = 5
ROUND_TO = 0.05  # aggregates are rounded, so that one more hand-in does not give away its score
BAND_EDGES = (0, 40, 60, 80, 100)
MOST_LURES = 8


@dataclass(frozen=True, slots=True)
class Cell:
    """A stretch of an ordered scale, from `low` to `high` (labels, both included), and how many people are in it."""

    low: str
    high: str
    people: int


@dataclass(frozen=True, slots=True)
class LabAggregate:
    """A lab in a group of at least five graded people. `mean` and `interval` are rounded to 0.05."""

    lab: str
    n: int
    mean: float
    interval: tuple[float, float]
    bands: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class LineAggregate:
    """Levels reached on a practice line, in stretches that hold at least five people each."""

    line: str
    levels: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class LureAggregate:
    """A kind of fault that got past at least `at_least` of `n` people: five or more, and five or more it did not get past."""

    lab: str
    kind: str
    n: int
    at_least: int


@dataclass(frozen=True, slots=True)
class ConfidenceAggregate:
    """Decisions of five or more people: how sure they were on average, and how often right, rounded to 0.05."""

    low: int
    high: int
    said: float
    right: float


@dataclass(frozen=True, slots=True)
class Wave:
    """A cohort of five or more graded people: their mean share of points, rounded to 0.05, and its interval."""

    course: str
    begun: str
    people: int
    mean: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Group:
    """The people of one role who have at least one graded lab: five or more, and nobody in particular.

    waves   the cohorts they were in, oldest first; none if one is so small that the others would give it away
    kpis    the figure of their workflow, from cases of work
    """

    role: str
    people: int
    labs: tuple[LabAggregate, ...]
    lines: tuple[LineAggregate, ...]
    lures: tuple[LureAggregate, ...] = ()
    confidence: tuple[ConfidenceAggregate, ...] = ()
    waves: tuple[Wave, ...] = ()
    kpis: tuple[KpiResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregate:
    """All that the organisation's site may know of learners. Written as JSON. `day` is when it was read, such as "2026-11-30"."""

    format: Literal[1]
    groups: tuple[Group, ...] = ()
    day: str = ""


def aggregate(cohorts: Iterable[tuple[CohortProgress, Skills]]) -> Aggregate:
    """Return what the organisation may see: groups by role, each of at least five people, rounded, without ids.

    A lab graded for fewer than five people is left out. Bands and levels with fewer than five people are merged
    with their neighbours. Means are rounded to five points and intervals follow from the rounded mean, so that
    two aggregates a day apart do not give away the score of whoever handed in between.
    """
    roles: dict[str, list[tuple[CohortProgress, Skills]]] = {}
    for progress, skills in cohorts:
        roles.setdefault(progress.role, []).append((progress, skills))
    groups = []
    for role, found in sorted(roles.items()):
        guides = [guide for progress, _ in found for guide in _graded(progress)]
        if len(guides) >= SMALLEST_GROUP:
            together = [progress for progress, _ in found]
            groups.append(
                Group(
                    role,
                    len(guides),
                    _lab_aggregates(guides),
                    _line_aggregates(guides, found[0][1]),
                    _lure_aggregates(together),
                    _confidence_aggregates(together),
                    _waves(together),
                    tuple(p.kpi for p in together if p.kpi and p.kpi.moments and len(_graded(p)) >= SMALLEST_GROUP),
                )
            )
    return Aggregate(1, tuple(groups))


def _graded(progress: CohortProgress) -> list[LearnerProgress]:
    return [guide for guide in progress.learners if any(lab.share is not None for lab in guide.labs)]


def _lure_aggregates(cohorts: Sequence[CohortProgress]) -> tuple[LureAggregate, ...]:
    """Return the kinds that got past most, each told so that at least five people are on either side of it."""
    n: Counter[str] = Counter()
    caught: Counter[tuple[str, str]] = Counter()
    for cohort in cohorts:
        n.update({summary.lab: summary.graded for summary in cohort.labs})
        caught.update({(lure.lab, lure.kind): lure.caught for lure in cohort.lures})
    found = [
        LureAggregate(lab, kind, n[lab], min(count, n[lab] - SMALLEST_GROUP))
        for (lab, kind), count in caught.items()
        if min(count, n[lab] - SMALLEST_GROUP) >= SMALLEST_GROUP
    ]
    return tuple(sorted(found, key=lambda lure: (-lure.at_least / lure.n, lure.lab, lure.kind))[:MOST_LURES])


def _confidence_aggregates(cohorts: Sequence[CohortProgress]) -> tuple[ConfidenceAggregate, ...]:
    steps: dict[tuple[int, int], list[Confidence]] = {}
    for found in (step for cohort in cohorts for step in cohort.confidence):
        steps.setdefault((found.low, found.high), []).append(found)
    return tuple(
        ConfidenceAggregate(
            low,
            high,
            _rounded(sum(f.said * f.decisions for f in found) / sum(f.decisions for f in found)),
            _rounded(sum(f.right * f.decisions for f in found) / sum(f.decisions for f in found)),
        )
        for (low, high), found in sorted(steps.items())
        if sum(f.people for f in found) >= SMALLEST_GROUP
    )


def _waves(cohorts: Sequence[CohortProgress]) -> tuple[Wave, ...]:
    """Return the cohorts one by one; none at all if a small one could be told from the group and the others."""
    found = []
    for cohort in sorted(cohorts, key=lambda c: (c.begun, c.course)):
        guides = _graded(cohort)
        shares = [lab.share for guide in guides for lab in guide.labs if lab.share is not None]
        if 0 < len(guides) < SMALLEST_GROUP:
            return ()
        if guides:
            mean = _rounded(fmean(shares))
            low, high = wilson(mean * len(guides), len(guides))
            between = (_rounded(low), _rounded(high))
            found.append(Wave(cohort.course, cohort.begun, len(guides), mean, between))
    return tuple(found)


def _lab_aggregates(guides: Sequence[LearnerProgress]) -> tuple[LabAggregate, ...]:
    found = []
    for lab in guides[0].labs:
        shares = [p.share for guide in guides for p in guide.labs if p.lab == lab.lab and p.share is not None]
        if len(shares) < SMALLEST_GROUP:
            continue
        mean = _rounded(fmean(shares))
        low, high = wilson(mean * len(shares), len(shares))
        counts = [0] * (len(BAND_EDGES) - 1)
        for value in shares:
            counts[sum(round(value * 100) >= edge for edge in BAND_EDGES[1:-1])] += 1
        # The top edge belongs to the last band; every other band ends a point below the next one.
        tops = [*(edge - 1 for edge in BAND_EDGES[1:-1]), BAND_EDGES[-1]]
        cells = [Cell(str(low), str(top), n) for low, top, n in zip(BAND_EDGES, tops, counts, strict=False)]
        interval = (_rounded(low), _rounded(high))
        found.append(LabAggregate(lab.lab, len(shares), mean, interval, merged(cells)))
    return tuple(found)


def _line_aggregates(guides: Sequence[LearnerProgress], skills: Skills) -> tuple[LineAggregate, ...]:
    track = {lab.lab for lab in guides[0].labs}
    found = []
    for line in skills.lines:
        reached = Counter(p.level for guide in guides for p in guide.lines if p.line == line.id)
        # Nobody can have a level that no lab of the track gives; naming it beside a count would suggest it.
        titles = ["", *(level.title for level in line.levels if any(need.lab in track for need in level.needs))]
        cells = [Cell(title or "not yet", title or "not yet", reached[title]) for title in titles]
        found.append(LineAggregate(line.id, merged(cells)))
    return tuple(found)


def _rounded(value: float) -> float:
    return round(round(value / ROUND_TO) * ROUND_TO, 2)


def merged(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Merge neighbouring cells until each holds at least five people (or there is only one left)."""
    done: list[Cell] = []
    for cell in cells:
        if done and done[-1].people < SMALLEST_GROUP:
            done[-1] = Cell(done[-1].low, cell.high, done[-1].people + cell.people)
        else:
            done.append(cell)
    if len(done) > 1 and done[-1].people < SMALLEST_GROUP:
        last = done.pop()
        done[-1] = Cell(done[-1].low, last.high, done[-1].people + last.people)
    return tuple(done)
