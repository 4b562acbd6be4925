"""The records of the trainer side. Frozen, plain, and free of imports but the policy's record."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from atelier.policy import Policy


@dataclass(frozen=True, slots=True)
class Check:
    """A graded check of a lab.

    id       name of the check, final once released
    part     the kit's part that the check gives points for
    points   share of the lab's 100 points, a whole number
    says     what is measured, in one sentence for the learner
    """

    id: str
    part: str
    points: int
    says: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one submission. All but `megabytes` apply where learner code is executed.

    seconds        how long the whole may take
    cell_seconds   how long one cell, or one check, may take
    memory_mb      memory of the learner's process and all that it starts
    processes      processes and threads that it may have at once
    disk_mb        how much it may write
    output_kb      how much output of one cell is kept
    megabytes      how large the files handed in may be
    """

    seconds: int = 120
    cell_seconds: int = 30
    memory_mb: int = 1024
    processes: int = 32
    disk_mb: int = 256
    output_kb: int = 200
    megabytes: int = 64


@dataclass(frozen=True, slots=True)
class LabFile:
    """`lab.toml`, key by key.

    format           version of this file's layout
    title            what the lab is called, as an action at work
    kit              which kit reads and scores the answer
    mode             how the learner answers: "form", widgets without programming, or "code", Python functions
    minutes          how long a first pass takes
    summary          one sentence for lists
    why              what goes wrong at work without this, in two or three sentences
    hand_in          what the learner hands in
    objectives       what the learner can do afterwards
    skills           practice lines of courses/skills.toml that the lab counts for
    checks           what is graded; the points of all checks sum to 100
    setup            the kit's own settings for this lab
    tomorrow         three to five things to use at work tomorrow
    practice_cases   cases with the truth shown, drawn for each cohort
    hidden_cases     cases that only the grader sees, drawn from the cohort's secret
    requires         labs to hand in first
    policy           whether cases follow courses/policy.toml: `cases` gets it, and a changed policy is a new version
    limits           bounds of one submission
    variant_of       the lab whose cases and data this one shares: the same work, answered in another mode. Its checks keep
                     that lab's ids, since skills count whichever of the two was done better
    execution        how a code lab runs: "split", checks apart from the learner's code, or "kernel", all in one
                     sandboxed kernel, for checks that need more than plain data; its report says that the points
                     were earned in the learner's own process
    """

    format: Literal[1]
    title: str
    kit: Literal["prompting", "validation", "redaction", "decisions", "testing", "functions"]
    mode: Literal["form", "code"]
    minutes: int
    summary: str
    why: str
    hand_in: str
    objectives: tuple[str, ...]
    skills: tuple[str, ...]
    checks: tuple[Check, ...]
    setup: dict[str, Any]
    tomorrow: tuple[str, ...]
    practice_cases: int
    hidden_cases: int
    requires: tuple[str, ...] = ()
    policy: bool = False
    limits: Limits = field(default_factory=Limits)
    variant_of: str = ""
    execution: Literal["split", "kernel"] = "split"


@dataclass(frozen=True, slots=True)
class Lab:
    """A lab of the catalogue.

    version   hash over its folder, and over the policy if its cases follow it
    setup     the kit's own record
    policy    the organisation's policy, which learners get with the lab; None where it was not readable
    base      folder of the lab whose cases and data a variant shares; None for a lab of its own
    """

    id: str
    root: Path
    version: str
    file: LabFile
    setup: Any
    policy: Policy | None = None
    base: Path | None = None

    @property
    def cases_root(self) -> Path:
        """Return the folder that holds the lab's `cases.py`."""
        return self.base or self.root

    @property
    def points(self) -> int:
        """Return the most that the lab can give."""
        return sum(check.points for check in self.file.checks)


@dataclass(frozen=True, slots=True)
class Kpi:
    """What a role's workflow is measured by. `counts_review` says whether review time is included."""

    name: str
    unit: str
    baseline: str
    target: str
    counts_review: bool


@dataclass(frozen=True, slots=True)
class Module:
    """A step of a role's track: labs in order, and why here."""

    title: str
    why: str
    labs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleFile:
    """`courses/roles/<id>.toml`, key by key.

    optional   labs beside the track, such as code variants: nobody must do them, and a trainer releases them by name
    """

    format: Literal[1]
    title: str
    summary: str
    workflow: tuple[str, ...]
    kpi: Kpi
    afterwards: tuple[str, ...]
    modules: tuple[Module, ...]
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """A role and its track."""

    id: str
    file: RoleFile

    @property
    def labs(self) -> tuple[str, ...]:
        """Return the ids of the track's labs, in order."""
        return tuple(lab for module in self.file.modules for lab in module.labs)


@dataclass(frozen=True, slots=True)
class Need:
    """What a level asks for: a check at a share of its points."""

    lab: str
    check: str
    share: float


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a practice line."""

    id: str
    title: str
    says: str
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A practice line, such as validation, with its levels in order."""

    id: str
    title: str
    says: str
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Skills:
    """`courses/skills.toml`."""

    format: Literal[1]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """A practice model by configuration. An empty `base_url` means a model file on this machine.

    model     the model's name at that address; without an address the file of a fetched model, or empty for the embedded one
    key_env   name of the environment variable that holds the key; keys are never written down
    """

    base_url: str = ""
    model: str = ""
    key_env: str = ""


class Status(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_EVALUATED = "not evaluated"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Points of one check, with the message for the learner. `earned` is None when not evaluated."""

    check: str
    status: Status
    earned: Decimal | None
    points: int | float
    says: str
    survived: tuple[str, ...] = ()
    n: int = 0
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """What one submission earned, or why it could not be graded.

    results     one per check of the lab, in order; empty when ungraded
    reason      empty when graded; else what is wrong with the submission or the machine
    remedy      what to do about it
    flags       facts for the trainer that change no point (an edited check cell, a missing one)
    rescaled    checks that could not be evaluated: the rest counts for all points
    """

    lab: str
    version: str
    submission: str
    engine: str
    results: tuple[CheckResult, ...] = ()
    cap: str = ""
    reason: str = ""
    remedy: str = ""
    flags: tuple[str, ...] = ()
    rescaled: bool = False

    @property
    def graded(self) -> bool:
        """Return whether there is a score at all."""
        return not self.reason

    @property
    def earned(self) -> Decimal:
        """Return the points earned; 0 while ungraded, so ask `graded` first."""
        return sum((r.earned for r in self.results if r.earned is not None), Decimal(0))

    @property
    def points(self) -> int | float:
        """Return the points that could be earned."""
        return sum(r.points for r in self.results)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A wrong, partial or cheating answer of a lab's `attempts.py`, and what it must earn of 100.

    answer   the kit's record, or plain data put into `answers.json` as it is (to try bad input), or None
    earns    points of 100 under the secret of `atelier check`, to 0.05
    why      what it tries, in one line
    ungraded True if the answer cannot be read: it must end without a score, never as a zero
    """

    answer: Any
    earns: float
    why: str
    ungraded: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """A proof that an adoption phase needs. `source` says where it comes from.

    labs, people   gradebook: at least so many people were graded on each of these labs
    proof          declared: where the proof can be seen, and who says so; empty while there is none
    """

    id: str
    says: str
    source: Literal["gradebook", "kpi", "policy", "declared"]
    labs: tuple[str, ...] = ()
    people: int = 0
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Phase:
    """One of the four phases of adoption. The first needs no evidence: everybody starts there."""

    id: str
    title: str
    says: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What a committee must be able to answer before it extends.

    evidence   ids of the proofs, of whatever phase, that answer it
    until      what to do as long as one of them is missing
    """

    id: str
    asks: str
    evidence: tuple[str, ...]
    until: str


@dataclass(frozen=True, slots=True)
class Adoption:
    """`courses/adoption.toml`."""

    format: Literal[1]
    phases: tuple[Phase, ...]
    questions: tuple[Question, ...] = ()
