"""Notebooks: from a lab's `lab.py` to source and release notebooks, and what a learner changed in them.

Cells of `lab.py` (jupytext percent format) carry short tags: `# %% explore`, `# %% check="catch-rate"`. They
become nbgrader metadata with stable ids, so that stock nbgrader grades the very same notebook.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import CatalogError, Problem
from grader.model import Lab

SCHEMA = 3
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
MAX_BYTES = 16 * 1024 * 1024
BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"

Cell = dict[str, Any]
Notebook = dict[str, Any]


def _hidden_block(lab: Lab, check: str) -> str:
    return f"\n{BEGIN}\nfrom grader.judge import points\npoints({lab.id!r}, {check!r})\n{END}"


def source(lab: Lab) -> Notebook:
    """Build the source notebook of `lab`: every check cell ends in its hidden block.

    Raises CatalogError for an unknown tag, a check without a cell, or a cell without a check.
    """
    import jupytext

    parsed = jupytext.reads((lab.root / "lab.py").read_text(encoding="utf-8"), fmt="py:percent")
    where = f"exercises/labs/{lab.id}/lab.py"
    problems: list[Problem] = []
    points = {check.id: check.points for check in lab.file.checks}
    seen: list[str] = []
    cells: list[Cell] = []
    for index, raw in enumerate(parsed.cells):
        tags = {key: value for key, value in raw.metadata.items() if key != "lines_to_next_cell"}
        title = tags.pop("title", "")
        check = tags.pop("check", None)
        if title not in ("", "explore") or tags:
            unknown = ", ".join([*([title] if title not in ("", "explore") else []), *tags])
            problems.append(
                Problem(where, f"cell {index + 1}", f'unknown tag "{unknown}"; use explore or check="<id>"')
            )
        if check is not None and check not in points:
            problems.append(Problem(where, f"cell {index + 1}", f'no check "{check}" in lab.toml'))
            continue
        if check is not None:
            seen.append(check)
        cells.append(_cell(lab, index, raw, title, check, points))
    problems += [
        Problem(where, f'check="{check}"', f"{seen.count(check)} cells; there must be exactly one")
        for check in points
        if seen.count(check) != 1
    ]
    if problems:
        raise CatalogError(problems)
    return _notebook(cells, {"lab": lab.id, "version": lab.version})


def page(source: str, name: str) -> Notebook:
    """Return a notebook of one cell that shows a page, such as My track."""
    metadata = {"editable": False, "deletable": False, "jupyter": {"source_hidden": True}}
    cell: Cell = {
        "cell_type": "code",
        "id": name,
        "metadata": metadata,
        "source": source,
        "execution_count": None,
        "outputs": [],
    }
    return _notebook([cell], {"page": name})


def _notebook(cells: list[Cell], about: dict[str, str]) -> Notebook:
    return {
        "cells": cells,
        "metadata": {"atelier": about, "kernelspec": KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(lab: Lab, index: int, raw: Any, title: str, check: str | None, points: dict[str, int]) -> Cell:
    text = raw.source + (_hidden_block(lab, check) if check else "")
    metadata: dict[str, Any] = {"editable": False, "deletable": False}
    if title == "explore":
        metadata["tags"] = ["explore"]
    cell: Cell = {
        "cell_type": raw.cell_type,
        "id": f"{lab.id[:48]}-{check or index}"[:64],
        "metadata": metadata,
        "source": text,
    }
    if raw.cell_type == "code":
        metadata["jupyter"] = {"source_hidden": True}
        cell |= {"execution_count": None, "outputs": []}
        metadata["nbgrader"] = {
            "cell_type": "code",
            "grade": check is not None,
            "grade_id": check or f"cell-{index}",
            "locked": True,
            "schema_version": SCHEMA,
            "solution": False,
            "task": False,
        }
        if check:
            metadata["nbgrader"]["points"] = points[check]
    return cell


def dumps(notebook: Notebook) -> str:
    """Return the notebook as a file's text, stable from run to run."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@dataclass(frozen=True, slots=True)
class Reading:
    """A submitted notebook: its cells, or why it cannot be read."""

    notebook: Notebook | None
    reason: str = ""


def read(path: Path) -> Reading:
    """Read a submitted notebook without trusting it. Never raises on a bad file."""
    if not path.exists():
        return Reading(None, "the notebook is missing from the submission")
    if path.is_symlink() or not path.is_file():
        return Reading(None, "the notebook is not an ordinary file")
    if path.stat().st_size > MAX_BYTES:
        return Reading(None, f"the notebook has {path.stat().st_size:,} bytes; at most {MAX_BYTES:,} are read")
    try:
        raw = json.loads(path.read_bytes().decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        return Reading(None, f"the notebook is not readable JSON ({type(error).__name__})")
    cells = raw.get("cells") if isinstance(raw, dict) else None
    if not isinstance(cells, list) or not all(
        isinstance(c, dict) and isinstance(c.get("metadata", {}), dict) for c in cells
    ):
        return Reading(None, "the file is JSON, but not a notebook")
    return Reading(raw)


def _text(cell: Cell) -> str:
    text = cell.get("source", "")
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def _grade_id(cell: Cell) -> str | None:
    meta = cell.get("metadata", {}).get("nbgrader")
    return str(meta.get("grade_id")) if isinstance(meta, dict) and meta.get("grade_id") else None


def changes(released: Notebook, submitted: Notebook) -> tuple[str, ...]:
    """Return what a learner changed in cells that were locked, as facts for the trainer.

    Compared with the release, cell by cell; outputs, execution counts, white space at line ends and cells that a
    learner added do not count.
    """
    theirs: dict[str, list[Cell]] = {}
    for cell in submitted["cells"]:
        if (name := _grade_id(cell)) is not None:
            theirs.setdefault(name, []).append(cell)
    facts = []
    for cell in released["cells"]:
        name = _grade_id(cell)
        if name is None:
            continue
        found = theirs.get(name, [])
        kind = "check" if cell["metadata"]["nbgrader"]["grade"] else "lab"
        if not found:
            facts.append(f"the {kind} cell {name!r} was deleted")
        elif len(found) > 1:
            facts.append(f"the {kind} cell {name!r} occurs {len(found)} times")
        elif _lines(found[0]) != _lines(cell):
            facts.append(f"the {kind} cell {name!r} was edited")
        elif (points := cell["metadata"]["nbgrader"].get("points")) != found[0]["metadata"]["nbgrader"].get("points"):
            facts.append(f"the points of {name!r} were changed from {points}")
    return tuple(facts)


def _lines(cell: Cell) -> list[str]:
    return [line.rstrip() for line in _text(cell).strip().splitlines()]


def graded(built: Notebook, submitted: Notebook | None, outputs: dict[str, tuple[float | None, str]]) -> Notebook:
    """Return the autograded notebook: the source's locked cells, the learner's added cells, and the points as outputs.

    `outputs` maps check id -> (points or None, message). Formgrader and nbgrader's own tools read it as
    if the cells had been executed.
    """
    copy: Notebook = json.loads(json.dumps(built))
    for cell in copy["cells"]:
        name = _grade_id(cell)
        if name in outputs and cell["metadata"]["nbgrader"]["grade"]:
            earned, says = outputs[name]
            cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": {"text/plain": says}}]
            if earned is not None:
                cell["outputs"].append(
                    {
                        "output_type": "execute_result",
                        "execution_count": 1,
                        "metadata": {},
                        "data": {"text/plain": repr(earned)},
                    }
                )
            cell["execution_count"] = 1
    for cell in (submitted or {"cells": []})["cells"]:
        if (
            _grade_id(cell) is None
            and cell.get("cell_type") == "markdown"
            and "deletable" not in cell.get("metadata", {})
        ):
            copy["cells"].append(
                {
                    "cell_type": "markdown",
                    "id": f"note-{len(copy['cells'])}",
                    "metadata": {},
                    "source": _text(cell),
                }
            )
    return copy
