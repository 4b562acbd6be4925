"""nbgrader's own programs on our workspace: its autograder gives the same points, its formgrader shows ours."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import ordinary
import pytest
from conftest import NO_MODEL, Cohort, honest

from grader import catalog, engines, labcheck, nbg, pipeline, workspace
from grader.catalog import Catalog
from grader.engines import Engine
from grader.model import EngineSettings
from grader.workspace import Workspace

SECONDS = 240
LAB = "invoice-checks"


def _environment(aside: Path) -> dict[str, str]:
    """Return an environment in which Jupyter's programs read no settings of the machine's user."""
    aside.mkdir(parents=True, exist_ok=True)
    return os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "JUPYTER_CONFIG_DIR": str(aside / "config"),
        "JUPYTER_DATA_DIR": str(aside / "data"),
        "JUPYTER_RUNTIME_DIR": str(aside / "runtime"),
        "IPYTHONDIR": str(aside / "ipython"),
        "PYTHONWARNINGS": "ignore",
    }


@pytest.fixture(scope="module")
def ours(handed_in: Cohort, tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    cohort = handed_in.copy(tmp_path_factory.mktemp("ours"))
    assert all(t.score.graded for t in cohort.grade())
    return cohort


@pytest.fixture(scope="module")
def stock(handed_in: Cohort, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Cohort]:
    """Return the cohort as `nbgrader autograde` leaves it, by lab; each lab in a copy of its own, side by side."""
    copies, running = {}, {}
    for lab in NO_MODEL:
        root = tmp_path_factory.mktemp(f"stock-{lab}")
        copies[lab] = handed_in.copy(root)
        running[lab] = subprocess.Popen(
            [sys.executable, "-m", "nbgrader", "autograde", lab],
            cwd=copies[lab].space.root,
            env=_environment(root / "jupyter"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        for lab, process in running.items():
            said, _ = process.communicate(timeout=SECONDS)
            assert process.returncode == 0, f"{lab}: {said[-3000:]}"
    finally:
        for process in running.values():
            process.kill()
            process.wait()
    return copies


@pytest.mark.parametrize("lab", NO_MODEL)
def test_stock_autograde_gives_the_same_points(ours: Cohort, stock: dict[str, Cohort], lab: str) -> None:
    """Row by row, check by check, to the cent."""
    expected = [row for row in nbg.grades(ours.space.course) if row.assignment == lab]
    assert nbg.grades(stock[lab].space.course) == expected
    assert {row.student for row in expected} == set(honest(ours.lab(lab)))
    assert len(expected) == len(ours.lab(lab).file.checks) * len(honest(ours.lab(lab)))


@pytest.mark.parametrize("lab", NO_MODEL)
def test_stock_autograde_finds_nothing_left_to_grade_by_hand(ours: Cohort, stock: dict[str, Cohort], lab: str) -> None:
    """Both leave the submissions in the same state, with the time of the hand-in."""
    assert _rows(stock[lab], lab) == _rows(ours, lab)


def _rows(cohort: Cohort, lab: str) -> dict[str, tuple[Any, ...]]:
    from nbgrader.api import Gradebook

    with Gradebook(cohort.space.course.db_url, "autumn") as book:
        return {
            s.student.id: (s.timestamp, s.needs_manual_grade, s.max_score) for s in book.assignment_submissions(lab)
        }


def test_a_mark_by_our_grader_is_kept_by_a_stock_run(ours: Cohort, tmp_path: Path) -> None:
    """Who goes back to nbgrader after `atelier grade` finds the gradebook as it was: one learner, by its own command."""
    cohort = ours.copy(tmp_path)
    before = nbg.grades(cohort.space.course)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", LAB, "--student", "ben", "--force"],
        cwd=cohort.space.root,
        env=_environment(tmp_path / "jupyter"),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert nbg.grades(cohort.space.course) == before


# Kits beside those of the three labs above: the reference and nothing at all, on the replies that the labs carry.


@pytest.mark.parametrize("lab", ["ticket-fields", "test-the-assistant"])
def test_stock_autograde_gives_the_same_points_in_the_other_kits(
    known: Catalog, engine: Engine, tmp_path: Path, lab: str
) -> None:
    """A prompt and a test suite earn check by check what we give them, replies included; an untouched form 0."""
    role = next(role.id for role in known.roles if lab in role.labs)
    space = workspace.create(tmp_path / "ours" / "course", "autumn", role, labcheck.SECRET)
    labs = pipeline.labs_of(space, known, [lab])
    assert pipeline.release(space, labs, engine.id) == [lab]
    with space.replies.open("ab") as replies:
        for recorded in sorted((labs[0].root / "replies").glob("*.jsonl")):
            replies.write(recorded.read_bytes())
    ours = Cohort(space, labs, engine, tmp_path / "ours" / "homes")
    reference, _ = catalog.attempts(labs[0])
    for learner, answer in {"ada": reference, "dora": None}.items():
        ours.hand_in(learner, lab, answer)
    ours.collect()
    stock = ours.copy(tmp_path / "stock")
    assert all(told.score.graded and not told.score.rescaled for told in ours.grade())
    points = ours.points()
    assert (points["ada", lab] or 0) >= labcheck.REFERENCE_AT_LEAST
    assert points["dora", lab] == 0
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", lab],
        cwd=stock.space.root, env=_environment(tmp_path / "jupyter"), capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert nbg.grades(stock.space.course) == nbg.grades(ours.space.course)


# Formgrader


@dataclass(frozen=True)
class Formgrader:
    """A running formgrader; `get` returns a page's text."""

    get: Callable[[str], str]

    def json(self, path: str) -> Any:
        return json.loads(self.get(f"api/{path}"))


@pytest.fixture(scope="module")
def formgrader(ours: Cohort, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Formgrader]:
    aside = tmp_path_factory.mktemp("formgrader")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    log = aside / "log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyter_server"),
                *("--no-browser", "--allow-root", f"--ServerApp.root_dir={ours.space.root}"),
                *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
                f"--IdentityProvider.token={token}",
                "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
            ],
            cwd=ours.space.root,
            env=_environment(aside),
            stdout=out,
            stderr=subprocess.STDOUT,
        )

    def get(path: str) -> str:
        request = Request(f"http://127.0.0.1:{port}/formgrader/{path}", headers={"Authorization": f"token {token}"})
        with urlopen(request, timeout=60) as answer:
            text: str = answer.read().decode()
            return text

    try:
        until = time.monotonic() + 60
        while True:
            try:
                get("api/status")
                break
            except (URLError, ConnectionError):
                assert server.poll() is None, log.read_text()[-3000:]
                assert time.monotonic() < until, log.read_text()[-3000:]
                time.sleep(0.2)
        yield Formgrader(get)
    finally:
        server.terminate()
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def test_formgrader_opens_the_gradebook(ours: Cohort, formgrader: Formgrader) -> None:
    """It lists the labs and every submission with our scores."""
    assert {a["name"]: a["num_submissions"] for a in formgrader.json("assignments")} == dict.fromkeys(NO_MODEL, 4)
    points = ours.points()
    for lab in NO_MODEL:
        shown = {s["student"]: s for s in formgrader.json(f"submissions/{lab}")}
        assert {name: round(s["score"], 2) for name, s in shown.items()} == {
            learner: points[learner, lab] for learner in honest(ours.lab(lab))
        }
        assert {(s["autograded"], s["max_score"], s["needs_manual_grade"]) for s in shown.values()} == {
            (True, 100, False)
        }
    page = formgrader.get(f"gradebook/{LAB}/{LAB}")
    assert "<title>nbgrader formgrade</title>" in page
    assert LAB in page


def test_formgrader_shows_a_submission_with_what_each_check_found(ours: Cohort, formgrader: Formgrader) -> None:
    """The page of a hand-in renders our autograded notebook: points and messages beside each check."""
    [found] = [
        s for s in formgrader.json(f"submitted_notebooks/{LAB}/{LAB}") if s["student"] == "ben" and s["score"] > 0
    ]
    page = formgrader.get(f"submissions/{found['id']}/")
    rows = {r.check: r for r in nbg.grades(ours.space.course) if (r.student, r.assignment) == ("ben", LAB)}
    shown = {g["name"]: g["auto_score"] for g in formgrader.json(f"grades?submission_id={found['id']}")}
    assert shown == {check: row.score for check, row in rows.items()}
    for check, row in rows.items():
        assert check in page
        assert repr(row.score) in page


# Code: ordinary assignments, made with nbgrader alone


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Workspace]:
    """Return a cohort of honest submissions to a light and a heavy notebook, as ours and as stock leaves it."""
    ours = workspace.create(tmp_path_factory.mktemp("code") / "course", "autumn", "finance")
    for name, cells, answers in (
        ("light", ordinary.LIGHT, ordinary.LIGHT_ANSWERS),
        ("heavy", ordinary.HEAVY, ordinary.HEAVY_ANSWERS),
    ):
        released = ordinary.release(ours, name, cells)
        for place, answer in enumerate(answers):
            ordinary.hand_in(ours, name, f"learner-{place}", released, answer)
    aside = tmp_path_factory.mktemp("code-stock")
    shutil.copytree(ours.root, aside / "course")
    stock = workspace.load(aside / "course")
    for name in ("light", "heavy"):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", "autograde", name],
            cwd=stock.root, env=_environment(aside / "jupyter"), capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
    with engines.configured(EngineSettings()) as engine:
        told = pipeline.grade(ours, ["light", "heavy"], engine, by="trainer")
    assert all(t.score.graded and not t.score.flags for t in told), [(t.score.reason, t.score.flags) for t in told]
    return ours, stock


def test_the_gradebook_is_row_by_row_as_stock_leaves_it(code: tuple[Workspace, Workspace]) -> None:
    """Grades, comments and submissions of honest code: the diff is empty."""
    ours, stock = code
    assert _everything(ours) == _everything(stock)
    assert len(_everything(ours)) > 50


def _everything(space: Workspace) -> list[str]:
    from nbgrader.api import Comment, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook

    with Gradebook(space.course.db_url, space.settings.course) as book:
        rows: list[tuple[Any, ...]] = [
            ("grade", g.student.id, g.notebook.name, g.cell.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade)
            for g in book.db.query(Grade)
        ]  # fmt: skip
        rows += [
            ("comment", c.student.id, c.notebook.name, c.cell.name, c.auto_comment, c.manual_comment)
            for c in book.db.query(Comment)
        ]
        rows += [
            ("submission", s.student.id, s.assignment.name, s.timestamp, s.score, s.max_score, s.needs_manual_grade)
            for s in book.db.query(SubmittedAssignment)
        ]
        rows += [
            ("notebook", n.student.id, n.name, n.flagged, n.late_submission_penalty, n.score)
            for n in book.db.query(SubmittedNotebook)
        ]
    return sorted(map(repr, rows))
