"""Errors of the trainer side, each with fields and a remedy.

GraderError
├── CatalogError            `courses/` or `exercises/labs/` has problems (all of them, at once)
├── NotFound                a lab, role, learner or workspace that does not exist
├── WorkspaceError          a cohort's workspace is missing, half made or not writable
├── EngineError             a practice model cannot be used
│   ├── ModelMissing        its file was not fetched
│   └── HashMismatch        its file is not the pinned one
├── FetchError              the model could not be fetched
├── ExtraMissing            a library is missing that comes with an extra
├── KpiError                a file of KPI cases has bad lines (all of them, at once)
├── BadgeError              a badge cannot be issued or read
├── GradebookError          the gradebook is locked or unreadable
└── IsolationError          learner code cannot be confined as asked
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class GraderError(Exception):
    """Root of the errors raised on purpose. `says` is the fact, `remedy` the next step."""

    def __init__(self, says: str, remedy: str = "") -> None:
        self.says, self.remedy = says, remedy
        super().__init__(f"{says} {remedy}".strip())


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a file: where (relative to the catalogue's root), which key, what is wrong and the fix."""

    file: str
    key: str
    says: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.says}" if self.key else f"{self.file}: {self.says}"


class CatalogError(GraderError):
    """The catalogue has `problems`; nothing of it is used."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class NotFound(GraderError):
    """No `kind` (lab, role, learner) is called `name`."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name = kind, name
        near = get_close_matches(name, list(known), 1)
        self.near = near[0] if near else None
        super().__init__(f"There is no {kind} {name!r}.", f"Did you mean {self.near!r}?" if self.near else "")


class WorkspaceError(GraderError):
    """A cohort's workspace cannot be used as it is."""


class EngineError(GraderError):
    """A practice model cannot be used."""


class ModelMissing(EngineError):
    """The model's file was not fetched."""


class HashMismatch(EngineError):
    """The model's file is not the pinned one."""


class FetchError(GraderError):
    """The model could not be fetched."""


class ExtraMissing(GraderError):
    """`what` needs a library that is not installed; the `extra` of that name brings it."""

    def __init__(self, what: str, extra: str) -> None:
        self.what, self.extra = what, extra
        super().__init__(f"{what} need a library that is not here.", f"Install it: pip install 'atelier[{extra}]'")


class KpiError(GraderError):
    """A file of KPI cases has `problems`; none of its lines is used."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("KPI cases, nothing taken: " + "; ".join(self.problems) + ".")


class BadgeError(GraderError):
    """A badge cannot be issued, or a file is none."""


class GradebookError(GraderError):
    """The gradebook is locked, unreadable or of another course."""


class IsolationError(GraderError):
    """A level of isolation cannot be entered; nothing was run."""
