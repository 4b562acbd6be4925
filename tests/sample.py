"""A small track by hand, for tests of what is told: two labs, two practice lines, and scores made to order."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from atelier.policy import Consequence, DataClass, Policy, Post, Tier, Validation
from grader.model import (
    Adoption,
    Check,
    CheckResult,
    Evidence,
    Kpi,
    Lab,
    LabFile,
    Level,
    Line,
    Module,
    Need,
    Phase,
    Role,
    RoleFile,
    Score,
    Skills,
    Status,
)
from grader.progress.guide import LearnerScores


def lab(lab_id: str, checks: dict[str, int], requires: tuple[str, ...] = ()) -> Lab:
    file = LabFile(
        format=1,
        title=f"Title of {lab_id}",
        kit="validation",
        mode="form",
        minutes=40,
        summary=f"Summary of {lab_id}.",
        why="Why it matters.",
        hand_in="A plan.",
        objectives=("Tell a fault from an oddity",),
        skills=("validation",),
        checks=tuple(Check(check, check, points, f"What {check} measures.") for check, points in checks.items()),
        setup={},
        tomorrow=("Compare the IBAN",),
        practice_cases=30,
        hidden_cases=120,
        requires=requires,
    )
    return Lab(lab_id, Path(lab_id), "v1", file, None)


BASICS = lab("basics", {"start": 100})
CHECKS = lab("checks", {"caught": 70, "field": 30}, ("basics",))
LABS = (BASICS, CHECKS)

ROLE = Role(
    "finance",
    RoleFile(
        format=1,
        title="Finance",
        summary="Invoices.",
        workflow=("An invoice comes in",),
        kpi=Kpi("Minutes per invoice", "minutes", "", "a fifth less", counts_review=True),
        afterwards=("Keeps a list of checks",),
        modules=(Module("First", "Because it is short.", ("basics",)), Module("Then", "It builds on it.", ("checks",))),
    ),
)

SKILLS = Skills(
    1,
    (
        Line(
            "validation",
            "Validation",
            "Deciding what may leave.",
            (
                Level("discovers", "Discovers", "Sees faults.", (Need("basics", "start", 0.5),)),
                Level(
                    "practises", "Practises", "Catches faults.", (Need("checks", "caught", 0.5), Need("other", "x", 1))
                ),
                Level(
                    "validates",
                    "Validates",
                    "Names them.",
                    (Need("checks", "caught", 0.8), Need("checks", "field", 0.8)),
                ),
                Level("owns", "Owns", "Answers for it."),
            ),
        ),
        Line("elsewhere", "Elsewhere", "Not on this track.", (Level("a", "A", "a", (Need("other", "x", 0.1),)),)),
    ),
)

POLICY = Policy(
    1,
    "An owner",
    "the desk",
    "2026-11-02",
    2000,
    (
        DataClass("public", "Public", "Anyone.", ("A price list",), "none"),
        DataClass("personal", "Personal", "A person.", ("A CV",), "each"),
    ),
    (Tier("here", "Here", "Stays.", ("public", "personal")), Tier("cloud", "Cloud", "Leaves.", ("public",))),
    (Validation("none", "None", "Drafts."), Validation("each", "Each", "Money.")),
    (Consequence("draft", "A draft", "Nobody acts.", "none"), Consequence("spying", "Spying", "Never.")),
    (Post("head", "Head", "Answers.", owns=True, checks=True), Post("it", "IT", "Runs it.")),
)

ADOPTION = Adoption(
    1,
    (
        Phase("one", "1 Pilots", "Tools."),
        Phase(
            "two", "2 Scattered", "Teams.", (Evidence("seen", "Five people", "gradebook", labs=("checks",), people=5),)
        ),
        Phase(
            "three",
            "3 Measured",
            "Owners.",
            (Evidence("policy", "A policy", "policy"), Evidence("kpi", "A KPI", "kpi")),
        ),
        Phase("four", "4 Embedded", "Work.", (Evidence("log", "A log", "declared"),)),
    ),
)


def result(check: str, share: float | None, points: int, survived: tuple[str, ...] = ()) -> CheckResult:
    if share is None:
        # As scoring does it: rescaled points, but no evidence.
        return CheckResult(check, Status.NOT_EVALUATED, Decimal(points) / 2, points, "Not evaluated.")
    status = Status.PASSED if share >= 0.8 else Status.PARTIAL if share else Status.FAILED
    earned = Decimal(str(round(share * points, 2)))
    return CheckResult(check, status, earned, points, f"Result of {check}.", survived, 120, (share / 2, share))


def score(
    of: Lab, *shares: float | None, survived: tuple[str, ...] = (), cap: str = "", flags: tuple[str, ...] = ()
) -> Score:
    results = tuple(
        result(check.id, share, check.points, survived) for check, share in zip(of.file.checks, shares, strict=True)
    )
    return Score(of.id, of.version, "abc", "engine-1", results, cap, flags=flags, rescaled=None in shares)


def ungraded(of: Lab) -> Score:
    return Score(of.id, of.version, "abc", "engine-1", reason="answers.json is empty.", remedy="Hand in again.")


def person(learner: str, *scores: Score, name: str = "", sessions: tuple[str, ...] = ()) -> LearnerScores:
    return LearnerScores(learner, scores, name, sessions=sessions)
