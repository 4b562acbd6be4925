"""The helpers of validation labs: half of the cases wrong, kinds in turn, and records that a model really made."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from atelier.kits.validation.records import CheckCase
from grader import halves


def _case(place: int, operator: str, odd: str, turn: int) -> CheckCase:
    return CheckCase(f"{place:03d}", f"turn {turn}", {}, operator, odd=odd)


def test_half_of_the_cases_are_wrong() -> None:
    """Half of the cases are wrong, those that the model made included, and kinds take turns."""
    made = [CheckCase("m00", "", {}, "own"), CheckCase("m01", "", {})]
    found = halves.drawn(Random(1), 12, made, ("a", "b"), ("c",), _case)
    assert sorted(case.operator for case in found if case.operator) == ["a", "a", "a", "b", "b", "own"]
    assert [case.source for case in sorted(found, key=lambda case: case.id) if case.odd] == [
        f"turn {i}" for i in range(5)
    ]


def test_recorded_faults_are_where_the_model_differs(tmp_path: Path) -> None:
    """A recorded case is wrong in exactly the fields where the model's record differs from the gold."""
    gold = {"total": "10.00", "supplier": "Uzel"}
    entries = [
        {"source": "s", "gold": gold, "made": {"total": "1.00"}, "tables": {"register": [["Uzel", "FR1"]]}},
        {"source": "s", "gold": gold, "made": {"total": "10.00"}},
    ]
    file = tmp_path / "records.json"
    file.write_text(json.dumps({"model": "small", "cases": entries}), encoding="utf-8")
    wrong, right = halves.recorded(file, "made by the model")
    assert (wrong.operator, wrong.fields, wrong.odd) == (halves.OWN_ERROR, ("total",), "")
    assert wrong.output == {"total": "1.00", "supplier": "Uzel"}
    assert wrong.tables == {"register": (("Uzel", "FR1"),)}
    assert (right.operator, right.fields, right.odd, right.made_by) == ("", (), "made by the model", "small")
