"""Files written atomically: whoever reads one, even after a crash, finds the old file or the new one, never half of it."""

from __future__ import annotations

import os
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write `text` to the file `path`, making its folder if there is none."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to the file `path`, making its folder if there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = _aside(path)
    aside.write_bytes(data)
    aside.replace(path)


def write_private(path: Path, data: bytes) -> None:
    """Write a file that nobody but its owner can read, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = _aside(path)
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    aside.replace(path)


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")
