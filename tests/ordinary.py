"""Assignments made with nbgrader alone, and what learners hand in: for tests and benchmarks of grading code."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader import nbg
from grader.workspace import Workspace

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


@dataclass(frozen=True)
class Cell:
    """A cell of an assignment: "text", "plain" code, "locked" code, an "answer", a "check" or a "manual" answer."""

    kind: str
    source: str
    name: str = ""
    points: float = 0


def notebook(cells: Sequence[Cell]) -> Any:
    """Return an assignment as its author writes it."""
    made = []
    for cell in cells:
        if cell.kind in ("text", "plain"):
            made.append(new_markdown_cell(cell.source) if cell.kind == "text" else new_code_cell(cell.source))
            continue
        meta: dict[str, Any] = {
            "schema_version": 3,
            "grade_id": cell.name,
            "grade": cell.kind in ("check", "manual"),
            "solution": cell.kind in ("answer", "manual"),
            "locked": cell.kind in ("check", "locked"),
            "task": False,
        }
        if meta["grade"]:
            meta["points"] = cell.points
        made.append(new_code_cell(cell.source, metadata={"nbgrader": meta}))
    return new_notebook(cells=made, metadata=copy.deepcopy(KERNEL))


def release(space: Workspace, name: str, cells: Sequence[Cell], files: Mapping[str, str] | None = None) -> Any:
    """Put an assignment into `source/` and derive its release with nbgrader; returns the released notebook."""
    folder = space.root / "source" / name
    folder.mkdir(parents=True)
    nbformat.write(notebook(cells), folder / f"{name}.ipynb")
    for path, text in (files or {}).items():
        (folder / path).write_text(text, encoding="utf-8")
    nbg.generate(space.course, name)
    return nbformat.read(space.root / "release" / name / f"{name}.ipynb", 4)


def hand_in(space: Workspace, name: str, learner: str, released: Any, answers: Mapping[str, str]) -> Path:
    """Hand in `released` with `answers` (answer cell -> code) as `learner`; returns the submission's folder."""
    made = copy.deepcopy(released)
    for cell in made.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            cell.source = answers[grade_id]
    folder = space.step("submitted", learner, name)
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, folder / f"{name}.ipynb")
    return folder


LIGHT = (
    Cell("text", "# Squares\nThree small functions, and a word on them."),
    Cell("plain", "import math"),
    Cell("locked", "def close(a, b):\n    return abs(a - b) < 1e-9", "helper"),
    Cell("answer", "def square(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION", "square"),
    Cell(
        "check",
        "assert square(2) == 4\n### BEGIN HIDDEN TESTS\nassert square(-3) == 9\n### END HIDDEN TESTS",
        "square-right",
        2,
    ),
    Cell("answer", "def mean(values):\n    ### BEGIN SOLUTION\n    return sum(values) / len(values)\n    ### END SOLUTION", "mean"),
    Cell("check", "assert close(mean([1, 2, 4]), 7 / 3)", "mean-right", 1),
    Cell("check", "try:\n    mean([])\nexcept ZeroDivisionError:\n    pass\nelse:\n    raise AssertionError('an empty mean')", "mean-empty", 1),
    Cell("answer", "### BEGIN SOLUTION\ntotals = {n: square(n) for n in range(10)}\n### END SOLUTION", "totals"),
    Cell("check", "sum(totals.get(n) == n * n for n in range(10)) / 10 * 3.5", "totals-share", 3.5),
    Cell("manual", "'in your own words'", "words", 2),
)  # fmt: skip
LIGHT_ANSWERS: tuple[dict[str, str], ...] = (
    {
        "square": "def square(x):\n    return x * x",
        "mean": "def mean(values):\n    return sum(values) / len(values)",
        "totals": "totals = {n: square(n) for n in range(10)}",
        "words": "'a square is a number times itself'",
    },
    {
        "square": "def square(x):\n    return x + x",
        "mean": "from statistics import fmean\ndef mean(values):\n    return fmean(values)",
        "totals": "print('counting')\ntotals = {n: square(n) for n in range(10)}\ntotals",
    },
    {"square": "def square(x):\n    raise ValueError('later')", "mean": "def mean(values:", "words": "'no'"},
    {},
)

HEAVY = (
    Cell("text", "# Late payments\nWho pays late, and can it be told beforehand?"),
    Cell("plain", "import numpy as np\nimport pandas as pd"),
    Cell(
        "locked",
        "rng = np.random.default_rng(7)\nn = 6000\n"
        "invoices = pd.DataFrame({'customer': rng.integers(0, 300, n), 'amount': rng.gamma(2, 900, n), "
        "'terms': rng.choice([14, 30, 60], n)})\n"
        "invoices['late'] = (invoices.amount / 4000 + (invoices.terms == 14) + rng.normal(0, .6, n) > 1).astype(int)",
        "data",
    ),
    Cell("answer", "### BEGIN SOLUTION\nby_terms = invoices.groupby('terms').late.mean()\n### END SOLUTION", "share"),
    Cell("check", "assert by_terms.index.tolist() == [14, 30, 60]\nassert by_terms.between(0, 1).all()\nassert by_terms[14] > by_terms[60]", "share-right", 2),
    Cell(
        "answer",
        "def top(frame, k):\n    ### BEGIN SOLUTION\n    return frame.groupby('customer').amount.sum().nlargest(k)\n    ### END SOLUTION",
        "top",
    ),
    Cell("check", "found = top(invoices, 5)\nassert len(found) == 5\nassert found.is_monotonic_decreasing\npd.testing.assert_series_equal(found, invoices.groupby('customer').amount.sum().nlargest(5))", "top-right", 2),
    Cell(
        "answer",
        "### BEGIN SOLUTION\nfrom sklearn.ensemble import RandomForestClassifier\nfrom sklearn.model_selection import cross_val_score\n"
        "model = RandomForestClassifier(60, random_state=0)\n"
        "scores = cross_val_score(model, invoices[['amount', 'terms']], invoices.late, cv=3)\n### END SOLUTION",
        "model",
    ),
    Cell("check", "assert len(scores) == 3\nassert scores.mean() > .6", "model-right", 3),
)  # fmt: skip
_FOREST = HEAVY[7].source.replace("### BEGIN SOLUTION\n", "").replace("\n### END SOLUTION", "")
HEAVY_ANSWERS: tuple[dict[str, str], ...] = (
    {
        "share": "by_terms = invoices.groupby('terms').late.mean()",
        "top": "def top(frame, k):\n    return frame.groupby('customer').amount.sum().nlargest(k)",
        "model": _FOREST,
    },
    {
        "share": "by_terms = invoices.pivot_table(index='terms', values='late')['late']",
        "top": "def top(frame, k):\n    return frame.groupby('customer').amount.sum().sort_values(ascending=False).head(k)",
        "model": _FOREST.replace("random_state=0", "random_state=1"),
    },
)
