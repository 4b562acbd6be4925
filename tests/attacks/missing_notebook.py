"""A folder without its notebook is ungraded, with a reason."""

from __future__ import annotations

from pathlib import Path

ANSWERS = {}
UNGRADED = "missing"


def prepare(folder: Path) -> None:
    (folder / "ps1.ipynb").unlink()
