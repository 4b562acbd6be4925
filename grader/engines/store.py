"""Where model files live, and proof that they are the pinned ones."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from platformdirs import user_cache_dir

from atelier.model import EMBEDDED, ModelFile
from grader.errors import HashMismatch, ModelMissing

_CHUNK = 1 << 20


def folder() -> Path:
    """Return the folder of model files: ATELIER_MODELS, or the user's cache."""
    return Path(os.environ.get("ATELIER_MODELS") or Path(user_cache_dir("atelier")) / "models")


def find(model: ModelFile = EMBEDDED) -> Path:
    """Return the path of `model`'s file, having checked its hash.

    Raises ModelMissing if it was not fetched, HashMismatch if it is another file.
    """
    path = folder() / model.file
    if not path.is_file():
        raise ModelMissing(f"The practice model {model.name} is not here ({path}).", "Run: atelier model fetch")
    verify(path, model)
    return path


def verify(path: Path, model: ModelFile) -> None:
    """Check size and sha256 of a model file. The hash of an unchanged file is remembered beside it."""
    stat = path.stat()
    seal = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": model.sha256}
    note = path.with_name(path.name + ".verified")
    try:
        if json.loads(note.read_text(encoding="ascii")) == seal:
            return
    except (OSError, ValueError):
        pass  # never verified, or changed since
    if stat.st_size != model.size or sha256(path) != model.sha256:
        raise HashMismatch(
            f"{path} is not {model.name}: {stat.st_size:,} bytes, and its hash is not the pinned one.",
            "Delete that file, then run: atelier model fetch",
        )
    try:
        note.write_text(json.dumps(seal), encoding="ascii")
    except OSError:
        return  # a read-only store works too, only slower to start


def sha256(path: Path) -> str:
    """Return the sha256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
