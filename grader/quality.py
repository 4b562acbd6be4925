"""The quality of labs, for authors and trainers: what was proved of each, how it reads, and one page that shows it. Pure.

Reading level is LIX (Björnsson 1968): words per sentence plus the percentage of words longer than six letters. It counts
letters, not syllables, so that English and French texts are measured alike and no dictionary is needed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from grader import spread, templates
from grader.engines.gate import Gate
from grader.model import Attempt, Check, Lab
from grader.spread import Spread

if TYPE_CHECKING:
    from grader.notebook import Notebook

# Upper ends, after Björnsson's own examples.
LEVELS = (
    (30, "very easy"),
    (40, "easy, like a story"),
    (50, "medium, like a newspaper"),
    (60, "hard, like an official text"),
)
HARDEST = "very hard, like a thesis"
WORDS_A_MINUTE = 200
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_END = re.compile(r"[.!?:…]+(?=\s|$)|\n+")
_MARKS = re.compile(r"[*_`#>|]+|\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text reads: its length in words, its LIX, and what that means."""

    words: int
    lix: float

    @property
    def level(self) -> str:
        """Return the LIX in words."""
        return next((says for top, says in LEVELS if self.lix < top), HARDEST)

    @property
    def minutes(self) -> float:
        """Return how long an adult reads it."""
        return self.words / WORDS_A_MINUTE


@dataclass(frozen=True, slots=True)
class Rung:
    """An attempt on the ladder: what it tries, what it declares and what it earned (None: ungraded), and its spread if measured."""

    attempt: str
    why: str
    declares: float
    earned: float | None
    spread: Spread | None = None


@dataclass(frozen=True, slots=True)
class LabQuality:
    """A lab as `atelier check` found it."""

    lab: str
    title: str
    version: str
    kit: str
    mode: str
    minutes: int
    practice_cases: int
    hidden_cases: int
    checks: tuple[Check, ...]
    reading: Reading
    ladder: tuple[Rung, ...]
    gates: dict[str, Gate]
    problems: tuple[str, ...]

    @property
    def spreads(self) -> tuple[Spread, ...]:
        """Return the spreads of the attempts where they were measured."""
        return tuple(rung.spread for rung in self.ladder if rung.spread)

    @property
    def widest(self) -> Spread | None:
        """Return the widest spread of those that were measured on the most points; None if none was."""
        return max(self.spreads, key=lambda found: (found.points, found.each_way), default=None)

    @property
    def alike(self) -> str:
        """Say how alike cohorts are scored."""
        return spread.told(self.spreads)


@dataclass(frozen=True, slots=True)
class Quality:
    """All labs of a report, as stored in JSON. `day` is text."""

    format: Literal[1]
    day: str
    labs: tuple[LabQuality, ...]


def of(
    lab: Lab,
    attempts: Mapping[str, Attempt],
    earned: Sequence[tuple[str, float | None]],
    spreads: Sequence[Spread],
    gates: Mapping[str, Gate],
    reading: Reading,
    problems: Sequence[str],
) -> LabQuality:
    """Put together what was found of a lab. Rungs go from the least points to the most, ungraded ones last."""
    points = dict(earned)
    over = {found.attempt: found for found in spreads}
    rungs = [
        Rung(name, attempt.why, attempt.earns, points.get(name), over.get(name)) for name, attempt in attempts.items()
    ]
    rungs.sort(key=lambda rung: (rung.earned is None, rung.earned or 0.0))
    return LabQuality(
        lab=lab.id,
        title=lab.file.title,
        version=lab.version,
        kit=lab.file.kit,
        mode=lab.file.mode,
        minutes=lab.file.minutes,
        practice_cases=lab.file.practice_cases,
        hidden_cases=lab.file.hidden_cases,
        checks=lab.file.checks,
        reading=reading,
        ladder=tuple(rungs),
        gates=dict(gates),
        problems=tuple(problems),
    )


def read(texts: Sequence[str]) -> Reading:
    """Measure `texts`, each of which ends a sentence."""
    joined = "\n".join(_MARKS.sub(" ", text) for text in texts)
    words = _WORD.findall(joined)
    sentences = sum(1 for piece in _END.split(joined) if _WORD.search(piece))
    if not words:
        return Reading(0, 0.0)
    long = sum(len(word) > 6 for word in words)
    return Reading(len(words), round(len(words) / sentences + 100 * long / len(words), 1))


def learner_texts(lab: Lab, built: Notebook) -> list[str]:
    """Return what a learner reads of a lab's own words: its card and its notebook, but not the documents on the desk."""
    file = lab.file
    told = [file.why, file.hand_in, *file.objectives, *file.tomorrow, *(check.says for check in file.checks)]
    for cell in built["cells"]:
        if cell["cell_type"] == "markdown":
            told.append(cell["source"])
        else:
            told += _said(cell["source"])
    return told


def _said(source: str) -> Iterator[str]:
    """Yield the sentences that a cell shows: strings of its calls with at least three words."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value.split()) >= 3:
            yield node.value


def render(quality: Quality) -> str:
    """Return the report as one self-contained HTML document."""
    return templates.page("quality.html", quality=quality, words_a_minute=WORDS_A_MINUTE, cohorts=spread.COHORTS)
