"""Pipes and sockets in the folder are waited for by nobody."""

from __future__ import annotations

from pathlib import Path

ANSWERS = {}


def prepare(folder: Path) -> None:
    import os

    os.mkfifo(folder / "pipe")
    os.mkfifo(folder / "answers.json")
