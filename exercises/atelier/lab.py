"""A lab as its notebook sees it: `lab = atelier.open_lab("invoice-checks")`.

The release puts two files beside the notebook: `lab.json` (title, checks, the kit's setup) and `practice.json`
(practice cases with their gold). The learner's work is `answers.json` (see `atelier.answers`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from atelier import answers, kits, records
from atelier.errors import AnswersAbsent, AtelierError
from atelier.kits.base import Kit, Replies, Verdict
from atelier.policy import Policy

LAB_FILE, PRACTICE_FILE = "lab.json", "practice.json"


@dataclass(frozen=True, slots=True)
class PublicCheck:
    """A check as the learner sees it."""

    id: str
    part: str
    points: int
    says: str


@dataclass(frozen=True, slots=True)
class LabInfo:
    """`lab.json`: what a learner may know of a lab, and the organisation's policy as it was at the release."""

    format: Literal[1]
    id: str
    version: str
    title: str
    kit: str
    minutes: int
    summary: str
    why: str
    hand_in: str
    objectives: tuple[str, ...]
    tomorrow: tuple[str, ...]
    checks: tuple[PublicCheck, ...]
    setup: dict[str, Any]
    policy: Policy | None = None
    mode: str = "form"


class OpenLab:
    """A lab open in a notebook, in the folder `root`. Reads at once, writes only `answers.json`."""

    def __init__(self, lab: str, root: Path) -> None:
        self.root = root
        try:
            raw = json.loads((root / LAB_FILE).read_text(encoding="utf-8"))
            cases = json.loads((root / PRACTICE_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise AtelierError(
                f"The files of the lab {lab!r} are not beside this notebook.", "Open it from My track again."
            ) from error
        self.info: LabInfo = records.load(LabInfo, raw)
        self.kit: Kit = kits.load(self.info.kit)
        self.setup: Any = records.load(self.kit.setup, self.info.setup)
        self.practice: tuple[Any, ...] = records.load(tuple[self.kit.case, ...], cases["cases"])  # type: ignore[name-defined]
        self.trouble: str = ""
        try:
            self._answers = answers.read(root / answers.FILE, self.info.id)
            self.answer: Any = answers.decode(self.kit, self._answers)
        except AnswersAbsent:
            self._answers = answers.Answers(self.info.id, self.info.kit)
            self.answer = None
        except AtelierError as error:
            # Nothing is lost: the unreadable file is kept aside the first time the form saves.
            self._answers = answers.Answers(self.info.id, self.info.kit)
            self.answer, self.trouble = None, f"{error.says} It is kept as {answers.FILE}.old."

    def save(self, answer: Any) -> None:
        """Keep `answer` (the kit's record) in `answers.json`."""
        self.answer = answer
        self._write(replace(self._answers, answer=records.dump(answer)))

    @property
    def notes(self) -> dict[str, Any]:
        """Return the decisions taken in the story, by their id."""
        return self._answers.notes

    def note(self, key: str, value: Any) -> None:
        """Keep a decision of the story (plain data)."""
        self._write(replace(self._answers, notes={**self._answers.notes, key: value}))

    def _write(self, new: answers.Answers) -> None:
        path = self.root / answers.FILE
        if self.trouble and path.exists():
            path.replace(path.with_name(f"{answers.FILE}.old"))
        self.trouble = ""
        answers.write(path, new)
        self._answers = new

    def practise(self, replies: Replies) -> Verdict | None:
        """Score the present answer on the practice cases; None while nothing was answered."""
        if self.answer is None:
            return None
        return self.kit.score(self.answer, self.practice, self.setup, replies)

    @cached_property
    def total(self) -> int:
        """Return the points that the lab can give."""
        return sum(check.points for check in self.info.checks)
