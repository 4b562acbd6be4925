"""The evidence: append-only, read back whole, and honest about half lines."""

from __future__ import annotations

import json
import stat

import pytest
from conftest import Cohort
from sample import CHECKS, score, ungraded

from grader import evidence
from grader.errors import WorkspaceError
from grader.model import Score
from grader.workspace import Workspace


def _append(space: Workspace, learner: str, found: Score, why: str = "grade") -> None:
    told = {"isolation": "nothing executed", "gate": "no model needed", "policy": "2026-11-02 (abc)"}
    evidence.append(space, learner, found, by="trainer", why=why, **told)


def test_grading_leaves_a_record_per_check(full: Cohort) -> None:
    """With role, lab version, engine, gate, isolation, interval, date and trainer, in a file for the owner only."""
    told = full.grade()
    found = list(evidence.by_check(evidence.read(full.space)))
    assert {(r.occasion.learner, r.score.lab) for r in found} == {(t.learner, t.score.lab) for t in told}
    assert len(found) == sum(len(t.score.results) for t in told)
    assert all(r.current and r.result and r.occasion.at and r.score.version and r.score.engine for r in found)
    assert {(r.occasion.role, r.occasion.by, r.occasion.isolation, r.occasion.gate) for r in found} == {
        ("finance", "trainer", "nothing executed", "no model needed")
    }
    assert any(r.result and r.result.interval for r in found)
    assert stat.S_IMODE((full.space.root / evidence.FILE).stat().st_mode) == 0o600


def test_a_newer_score_leaves_the_older_one_standing(cohort: Cohort) -> None:
    """Lines are appended, never changed: the last one counts."""
    for got in (0.2, 0.9):
        _append(cohort.space, "ada", score(CHECKS, got, got))
    first, second = evidence.read(cohort.space)
    assert evidence.share(first.score) == pytest.approx(0.2)
    assert evidence.newest([first, second]) == {("ada", "checks"): second}
    assert [r.current for r in evidence.by_check([first, second])] == [False, False, True, True]


def test_an_ungraded_hand_in_is_on_record_without_points(cohort: Cohort) -> None:
    """With its reason; a reader cannot take it for a zero."""
    _append(cohort.space, "ada", ungraded(CHECKS))
    [record] = evidence.by_check(evidence.read(cohort.space))
    assert record.result is None
    assert record.score.reason


def test_grading_again_makes_a_hand_in_no_newer(cohort: Cohort) -> None:
    """What expires counts from the first time that these answers were graded."""
    for _ in range(2):
        _append(cohort.space, "ada", score(CHECKS, 0.9, 0.9), why="regrade")
    path = cohort.space.root / evidence.FILE
    old, new = path.read_text(encoding="utf-8").splitlines()
    path.write_text(json.dumps({**json.loads(old), "at": "2025-01-01T00:00:00+00:00"}) + "\n" + new + "\n")
    first, second = evidence.read(cohort.space)
    assert evidence.first_graded([first, second], second) == "2025-01-01T00:00:00+00:00"


def test_half_a_line_costs_only_itself(cohort: Cohort) -> None:
    """A killed run's half line is left out, and the next line does not grow onto it."""
    _append(cohort.space, "ada", score(CHECKS, 0.9, 0.9))
    path = cohort.space.root / evidence.FILE
    path.write_bytes(path.read_bytes()[:-40])
    _append(cohort.space, "ben", score(CHECKS, 0.5, 0.5))
    assert [entry.occasion.learner for entry in evidence.read(cohort.space)] == ["ben"]


def test_a_changed_line_is_named(cohort: Cohort) -> None:
    """Evidence that somebody edited is no evidence."""
    _append(cohort.space, "ada", score(CHECKS, 0.9, 0.9))
    path = cohort.space.root / evidence.FILE
    path.write_text(path.read_text(encoding="utf-8").replace('"lab"', '"lob"'), encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"line 1.*lob"):
        evidence.read(cohort.space)


def test_the_interval_of_a_score_rests_on_its_smallest_check() -> None:
    """It holds the share, and says nothing where nothing was measured on cases."""
    low, high = evidence.interval(score(CHECKS, 0.9, 0.5)) or (0, 0)
    assert low < evidence.share(score(CHECKS, 0.9, 0.5)) < high
    assert evidence.interval(ungraded(CHECKS)) is None
