"""Files without number beside the notebook are not copied: ungraded, with a reason."""

from __future__ import annotations

from pathlib import Path

ANSWERS = {}
UNGRADED = "files were handed in"


def prepare(folder: Path) -> None:
    for number in range(5100):
        (folder / f"x{number}").touch()
