"""A notebook with outputs of a hundred megabytes is ungraded, and says what to do."""

from __future__ import annotations

from pathlib import Path

ANSWERS = {}
UNGRADED = "MB"


def prepare(folder: Path) -> None:
    with (folder / "ps1.ipynb").open("r+b") as file:
        file.truncate(100 << 20)
