"""Notebooks: from a lab's `lab.py` to source and release notebooks, and what a learner changed in them.

Cells of `lab.py` (jupytext percent format) carry short tags: `# %% explore`, `# %% answer="rules"`, `# %% check="catch-rate"`.
They become nbgrader metadata with stable ids, so that stock nbgrader grades the very same notebook.
"""

from __future__ import annotations

import ast
import codecs
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import CatalogError, Problem
from grader.model import Lab

SCHEMA = 3
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
MAX_BYTES = 16 * 1024 * 1024
BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
_STORY = ("lab.show(", "lab.commit(", "lab.hint(")

Cell = dict[str, Any]
Notebook = dict[str, Any]


def _hidden_block(lab: Lab, check: str, text: str) -> str:
    """Return the hidden end of a check cell: the grader's own check, on what the cell hands over to `lab.check`."""
    handed = "".join(f", {name}" for name in _handed_over(text))
    return f"\n{BEGIN}\nfrom grader.judge import points\npoints({lab.id!r}, {check!r}{handed})\n{END}"


def handed_over(lab: Lab) -> dict[str, str]:
    """Return the name that each check cell of a code lab hands over, by check."""
    return {
        str(name_of(cell)): names[0]
        for cell in source(lab)["cells"]
        if cell["cell_type"] == "code" and (names := _handed_over(text_of(cell).partition(BEGIN)[0]))
    }


def cleared(text: str) -> str:
    """Return an answer cell as nbgrader releases it: what stands between the solution marks is taken out."""
    kept: list[str] = []
    inside = False
    for line in text.splitlines():
        mark = line.strip().upper()
        if mark.startswith("### BEGIN SOLUTION"):
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            kept += [f"{indent}# YOUR CODE HERE", f"{indent}raise NotImplementedError()"]
        elif mark.startswith("### END SOLUTION"):
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def _judged(lab: Lab) -> bool:
    """Return whether the kit judges a lab's checks. In a learner's own kernel it cannot: there the checks are the cell's own."""
    return lab.file.execution == "split"


def _handed_over(text: str) -> list[str]:
    """Return the names that a check cell hands over: `lab.check("catch-rate", validate)` gives ["validate"]."""
    try:
        calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    except SyntaxError:
        return []
    checks = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "check"]
    return [name.id for call in checks for name in call.args[1:] if isinstance(name, ast.Name)]


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
        answer = tags.pop("answer", None)
        if answer is not None and lab.file.mode != "code":
            problems.append(
                Problem(where, f"cell {index + 1}", 'an answer cell in a form lab; use mode = "code" in lab.toml')
            )
        if answer in points:
            problems.append(
                Problem(
                    where,
                    f'answer="{answer}"',
                    "a check has this name; nbgrader needs one name per cell, so rename the answer",
                )
            )
        if title not in ("", "explore") or tags:
            unknown = ", ".join([*([title] if title not in ("", "explore") else []), *tags])
            problems.append(
                Problem(
                    where, f"cell {index + 1}", f'unknown tag "{unknown}"; use explore, answer="<name>" or check="<id>"'
                )
            )
        if check is not None and check not in points:
            problems.append(Problem(where, f"cell {index + 1}", f'no check "{check}" in lab.toml'))
            continue
        if check is not None:
            seen.append(check)
        if check is not None and _judged(lab) and lab.file.mode == "code" and len(_handed_over(raw.source)) != 1:
            says = f'hand over one function: lab.check("{check}", function)'
            problems.append(Problem(where, f'check="{check}"', says))
        cells.append(_cell(lab, index, raw, title, check, answer, points))
    problems += [
        Problem(where, f'check="{check}"', f"{seen.count(check)} cells; there must be exactly one")
        for check in points
        if seen.count(check) != 1
    ]
    if problems:
        raise CatalogError(problems)
    return _notebook(cells, {"lab": lab.id, "version": lab.version, "mode": lab.file.mode})


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


def _cell(
    lab: Lab, index: int, raw: Any, title: str, check: str | None, answer: str | None, points: dict[str, int]
) -> Cell:
    text = raw.source + (_hidden_block(lab, check, raw.source) if check and _judged(lab) else "")
    # The story would give away what it asks: its calls are folded, and only other cells are there to be played with.
    tried = lab.file.mode == "code" and title == "explore" and not raw.source.startswith(_STORY)
    metadata: dict[str, Any] = {"editable": answer is not None or tried, "deletable": False}
    if title == "explore":
        metadata["tags"] = ["explore"]
    cell: Cell = {
        "cell_type": raw.cell_type,
        "id": f"{lab.id[:48]}-{check or answer or index}"[:64],
        "metadata": metadata,
        "source": text,
    }
    if raw.cell_type == "code":
        # Who programs sees the code that matters: the own answer, what checks it, and what may be tried.
        code = lab.file.mode == "code" and (answer or check or tried)
        metadata["jupyter"] = {"source_hidden": not code}
        cell |= {"execution_count": None, "outputs": []}
        metadata["nbgrader"] = {
            "cell_type": "code",
            "grade": check is not None,
            "grade_id": check or answer or f"cell-{index}",
            "locked": answer is None and not tried,
            "schema_version": SCHEMA,
            "solution": answer is not None,
            "task": False,
        }
        if check:
            metadata["nbgrader"]["points"] = points[check]
    return cell


def dumps(notebook: Notebook, indent: int | None = 1) -> str:
    """Return the notebook as a file's text, stable from run to run; without `indent` in a tenth of the time."""
    return json.dumps(notebook, ensure_ascii=False, indent=indent, sort_keys=True) + "\n"


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
        raw = json.loads(_decoded(path.read_bytes()))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        return Reading(None, f"the notebook is not readable JSON ({type(error).__name__})")
    cells = raw.get("cells") if isinstance(raw, dict) else None
    if not isinstance(cells, list) or not all(
        isinstance(c, dict) and isinstance(c.get("metadata", {}), dict) for c in cells
    ):
        return Reading(None, "the file is JSON, but not a notebook")
    return Reading(raw)


def _decoded(content: bytes) -> str:
    """Return a file's text: UTF-8, or what its byte order mark says. Some editors save UTF-16."""
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    return content.decode(next((name for mark, name in marks.items() if content.startswith(mark)), "utf-8"))


def text_of(cell: Cell) -> str:
    """Return a cell's source, whichever way the file keeps it."""
    text = cell.get("source", "")
    found = "".join(map(str, text)) if isinstance(text, list) else str(text)
    return found.encode("utf-8", "replace").decode()  # half characters, which no file could hold


def name_of(cell: Cell) -> str | None:
    """Return the name that nbgrader knows a cell by, or None."""
    meta = cell.get("metadata", {}).get("nbgrader")
    return str(meta.get("grade_id")) if isinstance(meta, dict) and meta.get("grade_id") else None


def changes(released: Notebook, submitted: Notebook) -> tuple[str, ...]:
    """Return what a learner changed in cells that were locked, as facts for the trainer.

    Compared with the release, cell by cell; outputs, execution counts, white space at line ends and cells that a
    learner added do not count.
    """
    theirs: dict[str, list[Cell]] = {}
    for cell in submitted["cells"]:
        if (name := name_of(cell)) is not None:
            theirs.setdefault(name, []).append(cell)
    facts = []
    for cell in released["cells"]:
        name = name_of(cell)
        if name is None or not cell["metadata"]["nbgrader"].get("locked"):
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
    return [line.rstrip() for line in text_of(cell).strip().splitlines()]


def points_output(earned: float | None, says: str) -> list[dict[str, Any]]:
    """Return the outputs of a check that was scored outside the notebook: its message, and the points as its value."""
    message = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": says}}
    if earned is None:
        return [message]
    return [
        message,
        {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": repr(earned)}},
    ]


def graded(built: Notebook, submitted: Notebook | None, outputs: Mapping[str, list[dict[str, Any]]]) -> Notebook:
    """Return a form lab's autograded notebook: the source's cells, the learner's notes, and the outputs of checks by name.

    Formgrader and nbgrader's own tools read it as if the cells had been executed.
    """
    cells = [
        cell | {"outputs": outputs[name], "execution_count": 1}
        if (name := name_of(cell)) is not None and name in outputs and cell["metadata"]["nbgrader"]["grade"]
        else cell
        for cell in built["cells"]
    ]
    notes = [
        cell
        for cell in (submitted or {"cells": []})["cells"]
        if name_of(cell) is None and cell.get("cell_type") == "markdown" and "deletable" not in cell.get("metadata", {})
    ]
    cells += [_markdown(f"note-{len(cells) + i}", text_of(cell)) for i, cell in enumerate(notes)]
    return built | {"cells": cells}


def _markdown(name: str, text: str) -> Cell:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def executed(
    built: Notebook, submitted: Notebook | None, parts: Sequence[Part], outputs: Mapping[str, list[dict[str, Any]]]
) -> Notebook:
    """Return a code lab's autograded notebook: the source's cells with the learner's answers, and what each cell showed."""
    waiting = list(parts)
    theirs = {name_of(cell): cell for cell in (submitted or {"cells": []})["cells"]}
    cells: list[Cell] = []

    def ran(part: Part, cell: Cell) -> Cell:
        return cell | {"source": part.source, "outputs": outputs.get(part.name, []), "execution_count": 1}

    def added(part: Part) -> Cell:
        return ran(part, {"cell_type": "code", "id": part.name, "metadata": {}})

    for cell in built["cells"]:
        name = name_of(cell)
        if any(part.name == name for part in waiting):
            while waiting and waiting[0].name != name:
                cells.append(added(waiting.pop(0)))
            cells.append(ran(waiting.pop(0), cell))
        elif (
            cell["cell_type"] == "markdown"
            and name is not None
            and name in theirs
            and not cell["metadata"]["nbgrader"].get("locked")
        ):
            cells.append(cell | {"source": text_of(theirs[name])})
        else:
            cells.append(cell)
    return built | {"cells": cells + [added(part) for part in waiting]}


def answer_cells(released: Notebook) -> list[Cell]:
    """Return the cells of a release that learners answer in."""
    return [c for c in released["cells"] if name_of(c) and c["metadata"]["nbgrader"].get("solution")]


def untouched(released: Cell, submitted: Notebook | None) -> bool:
    """Return whether an answer cell came back as it was released, or not at all."""
    theirs = [c for c in (submitted or {"cells": []})["cells"] if name_of(c) == name_of(released)]
    return not theirs or _lines(theirs[-1]) == _lines(released)


def fingerprint(*parts: Any) -> str:
    """Return 12 hex digits over plain data: a version of what has no folder of its own."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]


def plain_python(source: str) -> str:
    """Return a cell's source with IPython's own syntax taken out; a cell magic makes it empty."""
    lines = source.splitlines()
    if lines and lines[0].lstrip().startswith("%%"):
        return ""
    return "\n".join("pass" if line.lstrip()[:1] in ("%", "!") else line for line in lines)


@dataclass(frozen=True, slots=True)
class Part:
    """A code cell of a submission as it is to run. `kind` is "check", "locked" or "learner"."""

    name: str
    kind: str
    source: str
    points: float = 0.0


def rebuild(
    released: Notebook, sources: Mapping[str, str], submitted: Notebook
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Return the code cells to run, and what was found odd: the release's cells in their order, answers as handed in.

    Cells are found by their name, else by their id, and nothing else of what came back is believed: locked cells and
    checks have the source that the gradebook keeps (`sources`), deleted ones are put back, a changed type or label is
    undone. Cells that a learner added run after the cell they stand behind. Of a cell that occurs twice the last counts, as
    for nbgrader; the others run too.
    """
    masters = {name: cell for cell in released["cells"] if (name := name_of(cell)) is not None}
    cells = submitted["cells"]
    places = _places(masters, cells)
    theirs = {place: name for name, place in places.items()}
    behind: dict[str | None, list[str]] = {}
    anchor: str | None = None
    for place, cell in enumerate(cells):
        anchor = theirs.get(place, anchor)
        if place not in theirs and cell.get("cell_type") == "code":
            behind.setdefault(anchor, []).append(text_of(cell))
    parts: list[Part] = []
    flags: list[str] = []

    def add(sources: Sequence[str]) -> None:
        parts.extend(Part(f"added-{len(parts) + i}", "learner", text) for i, text in enumerate(sources))

    add(behind.get(None, ()))
    for name, master in masters.items():
        theirs_cell = cells[places[name]] if name in places else None
        kind = _kind(master)
        tried = "explore" in master["metadata"].get("tags", ())  # not run when grading
        if theirs_cell is not None and theirs_cell.get("cell_type") != master["cell_type"]:
            flags.append(f"the type of the cell {name!r} was changed back to {master['cell_type']}")
        if theirs_cell is None and kind == "learner" and not tried:
            flags.append(f"the answer cell {name!r} was deleted")
        if master["cell_type"] == "code" and not tried:
            source = text_of(theirs_cell or {}) if kind == "learner" else sources.get(name, text_of(master))
            parts.append(Part(name, kind, source, float(master["metadata"]["nbgrader"].get("points") or 0)))
        add(behind.get(name, ()))
    return tuple(parts), tuple(flags)


def _kind(master: Cell) -> str:
    meta = master["metadata"]["nbgrader"]
    if meta.get("grade") and not meta.get("solution"):
        return "check"
    return "locked" if meta.get("locked") else "learner"


def _places(masters: Mapping[str, Cell], cells: Sequence[Cell]) -> dict[str, int]:
    """Return where each of the release's cells stands: the last of its name, else the one that has its id."""
    found = {str(name): place for place, cell in enumerate(cells) if (name := name_of(cell)) in masters}
    taken = set(found.values())
    ids = {master.get("id"): name for name, master in masters.items() if name not in found and master.get("id")}
    for place, cell in enumerate(cells):
        own = cell.get("id")
        if place not in taken and isinstance(own, str) and (name := ids.get(own)) is not None:
            found[name] = place
    return found
