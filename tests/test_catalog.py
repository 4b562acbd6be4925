"""The catalogue: what is wrong with it is said all at once, with file, key and fix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT

from grader import catalog
from grader.catalog import Catalog
from grader.errors import CatalogError, NotFound, Problem

BASICS = "exercises/labs/notebook-basics"
HOLD = "exercises/labs/send-or-hold"


def _problems(root: Path) -> list[Problem]:
    with pytest.raises(CatalogError) as caught:
        catalog.load(root)
    return list(caught.value.problems)


def _replace(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_real_catalogue_is_clean(known: Catalog) -> None:
    """It loads; every lab has 100 points; every track keeps to what its labs require."""
    assert {lab.points for lab in known.labs} == {100}
    for role in known.roles:
        assert known.track(role.id), role.id
        for index, lab in enumerate(known.track(role.id)):
            assert set(lab.file.requires) <= set(role.labs[:index]), f"{role.id}: {lab.id} comes too early"


def test_the_tiny_catalogue_is_clean(tiny: Path) -> None:
    """What the tests below break is whole before."""
    found = catalog.load(tiny)
    assert [lab.id for lab in found.labs] == ["notebook-basics", "send-or-hold"]
    assert [role.labs for role in found.roles] == [("notebook-basics", "send-or-hold")]


def test_all_problems_of_all_files_come_at_once(tiny: Path) -> None:
    """Five slips in five files: five problems, each with its file, its key and what to do."""
    _replace(tiny, f"{BASICS}/lab.toml", "minutes =", "minuts =")
    _replace(tiny, f"{HOLD}/lab.toml", "points = 70", "points = 60")
    _replace(tiny, "courses/roles/clerk.toml", '"send-or-hold"', '"send-or-hodl"')
    _replace(tiny, "courses/skills.toml", "levels = []", 'levels = [{ id = "l", title = "T" }]')
    (tiny / HOLD / "trainer.md").unlink()
    found = {(p.file, p.key): p.says for p in _problems(tiny)}
    assert found == {
        (f"{BASICS}/lab.toml", "minuts"): 'unknown key; did you mean "minutes"?',
        (f"{BASICS}/lab.toml", "minutes"): "missing; add it",
        (f"{HOLD}/lab.toml", "checks"): "points add up to 90; make it 100",
        (f"{HOLD}/trainer.md", ""): "missing; add it",
        ("courses/roles/clerk.toml", "modules.labs"): 'no lab "send-or-hodl" (did you mean "send-or-hold"?)',
        ("courses/skills.toml", "lines.0.levels.0.says"): "missing; add it",
    }


def test_a_problem_is_one_line(tiny: Path) -> None:
    """`file: key: says`, as editors and CI read it."""
    _replace(tiny, f"{HOLD}/lab.toml", "points = 70", "points = 60")
    [problem] = _problems(tiny)
    assert str(problem) == f"{HOLD}/lab.toml: checks: points add up to 90; make it 100"


def _file(name: str) -> Callable[[Path], None]:
    return lambda root: (root / name).write_text("x")


def _edit(file: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda root: _replace(root, file, old, new)


def _no_policy(root: Path) -> None:
    (root / "courses/policy.toml").unlink()


@pytest.mark.parametrize(
    ("slip", "file", "key", "says"),
    [
        pytest.param(
            _edit(f"{HOLD}/lab.toml", 'id = "calibration"', 'id = "cost"'),
            f"{HOLD}/lab.toml", "checks", "an id or a part occurs twice", id="a check id twice",
        ),
        pytest.param(
            _edit(f"{HOLD}/lab.toml", 'part = "calibration"', 'part = "calibraton"'),
            f"{HOLD}/lab.toml", "checks.calibration.part", 'has no part "calibraton"; it has', id="an unknown part",
        ),
        pytest.param(
            _edit(f"{HOLD}/lab.toml", "points = 70", "points = 130"),
            f"{HOLD}/lab.toml", "checks", "points add up to 160; make it 100", id="too many points",
        ),
        pytest.param(
            _edit(f"{HOLD}/lab.toml", "points = 70", 'points = "many"'),
            f"{HOLD}/lab.toml", "checks.0.points", "got 'many'", id="points that are no number",
        ),
        pytest.param(
            _edit(f"{HOLD}/lab.toml", 'kit = "decisions"', 'kit = "decision"'),
            f"{HOLD}/lab.toml", "kit", "'decisions'", id="an unknown kit",
        ),
        pytest.param(
            _edit(f"{HOLD}/lab.toml", 'requires = ["notebook-basics"]', 'requires = ["notebook-basic"]'),
            f"{HOLD}/lab.toml", "requires", 'no lab "notebook-basic" (did you mean "notebook-basics"?)', id="requires what is not there",
        ),
        pytest.param(
            _edit(f"{BASICS}/lab.toml", "practice_cases", 'requires = ["send-or-hold"]\npractice_cases'),
            f"{BASICS}/lab.toml", "requires",
            "goes in a circle: notebook-basics → send-or-hold → notebook-basics; remove one", id="requires in a circle",
        ),
        pytest.param(
            _edit(f"{HOLD}/lab.toml", 'requires = ["notebook-basics"]', 'requires = ["send-or-hold"]'),
            f"{HOLD}/lab.toml", "requires", "goes in a circle: send-or-hold → send-or-hold", id="requires itself",
        ),
        pytest.param(
            _edit("courses/skills.toml", 'id = "governance"', 'id = "governence"'),
            f"{HOLD}/lab.toml", "skills", 'no practice line "governance" (did you mean "governence"?)', id="an unknown practice line",
        ),
        pytest.param(
            _edit("courses/skills.toml", "levels = []",
                  'levels = [{ id = "l", title = "T", says = "S", needs = [{ lab = "send-or-hold", check = "costs", share = 1.0 }] }]'),
            "courses/skills.toml", "lines.prompting.l.needs", '"send-or-hold" has no check "costs" (did you mean "cost"?)', id="a need without a check",
        ),
        pytest.param(
            _edit("courses/adoption.toml", "phases = []",
                  'phases = [{ id = "p", title = "T", says = "S", evidence = [{ id = "e", says = "S", source = "gradebook", labs = ["send-hold"] }] }]'),
            "courses/adoption.toml", "phases.p.e.labs", 'no lab "send-hold" (did you mean "send-or-hold"?)', id="evidence of no lab",
        ),
        pytest.param(
            _edit("courses/adoption.toml", "phases = []",
                  'phases = []\nquestions = [{ id = "q", asks = "A?", evidence = ["log"], until = "U" }]'),
            "courses/adoption.toml", "questions.q.evidence", 'no proof "log"', id="a question that nothing answers",
        ),
        pytest.param(
            _edit("courses/roles/clerk.toml", ", counts_review = true", ""),
            "courses/roles/clerk.toml", "kpi.counts_review", "missing; add it", id="a KPI that hides its review time",
        ),
        pytest.param(
            _edit("courses/roles/clerk.toml", "format = 1", "format = "),
            "courses/roles/clerk.toml", "", "not readable TOML", id="no TOML",
        ),
        pytest.param(
            _edit("courses/roles/clerk.toml", "format = 1", "format = 2"),
            "courses/roles/clerk.toml", "format", "got 2", id="a format of the future",
        ),
        pytest.param(_no_policy, "courses/policy.toml", "", "missing; add it", id="no policy"),
        pytest.param(
            _file(f"{HOLD}/atempts.py"), f"{HOLD}/atempts.py", "", 'unexpected (did you mean "attempts.py"?)', id="a file misnamed",
        ),
        pytest.param(_file("exercises/labs/notes.txt"), "exercises/labs/notes.txt", "", "not a folder", id="a file among labs"),
        pytest.param(
            _edit(f"{HOLD}/lab.toml", "[setup]", '[setup]\nclok = 3'),
            f"{HOLD}/lab.toml", "setup.clok", "unknown key", id="a typo in the kit's settings",
        ),
    ],
)  # fmt: skip
def test_a_slip_is_named(tiny: Path, slip: Callable[[Path], None], file: str, key: str, says: str) -> None:
    """Each slip gives a problem with its file, its key, and the fix."""
    slip(tiny)
    found = [p for p in _problems(tiny) if (p.file, p.key) == (file, key)]
    assert found, [str(p) for p in _problems(tiny)]
    assert any(says in p.says for p in found), [p.says for p in found]


def test_litter_is_no_problem(tiny: Path) -> None:
    """Caches beside and inside labs neither count as files of a lab nor change its version."""
    before = [lab.version for lab in catalog.load(tiny).labs]
    for folder in (tiny / HOLD, tiny / "exercises/labs"):
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__" / "cases.pyc").write_bytes(b"x")
    assert [lab.version for lab in catalog.load(tiny).labs] == before


def test_any_change_of_a_lab_is_a_new_version(tiny: Path) -> None:
    """Prose, cases and trainer's notes all count; the other lab keeps its version."""
    before = {lab.id: lab.version for lab in catalog.load(tiny).labs}
    _replace(tiny, f"{HOLD}/lab.py", "# # Send or hold", "# # Send, or hold")
    after = {lab.id: lab.version for lab in catalog.load(tiny).labs}
    assert after["send-or-hold"] != before["send-or-hold"]
    assert after["notebook-basics"] == before["notebook-basics"]


@pytest.mark.parametrize(
    ("ask", "name", "near"), [("lab", "invoice-check", "invoice-checks"), ("role", "finanse", "finance"), ("role", "zzz", None)]
)  # fmt: skip
def test_an_unknown_name_suggests_the_nearest(known: Catalog, ask: str, name: str, near: str | None) -> None:
    """The error has the name, and a suggestion only where there is a near one."""
    with pytest.raises(NotFound) as caught:
        getattr(known, ask)(name)
    assert caught.value.near == near
    assert repr(name) in caught.value.says
    assert (caught.value.remedy == "") == (near is None)


def test_a_labs_code_that_fails_is_a_problem_of_its_file(tiny: Path) -> None:
    """An import error in a lab names the file and the error instead of a traceback."""
    (tiny / HOLD / "cases.py").write_text("import nothing_like_it\n")
    with pytest.raises(CatalogError, match=r"exercises/labs/send-or-hold/cases.py: line \d+: ModuleNotFoundError"):
        catalog.hidden_cases(catalog.load(tiny).lab("send-or-hold"), "s")


def test_the_catalogue_is_found_from_any_folder_of_it(tiny: Path, tmp_path: Path) -> None:
    """Nearest first; elsewhere the checkout that the package runs from."""
    assert catalog.find_root(tiny / HOLD) == tiny
    assert catalog.find_root(tmp_path) == ROOT


def test_cases_hang_on_the_secret_alone(known: Catalog) -> None:
    """Same secret, same cases; another cohort gets others; practice and hidden cases differ."""
    lab = known.lab("invoice-checks")
    assert catalog.hidden_cases(lab, "a") == catalog.hidden_cases(lab, "a")
    assert catalog.hidden_cases(lab, "a") != catalog.hidden_cases(lab, "b")
    assert {c.source for c in catalog.practice_cases(lab, "a")}.isdisjoint(
        c.source for c in catalog.hidden_cases(lab, "a")
    )
