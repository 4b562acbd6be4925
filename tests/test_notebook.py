"""Notebooks: built from `lab.py`, compared with what came back."""

from __future__ import annotations

import json
import shutil
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader import notebook
from grader.catalog import Catalog
from grader.errors import CatalogError
from grader.model import Check, Lab, LabFile

LAB_PY = """# %% [markdown]
# # Two doors
# %%
import atelier
lab = atelier.open_lab("two-doors")
# %% explore
lab.show("door.txt")
# %% check="right-door"
lab.check("right-door")
"""


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    (tmp_path / "lab.py").write_text(LAB_PY)
    file = LabFile(
        1, "Two doors", "decisions", "form", 5, "s", "w", "h", ("o",), (), (Check("right-door", "cost", 100, "s"),), {}, ("t",), 1, 1
    )  # fmt: skip
    return Lab("two-doors", tmp_path, "v1", file, None)


def _released(built: dict[str, Any]) -> dict[str, Any]:
    copy = deepcopy(built)
    for cell in copy["cells"]:
        cell["source"] = cell["source"].split("\n" + notebook.BEGIN)[0]
    return copy


def test_the_source_is_a_valid_nbgrader_notebook(lab: Lab) -> None:
    """Check cells carry points, a stable id and the hidden block; story cells are tagged; nbformat accepts it."""
    built = notebook.source(lab)
    nbformat.validate(nbformat.from_dict(built))
    check = built["cells"][-1]
    assert (
        check["metadata"]["nbgrader"] | {"points": 100, "grade": True, "grade_id": "right-door"}
        == check["metadata"]["nbgrader"]
    )
    assert check["source"].endswith("points('two-doors', 'right-door')\n" + notebook.END)
    assert built["cells"][2]["metadata"]["tags"] == ["explore"]
    assert notebook.dumps(built) == notebook.dumps(notebook.source(lab))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('check="right-door"', 'check="left-door"'), 'no check "left-door"'),
        (('check="right-door"', ""), "0 cells; there must be exactly one"),
        (("# %% explore", "# %% explor"), 'unknown tag "explor"'),
        (("# %% explore", '# %% chekc="right-door"'), 'unknown tag "chekc"'),
    ],
)
def test_a_slip_in_the_tags_is_named(lab: Lab, change: tuple[str, str], says: str) -> None:
    """A tag that means nothing would silently lose a graded cell, so it is an error."""
    (lab.root / "lab.py").write_text(LAB_PY.replace(*change))
    with pytest.raises(CatalogError, match=says):
        notebook.source(lab)


def test_an_answer_with_the_name_of_a_check_is_refused(known: Catalog, tmp_path: Path) -> None:
    """nbgrader needs one name per cell, and would take the answer for the check."""
    lab = known.lab("invoice-checks-code")
    shutil.copytree(lab.root, tmp_path / lab.id)
    text = (lab.root / "lab.py").read_text(encoding="utf-8").replace('answer="validate"', 'answer="catch-rate"')
    (tmp_path / lab.id / "lab.py").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match="a check has this name"):
        notebook.source(replace(lab, root=tmp_path / lab.id))


def test_cells_to_try_are_no_tampering(known: Catalog) -> None:
    """A programmer may edit or delete them; the story, whose source gives the answer away, stays folded and locked."""
    released = _released(notebook.source(known.lab("invoice-checks-code")))
    tried = [c for c in released["cells"] if "explore" in c["metadata"].get("tags", ()) and c["metadata"]["editable"]]
    assert notebook.text_of(tried[0]).startswith("practice = lab.practice()")
    assert not any(word in notebook.text_of(c) for c in tried for word in ("truth=", "lab.hint", "lab.show"))
    theirs = deepcopy(released)
    theirs["cells"] = [c for c in theirs["cells"] if c["id"] != tried[0]["id"]]
    next(c for c in theirs["cells"] if c["id"] == tried[1]["id"])["source"] = "1 + 1"
    assert notebook.changes(released, theirs) == ()
    assert notebook.rebuild(released, {}, theirs) == notebook.rebuild(released, {}, released)


def test_honest_work_raises_no_flag(lab: Lab) -> None:
    """Outputs, counts, trailing blanks, list-form sources, moved and added cells are not changes."""
    released = _released(notebook.source(lab))
    theirs = deepcopy(released)
    for cell in theirs["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}], "execution_count": 7}
        cell["source"] = (cell["source"] + "  \n").splitlines(keepends=True)
    theirs["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": "my note"})
    assert notebook.changes(released, theirs) == ()


def _edit(cells: list[dict[str, Any]]) -> None:
    cells[-1]["source"] = "100.0"


def _delete(cells: list[dict[str, Any]]) -> None:
    del cells[-1]


def _double(cells: list[dict[str, Any]]) -> None:
    cells.append(deepcopy(cells[-1]))


def _raise_points(cells: list[dict[str, Any]]) -> None:
    cells[-1]["metadata"]["nbgrader"]["points"] = 1000


@pytest.mark.parametrize(
    ("tamper", "says"),
    [(_edit, "was edited"), (_delete, "was deleted"), (_double, "occurs 2 times"), (_raise_points, "points of")],
)
def test_tampering_is_named(lab: Lab, tamper: Any, says: str) -> None:
    """Each way of touching a check cell is told to the trainer, once."""
    released = _released(notebook.source(lab))
    theirs = deepcopy(released)
    tamper(theirs["cells"])
    facts = notebook.changes(released, theirs)
    assert len(facts) == 1
    assert says in facts[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not readable JSON"),
        (b"[1, 2]", "not a notebook"),
        (b'{"cells": [1]}', "not a notebook"),
        (b'{"cells": [{"metadata": 3}]}', "not a notebook"),
        (json.dumps({"cells": []}).encode("utf-16-le"), "not readable JSON"),
        (b"[" * 100_000, "not readable JSON"),
    ],
)
def test_a_broken_notebook_is_a_reason_not_an_exception(tmp_path: Path, content: bytes, says: str) -> None:
    """Reading a submitted file ends in a notebook or in words."""
    (tmp_path / "x.ipynb").write_bytes(content)
    reading = notebook.read(tmp_path / "x.ipynb")
    assert reading.notebook is None
    assert says in reading.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_notebook_is_read_in_the_encoding_that_its_mark_tells(tmp_path: Path, encoding: str) -> None:
    """Some editors save UTF-16 with a byte order mark: that is no reason for no score."""
    (tmp_path / "x.ipynb").write_bytes(json.dumps({"cells": []}).encode(encoding))
    assert notebook.read(tmp_path / "x.ipynb").notebook == {"cells": []}


def test_the_autograded_notebook_holds_the_points_as_nbgrader_reads_them(lab: Lab) -> None:
    """The check cell's last output is the float; a learner's own notes are kept."""
    from nbgrader.utils import determine_grade

    theirs = {"cells": [{"cell_type": "markdown", "metadata": {}, "source": "my note"}]}
    made = nbformat.from_dict(
        notebook.graded(notebook.source(lab), theirs, {"right-door": notebook.points_output(42.5, "well done")})
    )
    nbformat.validate(made)
    check = next(c for c in made.cells if c.metadata.get("nbgrader", {}).get("grade"))
    assert determine_grade(check) == (42.5, 100.0)
    assert made.cells[-1].source == "my note"


# Rebuilt from the release

SOURCES = {"t": "assert f() == 1\n### BEGIN HIDDEN TESTS\nassert f() != 2\n### END HIDDEN TESTS"}


def _named(name: str, source: str, *, id_: str, **tags: Any) -> dict[str, Any]:
    meta = {"grade_id": name, "schema_version": 3, "grade": False, "solution": False, "locked": False, **tags}
    return {"cell_type": "code", "id": id_, "metadata": {"nbgrader": meta}, "source": source, "outputs": []}


@pytest.fixture
def book() -> dict[str, Any]:
    cells = [
        _named("tools", "import math", id_="a", locked=True),
        _named("f", "def f(): raise NotImplementedError", id_="b", solution=True),
        _named("t", "assert f() == 1", id_="c", grade=True, locked=True, points=2),
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4}


def _strip(cells: list[dict[str, Any]]) -> None:
    for cell in cells:
        cell["metadata"] = {}


def _retype(cells: list[dict[str, Any]]) -> None:
    for cell in cells:
        cell["cell_type"] = "markdown"


def _relabel(cells: list[dict[str, Any]]) -> None:
    for cell in cells:
        cell["metadata"]["nbgrader"] |= {
            "grade": not cell["metadata"]["nbgrader"]["grade"],
            "points": 99,
            "schema_version": 9,
        }


def _swap(cells: list[dict[str, Any]]) -> None:
    cells.reverse()


def _lose_checks(cells: list[dict[str, Any]]) -> None:
    cells[:] = [cells[1]]


def _forge(cells: list[dict[str, Any]]) -> None:
    cells[2]["source"] = "2.0"
    cells[0]["source"] = "def assert_(x): pass"


def _repeat(cells: list[dict[str, Any]]) -> None:
    cells += deepcopy(cells)
    cells[1]["source"] = "def f(): return 3"


@pytest.mark.parametrize("tamper", [_strip, _retype, _relabel, _swap, _lose_checks, _forge, _repeat])
def test_whatever_came_back_the_release_is_what_runs(book: dict[str, Any], tamper: Any) -> None:
    """Checks and locked cells are the release's with the gradebook's source and points, answers are the learner's, in the release's order."""
    theirs = deepcopy(book)
    theirs["cells"][1]["source"] = "def f(): return 1"
    tamper(theirs["cells"])
    parts, _flags = notebook.rebuild(book, SOURCES, theirs)
    named = [part for part in parts if not part.name.startswith("added")]
    assert [(part.name, part.kind, part.points) for part in named] == [
        ("tools", "locked", 0), ("f", "learner", 0), ("t", "check", 2),
    ]  # fmt: skip
    assert [part.source for part in named] == ["import math", "def f(): return 1", SOURCES["t"]]


def test_added_cells_run_where_they_stand(book: dict[str, Any]) -> None:
    """A cell that a learner put behind another runs behind it, as theirs; an answer that was deleted is told and empty."""
    theirs = deepcopy(book)
    theirs["cells"].insert(1, {"cell_type": "code", "metadata": {}, "source": "mine = 1"})
    del theirs["cells"][2]
    parts, flags = notebook.rebuild(book, SOURCES, theirs)
    assert [(part.kind, part.source) for part in parts][:3] == [
        ("locked", "import math"),
        ("learner", "mine = 1"),
        ("learner", ""),
    ]
    assert flags == ("the answer cell 'f' was deleted",)
