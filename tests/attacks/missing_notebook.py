"""A folder without its notebook is ungraded, with a reason."""

from __future__ import annotations

from pathlib import Path

ANSWERS = {}
UNGRADED = "missing"


def prepare(folder: Path) -> None:
    (folder / "p1.ipynb").unlink()
