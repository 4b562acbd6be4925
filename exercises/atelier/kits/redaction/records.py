"""Records of the data-handling kit: tables and messages to be shared, a plan for them, and what an attacker holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Action = Literal["keep", "mask", "pseudonymise", "generalise", "drop"]
ColumnType = Literal["name", "text", "code", "category", "number", "amount", "fact", "date"]
Detector = Literal[
    "full names",
    "last names",
    "first names",
    "first names with a capital",
    "names after a title",
    "e-mail addresses",
    "IBANs",
    "phone numbers",
    "street addresses",
    "signatures",
    "long numbers",
    "words in capitals",
]


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """What happens to a column, or to a fact told in the text. `step` belongs to generalise: the id of one of its steps.

    To drop a fact is to drop every sentence that tells it.
    """

    column: str
    action: Action = "keep"
    step: str = ""


@dataclass(frozen=True, slots=True)
class DetectorRule:
    """What happens to what a detector finds in free text."""

    detector: Detector
    action: Literal["keep", "mask", "pseudonymise"] = "keep"


@dataclass(frozen=True, slots=True)
class RedactionPlan:
    """A learner's plan. Columns and detectors that it does not name are kept as they are."""

    columns: tuple[ColumnRule, ...] = ()
    detectors: tuple[DetectorRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A way to generalise a column: round a number to `width`, or replace a value by its group in `groups`."""

    id: str
    label: str
    width: int = 0
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table, or (types fact and date) something that writers tell of themselves in the text.

    name, label   its id, and what learners read
    type          detectors work on columns of type text; a fact is found by its words, a date as its month, "01" to "12"
    steps         ways to make it coarser
    attack        whether the directory holds it too
    words         of a fact: each value with the words that tell it, in any case and with or without accents
    """

    name: str
    label: str
    type: ColumnType
    steps: tuple[Step, ...] = ()
    attack: bool = False
    words: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def told(self) -> bool:
        """Whether it stands in the free text only, not in a column of the table."""
        return self.type in ("fact", "date")


@dataclass(frozen=True, slots=True)
class RedactionSetup:
    """What a lab fixes.

    columns        of the table, in order, and the facts told in its texts
    detectors      on offer for the free text
    task           what the reader outside does with it, in words
    total, by      a part of the task: totals of column `total` (without one: the number of lines) per value of column
                   `by`, each to `tolerance` (a share)
    family         a part of the task: column or fact whose step `family_step` (or finer) must still be told apart
    k              smallest group in which a person may still hide
    lines          what the lines about people in the directory are called
    groups         whether every group of lines alike in the columns that the directory holds must have k lines too
    """

    columns: tuple[Column, ...]
    detectors: tuple[Detector, ...]
    task: str
    total: str = ""
    by: str = ""
    family: str = ""
    family_step: str = ""
    tolerance: float = 0.02
    k: int = 5
    lines: str = "lines about people"
    groups: bool = False


@dataclass(frozen=True, slots=True)
class Secret:
    """Something in a row that must not leave: its text as written, its kind, and whose it is."""

    text: str
    kind: str
    who: str


@dataclass(frozen=True, slots=True)
class Need:
    """Something of the free text that the reader must still be able to read, and what to call it."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its gold.

    cells    column -> text
    secrets  what must not leave
    who      id of the directory entry behind a line that tells something about its person, else ""
    party    whoever the line is about, person or firm, by a key that is the same in every document
    purpose  the word of the free text that the reader needs; may be empty
    needs    what else the reader needs of the free text
    """

    cells: dict[str, str]
    secrets: tuple[Secret, ...]
    who: str
    party: str
    purpose: str = ""
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """An entry of the directory that the attacker holds: name, and the columns marked `attack`."""

    id: str
    first: str
    last: str
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class RedactionCase:
    """One document. The directory stands in the first case of a list; the others share it."""

    id: str
    lines: tuple[Line, ...]
    directory: tuple[Person, ...] = ()
