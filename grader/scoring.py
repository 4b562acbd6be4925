"""From a submission's folder to a `Score`. Reading never trusts, scoring is pure, and neither raises on bad input."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from atelier import answers, kits
from atelier.errors import AnswersAbsent, AnswersError
from atelier.kits.base import Part, Replies, Request, Verdict
from grader import notebook
from grader.model import CheckResult, Lab, Score, Status

PASS_SHARE = 0.8
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission as read: the answer, or the reason why there is none to score.

    answer     the kit's record; None if nothing was answered (that is worth 0, honestly)
    reason     empty if it can be scored; else what is wrong with the files
    flags      facts for the trainer that change no point
    notebook   the notebook that was handed in, if it can be read
    """

    lab: str
    hash: str
    answer: Any = None
    reason: str = ""
    remedy: str = ""
    flags: tuple[str, ...] = ()
    notebook: notebook.Notebook | None = None


def read(lab: Lab, folder: Path, released: notebook.Notebook | None) -> Submission:
    """Read the submission of `lab` in `folder`; `released` is compared with the notebook handed in."""
    digest = fingerprint(lab.id, folder, [f"{lab.id}.ipynb", answers.FILE])
    reading = notebook.read(folder / f"{lab.id}.ipynb")
    flags: tuple[str, ...] = ()
    if reading.notebook is None:
        # The answers of a form lab live beside the notebook, so a damaged notebook costs no points.
        flags = (f"{reading.reason}; the answers were read from {answers.FILE}",)
    elif released is not None:
        flags = notebook.changes(released, reading.notebook)
    try:
        found = answers.read(folder / answers.FILE, lab.id)
        decoded = answers.decode(kits.load(lab.file.kit), found)
        return Submission(lab.id, digest, decoded, flags=flags, notebook=reading.notebook)
    except AnswersAbsent as absent:
        if reading.notebook is None:
            return Submission(
                lab.id, digest, None, f"Neither answers nor notebook: {reading.reason}.", absent.remedy, flags
            )
        return Submission(lab.id, digest, None, flags=flags, notebook=reading.notebook)
    except AnswersError as error:
        return Submission(lab.id, digest, None, error.says, error.remedy, flags)


def fingerprint(lab: str, folder: Path, names: Sequence[str]) -> str:
    """Return 16 hex digits over the files that count. Unreadable and huge files count by their size."""
    digest = hashlib.sha256(lab.encode())
    for name in names:
        path = folder / name
        if path.is_symlink() or not path.is_file():
            digest.update(b"\0none")
        elif path.stat().st_size > notebook.MAX_BYTES:
            digest.update(f"\0large {path.stat().st_size}".encode())
        else:
            digest.update(b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def requests(lab: Lab, submission: Submission, cases: Sequence[Any]) -> tuple[Request, ...]:
    """Return the model requests that scoring this submission needs; none if its engine did not qualify."""
    if submission.answer is None or not getattr(lab.setup, "qualified", True):
        return ()
    return kits.load(lab.file.kit).requests(submission.answer, cases, lab.setup)


def score(lab: Lab, submission: Submission, cases: Sequence[Any], replies: Replies, engine: str) -> Score:
    """Score a submission on `cases`. Pure: the same arguments give the same score."""
    if submission.reason:
        return ungraded(lab, submission, engine, submission.reason, submission.remedy)
    verdict = kits.load(lab.file.kit).score(submission.answer, cases, lab.setup, replies)
    results, rescaled = award(lab, verdict)
    return Score(
        lab=lab.id,
        version=lab.version,
        submission=submission.hash,
        engine=engine,
        results=results,
        cap=verdict.cap.why if verdict.cap else "",
        flags=submission.flags,
        rescaled=rescaled,
    )


def ungraded(lab: Lab, submission: Submission, engine: str, reason: str, remedy: str) -> Score:
    """Return a score that says why there is none. It is never a zero."""
    return Score(lab.id, lab.version, submission.hash, engine, reason=reason, remedy=remedy, flags=submission.flags)


def award(lab: Lab, verdict: Verdict) -> tuple[tuple[CheckResult, ...], bool]:
    """Turn a kit's verdict into points per check, to the cent; second, whether the rest was rescaled.

    A check that could not be evaluated gets its points at the mean share of the evaluated ones, which leaves
    the total what rescaling the rest to the full points gives. A cap scales every check by cap / total.
    """
    parts = [verdict.part(check.part) for check in lab.file.checks]
    known = [(c.points, p.fraction) for c, p in zip(lab.file.checks, parts, strict=True) if p.fraction is not None]
    weight = sum(points for points, _ in known)
    mean = sum(points * fraction for points, fraction in known) / weight if weight else None
    shares = [part.fraction if part.fraction is not None else mean for part in parts]
    total = sum(c.points * s for c, s in zip(lab.file.checks, shares, strict=True) if s is not None)
    scale = verdict.cap.points / total if verdict.cap and total > verdict.cap.points else 1.0
    results = tuple(
        _result(check.id, check.points, part, share, scale)
        for check, part, share in zip(lab.file.checks, parts, shares, strict=True)
    )
    return results, len(known) < len(parts)


def _result(check: str, points: int, part: Part, share: float | None, scale: float) -> CheckResult:
    if part.fraction is None or share is None:
        status = Status.NOT_EVALUATED
    elif share >= PASS_SHARE:
        status = Status.PASSED
    else:
        status = Status.PARTIAL if share > 0 else Status.FAILED
    earned = None if share is None else Decimal(repr(points * min(max(share, 0.0), 1.0) * scale)).quantize(_CENT)
    return CheckResult(check, status, earned, points, part.says, part.survived, part.n, part.interval)
