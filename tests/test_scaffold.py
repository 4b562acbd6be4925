"""`atelier new lab|role`: what it makes works, and nothing is overwritten."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from atelier import kits
from grader import catalog, labcheck, scaffold
from grader.engines.embedded import Embedded
from grader.errors import GraderError, NotFound

REPOSITORY = catalog.find_root()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A catalogue with the two openers and nothing else."""
    shutil.copytree(REPOSITORY / "courses", tmp_path / "courses")
    for role in (tmp_path / "courses/roles").glob("*.toml"):
        role.unlink()
    for lab in catalog.load(REPOSITORY).labs:
        shutil.copytree(lab.root, tmp_path / "exercises/labs" / lab.id, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.parametrize("kit", kits.NAMES)
def test_a_new_lab_passes_the_structural_check(root: Path, kit: str) -> None:
    """It loads, draws its cases, survives JSON, its notebook has every check; only attempts and recordings are missing."""
    folder = scaffold.lab(root, f"new-{kit}", kit)
    lab = catalog.load(root).lab(folder.name)
    cases = catalog.hidden_cases(lab, "a cohort")
    assert (
        labcheck._structure(
            lab, catalog.hidden_cases(lab, labcheck.SECRET), catalog.practice_cases(lab, labcheck.SECRET)
        )
        == []
    )
    assert cases != catalog.hidden_cases(lab, "another cohort")
    with Embedded() as engine:
        proof = labcheck.prove(lab, engine)
    told = {problem.file.rsplit("/", 1)[1]: problem.says for problem in proof.problems}
    left = {"lab.toml", "lab.py", "trainer.md", "attempts.py"} | ({"gate.json"} if kit == "prompting" else set())
    assert set(told) == left
    for name in ("lab.toml", "lab.py", "trainer.md"):
        assert told[name].startswith('still says "Replace: " on line'), told[name]
    if kit != "prompting":
        assert dict(proof.ladder)["reference"] >= labcheck.REFERENCE_AT_LEAST  # type: ignore[operator]
        assert not [p for p in proof.problems if "earns" in p.says]


def test_a_new_role_loads_and_explains_every_key(root: Path) -> None:
    path = scaffold.role(root, "purchasing")
    role = catalog.load(root).role("purchasing")
    assert role.labs == ("notebook-basics", "send-or-hold")
    assert path.read_text().startswith("# The Purchasing track")


@pytest.mark.parametrize("name", ["Invoice Checks", "../escape", "", "a--b", "-a", "x" * 41, "ümlaut"])
def test_an_id_that_cannot_be_one_is_refused(root: Path, name: str) -> None:
    for make in (lambda: scaffold.lab(root, name, "validation"), lambda: scaffold.role(root, name)):
        with pytest.raises(GraderError, match="lower-case words joined by hyphens"):
            make()


def test_nothing_is_overwritten(root: Path) -> None:
    before = (root / "exercises/labs/send-or-hold/lab.toml").read_bytes()
    with pytest.raises(GraderError, match="exists already"):
        scaffold.lab(root, "send-or-hold", "decisions")
    scaffold.role(root, "purchasing")
    with pytest.raises(GraderError, match="exists already"):
        scaffold.role(root, "purchasing")
    assert (root / "exercises/labs/send-or-hold/lab.toml").read_bytes() == before


def test_an_unknown_kit_gets_a_hint(root: Path) -> None:
    with pytest.raises(NotFound, match="validation"):
        scaffold.lab(root, "a-lab", "validatoin")
