"""Replies are recorded and asked only once: regrading is exact and offline, identical prompts cost once.

A recording is a JSON-lines file. Its first line says which model answered, with hash and parameters; each other line
is one reply, by engine and by the sha256 of the messages. Lines are appended whole, so a killed run loses at
most the reply under way, and several processes may write at once. Of two replies to one request the first counts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterator, Sequence
from pathlib import Path

from atelier.files import write_bytes
from atelier.kits.base import Replies, Request
from grader.engines.base import Engine, Report


class Recorder:
    """The recording at `path` (a file, or a folder with one file per engine), and the engine for what is missing."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self._engine = engine
        self._path = path if path.suffix == ".jsonl" else path / f"{engine.id}.jsonl"

    def recorded(self, requests: Sequence[Request]) -> Replies:
        """Return the replies that are on record among `requests`. Asks nobody."""
        wanted = {request.key for request in requests}
        found: dict[str, str] = {}
        for key, text in self._lines():
            if key in wanted:
                found.setdefault(key, text)
        return found

    def replies(self, requests: Sequence[Request], report: Report | None = None) -> Replies:
        """Return the replies to all `requests`, asking the engine only for those that are not on record.

        Raises EngineError if the engine cannot go on; what it answered until then is kept.
        """
        found = dict(self.recorded(requests))
        missing = list({r.key: r for r in requests if r.key not in found}.values())
        if not missing:
            return found
        total = len(found) + len(missing)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab", buffering=0) as file:
            if file.tell() == 0:
                file.write(self._header())
            elif not self._whole():
                file.write(b"\n")  # a line that a killed run left half written stays apart
            for key, reply in self._engine.complete(missing):
                # Half a character at the end of a cut reply cannot be written; score what is on record.
                text = reply.encode("utf-8", "replace").decode()
                file.write(self._entry(key, text))
                found[key] = text
                if report is not None:
                    report(len(found), total)
        return found

    def tidy(self, requests: Sequence[Request]) -> None:
        """Rewrite the recording with the replies to `requests` only, sorted by key: small and stable under git.

        For the recordings of a lab, each a file of its own; not while another process writes to it.
        """
        kept = self.recorded(requests)
        write_bytes(self._path, self._header() + b"".join(self._entry(key, kept[key]) for key in sorted(kept)))

    def _header(self) -> bytes:
        return self._line({"engine": self._engine.id, **self._engine.about})

    def _entry(self, key: str, text: str) -> bytes:
        return self._line({"engine": self._engine.id, "key": key, "text": text})

    @staticmethod
    def _line(entry: dict[str, object]) -> bytes:
        return json.dumps(entry, ensure_ascii=False).encode() + b"\n"

    def _whole(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _lines(self) -> Iterator[tuple[str, str]]:
        try:
            written = self._path.read_bytes()
        except FileNotFoundError:
            return
        # In bytes: a text may hold characters that count as line ends for str.splitlines, U+2028 for one.
        for line in written.split(b"\n"):
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # the half line of a killed run; its reply is asked again
            if isinstance(entry, dict) and entry.get("engine") == self._engine.id and "key" in entry:
                yield str(entry["key"]), str(entry["text"])


def keys(path: Path) -> Iterator[str]:
    """Yield the keys of all replies in a recording, of every engine."""
    try:
        written = path.read_bytes()
    except FileNotFoundError:
        return
    for line in written.split(b"\n"):
        if key := _key(line):
            yield key


def forget(path: Path, keys: Container[str]) -> int:
    """Remove the replies to requests of these keys from a recording, of every engine; returns how many there were."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return 0
    kept = [line for line in lines if _key(line) not in keys]
    if len(kept) < len(lines):
        write_bytes(path, b"\n".join(kept))
    return len(lines) - len(kept)


def _key(line: bytes) -> str:
    """Return the key of a line of a recording; empty for its header and for half lines."""
    try:
        entry = json.loads(line)
    except ValueError:
        return ""
    return str(entry.get("key", "")) if isinstance(entry, dict) else ""
