"""A learner's feedback on one hand-in: what each check found, what got through, what to do next. Pure.

It says what the kit's messages say: kinds of faults, never a hidden case.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace

from grader import templates
from grader.model import Lab, LabFile, Score
from grader.scoring import PASS_SHARE


def render(lab: Lab, score: Score, badges: Mapping[str, bytes] | None = None) -> str:
    """Return the feedback page of one submission as a self-contained HTML document.

    badges   what was issued to the learner: title -> picture (SVG, holds the signed credential)
    """
    return _page(lab.file.title, score, lab.file, badges or {})


def render_notebook(assignment: str, notebook: str, score: Score) -> str:
    """Return the feedback page of one notebook of an assignment that was made with nbgrader alone."""
    own = tuple(r for r in score.results if r.check.startswith(f"{notebook}/"))
    named = tuple(replace(r, check=r.check.partition("/")[2]) for r in own)
    return _page(assignment if notebook == assignment else f"{assignment}: {notebook}", replace(score, results=named))


def _page(title: str, score: Score, lab: LabFile | None = None, badges: Mapping[str, bytes] | None = None) -> str:
    return templates.page(
        "feedback.html",
        title=title,
        lab=lab,
        checks={check.id: check for check in lab.checks} if lab else {},
        score=score,
        weakest=_weakest(score),
        pass_share=PASS_SHARE,
        badges={name: base64.b64encode(picture).decode("ascii") for name, picture in (badges or {}).items()},
    )


def _weakest(score: Score) -> str:
    """Return the id of the check where most points are left, or nothing if all is well."""
    left = [
        (r.points - float(r.earned), r.check) for r in score.results if r.earned is not None and r.earned < r.points
    ]
    return max(left, key=lambda item: item[0])[1] if left else ""
