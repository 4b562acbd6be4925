"""Deleted checks are put back; deleted answers earn nothing."""

from __future__ import annotations

from typing import Any

ANSWERS = {
    "square": r"""
def square(x):
    return x * x
""",
}
EARNS = {"t-square": 2.0, "t-share": 3.0}


def change(book: Any) -> None:
    book["cells"] = [c for c in book["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "square"]
