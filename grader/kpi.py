"""The figure that a track is there to move: cases of real work, before the training and 30 and 90 days after.

Pure. A case is a piece of work (an invoice, a ticket), never a person. Time spent on checking what a
model did is a column of its own, because it is what baselines forget.

Medians, since times are skewed. Intervals are 95 % percentile bootstraps, 2,000 resamples from a fixed seed (Efron and
Tibshirani 1993, chapter 13); the two moments of a difference are resampled independently. Shares of faulty cases have Wilson
intervals, and their difference Newcombe's (1998, method 10). Under 20 cases nothing is compared.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from random import Random
from statistics import median

from atelier.kits.base import wilson
from grader.errors import KpiError
from grader.model import Kpi

COLUMNS = ("moment", "date", "work", "review", "faulty")
FEWEST = 20
_RESAMPLES = 2000


class Moment(StrEnum):
    """When a case was measured."""

    BEFORE = "before"
    DAY_30 = "day 30"
    DAY_90 = "day 90"


@dataclass(frozen=True, slots=True)
class Case:
    """One piece of work. `work` and `review` are in the KPI's unit; `faulty` is None where nobody looked."""

    moment: Moment
    day: str
    work: float
    review: float
    faulty: bool | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A moment: n cases, their median with its interval (None under 20 cases), and the faulty ones among those looked at."""

    moment: str
    n: int
    median: float | None
    interval: tuple[float, float] | None
    faulty: int = 0
    looked_at: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A later moment against the one before the training.

    difference   median later minus median before; negative is less
    verdict      "lower", "higher" or "no difference shown"
    faults       difference in the share of faulty cases, as an interval; None if nobody looked
    guardrail    "fewer faults", "more faults" or "no difference shown"; empty if nobody looked
    """

    moment: str
    difference: float
    interval: tuple[float, float]
    verdict: str
    faults: tuple[float, float] | None = None
    guardrail: str = ""

    @property
    def by(self) -> str:
        """Return the difference and its interval in words, such as "−2 (−3 to 0)"."""
        return f"{_signed(self.difference)} ({_signed(self.interval[0])} to {_signed(self.interval[1])})"

    @property
    def more_faults(self) -> str:
        """Return the difference in faults in words, such as "−24 to +16 points"; empty if nobody looked."""
        return " to ".join(_signed(round(100 * end)) for end in self.faults) + " points" if self.faults else ""


def _signed(value: float) -> str:
    return f"{round(value, 2):+g}".replace("-", "\N{MINUS SIGN}") if round(value, 2) else "0"


@dataclass(frozen=True, slots=True)
class KpiResult:
    """What became of a cohort's figure. About cases of work; it holds no person."""

    course: str
    name: str
    unit: str
    counts_review: bool
    moments: tuple[Measured, ...]
    changes: tuple[Change, ...]


def parse(text: str) -> tuple[Case, ...]:
    """Return the cases in CSV with the columns of COLUMNS. KpiError names every bad line, with the fix."""
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    missing = [column for column in COLUMNS[:4] if column not in (reader.fieldnames or ())]
    if missing:
        raise KpiError([f"the first line lacks: {', '.join(missing)}; it must read: {','.join(COLUMNS)}"])
    problems: list[str] = []
    cases = [_case(row, reader.line_num, problems) for row in reader]
    if problems:
        raise KpiError(problems)
    return tuple(case for case in cases if case is not None)


def _case(row: dict[str, str | None], line: int, problems: list[str]) -> Case | None:
    cells = {column: (row.get(column) or "").strip() for column in COLUMNS}
    before = len(problems)
    if cells["moment"] not in list(Moment):
        problems.append(f"line {line}: moment: {cells['moment']!r}; write one of: {', '.join(Moment)}")
    try:
        date.fromisoformat(cells["date"])
    except ValueError:
        problems.append(f"line {line}: date: {cells['date']!r}; write it as 2026-11-30")
    numbers = {column: _number(cells[column], f"line {line}: {column}", problems) for column in ("work", "review")}
    if cells["faulty"] not in ("", "yes", "no"):
        problems.append(f"line {line}: faulty: {cells['faulty']!r}; write yes, no, or nothing if nobody looked")
    if len(problems) > before:
        return None
    faulty = None if not cells["faulty"] else cells["faulty"] == "yes"
    return Case(Moment(cells["moment"]), cells["date"], numbers["work"], numbers["review"], faulty)


def _number(text: str, where: str, problems: list[str]) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        problems.append(f"{where}: {text!r}; write a number from 0, with a decimal point; 0 review if there was none")
    return value


def text(cases: Iterable[Case]) -> str:
    """Return cases as CSV, as `parse` reads it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    says = {None: "", True: "yes", False: "no"}
    writer.writerows((str(c.moment), c.day, c.work, c.review, says[c.faulty]) for c in cases)
    return out.getvalue()


def result(course: str, kpi: Kpi, cases: Sequence[Case]) -> KpiResult:
    """Return what the cases show. Moments under 20 cases are counted, and nothing more is said of them."""
    values = {m: [c.work + (c.review if kpi.counts_review else 0) for c in cases if c.moment is m] for m in Moment}
    looked = {m: [c.faulty for c in cases if c.moment is m and c.faulty is not None] for m in Moment}
    moments = tuple(_measured(m, values[m], looked[m]) for m in Moment if values[m])
    before = values[Moment.BEFORE]
    changes = tuple(
        _change(m, before, values[m], looked[Moment.BEFORE], looked[m])
        for m in (Moment.DAY_30, Moment.DAY_90)
        if len(before) >= FEWEST and len(values[m]) >= FEWEST
    )
    return KpiResult(course, kpi.name, kpi.unit, kpi.counts_review, moments, changes)


def _measured(moment: Moment, values: Sequence[float], looked: Sequence[bool]) -> Measured:
    if len(values) < FEWEST:
        return Measured(moment.value, len(values), None, None)
    between = _between(_resampled(values, 1))
    return Measured(moment.value, len(values), median(values), between, sum(looked), len(looked))


def _change(
    moment: Moment, before: Sequence[float], after: Sequence[float], looked: Sequence[bool], later: Sequence[bool]
) -> Change:
    pairs = zip(_resampled(after, 2), _resampled(before, 3), strict=True)
    low, high = _between([b - a for b, a in pairs])
    verdict = "lower" if high < 0 else "higher" if low > 0 else "no difference shown"
    found = Change(moment.value, median(after) - median(before), (low, high), verdict)
    if min(len(looked), len(later)) < FEWEST:
        return found
    fewest, most = newcombe(sum(later), len(later), sum(looked), len(looked))
    guardrail = "fewer faults" if most < 0 else "more faults" if fewest > 0 else "no difference shown"
    return Change(found.moment, found.difference, found.interval, found.verdict, (fewest, most), guardrail)


def _resampled(values: Sequence[float], seed: int) -> list[float]:
    rng = Random(seed)
    return [median(rng.choices(values, k=len(values))) for _ in range(_RESAMPLES)]


def _between(found: Iterable[float]) -> tuple[float, float]:
    ordered = sorted(found)
    return ordered[int(0.025 * _RESAMPLES)], ordered[int(0.975 * _RESAMPLES) - 1]


def newcombe(successes: int, n: int, of: int, m: int) -> tuple[float, float]:
    """Return a 95 % interval of successes/n − of/m (Newcombe 1998, method 10, from two Wilson intervals)."""
    p, q = successes / n, of / m
    (p_low, p_high), (q_low, q_high) = wilson(successes, n), wilson(of, m)
    below = ((p - p_low) ** 2 + (q_high - q) ** 2) ** 0.5
    above = ((p_high - p) ** 2 + (q - q_low) ** 2) ** 0.5
    return p - q - below, p - q + above


def lines(found: KpiResult) -> Iterator[str]:
    """Yield what became of a figure in sentences."""
    if not found.moments:
        yield "No case is on record yet. Next: atelier kpi add --from cases.csv"
    for moment in found.moments:
        if moment.median is None or moment.interval is None:
            yield f"{moment.moment:<8} {moment.n} cases: too few to tell, {FEWEST} are needed"
            continue
        low, high = moment.interval
        faults = f"; {moment.faulty} of {moment.looked_at} looked at were faulty" if moment.looked_at else ""
        yield f"{moment.moment:<8} {moment.n} cases: median {moment.median:g} (95 % interval {low:g} to {high:g}){faults}"
    for change in found.changes:
        yield f"{change.moment} against before: {change.by}: {change.verdict}"
        if change.faults is not None:
            yield f"  share of faulty cases: {change.more_faults}: {change.guardrail}"
