"""A notebook in UTF-16 with its mark is read as it is."""

from __future__ import annotations

from pathlib import Path

ANSWERS = {
    "square": r"""
def square(x):
    return x * x
""",
}
EARNS = {"t-square": 2.0, "t-share": 3.0}


def prepare(folder: Path) -> None:
    path = folder / "ps1.ipynb"
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-16")
