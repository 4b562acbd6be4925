"""The evidence of a cohort: one line per score in `evidence.jsonl`, appended and never changed.

A line says who was scored on which version of which lab, with which model and its gate, in which isolation, when, by
whom and why, and holds the whole `Score`. The gradebook says what counts now; the evidence says how it came about.
The one thing that removes a line is the erasure of a person (`grader.erasure`), which leaves a receipt.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from atelier import records
from atelier.files import write_private
from atelier.kits.base import wilson
from grader.engines.gate import Gate
from grader.errors import WorkspaceError
from grader.model import CheckResult, Lab, Score
from grader.workspace import Workspace

FILE = "evidence.jsonl"
BADGE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Occasion:
    """The circumstances of one scoring.

    at          UTC, ISO 8601
    by          the trainer who graded
    why         "grade", or "regrade" where it was graded before
    isolation   what the learner's code ran in; "nothing executed" for forms
    gate        whether the model qualified for the lab
    policy      the policy in force, as `catalog.policy_name` gives it
    """

    at: str
    course: str
    role: str
    learner: str
    by: str
    why: str
    isolation: str
    gate: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the evidence."""

    occasion: Occasion
    score: Score


@dataclass(frozen=True, slots=True)
class Record:
    """One check of one entry. `result` is None where the hand-in could not be graded; `score.reason` says why.

    current   whether it is of the learner's newest entry for the lab: the one that counts
    """

    occasion: Occasion
    score: Score
    result: CheckResult | None
    current: bool


def gate_of(lab: Lab, gate: Gate | None) -> str:
    """Return in words whether the model may judge `lab`."""
    if not hasattr(lab.setup, "qualified"):
        return "no model needed"
    if gate is None:
        return "not measured"
    return "qualified" if gate.qualified else "not qualified"


def append(
    space: Workspace, learner: str, score: Score, *, by: str, why: str, isolation: str, gate: str, policy: str
) -> None:
    """Append one line. A line that a killed run left half written stays apart."""
    settings = space.settings
    at = datetime.now(UTC).isoformat(timespec="seconds")
    occasion = Occasion(at, settings.course, settings.role, learner, by, why, isolation, gate, policy)
    handle = os.open(space.root / FILE, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "r+b", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        file.write((b"\n" if torn else b"") + _line(occasion, score))


def _line(occasion: Occasion, score: Score) -> bytes:
    flat = {**records.dump(occasion), **records.dump(score)}
    return json.dumps(flat, ensure_ascii=False, default=str).encode() + b"\n"


def read(space: Workspace) -> tuple[Entry, ...]:
    """Return all evidence, oldest first. WorkspaceError if a line is whole and yet none of ours."""
    return tuple(entry for _, entry in lines(space.root / FILE))


def lines(path: Path) -> Iterator[tuple[bytes, Entry]]:
    """Yield each line of the file `path` as it stands, with what it says; half lines of a killed run are left out."""
    try:
        written = path.read_bytes()
    except FileNotFoundError:
        return
    for number, line in enumerate(written.split(b"\n"), 1):
        try:
            raw = json.loads(line)
        except ValueError:
            continue
        try:
            told = {key: raw.pop(key) for key in Occasion.__dataclass_fields__ if key in raw}
            yield line, Entry(records.load(Occasion, told), records.load(Score, raw))
        except (records.RecordError, AttributeError, TypeError) as error:
            raise WorkspaceError(
                f"{path.name}, line {number}, is no evidence of a score: {error}.",
                "Somebody changed the file: put it back from a backup.",
            ) from error


def remove(space: Workspace, learner: str) -> None:
    """Remove a learner's lines, and half lines, whoever's they were. For the erasure of a person only."""
    kept = [line for line, entry in lines(space.root / FILE) if entry.occasion.learner != learner]
    if (space.root / FILE).exists():
        write_private(space.root / FILE, b"".join(line + b"\n" for line in kept))


def newest(entries: Iterable[Entry]) -> dict[tuple[str, str], Entry]:
    """Return the entry that counts, by (learner, lab): the last one."""
    return {(entry.occasion.learner, entry.score.lab): entry for entry in entries}


def by_check(entries: Iterable[Entry]) -> Iterator[Record]:
    """Yield a record per check of every entry, in order."""
    everything = tuple(entries)
    counting = {id(entry) for entry in newest(everything).values()}
    for entry in everything:
        for result in entry.score.results or (None,):
            yield Record(entry.occasion, entry.score, result, id(entry) in counting)


def first_graded(entries: Iterable[Entry], entry: Entry) -> str:
    """Return when the hand-in of `entry` was first graded: grading it again makes it no newer."""
    key = (entry.occasion.learner, entry.score.lab, entry.score.submission)
    return min(
        e.occasion.at
        for e in entries
        if e.score.graded and (e.occasion.learner, e.score.lab, e.score.submission) == key
    )


def share(score: Score) -> float:
    """Return the share of its points that a graded score earned, 0 to 1."""
    return float(score.earned) / score.points if score.points else 0.0


def interval(score: Score) -> tuple[float, float] | None:
    """Return a 95 % interval of `share`; None if no check was measured on cases.

    Wilson's formula with the share as a proportion, on as many cases as the check with the fewest had: wider than
    needed for partial points.
    """
    counted = [result.n for result in score.results if result.n]
    return wilson(share(score) * min(counted), min(counted)) if counted else None


def earns_badge(score: Score) -> bool:
    """Return whether a score earns the lab's badge: 80 % of the points, every check evaluated, no cap."""
    return score.graded and not score.cap and not score.rescaled and share(score) >= BADGE_SHARE
