"""Huge files beside the notebook are not copied: ungraded, with a reason."""

from __future__ import annotations

from pathlib import Path

ANSWERS = {}
UNGRADED = "MB"


def prepare(folder: Path) -> None:
    with (folder / "data.bin").open("wb") as file:
        file.truncate(3 << 30)
