"""Getting a larger model out of a repository: by repository, file and sha256, in pieces that survive an interruption.

The address is configured (ATELIER_MODEL_HUB, or --from), never built in: a company names its mirror. It is laid out as
hubs of GGUF files are: <address>/<repository>/resolve/<revision>/<file>. Whatever answers, the hash decides.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from atelier.model import ModelFile
from grader.engines import store
from grader.engines.base import Report
from grader.errors import FetchError, HashMismatch, ModelMissing

HUB = "ATELIER_MODEL_HUB"
SECONDS = 30.0  # without a byte
TRIES, PAUSE = 5, 1.0  # attempts that bring nothing new before it gives up, and seconds between them
_REPOSITORY = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)
_FILE = re.compile(r"(?:[\w-][\w.-]{0,99}/){0,4}[\w-][\w.-]{0,199}\.gguf", re.ASCII)
_SHA = re.compile(r"[0-9a-f]{64}")


class _Broken(Exception):
    """The connection ended before the file did."""


def fetch(
    repository: str,
    file: str,
    sha256: str,
    *,
    address: str = "",
    revision: str = "main",
    licence: str = "",
    report: Report | None = None,
) -> tuple[ModelFile, bool]:
    """Fetch a model into the store; returns it, and whether it had to be fetched. Safe to repeat, and goes on where it stopped.

    `report` gets (bytes here, bytes in all). Raises FetchError with what stood in the way; what came until then is kept.
    """
    sha256 = sha256.lower()
    _check(repository, file, sha256)
    name = file.rpartition("/")[2]
    for known in store.kept():
        if known.file == name and known.sha256 == sha256:
            try:
                store.find(known)
            except (ModelMissing, HashMismatch):
                continue
            return known, False
        if known.file == name:
            raise FetchError(f"Another model is called {name}.", f"Run: atelier model remove {name}")
    base = (address or os.environ.get(HUB, "")).rstrip("/")
    if not base:
        raise FetchError(
            "No address is configured that models are fetched from.",
            f"Put it into the environment variable {HUB}, or say --from ADDRESS: your company's mirror, or a hub you trust.",
        )
    url = f"{base}/{repository}/resolve/{quote(revision, safe='')}/{quote(file)}"
    try:
        store.folder().mkdir(parents=True, exist_ok=True)
        with _alone(store.part(sha256)) as part:
            _download(url, part, report)
            model = ModelFile(
                name.removesuffix(".gguf"),
                licence or "unknown",
                name,
                part.stat().st_size,
                sha256,
                repository=repository,
            )
            try:
                store.enter(model, part)
            except HashMismatch as error:
                part.unlink()
                says = f"What came for {file} is not the file with that sha256."
                raise FetchError(says, "Check the hash, then the address. The download was thrown away.") from error
    except OSError as error:
        raise FetchError(f"The model cannot be kept in {store.folder()} ({error.strerror}).", _room(0)) from error
    return model, True


def _check(repository: str, file: str, sha256: str) -> None:
    if not _REPOSITORY.fullmatch(repository) or ".." in repository:
        raise FetchError(f"{repository!r} is no repository.", "It is written OWNER/NAME.")
    if not _FILE.fullmatch(file) or ".." in file:
        raise FetchError(f"{file!r} is no GGUF file of a repository.", "It ends in .gguf.")
    if not _SHA.fullmatch(sha256):
        raise FetchError("A sha256 has 64 hexadecimal digits.", "The repository's page shows it beside the file.")


@contextmanager
def _alone(part: Path) -> Iterator[Path]:
    """Hold the half file for this process only."""
    with part.open("ab") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FetchError("This model is being fetched by another process.", "Wait for that one.") from error
        try:
            yield part
        finally:
            if part.exists() and part.stat().st_size == 0:
                part.unlink()


def _download(url: str, part: Path, report: Report | None) -> None:
    """Bring the file at `url` to `part`, taking up what is there, through interruptions as long as each attempt brings more."""
    fruitless = 0
    while True:
        before = part.stat().st_size
        try:
            return _attempt(url, part, before, report)
        except _Broken as error:
            fruitless = 0 if part.stat().st_size > before else fruitless + 1
            if fruitless >= TRIES:
                raise FetchError(
                    f"The connection broke ({error}); {part.stat().st_size / 1e6:,.0f} MB are here.",
                    "Run the same command again: it goes on from there.",
                ) from error
            time.sleep(PAUSE)


def _attempt(url: str, part: Path, here: int, report: Report | None) -> None:
    import httpx

    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={here}-"} if here else {})}
    try:
        with httpx.stream("GET", url, headers=headers, timeout=SECONDS, follow_redirects=True) as answer:
            if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                if answer.headers.get("content-range") == f"bytes */{here}":
                    return  # it was whole already
                os.truncate(part, 0)
                raise _Broken("the file there is another one")
            if answer.is_error:
                raise _refused(url, answer.status_code)
            goes_on = (
                answer.headers.get("content-range", "").startswith(f"bytes {here}-")
                and answer.status_code == httpx.codes.PARTIAL_CONTENT
            )
            start = here if goes_on else 0
            total = start + int(answer.headers.get("content-length", 0))
            if shutil.disk_usage(part.parent).free < total - start:
                raise FetchError(f"{part.parent} has no room for this model.", _room(total - start))
            with part.open("ab" if goes_on else "wb") as out:
                for chunk in answer.iter_raw():
                    out.write(chunk)
                    if report is not None:
                        report(out.tell(), max(total, out.tell()))
    except httpx.TransportError as error:
        raise _Broken(str(error) or type(error).__name__) from error
    except (httpx.InvalidURL, httpx.HTTPError, ValueError) as error:
        raise FetchError(f"{url} cannot be fetched ({error}).", f"Check the address in {HUB} or --from.") from error


def _refused(url: str, status: int) -> FetchError:
    meaning = {401: "it wants a login", 403: "it is not allowed", 404: "there is no such file"}.get(status, "an error")
    return FetchError(f"{url} was refused ({status}: {meaning}).", "Check repository, file, revision and address.")


def _room(needed: int) -> str:
    size = f"{needed / 1e6:,.0f} MB" if needed else "some space"
    return f"Free {size}, or set ATELIER_MODELS to another folder, then run the same command again."
