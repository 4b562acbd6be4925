"""A cohort from release to feedback, on the real exchange and gradebook, and what must not disturb it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import NO_MODEL, ROOT, Cohort, honest
from nbgrader.api import Gradebook

from atelier import answers, exchange
from atelier.errors import ExchangeError
from grader import catalog, nbg, notebook, pipeline, scoring
from grader.errors import WorkspaceError
from grader.model import Attempt, Score

LAB = "invoice-checks"


def _reference(cohort: Cohort) -> Any:
    return catalog.attempts(cohort.lab(LAB))[0]


def _attempt(cohort: Cohort, name: str) -> Attempt:
    return catalog.attempts(cohort.lab(LAB))[1][name]


def _scores(cohort: Cohort) -> dict[tuple[str, str], Score]:
    return {(learner, score.lab): score for learner, score in pipeline.scores(cohort.space, cohort.labs)}


def _evidence(cohort: Cohort) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (cohort.space.root / "evidence.jsonl").read_text().splitlines()]


# From start to end


def test_a_cohort_goes_from_release_to_feedback(full: Cohort) -> None:
    """Everybody earns in the gradebook what their answer is declared to earn, and fetches a page that says so."""
    told = full.grade()
    assert [(t.score.lab, t.learner) for t in told] == sorted(
        (lab, p) for lab in NO_MODEL for p in honest(full.lab(lab))
    )
    assert all(t.fresh and t.score.graded and not t.score.flags for t in told)
    points = full.points()
    for lab in full.labs:
        for learner, attempt in honest(lab).items():
            earned = points[learner, lab.id]
            assert earned == pytest.approx(attempt.earns, abs=5 if learner == "ada" else 0.05), (learner, lab.id)
    assert pipeline.feedback(full.space, full.labs) == len(told)
    for learner in ("ada", "ben", "dora"):
        [hand_in] = exchange.fetch_feedback(LAB, full.seat(learner))
        assert hand_in.feedback is not None
        page = hand_in.feedback.read_text()
        assert full.lab(LAB).file.title in page
        assert f"{points[learner, LAB]:g}" in re.sub(r"\.00\b|(\.\d)0\b", r"\1", page)


def test_learners_get_neither_hidden_code_nor_other_files(released: Cohort) -> None:
    """The release holds notebook, lab.json, practice cases and data; no block of the grader's, no answers."""
    for lab in released.labs:
        out = released.space.course.exchange / "autumn" / "outbound" / lab.id
        assert {p.name for p in out.iterdir()} == {f"{lab.id}.ipynb", "lab.json", "practice.json", "data"}
        text = (out / f"{lab.id}.ipynb").read_text()
        assert "grader.judge" not in text
        assert "HIDDEN" not in text
        assert released.space.secret not in "".join(p.read_text() for p in out.rglob("*") if p.is_file())


def test_releasing_again_changes_nothing(cohort: Cohort) -> None:
    """A second release of the same versions is a no-op, so that learners' copies stay valid."""
    before = {p: p.stat().st_mtime_ns for p in cohort.space.course.exchange.rglob("*")}
    assert pipeline.release(cohort.space, cohort.labs, cohort.engine.id) == []
    assert {p: p.stat().st_mtime_ns for p in cohort.space.course.exchange.rglob("*")} == before


def test_only_what_changed_is_graded_again(full: Cohort) -> None:
    """A second run grades nothing; a new hand-in grades that one; --force grades all, with the same points."""
    first = full.grade()
    assert not any(t.fresh for t in full.grade())
    full.hand_in("dora", LAB, _reference(full))
    full.collect()
    again = full.grade()
    assert [(t.learner, t.score.lab) for t in again if t.fresh] == [("dora", LAB)]
    assert full.points()["dora", LAB] == full.points()["ada", LAB]
    assert {t.fresh for t in full.grade(force=True, students=["ada"])} == {True}
    assert [t.score for t in full.grade() if t.learner == "ada"] == [t.score for t in first if t.learner == "ada"]
    assert [line["why"] for line in _evidence(full)].count("regrade") == len(NO_MODEL)


def test_the_newest_hand_in_counts(cohort: Cohort) -> None:
    """Better or worse, what was handed in last is what is graded, before and after a collection."""
    seat = cohort.seat("ada")
    cohort.hand_in("ada", LAB, _reference(cohort))
    middling, better = _attempt(cohort, "against the document"), _attempt(cohort, "too strict")
    cohort.hand_in("ada", LAB, middling.answer)
    assert len(exchange.hand_ins(LAB, seat)) == 2
    assert cohort.collect() == 1
    cohort.grade()
    assert cohort.points() == {("ada", LAB): middling.earns}
    cohort.hand_in("ada", LAB, better.answer)
    cohort.collect()
    cohort.grade()
    assert cohort.points() == {("ada", LAB): better.earns}
    pipeline.feedback(cohort.space, cohort.labs)
    assert [h.feedback is not None for h in exchange.fetch_feedback(LAB, seat)] == [False, False, True]
    assert len({line["submission"] for line in _evidence(cohort)}) == 2


def test_a_manual_grade_survives_grading_again(full: Cohort) -> None:
    """Points that a person gave stay; the automatic ones are kept beside them, and the check asks for another look."""
    full.grade()
    with Gradebook(full.space.course.db_url, "autumn") as book:
        grade = book.find_grade("right-field", LAB, LAB, "ben")
        grade.manual_score = 19.5
        automatic = grade.auto_score
        book.db.commit()
    full.grade(force=True)
    [row] = [r for r in nbg.grades(full.space.course) if (r.student, r.check) == ("ben", "right-field")]
    assert (row.score, row.manual) == (19.5, True)
    with Gradebook(full.space.course.db_url, "autumn") as book:
        grade = book.find_grade("right-field", LAB, LAB, "ben")
        assert (grade.auto_score, grade.needs_manual_grade) == (automatic, True)


# Interrupted


def _state(cohort: Cohort) -> dict[str, Any]:
    """Return everything that grading leaves, apart from the times in the evidence."""
    root = cohort.space.root
    return {
        "gradebook": nbg.grades(cohort.space.course),
        "scores": _scores(cohort),
        "autograded": {
            p.relative_to(root).as_posix(): p.read_bytes() for p in (root / "autograded").rglob("*") if p.is_file()
        },
        "evidence": {(line["lab"], line["learner"], line["submission"]) for line in _evidence(cohort)},
    }


@pytest.fixture(scope="module")
def undisturbed(handed_in: Cohort, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    cohort = handed_in.copy(tmp_path_factory.mktemp("undisturbed"))
    cohort.grade()
    return _state(cohort)


def test_an_exception_half_way_costs_nothing(full: Cohort, undisturbed: dict[str, Any]) -> None:
    """What was done before Ctrl-C stays; the next run does the rest and ends where an undisturbed run ends."""

    def stop(done: int, total: int, what: str) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        full.grade(progress=stop)
    assert len(_scores(full)) == 5
    assert sum(t.fresh for t in full.grade()) == 4 * len(NO_MODEL) - 5
    assert _state(full) == undisturbed


KILLED = """
import importlib, os, signal, sys
from pathlib import Path
from grader import catalog, engines, pipeline, workspace
from grader.model import EngineSettings

root, course, module, name, nth = sys.argv[1:]
space, known = workspace.load(Path(course)), catalog.load(Path(root))
module, left = importlib.import_module(module), [int(nth)]
real = getattr(module, name)

def deadly(*args, **more):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args, **more)

setattr(module, name, deadly)
labs = pipeline.labs_of(space, known, LABS)
with engines.configured(EngineSettings()) as engine:
    pipeline.grade(space, labs, engine, by="trainer")
"""


@pytest.mark.parametrize(
    ("module", "name", "nth"),
    [
        pytest.param("grader.scoring", "award", 4, id="while scoring"),
        pytest.param("grader.notebook", "graded", 3, id="gradebook written, autograded half"),
        pytest.param("grader.evidence", "append", 2, id="all but evidence and result"),
        pytest.param("grader.grading", "write_text", 1, id="all but the result"),
    ],
)
def test_a_killed_run_is_taken_up(full: Cohort, undisturbed: dict[str, Any], module: str, name: str, nth: int) -> None:
    """SIGKILL at the worst places: the same command again ends in the same gradebook, files and evidence."""
    script = KILLED.replace("LABS", repr(NO_MODEL))
    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT), str(full.space.root), module, name, str(nth)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(_scores(full)) == nth - 1
    full.grade()
    assert _state(full) == undisturbed


# Bad input

BAD = {
    "empty": (b"", "0 bytes"),
    "cut": (b'{"format": 1, "lab": "invoice-checks", "kit": "valid', "not readable JSON"),
    "list": (b"[1, 2, 3]", "shape"),
    "binary": (b"\xff\xfe\x00PK", "not readable JSON"),
    "unknown field": (
        b'{"format": 1, "lab": "invoice-checks", "kit": "validation", "answer": {"rules": [], "points": 100}}',
        "points",
    ),
    "other lab": (
        b'{"format": 1, "lab": "ledger-sharing", "kit": "redaction", "answer": {}}',
        "belongs to the lab 'ledger-sharing'",
    ),
    "megabyte": (b'{"format": 1, "lab": "' + b"x" * 1024 * 1024 + b'"}', "1,048,"),
    "deep": (b"[" * 100_000, "not readable JSON"),
    "not a number": (b'{"format": 1, "lab": "invoice-checks", "kit": "validation", "answer": NaN}', "NaN"),
}


def test_bad_answers_end_ungraded_with_a_reason_and_stop_nobody(cohort: Cohort) -> None:
    """No bad file is a zero, none keeps others from their grades, and each learner reads what to do."""
    for index, (content, _) in enumerate(BAD.values()):
        cohort.hand_in(f"bad-{index}", LAB, content)
    for learner in ("aaron", "zoe"):  # before and after the bad ones, in the order of grading
        cohort.hand_in(learner, LAB, _reference(cohort))
    cohort.collect()
    told = {t.learner: t.score for t in cohort.grade()}
    for index, (name, (_, says)) in enumerate(BAD.items()):
        score = told[f"bad-{index}"]
        assert not score.graded, name
        assert says in score.reason, name
        assert len(score.reason) < 500, name
        assert score.remedy, name
    assert {learner for learner, _ in cohort.points()} == {"aaron", "zoe"}
    assert told["aaron"].earned == told["zoe"].earned > 95
    pipeline.feedback(cohort.space, cohort.labs)
    [hand_in] = exchange.fetch_feedback(LAB, cohort.seat("bad-1"))
    assert hand_in.feedback is not None
    assert "not readable JSON" in hand_in.feedback.read_text()
    assert "hand in again" in hand_in.feedback.read_text()
    # They are tried again, and mended ones are graded.
    cohort.hand_in("bad-1", LAB, _reference(cohort))
    cohort.collect()
    again = {t.learner: t for t in cohort.grade()}
    assert again["bad-1"].score.earned == told["zoe"].earned
    assert not again["zoe"].fresh


def test_a_bad_hand_in_after_a_good_one_does_not_keep_the_old_points(cohort: Cohort) -> None:
    """The newest hand-in counts: while it cannot be graded, the gradebook shows no points of an older one."""
    cohort.hand_in("ada", LAB, _reference(cohort))
    cohort.collect()
    cohort.grade()
    cohort.hand_in("ada", LAB, b"[")
    cohort.collect()
    assert [t.score.graded for t in cohort.grade()] == [False]
    assert cohort.points() == {}
    assert not cohort.space.step("autograded", "ada", LAB).exists()


def test_a_manual_grade_outlives_a_bad_hand_in(cohort: Cohort) -> None:
    """What a person graded is never thrown away: it stays, without automatic points, for another look."""
    cohort.hand_in("ada", LAB, _reference(cohort))
    cohort.collect()
    cohort.grade()
    with Gradebook(cohort.space.course.db_url, "autumn") as book:
        book.find_grade("robust", LAB, LAB, "ada").manual_score = 7
        book.db.commit()
    cohort.hand_in("ada", LAB, b"[")
    cohort.collect()
    cohort.grade()
    rows = {r.check: (r.score, r.manual) for r in nbg.grades(cohort.space.course)}
    assert rows == {"robust": (7, True), "catch-rate": (None, False), "right-field": (None, False)}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"yesterday", None])
def test_a_hostile_time_stamp_stops_nobody(cohort: Cohort, content: bytes | None) -> None:
    """The stamp that came with a hand-in is the learner's file too: unreadable, it is no time, and no error."""
    for learner in ("eve", "zoe"):
        cohort.hand_in(learner, LAB, _reference(cohort))
    cohort.collect()
    stamp = cohort.space.step("submitted", "eve", LAB) / "timestamp.txt"
    stamp.unlink()
    if content is not None:
        stamp.write_bytes(content)
    assert all(t.score.graded for t in cohort.grade())
    assert cohort.points()["eve", LAB] == cohort.points()["zoe", LAB]
    assert pipeline.feedback(cohort.space, cohort.labs) in (1, 2)
    assert exchange.fetch_feedback(LAB, cohort.seat("zoe"))[0].feedback is not None


def _edit(cells: list[dict[str, Any]]) -> None:
    next(c for c in cells if c["metadata"].get("nbgrader", {}).get("grade"))["source"] = "100.0"


def _delete(cells: list[dict[str, Any]]) -> None:
    cells[:] = [c for c in cells if not c["metadata"].get("nbgrader", {}).get("grade")]


@pytest.mark.parametrize(("tamper", "says"), [(_edit, "was edited"), (_delete, "was deleted")])
def test_a_tampered_notebook_is_told_and_earns_nothing_by_it(cohort: Cohort, tamper: Any, says: str) -> None:
    """The trainer sees which cell was touched; the points come from the answer alone."""
    weak = _attempt(cohort, "arithmetic")
    folder = cohort.answer("mallory", LAB, weak.answer)
    path = folder / f"{LAB}.ipynb"
    theirs = json.loads(path.read_text())
    tamper(theirs["cells"])
    path.write_text(json.dumps(theirs))
    exchange.submit(LAB, cohort.seat("mallory"))
    cohort.collect()
    [told] = cohort.grade()
    assert any(f"'catch-rate' {says}" in flag for flag in told.score.flags)
    assert cohort.points()["mallory", LAB] == weak.earns
    made = notebook.read(cohort.space.step("autograded", "mallory", LAB) / f"{LAB}.ipynb").notebook
    assert made is not None
    assert {c.id for c in cohort.lab(LAB).file.checks} <= {
        c["metadata"].get("nbgrader", {}).get("grade_id") for c in made["cells"]
    }


def test_a_lost_notebook_costs_no_points(cohort: Cohort) -> None:
    """Answers without a readable notebook are graded, and the trainer is told; neither of both is ungraded."""
    for learner, content in (("lost", _reference(cohort)), ("both", None)):
        folder = cohort.answer(learner, LAB, content)
        (folder / f"{LAB}.ipynb").write_text("{")
        exchange.submit(LAB, cohort.seat(learner))
    cohort.collect()
    told = {t.learner: t.score for t in cohort.grade()}
    assert told["lost"].earned > 95
    assert "not readable JSON" in told["lost"].flags[0]
    assert not told["both"].graded
    assert "Neither answers nor notebook" in told["both"].reason


def test_a_crash_of_the_grader_is_never_a_zero(full: Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a scorer fails on one answer, that one ends ungraded with the reason, the others are graded."""
    real, victim = scoring.score, honest(full.lab(LAB))["ben"].answer

    def crash(lab: Any, submission: scoring.Submission, *rest: Any) -> Score:
        if submission.answer == victim:
            raise ZeroDivisionError("a hidden case")
        return real(lab, submission, *rest)

    monkeypatch.setattr(scoring, "score", crash)
    told = full.grade()
    [bad] = [t for t in told if not t.score.graded]
    assert (bad.learner, bad.score.lab) == ("ben", LAB)
    assert "ZeroDivisionError at test_pipeline.py:" in bad.score.reason
    assert "a hidden case" not in bad.score.reason
    assert bad.score.remedy
    assert ("ben", LAB) not in full.points()
    assert len(full.points()) == len(told) - 1
    monkeypatch.undo()
    assert [t.learner for t in full.grade() if t.fresh] == ["ben"]
    assert full.points()["ben", LAB] == pytest.approx(honest(full.lab(LAB))["ben"].earns, abs=0.05)


# An exchange that cannot be used


def _gone(cohort: Cohort) -> None:
    # As if the share were not mounted.
    cohort.space.course.exchange.rename(cohort.space.root / "away")


def _a_file(cohort: Cohort) -> None:
    _gone(cohort)
    cohort.space.course.exchange.write_text("")


def _back(cohort: Cohort) -> None:
    cohort.space.course.exchange.unlink(missing_ok=True)
    (cohort.space.root / "away").rename(cohort.space.course.exchange)


@pytest.mark.parametrize("trouble", [_gone, _a_file])
def test_without_the_exchange_a_hand_in_is_one_clear_error(cohort: Cohort, trouble: Any) -> None:
    """The learner keeps the work and can hand in once the exchange is back."""
    folder = cohort.answer("ada", LAB, _reference(cohort))
    before = (folder / answers.FILE).read_bytes()
    trouble(cohort)
    with pytest.raises(ExchangeError) as caught:
        exchange.submit(LAB, cohort.seat("ada"))
    assert "could not be handed in: The exchange folder cannot be written to." in caught.value.says
    assert "Your work is saved" in caught.value.remedy
    assert "Traceback" not in str(caught.value)
    assert (folder / answers.FILE).read_bytes() == before
    assert exchange.hand_ins(LAB, cohort.seat("ada")) == []
    _back(cohort)
    exchange.submit(LAB, cohort.seat("ada"))
    assert cohort.collect() == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_exchange_is_one_clear_error(cohort: Cohort) -> None:
    """As above, where permissions and not the folder are missing."""
    cohort.answer("ada", LAB, _reference(cohort))
    cohort.space.course.exchange.chmod(0o555)
    try:
        with pytest.raises(ExchangeError, match="cannot be written to"):
            exchange.submit(LAB, cohort.seat("ada"))
    finally:
        cohort.space.course.exchange.chmod(0o777)


@pytest.mark.parametrize("trouble", [_gone, _a_file])
def test_without_the_exchange_the_trainer_loses_nothing(full: Cohort, trouble: Any) -> None:
    """Collecting, releasing and sending feedback name the exchange; grading what is here goes on."""
    trouble(full)
    with pytest.raises(WorkspaceError, match="could not be collected") as caught:
        full.collect()
    assert "Traceback" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert len(full.grade()) == 4 * len(NO_MODEL)
    with pytest.raises(WorkspaceError, match="feedback"):
        pipeline.feedback(full.space, full.labs)
    _back(full)
    assert pipeline.feedback(full.space, full.labs) == 4 * len(NO_MODEL)
    assert full.collect() == 4 * len(NO_MODEL)
    assert not any(t.fresh for t in full.grade())


def test_a_release_that_the_exchange_did_not_take_is_made_again(cohort: Cohort, known: catalog.Catalog) -> None:
    """It is not counted as released because half of it was done."""
    basics = [known.lab("notebook-basics")]
    _a_file(cohort)
    with pytest.raises(WorkspaceError, match="did not take 'notebook-basics'"):
        pipeline.release(cohort.space, basics, cohort.engine.id)
    _back(cohort)
    assert pipeline.release(cohort.space, basics, cohort.engine.id) == ["notebook-basics"]
    assert (exchange.fetch_lab("notebook-basics", cohort.seat("ada")) / "lab.json").is_file()


def test_a_lab_that_was_not_released_says_so(full: Cohort, known: catalog.Catalog) -> None:
    """Grading before releasing names the lab and the command."""
    basics = known.lab("notebook-basics")
    with pytest.raises(WorkspaceError, match="atelier release --lab notebook-basics"):
        pipeline.grade(full.space, [basics], full.engine, by="trainer")


def test_a_locked_gradebook_is_one_error_and_nothing_is_half_done(full: Cohort, undisturbed: dict[str, Any]) -> None:
    """While another program holds the gradebook, grading stops with words; afterwards it goes on."""
    import sqlite3

    from grader.errors import GradebookError

    holder = sqlite3.connect(full.space.root / "gradebook.db")
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(GradebookError, match="locked") as caught:
            full.grade()
        assert "run the same command again" in caught.value.remedy
        assert _scores(full) == {}
    finally:
        holder.rollback()
        holder.close()
    full.grade()
    assert _state(full) == undisturbed


def test_a_files_folder_is_not_followed_out_of_the_submission(cohort: Cohort, tmp_path: Path) -> None:
    """A link in place of answers or notebook is not read: what it points at is not the learner's."""
    secret = tmp_path / "secret.json"
    answers.write(secret, answers.Answers(LAB, "validation", None))
    cohort.hand_in("eve", LAB, None)
    cohort.collect()
    folder = cohort.space.step("submitted", "eve", LAB)
    (folder / answers.FILE).symlink_to(secret)
    [told] = cohort.grade()
    assert not told.score.graded
    assert "not an ordinary file" in told.score.reason
