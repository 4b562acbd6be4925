"""Every lab as its learners get it: released, fetched, and run from top to bottom in a real kernel.

One kernel runs them all, as a kernel's start costs more than a notebook. nbval starts a new one for each.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import ROOT, Cohort
from jupyter_client import KernelManager
from nbclient import NotebookClient

from atelier import answers, exchange, records, takeaway
from atelier.lab import OpenLab
from grader import catalog, codelab, labcheck, notebook, pipeline, workspace
from grader.catalog import Catalog
from grader.engines import Engine

LABS = sorted(path.parent.name for path in (ROOT / catalog.LABS).glob("*/lab.toml"))
CODE = sorted(
    path.parent.name for path in (ROOT / catalog.LABS).glob("*/lab.toml") if 'mode = "code"' in path.read_text()
)
FORMS = [lab for lab in LABS if lab not in CODE]
WIDGET = "application/vnd.jupyter.widget-view+json"
# Their answer is a list of decisions on this cohort's cards, which are not the practice cards.
CARDS = "decisions"


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, known: Catalog, engine: Engine) -> Cohort:
    """Return a cohort with every lab of the catalogue released."""
    root = tmp_path_factory.mktemp("everything")
    space = workspace.create(root / "course", "autumn", "finance", labcheck.SECRET)
    assert pipeline.release(space, known.labs, engine.id) == LABS
    return Cohort(space, known.labs, engine, root / "homes")


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelManager]:
    """Yield a kernel without a practice model; who sits before it is said by `_run`."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("ATELIER_MODEL_")}
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env=environment | {"IPYTHONDIR": str(tmp_path_factory.mktemp("ipython"))})
    yield manager
    manager.shutdown_kernel(now=True)


def _run(
    kernel: KernelManager, cohort: Cohort, learner: str, lab: str, folder: Path, *more: str
) -> nbformat.NotebookNode:
    """Run the notebook in `folder`, and `more` cells behind it, as JupyterLab does for that learner."""
    seat = cohort.seat(learner)
    notebook = nbformat.read(folder / f"{lab}.ipynb", 4)
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in more]
    environment = {
        "ATELIER_EXCHANGE": str(seat.exchange),
        "ATELIER_COURSE": seat.course,
        "ATELIER_LEARNER": seat.learner,
        "ATELIER_HOME": str(seat.home),
    }
    sit = f"%reset -f\nimport os\nos.chdir({str(folder)!r})\nos.environ.update({environment!r})\ndel os"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(sit))
    NotebookClient(notebook, km=kernel, timeout=60, allow_errors=True).execute()
    del notebook.cells[0]
    return notebook


def _faults(notebook: nbformat.NotebookNode) -> list[str]:
    """Return errors and anything said on stderr: nbgrader takes a word there for a failure."""
    return [
        f"{cell.source[:60]!r}: {output.get('ename', output.get('text'))}"
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


def _shown(notebook: nbformat.NotebookNode, source: str) -> list[str]:
    """Return the kinds of output of the cell with the line `source`."""
    [cell] = [c for c in notebook.cells if source in c.source.splitlines()]
    return [kind for output in cell.outputs for kind in output.get("data", ())]


TAKE = """
box = lab.tomorrow()
box.children[1].click()
print(box.children[2].value, box.children[3].value)
"""
HAND_IN = """
box = lab.hand_in()
box.children[0].children[0].click()
print(box.children[1].value)
"""


@pytest.mark.parametrize("lab", FORMS)
def test_the_notebook_runs_with_the_reference_answer_and_hands_it_in(
    kernel: KernelManager, everything: Cohort, known: Catalog, lab: str
) -> None:
    """No error, nothing on stderr; form and every check show a widget; the card is saved; what arrives is what was answered."""
    reference, _ = catalog.attempts(known.lab(lab))
    folder = everything.answer("ada", lab, reference)
    notebook = _run(kernel, everything, "ada", lab, folder, TAKE, HAND_IN)
    assert _faults(notebook) == []
    assert WIDGET in _shown(notebook, "lab.form()")
    for check in known.lab(lab).file.checks:
        assert WIDGET in _shown(notebook, f'lab.check("{check.id}")')
    assert "text/html" in _shown(notebook, "lab.welcome()")
    assert "Download the card" in notebook.cells[-2].outputs[0].text
    assert escape(known.lab(lab).file.title) in (folder / takeaway.FILE).read_text(encoding="utf-8")
    assert "Handed in on" in notebook.cells[-1].outputs[0].text
    assert len(exchange.hand_ins(lab, everything.seat("ada"))) == 1
    pipeline.collect(everything.space, [known.lab(lab)])
    arrived = answers.read(everything.space.step("submitted", "ada", lab) / answers.FILE, lab)
    assert answers.decode(OpenLab(lab, folder).kit, arrived) == reference


@pytest.mark.parametrize("lab", CODE)
def test_a_code_lab_runs_with_its_solution_and_hands_it_in(
    kernel: KernelManager, everything: Cohort, known: Catalog, lab: str
) -> None:
    """No error, nothing on stderr; its checks give at least 95 practice points; what arrives is what was written."""
    solution = codelab.answer_cells(known.lab(lab))
    folder = everything.answer("ada", lab, solution)
    handed = notebook.handed_over(known.lab(lab))
    # In one breath: what is printed bit by bit may come as several outputs.
    tell = f"print({', '.join(f'lab.check({check!r}, {name}).value' for check, name in handed.items())})"
    ran = _run(kernel, everything, "ada", lab, folder, tell, TAKE, HAND_IN)
    assert _faults(ran) == []
    points = re.findall(r"(\d+) of (\d+) points on the practice cases", ran.cells[-3].outputs[0].text)
    assert [int(most) for _, most in points] == [check.points for check in known.lab(lab).file.checks]
    assert sum(int(got) for got, _ in points) >= labcheck.REFERENCE_AT_LEAST
    assert "Download the card" in ran.cells[-2].outputs[0].text
    assert "Handed in on" in ran.cells[-1].outputs[0].text
    pipeline.collect(everything.space, [known.lab(lab)])
    arrived = notebook.read(everything.space.step("submitted", "ada", lab) / f"{lab}.ipynb").notebook
    assert arrived is not None
    assert {notebook.name_of(c): "".join(c["source"]) for c in notebook.answer_cells(arrived)} == solution


@pytest.mark.parametrize("lab", CODE)
def test_an_untouched_code_lab_shows_no_traceback_of_ours(kernel: KernelManager, everything: Cohort, lab: str) -> None:
    """Opened for the first time and run from top to bottom, no cell fails."""
    folder = everything.answer("ben", lab, None)
    assert _faults(_run(kernel, everything, "ben", lab, folder)) == []


@pytest.mark.parametrize("lab", FORMS)
def test_the_notebook_runs_untouched(kernel: KernelManager, everything: Cohort, lab: str) -> None:
    """Opened for the first time, every cell shows something, and no answer is made by itself."""
    folder = everything.answer("ben", lab, None)
    notebook = _run(kernel, everything, "ben", lab, folder)
    assert _faults(notebook) == []
    silent = [
        c.source for c in notebook.cells if c.cell_type == "code" and not c.outputs and "open_lab" not in c.source
    ]
    assert silent == []
    assert OpenLab(lab, folder).answer is None


@pytest.mark.parametrize("lab", FORMS)
def test_the_notebook_runs_with_a_broken_answer(kernel: KernelManager, everything: Cohort, lab: str) -> None:
    """A damaged file is kept aside and told, not raised."""
    folder = everything.answer("cleo", lab, b'{"format": 1, "lab": "')
    assert _faults(_run(kernel, everything, "cleo", lab, folder)) == []
    kept = folder / f"{answers.FILE}.old"
    assert (kept if kept.exists() else folder / answers.FILE).read_bytes() == b'{"format": 1, "lab": "'


@pytest.mark.parametrize("lab", LABS)
def test_the_release_holds_no_answer(everything: Cohort, known: Catalog, lab: str) -> None:
    """Five things and no more; no hidden code, no secret, no case from the hidden set with its truth."""
    found = known.lab(lab)
    out = everything.space.course.exchange / "autumn" / "outbound" / lab
    assert {p.name for p in out.iterdir()} == {f"{lab}.ipynb", "lab.json", "practice.json", "data"}
    text = "".join(p.read_text(encoding="utf-8") for p in out.rglob("*") if p.is_file())
    for word in ("grader.judge", "HIDDEN TESTS", everything.space.secret):
        assert word not in text
    hidden = set(map(repr, catalog.hidden_cases(found, everything.space.secret)))
    assert hidden.isdisjoint(map(repr, OpenLab(lab, _fetched(everything, lab)).practice))


def _fetched(cohort: Cohort, lab: str) -> Path:
    return exchange.fetch_lab(lab, cohort.seat("dora"))


@pytest.mark.parametrize("lab", FORMS)
def test_practice_and_grade_agree_on_the_reference(everything: Cohort, known: Catalog, lab: str) -> None:
    """What "Check my work" says of a perfect answer, from the released files alone, is near to what it earns."""
    found = known.lab(lab)
    reference, _ = catalog.attempts(found)
    opened = OpenLab(lab, _fetched(everything, lab))
    opened.answer = reference
    if found.file.kit == CARDS:
        opened.answer = _warmed_up(opened, reference)
    verdict = opened.practise({})
    assert verdict is not None
    known_parts = [(check.points, verdict.part(check.part).fraction) for check in found.file.checks]
    evaluated = [(points, share) for points, share in known_parts if share is not None]
    # Without a model's replies, the checks of a prompt say that they wait.
    assert len(evaluated) == len(known_parts) or found.file.kit == "prompting"
    share = sum(points * share for points, share in evaluated) / sum(points for points, _ in evaluated)
    assert share >= labcheck.REFERENCE_AT_LEAST / 100, [part.says for part in verdict.parts]


def _warmed_up(opened: OpenLab, reference: Any) -> Any:
    """Return the reference's table with the warm-up cards decided rightly, as sure as the rest."""
    like = reference.decisions[0]
    return replace(
        reference,
        decisions=tuple(
            replace(
                like,
                case=case.card.id,
                choice=case.truth,
                answers={question: truth.choices for question, truth in case.truths.items()},
            )
            for case in opened.practice
        ),
    )


def test_nbval_runs_every_solution_notebook(everything: Cohort, known: Catalog) -> None:
    """The source notebooks, hidden blocks included, beside their reference answers: every cell of every lab passes."""
    notebooks = []
    with everything.space.replies.open("ab") as replies:
        for lab in known.labs:
            folder = everything.space.step("autograded", "solution", lab.id)
            shutil.copytree(everything.space.root / "source" / lab.id, folder)
            if lab.file.mode == "form":
                reference, _ = catalog.attempts(lab)
                answers.write(folder / answers.FILE, answers.Answers(lab.id, lab.file.kit, records.dump(reference)))
            notebooks.append(str(folder / f"{lab.id}.ipynb"))
            for recorded in sorted((lab.root / "replies").glob("*.jsonl")):
                replies.write(recorded.read_bytes())
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-cell-timeout=60", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "--rootdir", str(everything.space.root), *notebooks],
        cwd=everything.space.root, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    cells = sum(cell.cell_type == "code" for path in notebooks for cell in nbformat.read(path, 4).cells)
    assert f"{cells} passed" in done.stdout
