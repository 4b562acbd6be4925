"""`answers.json`: what a learner made in a lab's form, beside the notebook. Plain data, checked when read.

    {"format": 1, "lab": "invoice-checks", "kit": "validation",
     "answer": {...}, "notes": {"first-look": {"choice": "Pay", "confidence": 80}}}

`answer` is the kit's record and the only thing that is scored. `notes` are the decisions of the story's
opening; they come back when the lab is reopened.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from atelier import files, records
from atelier.errors import (
    AnswersAbsent,
    AnswersEmpty,
    AnswersError,
    AnswersNotJson,
    AnswersOtherLab,
    AnswersTooLarge,
    AnswersWrongShape,
)
from atelier.kits import base

FILE = "answers.json"
MAX_BYTES = 512 * 1024  # the longest honest answer measured is under 40 kB

_AGAIN = "Open the lab, check the form and hand in again."


@dataclass(frozen=True, slots=True)
class Answers:
    """The whole of `answers.json`. `answer` is None while the form was not filled in."""

    lab: str
    kit: str
    answer: dict[str, Any] | None = None
    notes: dict[str, Any] = field(default_factory=dict)
    format: Literal[1] = 1


def read(path: Path, lab: str) -> Answers:
    """Read the answers of `lab` from the file `path`.

    Raises a subclass of AnswersError that names what is wrong and what to do.
    """
    try:
        size = path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        raise AnswersAbsent(
            f"There is no {FILE}: nothing was answered.", "Fill in the form; it saves by itself."
        ) from None
    except OSError as error:
        raise AnswersError(f"{FILE} cannot be read ({error.strerror}).", _AGAIN) from error
    if not path.is_file() or path.is_symlink():
        raise AnswersNotJson(f"{FILE} is not an ordinary file.", _AGAIN)
    if size == 0:
        raise AnswersEmpty(f"{FILE} is empty (0 bytes).", _AGAIN)
    if size > MAX_BYTES:
        raise AnswersTooLarge(f"{FILE} has {size:,} bytes; an answer has at most {MAX_BYTES:,}.", _AGAIN)
    try:
        raw = json.loads(path.read_bytes().decode("utf-8"), parse_constant=_refuse)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise AnswersNotJson(f"{FILE} is not readable JSON ({error}).", _AGAIN) from error
    try:
        answers = records.load(Answers, raw)
    except records.RecordError as error:
        raise AnswersWrongShape(f"{FILE} does not have the shape of an answer: {error}.", _AGAIN) from error
    assert isinstance(answers, Answers)
    if answers.lab != lab:
        raise AnswersOtherLab(
            f"{FILE} belongs to the lab {answers.lab!r:.60}, not to {lab!r}.",
            f"Put back the {FILE} of {lab!r} and hand in again.",
        )
    return answers


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a number")


def decode(kit: base.Kit, answers: Answers) -> Any:
    """Return the kit's record of `answers`, or None while nothing was answered.

    Raises AnswersWrongShape naming every field that does not fit.
    """
    if answers.answer is None:
        return None
    try:
        return records.load(kit.answer, answers.answer)
    except records.RecordError as error:
        raise AnswersWrongShape(f"The answer does not fit this lab's form: {error}.", _AGAIN) from error


def write(path: Path, answers: Answers) -> None:
    """Write `answers` to the file `path`, atomically: a crash leaves the old file or the new one."""
    files.write_text(path, records.text(answers))
