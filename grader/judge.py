"""What the hidden block of a check cell calls, so that stock `nbgrader autograde` gives the same points as ours.

    from grader.judge import points
    points("invoice-checks", "catch-rate")                  a form lab: the answer lies beside the notebook
    points("invoice-checks-code", "catch-rate", validate)   a code lab: the answer is handed over

Under nbgrader the cell runs in `autograded/<learner>/<lab>/` of a workspace; under our own grader in a judge's process that
`prepare` made ready. Nothing is printed: nbgrader takes any word on stderr for a failure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from atelier import kits, records
from atelier.kits.base import Verdict
from grader import catalog, engines, release, scoring, workspace
from grader.engines import gate
from grader.engines.recorder import Recorder
from grader.errors import WorkspaceError
from grader.model import CheckResult, Lab, Score


class Points(float):
    """Points of a check as a number, with what they were given for."""

    note: dict[str, Any]


class Quiet:
    """What a check cell's `lab` is in the judge's process: practice shows nothing there."""

    def check(self, *_anything: Any, **_more: Any) -> None:
        """Show nothing."""


@dataclass(frozen=True, slots=True)
class _Bench:
    """A lab ready to be judged for a cohort."""

    lab: Lab
    cases: tuple[Any, ...]


def prepare(lab: str, secret: str, root: Path) -> None:
    """Draw a lab's hidden cases once, before processes are forked that judge by them."""
    if lab not in _prepared:
        _prepared[lab] = _bench(lab, secret, root)


_prepared: dict[str, _Bench] = {}


def points(lab: str, check: str, function: Callable[..., Any] | None = None) -> Points:
    """Return the points that `function`, or the submission in the current folder, earns for `check`.

    Raises WorkspaceError, with the reason, for a submission that cannot be graded.
    """
    if function is not None:
        result = _judged(lab, check, function)
    else:
        score = _score(lab, Path.cwd())
        if not score.graded:
            raise WorkspaceError(f"Ungraded: {score.reason}", score.remedy)
        found = next((r for r in score.results if r.check == check and r.earned is not None), None)
        if found is None:
            raise WorkspaceError(f"{lab} has no evaluated check {check!r}.")
        result = found
    made = Points(result.earned or 0)
    made.note = records.dump(result)
    return made


def _judged(lab: str, check: str, function: Callable[..., Any]) -> CheckResult:
    bench = _prepared.get(lab) or _bench(lab, workspace.find(Path.cwd()).secret, catalog.find_root())
    _prepared[lab] = bench
    kit = kits.load(bench.lab.file.kit)
    place, found = next((i, c) for i, c in enumerate(bench.lab.file.checks) if c.id == check)
    assert kit.code is not None
    key = (lab, found.part, id(function))
    if key not in _verdicts:
        answer = kit.code({found.part: function})
        # The function is kept with its verdict: while it lives, no other has its id.
        _verdicts[key] = (function, kit.score(answer, bench.cases, bench.lab.setup, {}))
    return scoring.award(bench.lab, _verdicts[key][1])[0][place]


_verdicts: dict[tuple[str, str, int], tuple[Callable[..., Any], Verdict]] = {}


def _bench(lab: str, secret: str, root: Path) -> _Bench:
    found = catalog.load(root).lab(lab)
    return _Bench(found, catalog.hidden_cases(found, secret))


@cache
def _score(lab: str, folder: Path) -> Score:
    space = workspace.find(folder)
    known = catalog.load(catalog.find_root())
    with engines.configured(space.settings.engine) as engine:
        found = known.lab(lab)
        found = release.qualified(found, gate.read(found.root / "gate.json", engine.id))
        cases = catalog.hidden_cases(found, space.secret)
        submission = scoring.read(found, folder, None)
        asked = scoring.requests(found, submission, cases)
        replies = Recorder(space.replies, engine).replies(list(asked)) if asked else {}
        return scoring.score(found, submission, cases, replies, engine.id)
