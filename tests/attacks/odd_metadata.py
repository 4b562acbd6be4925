"""Metadata of every wrong type stops nothing."""

from __future__ import annotations

from typing import Any

ANSWERS = {}


def change(book: Any) -> None:
    for place, cell in enumerate(book["cells"]):
        cell["metadata"] = [
            {"nbgrader": 5},
            {"nbgrader": []},
            {"nbgrader": {"grade_id": ["t-share"]}},
            {"nbgrader": {"grade_id": {}}},
            {},
        ][place % 5]
        cell["id"] = [5, None, [], {}][place % 4]
        cell["source"] = [[1, None], None, {"a": 1}, 5][place % 4]
    book["cells"].append({})
    book["nbformat"] = "x"
