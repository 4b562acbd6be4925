"""Records of the data-handling kit: tables to be shared, a plan for them, and what an attacker holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Action = Literal["keep", "mask", "pseudonymise", "generalise", "drop"]
ColumnType = Literal["name", "text", "code", "category", "number", "amount"]
Detector = Literal["full names", "last names", "first names", "e-mail addresses", "IBANs", "phone numbers"]


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """What happens to a column. `step` belongs to generalise: the id of one of the column's steps."""

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
    """A column of the table. Detectors work on columns of type text; `attack` if the directory holds it too."""

    name: str
    label: str
    type: ColumnType
    steps: tuple[Step, ...] = ()
    attack: bool = False


@dataclass(frozen=True, slots=True)
class RedactionSetup:
    """What a lab fixes.

    columns        of the table, in order
    detectors      on offer for the free text
    task           what the reader outside does with the table, in words
    total, by      the task: totals of column `total` per value of column `by`, each to `tolerance` (a share)
    family         the task's second half: column whose step `family_step` (or finer) must still be told apart
    k              smallest group in which a person may still hide
    """

    columns: tuple[Column, ...]
    detectors: tuple[Detector, ...]
    task: str
    total: str
    by: str
    family: str
    family_step: str
    tolerance: float = 0.02
    k: int = 5


@dataclass(frozen=True, slots=True)
class Secret:
    """Something in a row that must not leave: its text as written, its kind, and whose it is."""

    text: str
    kind: str
    who: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its gold.

    cells    column -> text
    secrets  what must not leave
    who      id of the directory entry behind a payroll line, else ""
    party    whoever the line is about, person or firm, by a key that is the same in every document
    purpose  the word of the free text that the reader needs
    """

    cells: dict[str, str]
    secrets: tuple[Secret, ...]
    who: str
    party: str
    purpose: str


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
