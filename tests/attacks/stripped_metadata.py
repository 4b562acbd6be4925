"""A notebook without nbgrader's metadata is rebuilt by the ids of its cells."""

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
    for cell in book["cells"]:
        cell["metadata"] = {}
    book["metadata"] = {}
