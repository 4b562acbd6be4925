"""Carrying out a redaction plan, and the attack on the result. Pure, total, linear in the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, wraps

from atelier.kits.redaction.records import Column, Line, Person, RedactionCase, RedactionPlan, RedactionSetup, Step

MASK = "[removed]"
_PATTERNS = {
    "e-mail addresses": re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"),
    "IBANs": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b"),
    "phone numbers": re.compile(r"(?<!\d)(?:\+33 ?|0)[1-9](?:[ .]?\d{2}){4}(?!\d)"),
}
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


_NAME_KINDS = ("full names", "last names", "first names")


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """Return `text` in lower case without accents; its length may differ."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


@dataclass
class Tokens:
    """One pseudonym per party, the same in every document, numbered as they appear. The mapping stays inside."""

    known: dict[str, str] = field(default_factory=dict)

    def of(self, party: str) -> str:
        """Return the token of a party. It says nothing about it: numbers follow the order of appearance."""
        return self.known.setdefault(party, f"P-{len(self.known) + 1:03d}")


@dataclass(frozen=True, slots=True)
class Names:
    """Names to look for in free text, folded: full names (both orders), last and first names -> party, "" if several.

    `starts` are the words that any of them begins with: most words of a text begin none.
    """

    full: Mapping[tuple[str, ...], str]
    last: Mapping[str, str]
    first: Mapping[str, str]
    starts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        starts = {key[0] for key in self.full if key} | {name.split(" ")[0] for name in (*self.last, *self.first)}
        object.__setattr__(self, "starts", frozenset(starts))


def _remembering_the_last(
    make: Callable[[Sequence[RedactionCase]], Names],
) -> Callable[[Sequence[RedactionCase]], Names]:
    """Remember what `make` returned for the very sequence it got last: all submissions of a cohort meet the same cases."""
    last: list[tuple[Sequence[RedactionCase], Names]] = []

    @wraps(make)
    def made(cases: Sequence[RedactionCase]) -> Names:
        if not last or last[0][0] is not cases:
            last[:] = [(cases, make(cases))]
        return last[0][1]

    return made


@_remembering_the_last
def names(cases: Sequence[RedactionCase]) -> Names:
    """Collect the names that the sender knows: the staff directory, and the people in the tables' name columns."""
    full: dict[tuple[str, ...], str] = {}
    last: dict[str, str] = {}
    first: dict[str, str] = {}
    for given, family, party in _people(cases):
        for order in ((given, family), (family, given)):
            full[tuple(w for part in order for w in words(part))] = party
        for table, name in ((last, family), (first, given)):
            key = folded(name)
            table[key] = party if table.get(key, party) == party else ""
    return Names(full, last, first)


def _people(cases: Sequence[RedactionCase]) -> Iterator[tuple[str, str, str]]:
    for case in cases:
        for person in case.directory:
            yield person.first, person.last, person.id
        for line in case.lines:
            for secret in line.secrets:
                if secret.kind == "person" and any(secret.text in cell for cell in line.cells.values()):
                    given, _, family = secret.text.partition(" ")
                    yield given, family, secret.who


@lru_cache(maxsize=20_000)
def words(text: str) -> tuple[str, ...]:
    """Return the words of `text`, folded; apostrophes and hyphens belong to the word."""
    return tuple(folded(found.group()) for found in _WORD.finditer(text))


@lru_cache(maxsize=20_000)
def tight(text: str) -> str:
    """Return only the letters and digits of `text`, folded: how numbers and addresses are compared."""
    return "".join(c for c in folded(text) if c.isalnum())


def redact_text(text: str, actions: Mapping[str, str], known: Names, tokens: Tokens) -> str:
    """Return free text after the detectors: patterns first, then full, last and first names."""
    for kind, pattern in _PATTERNS.items():
        if actions.get(kind, "keep") != "keep":
            text = pattern.sub(lambda found, k=kind: _replacement(actions[k], found.group(), tokens), text)  # type: ignore[misc]
    if all(actions.get(kind, "keep") == "keep" for kind in _NAME_KINDS):
        return text
    spans = [(found.start(), found.end(), folded(found.group())) for found in _WORD.finditer(text)]
    out, at, place = [], 0, 0
    while place < len(spans):
        if spans[place][2] not in known.starts:
            place += 1
            continue
        length, kind, party = _name_at(spans, place, actions, known)
        if not length:
            place += 1
            continue
        start, end = spans[place][0], spans[place + length - 1][1]
        out += [text[at:start], tokens.of(party) if actions[kind] == "pseudonymise" and party else MASK]
        at, place = end, place + length
    return "".join([*out, text[at:]])


def _replacement(action: str, found: str, tokens: Tokens) -> str:
    return tokens.of(folded(found)) if action == "pseudonymise" else MASK


def _name_at(
    spans: Sequence[tuple[int, int, str]], place: int, actions: Mapping[str, str], known: Names
) -> tuple[int, str, str]:
    """Return how many words at `place` are a name that is to go, by which detector, and whose."""
    if actions.get("full names", "keep") != "keep":
        for length in (4, 3, 2):
            key = tuple(word for _, _, word in spans[place : place + length])
            if len(key) == length and key in known.full:
                return length, "full names", known.full[key]
    for kind, table in (("last names", known.last), ("first names", known.first)):
        if actions.get(kind, "keep") != "keep":
            for length in (2, 1):
                name = " ".join(w for _, _, w in spans[place : place + length])
                if name in table and place + length <= len(spans):
                    return length, kind, table[name]
    return 0, "", ""


def generalised(value: str, step: Step) -> str:
    """Return `value` rounded to the step's width, or its group; a value in no group becomes "other"."""
    if step.width:
        number = _number(value)
        return "" if number is None else f"{round(number / step.width) * step.width:.0f}"
    return next((group for group, members in step.groups if value in members), "other")


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def apply(
    plan: RedactionPlan, cases: Sequence[RedactionCase], setup: RedactionSetup
) -> tuple[list[list[dict[str, str]]], Tokens]:
    """Carry out `plan` on all documents; returns their rows, and the mapping that stays with the sender.

    A dropped column is absent from the rows. A plan that names unknown columns or steps changes nothing there.
    """
    tokens, known = Tokens(), names(cases)
    rules = {rule.column: rule for rule in plan.columns}
    actions: dict[str, str] = {rule.detector: rule.action for rule in plan.detectors}
    documents = []
    for case in cases:
        rows = []
        for line in case.lines:
            row: dict[str, str] = {}
            for column in setup.columns:
                rule = rules.get(column.name)
                value = line.cells.get(column.name, "")
                action = rule.action if rule else "keep"
                if action == "drop":
                    continue
                row[column.name] = _cell(value, column, action, rule.step if rule else "", line, tokens)
                if column.type == "text" and action == "keep":
                    row[column.name] = redact_text(value, actions, known, tokens)
            rows.append(row)
        documents.append(rows)
    return documents, tokens


def _cell(value: str, column: Column, action: str, step: str, line: Line, tokens: Tokens) -> str:
    if action == "mask":
        return MASK if value else ""
    if action == "pseudonymise":
        return tokens.of(line.party if column.type == "name" else f"{column.name}={folded(value)}") if value else ""
    if action == "generalise":
        chosen = next((s for s in column.steps if s.id == step), None)
        return generalised(value, chosen) if chosen else value
    return value


@dataclass(frozen=True, slots=True)
class Found:
    """What the attacker gets from one row: the people it may be, and the facts that narrowed it down."""

    candidates: tuple[Person, ...]
    facts: tuple[tuple[str, str], ...]


class Attacker:
    """Somebody with the directory who knows how the table was made. Looks rows up by every fact that is left in them.

    What a plan drops, masks or pseudonymises is no fact; what it generalises is compared as generalised. Everybody fits
    a row without facts.
    """

    def __init__(self, directory: Sequence[Person], plan: RedactionPlan, setup: RedactionSetup) -> None:
        rules = {rule.column: rule for rule in plan.columns}
        self._columns: list[tuple[Column, Step | None]] = []
        for column in setup.columns:
            rule = rules.get(column.name)
            if not column.attack or (rule and rule.action in ("drop", "mask", "pseudonymise")):
                continue
            asked = rule.step if rule and rule.action == "generalise" else ""
            self._columns.append((column, next((step for step in column.steps if step.id == asked), None)))
        people: dict[tuple[str, ...], list[Person]] = {}
        for person in directory:
            facts = ((person.facts.get(column.name, ""), step) for column, step in self._columns)
            people.setdefault(tuple(generalised(v, step) if step else v for v, step in facts), []).append(person)
        self._people = {key: tuple(found) for key, found in people.items()}

    def look_up(self, row: Mapping[str, str]) -> Found:
        """Return who a row may be, and by which facts."""
        seen = tuple(row.get(column.name, "") for column, _ in self._columns)
        facts = tuple((column.label, value) for (column, _), value in zip(self._columns, seen, strict=True))
        return Found(self._people.get(seen, ()), facts)
