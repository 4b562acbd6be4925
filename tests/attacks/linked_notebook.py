"""A notebook that is a link to somebody else's is not read."""

from __future__ import annotations

from pathlib import Path

ANSWERS = {}
UNGRADED = "ordinary file"


def prepare(folder: Path) -> None:
    (folder / "ps1.ipynb").unlink()
    (folder / "ps1.ipynb").symlink_to(folder.parents[1] / "aaa-honest" / "ps1" / "ps1.ipynb")
