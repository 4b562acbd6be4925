"""What `atelier check` says of a lab that does not hold: the file, what is wrong, and the next step."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from conftest import ROOT

from grader import catalog, labcheck
from grader.engines import Engine

BASICS = Path("exercises/labs/notebook-basics")


def _told(root: Path, engine: Engine, lab: str = "notebook-basics") -> list[str]:
    return [str(problem) for problem in labcheck.prove(catalog.load(root).lab(lab), engine).problems]


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_lab_that_holds_has_no_problem(tiny: Path, engine: Engine) -> None:
    assert _told(tiny, engine) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("cases.py", "return deck[:n]", "return deck[:1]", "cases.py: hidden_cases: cases(rng, 3) draws 1; draw as many as asked"),
        ("cases.py", "return deck[:n]", "return deck[: n // (n - 3)]", "cases.py: line 38: ZeroDivisionError"),
        ("cases.py", "rng.shuffle(deck)", "deck[0] = _case((*_WARM_UP[:5], str(__import__('time').monotonic_ns())), 'c')", "two draws from the same secret differ; draw everything from the rng"),
        ("attempts.py", "REFERENCE =", "REFERENCE = nothing =", "attempts.py: reference: earns 50.00"),
        ("attempts.py", "REFERENCE =", "REFERENCE = no_such_name  #", "attempts.py: line 15: NameError"),
        ("attempts.py", "ATTEMPTS = {", "ATTEMPTS = {(", "attempts.py: line 38: SyntaxError"),
        ("attempts.py", 'b"", 0, "nothing in it", ungraded=True', 'b"", 0, "nothing in it"', "an empty file: has no score: answers.json is empty (0 bytes). Declare ungraded=True"),
        ("attempts.py", '0, "three wrong ones"', '0, "three wrong ones", ungraded=True', "all wrong: is graded; it must end without a score"),
        ("attempts.py", 'leave"), 50, "two right, and', 'leave"), 9, "two right, and', "two right: earns 50.00, declares 9 (three-decisions 50.00 of 100). Declare 50.00 if that is fair"),
        ("lab.py", 'check="three-decisions"', 'check="four"', 'lab.py: cell 9: no check "four" in lab.toml'),
        ("trainer.md", "# ", "# Replace: ", 'trainer.md: still says "Replace: " on line 1'),
    ],
    ids=lambda value: value[:40],
)  # fmt: skip
def test_each_fault_is_told_with_file_and_next_step(
    tiny: Path, engine: Engine, file: str, old: str, new: str, says: str
) -> None:
    if "REFERENCE = nothing" in new:
        _change(
            tiny / BASICS / file,
            "choice) for card, choice in _RIGHT.items()",
            '"leave" if card == "c-wrong" else choice) for card, choice in _RIGHT.items()',
        )
    else:
        path = tiny / BASICS / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    told = _told(tiny, engine)
    assert any(says in line for line in told), told
    assert all(line.startswith("exercises/labs/notebook-basics/") for line in told)


def test_a_fault_in_every_case_is_told_five_times(tiny: Path, engine: Engine) -> None:
    """And how many more there are."""
    _change(tiny / "exercises/labs/send-or-hold/cases.py", "float(drawn.stake))", 'float(drawn.stake), "no reason")')
    told = [line for line in _told(tiny, engine, "send-or-hold") if "lab.toml: setup" in line]
    assert len(told) == labcheck.MOST_TOLD + 1
    assert told[-1].endswith("more like these")


def test_too_few_attempts_are_counted(tiny: Path, engine: Engine) -> None:
    path = tiny / BASICS / "attempts.py"
    path.write_text(
        path.read_text(encoding="utf-8") + "\nATTEMPTS = dict(list(ATTEMPTS.items())[:3])\n", encoding="utf-8"
    )
    told = _told(tiny, engine)
    assert "20 or less: 3, at least 8 are needed; try what people try" in told[0]
    assert "between 20 and 95: 0, at least 2 are needed; take the reference" in told[1]


def test_a_lab_that_asks_a_model_needs_its_gate(tiny: Path, engine: Engine) -> None:
    """Not measured, and measured and not good enough; neither is a silent zero."""
    lab = tiny / "exercises/labs/invoice-fields"
    shutil.copytree(ROOT / "exercises/labs/invoice-fields", lab, ignore=shutil.ignore_patterns("__pycache__"))
    gates = json.loads((lab / "gate.json").read_text(encoding="utf-8"))
    gates["engines"][engine.id]["qualified"] = False
    (lab / "gate.json").write_text(json.dumps(gates), encoding="utf-8")
    told = _told(tiny, engine, "invoice-fields")
    assert "gate.json: the practice model does not qualify (bad" in told[0]
    assert any("reference: cannot be evaluated on" in line for line in told)
    (lab / "gate.json").unlink()
    assert "run: atelier model gate invoice-fields --save" in _told(tiny, engine, "invoice-fields")[0]
