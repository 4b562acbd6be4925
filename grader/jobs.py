"""What is graded and executed, and what comes of it: frozen records that cross between processes as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from grader.model import Limits, Score


class Role(StrEnum):
    """Who wrote a cell, and so where it runs."""

    LEARNER = "learner"  # in the learner's process
    LOCKED = "locked"  # the release's own: in the learner's process, and its definitions in the judge's as well
    CHECK = "check"  # in the judge's process


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell to run. `points` are the most that a check gives, in the gradebook's points."""

    id: str
    role: Role
    source: str
    points: float = 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """One notebook to execute.

    id       names the job in results
    cells    code cells in the order of the release, checks from its master
    asked    names that the release asks learners to define
    classes  those of them that it defines as classes
    imports  import statements of the release: in checks these names mean what they mean there
    inputs   folder of files that the notebook finds beside it, or ""
    lab      lab whose hidden cases its checks use, or ""
    files    whether what the notebook wrote is wanted back
    engine   "split": checks in a judge's process; "kernel": all in one sandboxed kernel
    """

    id: str
    cells: tuple[Cell, ...]
    asked: frozenset[str] = frozenset()
    inputs: str = ""
    lab: str = ""
    limits: Limits = field(default_factory=Limits)
    files: bool = False
    engine: str = "split"
    classes: frozenset[str] = frozenset()
    imports: tuple[str, ...] = ()


class Outcome(StrEnum):
    """How a cell ended."""

    RAN = "ran"
    RAISED = "raised"
    TOO_LONG = "too long"
    NOT_PLAIN = "not plain"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class CellResult:
    """What became of a cell. `earned` is 0 for cells that are no checks; `note` is what the check left for its result."""

    cell: str
    outcome: Outcome
    earned: float = 0.0
    outputs: tuple[dict[str, Any], ...] = ()
    says: str = ""
    note: Any = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a job.

    complete   True if every cell has its result
    fault      what the judge's side could not do: the submission is then ungraded, never a zero
    why        why the learner's process was ended early, or ""
    level      isolation level that held
    """

    job: str
    complete: bool
    fault: str = ""
    why: str = ""
    level: str = ""
    seconds: float = 0.0
    files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """A job that was run: results of its cells as far as they came, and its end."""

    cells: tuple[CellResult, ...]
    ended: Ended


@dataclass(frozen=True, slots=True)
class Task:
    """One submission to grade.

    replies   recorded replies of the model that its kit asked for, by request key
    engine    id of that model
    """

    lab: str
    learner: str
    folder: str
    engine: str
    replies: dict[str, str] = field(default_factory=dict)


# A task, and the seconds that it may take.
Timed = tuple[Task, float]


@dataclass(frozen=True, slots=True)
class Marked:
    """A graded submission: its score, and the isolation level that its code ran in ("" where nothing was executed).

    comments   per answer cell that nbgrader keeps comments for, whether it came back untouched
    manual     checks that a person has to grade
    """

    task: Task
    score: Score
    isolation: str = ""
    comments: dict[str, bool] = field(default_factory=dict)
    manual: tuple[str, ...] = ()
