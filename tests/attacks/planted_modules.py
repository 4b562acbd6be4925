"""A module that lies beside the notebook is imported by nobody but the learner's process."""

from __future__ import annotations

from pathlib import Path

ANSWERS = {}


def prepare(folder: Path) -> None:
    for name in ("pandas", "math", "json", "grader", "atelier", "sitecustomize", "random"):
        (folder / f"{name}.py").write_text("raise SystemExit('planted')\ndef isclose(*a): return True\n")
