"""A learner's feedback on one hand-in: what each check found, what got through, what to do next. Pure.

It says what the kit's messages say: kinds of faults, never a hidden case.
"""

from __future__ import annotations

import base64

from grader import templates
from grader.model import Lab, Score
from grader.scoring import PASS_SHARE


def render(lab: Lab, score: Score, badge: bytes = b"") -> str:
    """Return the feedback page of one submission as a self-contained HTML document.

    badge   the picture of the badge it earned (SVG, holds the signed credential); empty if there is none
    """
    return templates.page(
        "feedback.html",
        lab=lab.file,
        checks={check.id: check for check in lab.file.checks},
        score=score,
        weakest=_weakest(score),
        pass_share=PASS_SHARE,
        badge=base64.b64encode(badge).decode("ascii"),
    )


def _weakest(score: Score) -> str:
    """Return the id of the check where most points are left, or nothing if all is well."""
    left = [
        (r.points - float(r.earned), r.check) for r in score.results if r.earned is not None and r.earned < r.points
    ]
    return max(left, key=lambda item: item[0])[1] if left else ""
