"""Code labs on the real path: released by name beside the track, handed in, graded apart from the learner's code, as stock nbgrader does."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import Cohort, honest

from atelier import exchange, kits, takeaway, track
from atelier.notebook import Notebook
from grader import catalog, codelab, labcheck, nbg, notebook, pipeline, room, workspace
from grader.catalog import Catalog
from grader.engines import Engine

ROLE = {"invoice-checks-code": "finance", "kpi-baseline-code": "product-owner"}


def _released(lab: str, known: Catalog, engine: Engine, root: Path) -> Cohort:
    space = workspace.create(root / "course", "autumn", ROLE[lab], labcheck.SECRET)
    labs = pipeline.labs_of(space, known, [lab])
    assert pipeline.release(space, labs, engine.id) == [lab]
    return Cohort(space, labs, engine, root / "homes")


@pytest.mark.parametrize("lab", ROLE)
def test_stock_autograde_gives_the_same_points(known: Catalog, engine: Engine, tmp_path: Path, lab: str) -> None:
    """Honest answers of a code lab earn with us what they declare, and with nbgrader's own command the same, check by check."""
    ours = _released(lab, known, engine, tmp_path)
    answers = honest(ours.lab(lab))
    for learner, attempt in answers.items():
        ours.hand_in(learner, lab, attempt.answer)
    ours.collect()
    stock = ours.copy(tmp_path / "stock")
    assert all(told.score.graded and not told.score.flags for told in ours.grade())
    points = ours.points()
    for learner in ("ben", "cleo", "dora"):
        assert points[learner, lab] == pytest.approx(answers[learner].earns, abs=0.05)
    assert (points["ada", lab] or 0) >= labcheck.REFERENCE_AT_LEAST
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", lab],
        cwd=stock.space.root, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert nbg.grades(stock.space.course) == nbg.grades(ours.space.course)


def test_an_optional_lab_is_released_by_name_and_offered_beside_the_track(
    known: Catalog, engine: Engine, tmp_path: Path
) -> None:
    """It is no step of the track, and once released it counts among the cohort's labs."""
    lab = "invoice-checks-code"
    empty = workspace.create(tmp_path / "empty", "spring", "finance")
    assert lab not in [found.id for found in pipeline.labs_of(empty, known)]
    cohort = _released(lab, known, engine, tmp_path)
    assert lab in [found.id for found in pipeline.labs_of(cohort.space, known)]
    opened = room.prepare(known, "finance", cohort.space.root, tmp_path / "home", "ada", lambda *_told: None)
    mine = track.load(opened.seat.home)
    assert lab not in [step.lab for step in mine.steps]
    assert [step.lab for step in mine.beside] == [lab]
    assert f'href="{lab}/{lab}.ipynb"' in track.render(mine, {})


def test_what_is_not_named_stays_as_released(known: Catalog) -> None:
    """An attempt that answers one cell leaves the others without their solution."""
    lab = known.lab("kpi-baseline-code")
    made = codelab.submitted(notebook.source(lab), {"cases": "x = 1"})
    texts = {notebook.name_of(cell): cell["source"] for cell in notebook.answer_cells(made)}
    assert texts["cases"] == "x = 1"
    assert "NotImplementedError" in texts["difference"]
    assert "1.96" not in texts["difference"]


def _opened(known: Catalog, engine: Engine, root: Path) -> Notebook:
    cohort = _released("invoice-checks-code", known, engine, root)
    return Notebook("invoice-checks-code", exchange.fetch_lab("invoice-checks-code", cohort.seat("ada")))


def test_a_function_that_does_not_end_is_stopped_and_told(
    known: Catalog, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if it catches every exception; the next check answers as before."""
    lab = _opened(known, engine, tmp_path)
    monkeypatch.setattr("atelier.notebook._PATIENCE", 1)

    def endless(source: str, output: dict[str, object]) -> list[str]:
        while True:
            with suppress(Exception):
                time.sleep(60)

    assert "endless took longer than 1 seconds" in lab.check("catch-rate", endless).value
    assert "endless took longer than 1 seconds" in lab.grid(endless).data
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert "of 70 points" in lab.check("catch-rate", lambda _source, _output: []).value


def test_a_check_shows_no_traceback_and_prints_once(
    known: Catalog, engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stopping a check says so, what a function prints comes once a case, and what is no function is told."""
    lab = _opened(known, engine, tmp_path)

    def stopped(source: str, output: dict[str, object]) -> list[str]:
        raise KeyboardInterrupt

    def chatty(source: str, output: dict[str, object]) -> list[str]:
        print("called")
        return []

    assert "Stopped" in lab.check("catch-rate", stopped).value
    assert "Stopped" in lab.grid(stopped).data
    capsys.readouterr()
    lab.check("catch-rate", chatty)
    assert capsys.readouterr().out.count("called") <= len(lab.practice()) + 26  # and once a broken record
    assert "Hand a function over" in lab.check("catch-rate", "validate").value  # type: ignore[arg-type]
    assert "Hand a function over" in lab.grid("validate").data  # type: ignore[arg-type]


def test_the_card_has_what_was_checked_last(known: Catalog, engine: Engine, tmp_path: Path) -> None:
    """A function that earned nothing is not on it, nor is one that a newer check replaced."""
    lab = _opened(known, engine, tmp_path)

    def saved() -> str:
        make = lab.tomorrow()
        make.children[1].click()
        return (lab.lab.root / takeaway.FILE).read_text(encoding="utf-8")

    def nothing(source: str, output: dict[str, object]) -> list[str]:
        return []

    def total(source: str, output: dict[str, object]) -> list[str]:
        return [] if str(output.get("total")).replace(".", ",") in source else ["total"]

    def better(source: str, output: dict[str, object]) -> list[str]:
        return [*total(source, output), *([] if output.get("iban") else ["iban"])]

    lab.check("catch-rate", nothing)
    assert "Nothing yet" in saved()
    for function in (total, better):
        lab.check("robust", function)
        assert f"def {function.__name__}(" in saved()
    lab.check("right-field", nothing)
    assert "def better(" in saved()


@pytest.mark.parametrize("lab", ROLE)
def test_honest_code_is_measured_with_what_the_lab_imports(known: Catalog, lab: str) -> None:
    """Executed for the spread over cohorts, the solution earns what it does in a notebook."""
    found = known.lab(lab)
    kit, cases = kits.load(found.file.kit), catalog.practice_cases(found, labcheck.SECRET)
    verdict = kit.score(codelab.as_answer(found, {}), cases, found.setup, {})
    earned = sum(check.points * (verdict.part(check.part).fraction or 0) for check in found.file.checks)
    assert earned >= labcheck.REFERENCE_AT_LEAST
