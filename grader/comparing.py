"""Reading a cohort's answers for comparison. Only what was collected is read, and nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from atelier import answers
from atelier.errors import AnswersError
from grader import notebook, similarity
from grader.model import Lab
from grader.similarity import Alike
from grader.workspace import Workspace


def compare(space: Workspace, labs: Sequence[Lab | str]) -> tuple[Alike, ...]:
    """Return pairs of learners whose answers to one of `labs` share most of what few others have."""
    return tuple(pair for lab in labs for pair in _one(space, lab))


def _one(space: Workspace, lab: Lab | str) -> tuple[Alike, ...]:
    name = lab if isinstance(lab, str) else lab.id
    folders = dict(space.submissions(name))
    if isinstance(lab, Lab) and lab.file.mode == "form":
        return similarity.alike(name, {learner: _form(folder, name) for learner, folder in folders.items()})
    books = sorted(path.stem for path in (space.root / "release" / name).glob("*.ipynb"))
    released = frozenset().union(*(_code(space.root / "release" / name / f"{book}.ipynb") for book in books))
    own = {
        learner: frozenset().union(*(_code(folder / f"{book}.ipynb") for book in books))
        for learner, folder in folders.items()
    }
    return similarity.alike(name, own, released)


def _form(folder: Path, lab: str) -> frozenset[str]:
    with suppress(AnswersError):
        return similarity.form(answers.read(folder / answers.FILE, lab).answer or {})
    return frozenset()


def _code(path: Path) -> frozenset[str]:
    """Return the features of a notebook's code cells; nothing if it cannot be read."""
    found = notebook.read(path).notebook or {"cells": []}
    sources = [notebook.text_of(cell) for cell in found["cells"] if cell.get("cell_type") == "code"]
    return frozenset().union(*(similarity.code(notebook.plain_python(source)) for source in sources))
