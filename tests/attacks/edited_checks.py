"""Checks that were edited, retyped, relabelled or given other points are those of the release."""

from __future__ import annotations

from typing import Any

ANSWERS = {}


def change(book: Any) -> None:
    for cell in book["cells"]:
        tags = cell["metadata"].get("nbgrader", {})
        if tags.get("grade"):
            cell["source"], tags["points"], tags["schema_version"] = "100.0", 100, 99
            cell["cell_type"] = "markdown" if tags["grade_id"] == "t-square" else "code"
            tags["grade"], tags["solution"] = False, True
        elif tags.get("grade_id") == "mean":
            tags["grade_id"] = "t-share"
