"""JSON that is no notebook is ungraded, with a reason."""

from __future__ import annotations

from pathlib import Path

ANSWERS = {}
UNGRADED = "not a notebook"


def prepare(folder: Path) -> None:
    (folder / "ps1.ipynb").write_text('{"cells": {"metadata": 3}}')
