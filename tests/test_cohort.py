"""The sample cohort: real submissions, each with the score that it deserves. And the demo that grades them, start to end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from atelier import exchange
from grader import catalog, demo, nbg, notebook, pipeline, scoring, workspace
from grader.catalog import Catalog
from grader.demo import Expected
from grader.model import Lab

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = demo.cohort(ROOT)
FOLDER = ROOT / demo.COHORT
ALL = {(learner.id, lab): expected for learner in SAMPLE.learners for lab, expected in learner.labs.items()}
ON_MODEL = "invoice-fields"


def test_it_is_a_cohort_with_everything_that_cohorts_have() -> None:
    """Excellent, average and confused people; unfinished, empty and broken hand-ins; one that was tampered with."""
    assert len(SAMPLE.learners) >= 12
    totals = [e.earns for e in ALL.values() if e.earns is not None]
    assert sum(total >= 90 for total in totals) >= 10
    assert sum(20 < total < 90 for total in totals) >= 15
    assert sum(total == 0 for total in totals) >= 4
    assert sum(e.earns is None for e in ALL.values()) >= 5
    assert any(not (FOLDER / learner / lab).exists() for learner, lab in ALL), "nobody handed in an untouched lab"
    assert (FOLDER / "jonas-weber/invoice-checks/invoice-checks.ipynb").exists()


def test_every_file_belongs_to_a_declared_submission() -> None:
    """Nobody has files for a lab that they do not hand in, or under a name that no learner has."""
    there = {(path.parts[-3], path.parts[-2]) for path in FOLDER.glob("*/*/*")}
    assert there <= set(ALL)


@pytest.mark.parametrize(("learner", "lab"), [key for key in ALL if key[1] != ON_MODEL])
def test_each_submission_earns_what_it_deserves(known: Catalog, tmp_path: Path, learner: str, lab: str) -> None:
    """Labs that ask no model, scored on the cohort's own hidden cases; the demo's test has the other one."""
    found = known.lab(lab)
    _lay_out(found, tmp_path, FOLDER / learner / lab)
    submission = scoring.read(found, tmp_path, None)
    score = scoring.score(found, submission, catalog.hidden_cases(found, SAMPLE.secret), {}, "none")
    expected = ALL[learner, lab]
    assert score.graded == (expected.earns is not None), score.reason
    if expected.earns is None:
        assert score.reason
        assert score.remedy
    else:
        assert float(score.earned) == pytest.approx(expected.earns, abs=expected.within)


def _lay_out(lab: Lab, target: Path, made: Path) -> None:
    (target / f"{lab.id}.ipynb").write_text(notebook.dumps(notebook.source(lab)), encoding="utf-8")
    for path in made.iterdir() if made.is_dir() else ():
        shutil.copyfile(path, target / path.name)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, demo.Result]:
    target = tmp_path_factory.mktemp("demo")
    return target, demo.run(catalog.load(ROOT), target, lambda *_: None, lambda _: None)


@pytest.mark.model
def test_the_demo_grades_everybody_as_declared(shown: tuple[Path, demo.Result], known: Catalog) -> None:
    """Exchange, practice model, gradebook: every submission ends as its declared score, or ungraded with reason and remedy."""
    target, result = shown
    space = workspace.load(target / "course")
    scores = {(who, s.lab): s for who, s in pipeline.scores(space, known.track(SAMPLE.role))}
    assert scores.keys() == ALL.keys()
    for key, expected in ALL.items():
        assert _fits(scores[key].graded, float(scores[key].earned), expected), (key, scores[key])
    graded = [s for s in scores.values() if s.graded]
    figures = result.figures
    assert (figures["learners"], figures["submissions"]) == (len(SAMPLE.learners), len(ALL))
    assert (figures["graded"], figures["ungraded"]) == (len(graded), len(ALL) - len(graded))
    assert figures["points"] == pytest.approx(float(sum(s.earned for s in graded)))
    rows = [row for row in nbg.grades(space.course) if row.score is not None]
    assert sum(row.score or 0 for row in rows) == pytest.approx(figures["points"], abs=0.05)


def _fits(graded: bool, earned: float, expected: Expected) -> bool:
    if expected.earns is None:
        return not graded
    return graded and abs(earned - expected.earns) <= expected.within


@pytest.mark.model
def test_who_tampered_is_named_to_the_trainer_and_nobody_else_is(
    shown: tuple[Path, demo.Result], known: Catalog
) -> None:
    """The edited check is a fact in the report; honest work raises no flag; forged points earn nothing."""
    space = workspace.load(shown[0] / "course")
    flags = {(who, s.lab): s.flags for who, s in pipeline.scores(space, known.track(SAMPLE.role)) if s.flags}
    assert set(flags) == {("jonas-weber", "invoice-checks"), ("oliver-brandt", "invoice-checks")}
    assert flags["jonas-weber", "invoice-checks"] == ("the check cell 'catch-rate' was edited",)
    assert "the check cell 'catch-rate' was edited" in shown[1].report.read_text(encoding="utf-8").replace("&#39;", "'")


@pytest.mark.model
def test_learners_get_their_feedback(shown: tuple[Path, demo.Result]) -> None:
    """Each graded hand-in's page comes back through the exchange, to its learner alone."""
    target, _ = shown
    seat = exchange.Seat(target / "course/exchange", SAMPLE.course, "amelie-roux", target / "learners/amelie-roux")
    (found,) = exchange.fetch_feedback("invoice-checks", seat)
    assert found.feedback is not None
    page = found.feedback.read_text(encoding="utf-8")
    assert "96.9" in page
    assert not [person.last for person in SAMPLE.learners if person.last in page]


@pytest.mark.model
def test_a_second_run_does_nothing_again(shown: tuple[Path, demo.Result]) -> None:
    """Same figures, no new evidence, no second hand-in."""
    target, first = shown
    before = _graded_evidence(target)
    again = demo.run(catalog.load(ROOT), target, lambda *_: None, lambda _: None)
    unchanged = {key: value for key, value in first.figures.items() if key != "seconds"}
    assert {key: value for key, value in again.figures.items() if key != "seconds"} == unchanged
    assert _graded_evidence(target) == before
    assert len(list((target / "course/exchange/sample/inbound").iterdir())) == len(ALL)


def _graded_evidence(target: Path) -> list[str]:
    """Return the evidence of graded submissions; ungraded ones are tried again each time."""
    lines = (target / "course/evidence.jsonl").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not json.loads(line)["reason"]]
