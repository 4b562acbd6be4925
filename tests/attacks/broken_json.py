"""A notebook that is cut off is ungraded, with a reason."""

from __future__ import annotations

from pathlib import Path

ANSWERS = {}
UNGRADED = "not readable JSON"


def prepare(folder: Path) -> None:
    path = folder / "ps1.ipynb"
    path.write_bytes(path.read_bytes()[:-200])
