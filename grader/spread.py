"""How far the score of one and the same answer differs between cohorts, whose hidden cases come from other secrets.

Points that need no model are measured anew each time. Those that need replies take the practice model hours, so what
two prompts earn for them is measured once and kept, cohort by cohort, in the lab's `spread.json`. A figure there
counts for every answer that asks the model the same, and for none once the lab asks something else. What is not on
record is estimated: replies are there for the check's own cases, and cohorts are drawn from these, with replacement
and as many of each kind (a bootstrap; Efron and Tibshirani 1993, chapter 6). In how many cohorts, is said with the figure.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any, Literal

from atelier import kits, records
from atelier.files import write_text
from atelier.kits.base import Replies
from grader import catalog, scoring
from grader.engines import Engine
from grader.engines.recorder import Recorder
from grader.errors import CatalogError, GraderError, Problem
from grader.model import CheckResult, Lab, Status

COHORTS = 20
EACH_WAY = 5.0  # points of 100: what two cohorts may differ from the middle of their range
PROMPTS = ("good", "medium")  # of the lab's gate: the reference, and a partial answer that no end of the scale cuts off


@dataclass(frozen=True, slots=True)
class Spread:
    """The lowest and highest points of an attempt over `cohorts`, on the checks worth `points`.

    `estimated`: in how many of them the points for the model's replies are not measured, but estimated from one cohort.
    """

    attempt: str
    low: float
    high: float
    points: float
    cohorts: int = COHORTS
    estimated: int = 0

    @property
    def each_way(self) -> float:
        """Return how far the extremes lie from the middle of the range, in points."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a prompt earned for the model's replies.

    asked      hash over what the model was asked for these cohorts, what was right, and the gate's figures
    points     points of the checks that need replies, a figure for each of the first cohorts
    measured   day of the last of them
    """

    asked: str
    points: tuple[float, ...]
    measured: str


@dataclass(frozen=True, slots=True)
class SpreadFile:
    """`spread.json` of a lab: by engine id, as in its `gate.json`, and by prompt of its gate."""

    format: Literal[1]
    lab: str
    engines: dict[str, dict[str, Recorded]]


def measure(
    lab: Lab,
    answers: Mapping[str, Any],
    cases: Sequence[Any],
    recorded: Sequence[Recorded] = (),
    replies: Replies = MappingProxyType({}),
) -> tuple[Spread, ...]:
    """Return the spread of each of `answers` (by name). Answers that name cases, such as cards, name those of `cases`.

    recorded   what replies earned over cohorts, on the engine that `lab` is qualified for
    replies    that engine's replies for `cases`
    """
    kit = kits.load(lab.file.kit)
    drawn = [hidden(lab, cohort) for cohort in range(COHORTS)]
    on_record = {name: _on_record(lab, answer, drawn, recorded) for name, answer in answers.items()}
    rows: dict[str, list[tuple[float, float, bool]]] = {name: [] for name in answers}
    # Cohort by cohort: kits remember what all answers to the same cases share.
    for cohort, others in enumerate(drawn):
        alike = _drawn_from(cases, cohort)
        for name, answer in answers.items():
            results = _score(lab, kit.carry(answer, cases, others, lab.setup), others, {})
            earned, points = _evaluated(results)
            lacking = {result.check: result.points for result in results if result.status is Status.NOT_EVALUATED}
            if cohort < len(on_record[name]):
                more, of, estimated = on_record[name][cohort], sum(lacking.values()), False
            else:
                like = _score(lab, answer, alike, replies) if lacking and replies else ()
                more, of = _evaluated([result for result in like if result.check in lacking])
                estimated = of > 0
            rows[name].append((points + of, earned + more, estimated))
    found = []
    for name, measured in rows.items():
        most = max(points for points, _, _ in measured)
        full = [(earned, estimated) for points, earned, estimated in measured if points == most]
        low, high = min(earned for earned, _ in full), max(earned for earned, _ in full)
        found.append(Spread(name, low, high, most, len(full), sum(estimated for _, estimated in full)))
    return tuple(found)


def hidden(lab: Lab, cohort: int) -> tuple[Any, ...]:
    """Return the hidden cases of the cohort with that number, from 0."""
    return catalog.hidden_cases(lab, f"spread, cohort {cohort + 1}")


def load(lab: Lab, engine: str) -> dict[str, Recorded]:
    """Return what is on record for `lab` on `engine`, by prompt; nothing if it was never measured.

    Raises CatalogError if the file is there and cannot be read.
    """
    return _read(lab).get(engine, {})


def outdated(lab: Lab, recorded: Mapping[str, Recorded]) -> list[str]:
    """Return the prompts of a qualified `lab` whose figures on record are of something else than it asks today."""
    specs = catalog.gate_specs(lab) or {}
    drawn = [hidden(lab, cohort) for cohort in range(COHORTS)] if recorded else []
    return [
        name
        for name, told in recorded.items()
        if name not in specs or told.asked != _asked(lab, specs[name], drawn[: len(told.points)])
    ]


def record(lab: Lab, engine: Engine, folder: Path, progress: Callable[[int, int, str], None]) -> None:
    """Measure what the prompts of a qualified lab's gate earn for replies in every cohort that is not on record yet.

    Each cohort's figures are saved as they come. Replies of the cohort under way are kept in `folder`, so that a run
    that was stopped goes on where it was, and removed once the last is in.
    Raises GraderError for a lab that asks no model or whose gate the engine has not passed, EngineError if it cannot go on.
    """
    specs = catalog.gate_specs(lab)
    if specs is None or not lab.setup.qualified:
        why = "has not passed its gate" if specs else "is not asked by this lab"
        raise GraderError(f"{lab.id}: the practice model {why}.", f"Its spread is measured by: atelier check {lab.id}")
    path = folder / f"{lab.id}.jsonl"
    recorder = Recorder(path, engine)
    before = load(lab, engine.id)
    stale = outdated(lab, before)
    told = {name: found for name, found in before.items() if name not in stale}
    drawn = [hidden(lab, cohort) for cohort in range(COHORTS)]
    for name in PROMPTS:
        points = told[name].points if name in told else ()
        for cohort in range(len(points), COHORTS):
            report = partial(_report, progress, f"{lab.id}: {name} prompt, cohort {cohort + 1} of {COHORTS}")
            replies = recorder.replies(_requests(lab, specs[name], drawn[cohort]), report)
            points = (*points, _replies_points(lab, specs[name], drawn[cohort], replies))
            day = date.today().isoformat()  # noqa: DTZ011  # a day is exact enough
            told[name] = Recorded(_asked(lab, specs[name], drawn[: cohort + 1]), points, day)
            _save(lab, engine.id, told)
    path.unlink(missing_ok=True)


def told(spreads: Sequence[Spread]) -> str:
    """Say how alike cohorts are scored, such as "±1.8 points over 20 cohorts"; what was measured in another way, by itself."""
    kinds: dict[str, list[float]] = {}
    for found in sorted(spreads, key=lambda s: (s.estimated, -s.points, -s.cohorts)):
        on = "" if found.points == 100 else f", on the {found.points:g} that need no model"
        how = f", {found.estimated} of them estimated" if found.estimated else ""
        kinds.setdefault(f"over {found.cohorts} cohorts{on}{how}", []).append(found.each_way)
    return "; ".join(
        (f"{len(widths)} of {len(spreads)} answers " if len(kinds) > 1 else "") + f"±{max(widths):.1f} points {how}"
        for how, widths in kinds.items()
    )


def _report(progress: Callable[[int, int, str], None], what: str, done: int, total: int) -> None:
    progress(done, total, what)


def _on_record(
    lab: Lab, answer: Any, drawn: Sequence[Sequence[Any]], recorded: Sequence[Recorded]
) -> tuple[float, ...]:
    """Return what the replies to `answer` earned in the first cohorts, as far as what it asks is on record."""
    asked = cache(lambda cohorts: _asked(lab, answer, drawn[:cohorts]))
    return next((told.points for told in recorded if told.asked == asked(len(told.points))), ())


def _asked(lab: Lab, answer: Any, drawn: Sequence[Sequence[Any]]) -> str:
    """Return 16 hex digits over what `answer` asks the model in the cohorts of `drawn`, and what its replies are held against."""
    digest = hashlib.sha256()
    scale = [getattr(lab.setup, name, None) for name in ("baseline", "reference")]
    checks = [[check.part, check.points] for check in lab.file.checks]
    digest.update(json.dumps([scale, checks]).encode())
    for cases in drawn:
        keys = [request.key for request in _requests(lab, answer, cases)]
        digest.update(json.dumps([keys, records.dump(tuple(cases))], sort_keys=True).encode())
    return digest.hexdigest()[:16]


def _requests(lab: Lab, answer: Any, cases: Sequence[Any]) -> tuple[Any, ...]:
    return scoring.requests(lab, scoring.Submission(lab.id, "", answer), cases)


def _score(lab: Lab, answer: Any, cases: Sequence[Any], replies: Replies) -> tuple[CheckResult, ...]:
    return scoring.score(lab, scoring.Submission(lab.id, "", answer), cases, replies, "").results


def _replies_points(lab: Lab, answer: Any, cases: Sequence[Any], replies: Replies) -> float:
    """Return the points of the checks that cannot be evaluated without `replies`."""
    lacking = {result.check for result in _score(lab, answer, cases, {}) if result.status is Status.NOT_EVALUATED}
    return _evaluated([result for result in _score(lab, answer, cases, replies) if result.check in lacking])[0]


def _evaluated(results: Sequence[CheckResult]) -> tuple[float, float]:
    """Return what the evaluated ones of `results` earned, and out of how many points."""
    those = [result for result in results if result.status is not Status.NOT_EVALUATED]
    return float(sum(result.earned or 0 for result in those)), sum(result.points for result in those)


def _drawn_from(cases: Sequence[Any], cohort: int) -> list[Any]:
    """Draw as many cases from `cases`, with replacement, as many as before with each lure."""
    rng = Random(f"spread, like cohort {cohort + 1}")
    by_lure: dict[str, list[Any]] = {}
    for case in cases:
        by_lure.setdefault(getattr(case, "lure", ""), []).append(case)
    return [rng.choice(by_lure[getattr(case, "lure", "")]) for case in cases]


def _read(lab: Lab) -> dict[str, dict[str, Recorded]]:
    try:
        found: SpreadFile = records.load(
            SpreadFile, json.loads((lab.root / catalog.SPREAD).read_text(encoding="utf-8"))
        )
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        says = f"cannot be read ({error}); delete it, or run: atelier check {lab.id} --spread"
        raise CatalogError([Problem(f"exercises/labs/{lab.id}/{catalog.SPREAD}", "", says)]) from error
    return found.engines


def _save(lab: Lab, engine: str, told: Mapping[str, Recorded]) -> None:
    """Enter what one engine's replies earned, beside those of other engines."""
    write_text(lab.root / catalog.SPREAD, records.text(SpreadFile(1, lab.id, {**_read(lab), engine: dict(told)})))
