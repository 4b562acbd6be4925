"""One assignment made with nbgrader alone, for submissions that are up to no good: what is graded, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ordinary
from ordinary import Cell

from grader import engines, grading, pipeline, workspace
from grader.model import EngineSettings
from grader.pipeline import Told
from grader.workspace import Workspace

NAME = "ps1"
HIDDEN = "the-hidden-word"  # stands in a hidden test: nobody but the judge may see it
LIMITS = "\n[limits]\nseconds = 25\ncell_seconds = 2\nmemory_mb = 320\nprocesses = 24\ndisk_mb = 24\n"


def _answer(name: str, solution: str) -> Cell:
    head, _, body = solution.partition("\n")
    return Cell("answer", f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION", name)


def _check(name: str, points: float, shown: str, hidden: str = "") -> Cell:
    return Cell(
        "check", shown + (f"\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS" if hidden else ""), name, points
    )


SOLUTIONS = {
    "square": "def square(x):\n    return x * x",
    "mean": "def mean(values):\n    return sum(values) / len(values)",
    "capital": "def capital(country):\n    return {'France': 'Paris', 'Peru': 'Lima'}.get(country, '')",
    "table": "def table(n):\n    import pandas as pd\n    return pd.DataFrame({'n': range(n), 'square': [i * i for i in range(n)]})",
    "refuse": "def refuse(x):\n    if x < 0:\n        raise ValueError('negative')\n    return x",
    "each": "def each(function, items):\n    return [function(item) for item in items]",
}
CELLS = [
    Cell("text", "# Numbers and tables"),
    Cell("plain", "import math\nfrom math import isclose\nimport pandas as pd"),
    Cell("locked", "import random\ndef close(a, b):\n    return abs(a - b) < 1e-6\nrandom.seed(1)", "tools"),
    *(_answer(name, solution) for name, solution in SOLUTIONS.items()),
    _check("t-square", 2, "assert square(2) == 4", f"assert square(3) == 9, '{HIDDEN}'"),
    _check("t-close", 1, "assert close(mean([1, 2, 3]), 2)", "assert isclose(mean([1, 2]), 1.5)\nassert abs(mean([4]) - 4) < 1"),
    _check("t-text", 1, "assert capital('France').startswith('P')", "assert 'im' in capital('Peru')\nassert len(capital('Peru')) == 4"),
    _check("t-table", 2, "assert list(table(3).columns) == ['n', 'square']", "expected = pd.DataFrame({'n': range(4), 'square': [0, 1, 4, 9]})\nassert table(4).equals(expected)"),
    _check("t-refuse", 1, "try:\n    refuse(-1)\n    raise AssertionError('no error')\nexcept ValueError:\n    pass", "assert refuse(3) == 3"),
    _check("t-each", 1, "seen = []\nassert each(lambda item: seen.append(item) or item + 1, [1, 2]) == [2, 3]\nassert seen == [1, 2]"),
    _check("t-share", 3, "right = sum(square(i) == i * i for i in range(10))\nright / 10 * 3"),
    _check("t-sum", 1, "values = [3, 1, 2]\nassert mean(values) == 2\nassert values == [3, 1, 2]", "total = sum(square(i) for i in range(4))\nmin(total / 14, 1) * 1.0 + 0"),
]  # fmt: skip
POINTS = {cell.name: cell.points for cell in CELLS if cell.kind == "check"}


def create(root: Path, cells: Sequence[Cell] = CELLS, limits: str = LIMITS) -> Workspace:
    """Make a cohort's workspace with the assignment released."""
    made = workspace.create(root, "autumn", "finance")
    with (made.root / workspace.FILE).open("a", encoding="utf-8") as file:
        file.write(limits)
    space = workspace.load(root)
    ordinary.release(space, NAME, cells)
    return space


def hand_in(
    space: Workspace, learner: str, answers: Mapping[str, str], change: Callable[[Any], None] | None = None
) -> Path:
    """Put a submission where collected ones lie: the release with `answers` by cell, then whatever `change` does to it."""
    book = json.loads((space.root / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    for cell in book["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell["source"] = answers[name]
    if change is not None:
        change(book)
    folder = space.step("submitted", learner, NAME)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.ipynb").write_text(json.dumps(book), encoding="utf-8")
    return folder


def grade(space: Workspace, jobs: int = 2, isolation: str = "auto", **more: Any) -> dict[str, Told]:
    """Grade all, and return what is told by learner."""
    with engines.configured(EngineSettings()) as engine:
        told = pipeline.grade(space, [NAME], engine, by="trainer", means=grading.Means(jobs, isolation), **more)
    return {one.learner: one for one in told}


def earned(told: Told) -> dict[str, float]:
    """Return what each check earned, without those that earned nothing."""
    return {r.check.partition("/")[2]: round(float(r.earned), 6) for r in told.score.results if r.earned}


def shown(space: Workspace, learner: str) -> str:
    """Return all outputs of a learner's autograded notebook as text."""
    path = space.step("autograded", learner, NAME) / f"{NAME}.ipynb"
    if not path.is_file():
        return ""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return json.dumps([cell.get("outputs", []) for cell in cells], ensure_ascii=False)
