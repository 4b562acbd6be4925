"""What the hidden block of a check cell calls, so that stock `nbgrader autograde` gives the same points.

    from grader.judge import points
    points("invoice-checks", "catch-rate")

The cell runs in `autograded/<learner>/<lab>/` of a workspace. Nothing is printed: nbgrader takes any word on
stderr for a failure.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from grader import catalog, engines, release, scoring, workspace
from grader.engines import gate
from grader.engines.recorder import Recorder
from grader.errors import WorkspaceError
from grader.model import Score


def points(lab: str, check: str) -> float:
    """Return the points that the submission in the current folder earns for `check`.

    Raises WorkspaceError, with the reason, for a submission that cannot be graded.
    """
    score = _score(lab, Path.cwd())
    if not score.graded:
        raise WorkspaceError(f"Ungraded: {score.reason}", score.remedy)
    for result in score.results:
        if result.check == check and result.earned is not None:
            return float(result.earned)
    raise WorkspaceError(f"{lab} has no evaluated check {check!r}.")


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
