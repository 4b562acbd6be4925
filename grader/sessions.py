"""Sessions that learners led for others, as their trainer recorded them: one line each, readable by its owner only."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from atelier import records
from atelier.files import write_private
from grader.errors import WorkspaceError
from grader.workspace import Workspace

FILE = "sessions.jsonl"


@dataclass(frozen=True, slots=True)
class Session:
    """A session that `learner` led on `day` (ISO 8601), and the trainer who says so."""

    learner: str
    day: str
    by: str


def read(space: Workspace) -> tuple[Session, ...]:
    """Return the recorded sessions, oldest first. WorkspaceError names a line that is none."""
    path = space.root / FILE
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return tuple(sorted((_session(path, n, line) for n, line in enumerate(lines, 1)), key=lambda s: (s.day, s.learner)))


def _session(path: Path, number: int, line: str) -> Session:
    try:
        found: Session = records.load(Session, json.loads(line))
    except ValueError as error:
        raise WorkspaceError(
            f"{path.name}, line {number}, is no session: {error}.", "Remove that line, and record it again."
        ) from error
    return found


def add(space: Workspace, session: Session) -> bool:
    """Record a session; returns whether it is new. A learner leads one a day, whoever records it."""
    before = read(space)
    if any((s.learner, s.day) == (session.learner, session.day) for s in before):
        return False
    _write(space, (*before, session))
    return True


def remove(space: Workspace, learner: str) -> None:
    """Remove a learner's sessions. For the erasure of a person only."""
    if (space.root / FILE).exists():
        _write(space, (session for session in read(space) if session.learner != learner))


def _write(space: Workspace, found: Iterable[Session]) -> None:
    lines = (json.dumps(records.dump(session), ensure_ascii=False) + "\n" for session in found)
    write_private(space.root / FILE, "".join(lines).encode())
