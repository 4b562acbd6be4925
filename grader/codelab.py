"""A code lab's attempts on the real path: put into the notebook as a learner would, run confined, judged in a judge's process.

In `attempts.py` of a code lab an answer is code by the name of its answer cell, such as {"rules": "def validate(...): ..."}; what
is not named stays as it was released. The reference is the solution that stands in `lab.py`.
"""

from __future__ import annotations

import ast
import json
import linecache
from collections.abc import Mapping
from typing import Any

from atelier import kits
from grader import isolation, notebook, submissions
from grader.errors import Problem
from grader.execution.host import Setting
from grader.execution.workers import Worker
from grader.jobs import Outcome
from grader.model import Attempt, Lab, Score

LATE_WARNING = 0.5  # seconds that all public checks together may take, so that a cell answers while one looks


def answer_cells(lab: Lab) -> dict[str, str]:
    """Return the solution of each answer cell of `lab`, by name."""
    return {
        str(notebook.name_of(cell)): "".join(cell["source"]) for cell in notebook.answer_cells(notebook.source(lab))
    }


def submitted(built: notebook.Notebook, answer: Mapping[str, str] | None) -> notebook.Notebook:
    """Return the notebook that a learner hands in who wrote `answer`; None is the notebook as released."""
    copy: notebook.Notebook = json.loads(json.dumps(built))
    for cell in notebook.answer_cells(copy):
        name = str(notebook.name_of(cell))
        cell["source"] = (answer or {}).get(name, notebook.cleared("".join(cell["source"])))
    return copy


def scores(lab: Lab, attempts: Mapping[str, Attempt], secret: str) -> tuple[dict[str, Score], list[Problem]]:
    """Return what each attempt earns, and what of the lab's checks cannot be judged apart from the learner's code."""
    built = notebook.source(lab)
    what = submissions.of_lab(lab, built)
    found: dict[str, Score] = {}
    problems: list[Problem] = []
    best = isolation.best()
    setting = Setting(best.value, str(lab.root.parents[2]), secret=secret, warm=what.warm, judge=what.judge)
    with Worker(setting) as worker:
        for name, attempt in attempts.items():
            answer = answer_cells(lab) if name == "reference" else attempt.answer
            if answer is not None and not isinstance(answer, dict):
                problems.append(_problem(lab, name, "an answer of a code lab is a table: answer cell -> code"))
                continue
            theirs = submitted(built, answer)
            done = worker.run(submissions.job(what, name, lab.id, theirs))
            found[name] = submissions.code_score(what, name, {lab.id: (theirs, done)})
            if name == "reference":
                problems += [
                    _problem(lab, cell.cell, f'{cell.says} Change the check, or declare execution = "kernel"', "lab.py")
                    for cell in done.cells
                    if cell.outcome is Outcome.NOT_PLAIN
                ]
    return found, problems


def _problem(lab: Lab, key: str, says: str, file: str = "attempts.py") -> Problem:
    return Problem(f"exercises/labs/{lab.id}/{file}", key, says)


def as_answer(lab: Lab, answer: Mapping[str, str]) -> Any:
    """Return the kit's answer that honest code makes, executed here: for measuring it on many cohorts' cases."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(_imports(lab), names)  # noqa: S102  # the lab's own code
    for cell, source in (answer_cells(lab) | dict(answer)).items():
        name = f"<{lab.id} {cell}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)  # as a notebook does
        exec(compile(source, name, "exec"), names)  # noqa: S102  # the lab's own code
    kit = kits.load(lab.file.kit)
    assert kit.code is not None
    handed = notebook.handed_over(lab)
    return kit.code({check.part: names[handed[check.id]] for check in lab.file.checks})


def _imports(lab: Lab) -> str:
    """Return the imports that the cells of `lab` make."""
    texts = [
        notebook.text_of(cell).partition(notebook.BEGIN)[0]
        for cell in notebook.source(lab)["cells"]
        if cell["cell_type"] == "code"
    ]
    found = [node for text in texts for node in ast.parse(notebook.plain_python(text)).body]
    return "\n".join(ast.unparse(node) for node in found if isinstance(node, ast.Import | ast.ImportFrom))
