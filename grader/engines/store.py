"""Where model files live, and proof that they are the pinned ones.

Beside a file out of a repository stands its record, `<file>.json`: without it the file is none of ours.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_dir

from atelier import records
from atelier.model import EMBEDDED, ModelFile
from grader.errors import HashMismatch, ModelMissing, NotFound

_CHUNK = 1 << 20
_RECORD, _SEAL = ".json", ".verified"


def folder() -> Path:
    """Return the folder of model files: ATELIER_MODELS, or the user's cache."""
    return Path(os.environ.get("ATELIER_MODELS") or Path(user_cache_dir("atelier")) / "models")


def find(model: ModelFile = EMBEDDED) -> Path:
    """Return the path of `model`'s file, having checked its hash.

    Raises ModelMissing if it was not fetched, HashMismatch if it is another file.
    """
    path = folder() / model.file
    if not path.is_file():
        raise ModelMissing(f"The practice model {model.name} is not here ({path}).", f"Run: {how(model)}")
    verify(path, model)
    return path


def how(model: ModelFile) -> str:
    """Return the command that fetches `model`."""
    where = f" {model.repository} {model.file} --sha256 {model.sha256}" if model.repository else ""
    return f"atelier model fetch{where}"


def kept() -> list[ModelFile]:
    """Return the models that Atelier knows: the embedded one, and those fetched out of repositories, by file name."""
    found = [EMBEDDED]
    for path in sorted(folder().glob(f"*{_RECORD}")):
        with suppress(OSError, ValueError):
            model: ModelFile = records.load(ModelFile, json.loads(path.read_text(encoding="utf-8")))
            if path == _record(model):
                found.append(model)
    return found


def named(name: str) -> ModelFile:
    """Return the known model with that file name or name. NotFound if there is none."""
    known = kept()
    for model in known:
        if name in (model.file, model.name):
            return model
    raise NotFound("model", name, [model.file for model in known])


def enter(model: ModelFile, path: Path) -> None:
    """Take the whole file at `path` into the store as `model`. Raises HashMismatch if it is another one."""
    verify(path, model)
    aside = path.with_name(f".{model.file}{_RECORD}.{os.getpid()}")
    aside.write_text(json.dumps(records.dump(model), ensure_ascii=False) + "\n", encoding="utf-8")
    # The record last: a run that is killed between the two leaves a file that the next fetch replaces.
    path.replace(folder() / model.file)
    with suppress(FileNotFoundError):
        path.with_name(path.name + _SEAL).replace(folder() / f"{model.file}{_SEAL}")
    aside.replace(_record(model))


def remove(model: ModelFile) -> int:
    """Remove `model` from the store; returns how many bytes that frees, 0 if it was not here."""
    path = folder() / model.file
    size = path.stat().st_size if path.is_file() else 0
    for left in (_record(model), path, path.with_name(path.name + _SEAL), part(model.sha256)):
        left.unlink(missing_ok=True)
    return size


def part(sha: str) -> Path:
    """Return where the half of a download stands until it is whole."""
    return folder() / f".{sha}.part"


def _record(model: ModelFile) -> Path:
    return folder() / f"{model.file}{_RECORD}"


def verify(path: Path, model: ModelFile) -> None:
    """Check size and sha256 of a model file. The hash of an unchanged file is remembered beside it."""
    stat = path.stat()
    seal = {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": model.sha256}
    note = path.with_name(path.name + _SEAL)
    try:
        if json.loads(note.read_text(encoding="ascii")) == seal:
            return
    except (OSError, ValueError):
        pass  # never verified, or changed since
    if stat.st_size != model.size or sha256(path) != model.sha256:
        raise HashMismatch(
            f"{path} is not {model.name}: {stat.st_size:,} bytes, and its hash is not the pinned one.",
            f"Delete that file, then run: {how(model)}",
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
