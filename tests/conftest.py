"""A cohort on the real path: labs that need no model, released once, then copied for each test that grades."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chromium
import pytest
from playwright.sync_api import Browser

from atelier import answers, exchange, records
from grader import catalog, cli, codelab, engines, labcheck, nbg, notebook, pipeline, workspace
from grader.catalog import Catalog
from grader.engines import Engine
from grader.model import Attempt, EngineSettings, Lab
from grader.pipeline import Told
from grader.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
NO_MODEL = ("send-or-hold", "invoice-checks", "ledger-sharing")


@pytest.fixture(scope="session")
def known() -> Catalog:
    return catalog.load(ROOT)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Yield the embedded engine; it starts at its first question, which these labs never ask."""
    with engines.configured(EngineSettings()) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium.launched() as found:
        yield found


@dataclass
class Cohort:
    """A workspace and what learners do with it. Its secret is the one of `atelier check`: attempts earn what they declare."""

    space: Workspace
    labs: tuple[Lab, ...]
    engine: Engine
    homes: Path

    def seat(self, learner: str) -> exchange.Seat:
        return exchange.Seat(self.space.course.exchange, self.space.settings.course, learner, self.homes / learner)

    def lab(self, lab: str) -> Lab:
        return next(found for found in self.labs if found.id == lab)

    def answer(self, learner: str, lab: str, answer: Any) -> Path:
        """Fetch the lab and answer: a kit's record through the form's way, bytes as they are, None leaves it untouched.

        In a code lab an answer is code by answer cell, and the reference is the solution in `lab.py`.
        """
        folder = exchange.fetch_lab(lab, self.seat(learner))
        path = folder / answers.FILE
        if self.lab(lab).file.mode == "code":
            page = folder / f"{lab}.ipynb"
            made = codelab.submitted(json.loads(page.read_text(encoding="utf-8")), answer)
            page.write_text(notebook.dumps(made), encoding="utf-8")
        elif isinstance(answer, bytes):
            path.write_bytes(answer)
        elif isinstance(answer, dict | list | str):
            path.write_text(json.dumps(answer), encoding="utf-8")
        elif answer is not None:
            answers.write(path, answers.Answers(lab, self.lab(lab).file.kit, records.dump(answer)))
        return folder

    def hand_in(self, learner: str, lab: str, answer: Any) -> exchange.HandIn:
        self.answer(learner, lab, answer)
        return exchange.submit(lab, self.seat(learner))

    def collect(self) -> int:
        return pipeline.collect(self.space, self.labs)

    def grade(self, **more: Any) -> list[Told]:
        return pipeline.grade(self.space, self.labs, self.engine, by="trainer", **more)

    def points(self) -> dict[tuple[str, str], float | None]:
        """Return the gradebook's total per (learner, lab); None if a check has no score."""
        totals: dict[tuple[str, str], list[float | None]] = {}
        for row in nbg.grades(self.space.course):
            totals.setdefault((row.student, row.assignment), []).append(row.score)
        return {key: None if None in found else round(sum(found), 2) for key, found in totals.items()}

    def copy(self, target: Path) -> Cohort:
        """Return the same cohort in another folder; a workspace holds no absolute path."""
        shutil.copytree(self.space.root, target / "course")
        if self.homes.exists():
            shutil.copytree(self.homes, target / "homes")
        return Cohort(workspace.load(target / "course"), self.labs, self.engine, target / "homes")


def honest(lab: Lab) -> dict[str, Attempt]:
    """Return what the learners of `handed_in` answer: the reference, two partial attempts, and nothing at all."""
    reference, attempts = catalog.attempts(lab)
    if lab.file.mode == "code":
        reference = codelab.answer_cells(lab)
    partial = [a for a in attempts.values() if not a.ungraded and labcheck.CHEAT_AT_MOST < a.earns < 95][:2]
    return {
        "ada": Attempt(reference, 100, "the reference"),
        "ben": partial[0],
        "cleo": partial[1],
        "dora": Attempt(None, 0, "untouched"),
    }


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory, known: Catalog, engine: Engine) -> Cohort:
    """Return a cohort with its labs released and nothing handed in. Read only: use `cohort`."""
    root = tmp_path_factory.mktemp("released")
    space = workspace.create(root / "course", "autumn", "finance", labcheck.SECRET)
    labs = pipeline.labs_of(space, known, NO_MODEL)
    assert pipeline.release(space, labs, engine.id) == list(NO_MODEL)
    return Cohort(space, labs, engine, root / "homes")


@pytest.fixture(scope="session")
def handed_in(tmp_path_factory: pytest.TempPathFactory, released: Cohort) -> Cohort:
    """Return a cohort that handed in, collected and not graded: per lab the reference and two partial attempts."""
    cohort = released.copy(tmp_path_factory.mktemp("handed-in"))
    for lab in cohort.labs:
        for learner, attempt in honest(lab).items():
            cohort.hand_in(learner, lab.id, attempt.answer)
    assert cohort.collect() == 4 * len(cohort.labs)
    return cohort


@pytest.fixture
def cohort(released: Cohort, tmp_path: Path) -> Cohort:
    return released.copy(tmp_path)


@pytest.fixture
def full(handed_in: Cohort, tmp_path: Path) -> Cohort:
    return handed_in.copy(tmp_path)


SKILLS = "format = 1\n" + "".join(
    f'[[lines]]\nid = "{line}"\ntitle = "T"\nsays = "S"\nlevels = []\n'
    for line in ("prompting", "validation", "data-handling", "governance")
)
ROLE = """format = 1
title = "Clerk"
summary = "S"
workflow = ["A letter comes in"]
kpi = { name = "Minutes", unit = "minutes", baseline = "", target = "less", counts_review = true }
afterwards = ["Asks"]
modules = [{ title = "Start", why = "It is short.", labs = ["notebook-basics", "send-or-hold"] }]
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Return the root of a catalogue with two labs and one role, to break."""
    root = tmp_path / "checkout"
    for lab in ("notebook-basics", "send-or-hold"):
        shutil.copytree(
            ROOT / catalog.LABS / lab, root / catalog.LABS / lab, ignore=shutil.ignore_patterns("__pycache__")
        )
    courses = root / catalog.COURSES
    (courses / "roles").mkdir(parents=True)
    shutil.copyfile(ROOT / catalog.COURSES / "policy.toml", courses / "policy.toml")
    for name, text in {
        "skills.toml": SKILLS,
        "adoption.toml": "format = 1\nphases = []\n",
        "roles/clerk.toml": ROLE,
    }.items():
        (courses / name).write_text(text, encoding="utf-8")
    return root


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `atelier ARGS` in the folder `at`, through `main` as the installed command does."""

    def ran(*args: str, at: Path | None = None) -> Ran:
        monkeypatch.setattr(sys, "argv", ["atelier", *args])
        if at is not None:
            monkeypatch.chdir(at)
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as leave:
            code = leave.code if isinstance(leave.code, int) else 1
        told = capsys.readouterr()
        assert "Traceback" not in told.out + told.err
        return Ran(code, told.out, told.err)

    return ran
