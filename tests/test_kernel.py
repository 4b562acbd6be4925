"""The kernel engine: a notebook run whole in one confined kernel, where checks need more than plain data."""

from __future__ import annotations

from pathlib import Path

import ordinary
import pytest
from ordinary import Cell

from grader import engines, isolation, pipeline, workspace
from grader.execution.host import Setting
from grader.execution.workers import Worker
from grader.jobs import Cell as JobCell
from grader.jobs import Job, Outcome, Role
from grader.model import EngineSettings, Limits

FIGURE = (
    Cell("plain", "import random"),
    Cell("answer", "def draw():\n    ### BEGIN SOLUTION\n    return random.random()\n    ### END SOLUTION", "draw"),
    # The seed is set in the check and drawn from in the answer: one process, or it means nothing.
    Cell("check", "random.seed(4)\nexpected = random.random()\nrandom.seed(4)\nassert draw() == expected", "seeded", 3),
    Cell("check", "assert get_ipython().kernel is not None\n0.5", "kernel", 1),
)


@pytest.fixture
def worker() -> Worker:
    with Worker(Setting(isolation.best().value)) as found:
        yield found


def _job(*cells: tuple[Role, str], **limits: int) -> Job:
    made = tuple(JobCell(f"c{i}", role, source, 2.0) for i, (role, source) in enumerate(cells))
    return Job("a job", made, limits=Limits(**{"cell_seconds": 4, "seconds": 40} | limits), engine="kernel")


def test_an_assignment_that_asks_for_it_is_run_whole(tmp_path: Path) -> None:
    """Its points are given, and the trainer is told whose word they are."""
    space = workspace.create(tmp_path / "course", "autumn", "finance")
    settings = space.root / workspace.FILE
    settings.write_text(settings.read_text() + 'kernel = ["figure"]\n')
    space = workspace.load(space.root)
    released = ordinary.release(space, "figure", FIGURE)
    ordinary.hand_in(space, "figure", "ada", released, {"draw": "def draw():\n    return random.random()"})
    ordinary.hand_in(space, "figure", "ben", released, {"draw": "def draw():\n    return 4"})
    with engines.configured(EngineSettings()) as engine:
        told = pipeline.grade(space, ["figure"], engine, by="trainer")
    assert {t.learner: float(t.score.earned) for t in told} == {"ada": 3.5, "ben": 0.5}
    assert all(t.score.engine == "kernel" for t in told)
    assert all(any("learner's own process" in flag for flag in t.score.flags) for t in told)


def test_the_same_assignment_cannot_be_judged_apart(tmp_path: Path) -> None:
    """Split, the honest answer fails the check that needs a shared generator: hence the declaration."""
    space = workspace.create(tmp_path / "course", "autumn", "finance")
    released = ordinary.release(space, "figure", FIGURE)
    ordinary.hand_in(space, "figure", "ada", released, {"draw": "def draw():\n    return random.random()"})
    with engines.configured(EngineSettings()) as engine:
        [told] = pipeline.grade(space, ["figure"], engine, by="trainer")
    assert float(told.score.earned) < 3.5


def test_a_kernel_reaches_no_network_and_leaves_nothing(worker: Worker) -> None:
    """It is confined as any learner code is."""
    done = worker.run(_job((Role.LEARNER, "import socket; socket.socket(socket.AF_INET)"), (Role.CHECK, "assert True")))
    assert [cell.outcome for cell in done.cells] == [Outcome.RAISED, Outcome.RAN]
    assert done.ended.complete
    assert done.ended.level == isolation.best().value


def test_a_cell_without_end_is_interrupted_and_the_others_run(worker: Worker) -> None:
    """As with nbgrader: the time of one cell is not the end of the notebook."""
    done = worker.run(_job((Role.LEARNER, "while True: pass"), (Role.CHECK, "assert True"), cell_seconds=1))
    assert [cell.outcome for cell in done.cells] == [Outcome.RAISED, Outcome.RAN]


def test_a_kernel_that_dies_keeps_what_was_earned_before(worker: Worker) -> None:
    """Later checks earn nothing, and say why."""
    done = worker.run(_job((Role.CHECK, "1.5"), (Role.LEARNER, "import os; os._exit(1)"), (Role.CHECK, "assert True")))
    assert [cell.earned for cell in done.cells] == [1.5, 0.0, 0.0]
    assert done.cells[2].outcome is Outcome.GONE
    assert "no longer there" in done.cells[2].says
