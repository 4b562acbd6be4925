"""Cells that occur twice, checks too, are one; the last answer counts."""

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
    book["cells"] += [dict(cell) for cell in book["cells"]]
