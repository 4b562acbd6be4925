"""Carrying out a redaction plan, and the attack on the result. Pure, total, linear in the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from atelier.kits.base import for_the_same
from atelier.kits.redaction import find
from atelier.kits.redaction.find import Span, folded, words
from atelier.kits.redaction.records import (
    Column,
    ColumnRule,
    Person,
    RedactionCase,
    RedactionPlan,
    RedactionSetup,
    Step,
)

MASK = "[removed]"
# What is taken first is not looked at again: sure finds before guesses, and blunt tools last.
_SURE = ("signatures", "e-mail addresses", "IBANs", "phone numbers", "street addresses")
_BLUNT = ("names after a title", "long numbers", "words in capitals")
_NAME_KINDS = ("full names", "last names", "first names", "first names with a capital")


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

    def party(self, text: str) -> str:
        """Return whose name `text` or the first part of a mail address is, "" if nobody's or several people's."""
        name = words(text.partition("@")[0])
        return self.full.get(name, "") or self.last.get(" ".join(name), "")


@for_the_same
def names(cases: Sequence[RedactionCase]) -> Names:
    """Collect the names that the sender knows: the staff directory, and the people in the tables' name columns."""
    full: dict[tuple[str, ...], str] = {}
    last: dict[str, str] = {}
    first: dict[str, str] = {}
    for given, family, party in _people(cases):
        for order in ((given, family), (family, given)):
            full[tuple(w for part in order for w in words(part))] = party
        for table, name in ((last, family), (first, given)):
            key = " ".join(words(name))
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


class _Cuts:
    """What is to be cut out of a text, and what takes its place. Whatever was cut first stays cut."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._made: list[tuple[int, int, str, str]] = []

    def free(self, start: int, end: int) -> bool:
        """Whether nothing of this place is cut yet."""
        return all(end <= begun or ended <= start for begun, ended, _, _ in self._made)

    def add(self, start: int, end: int, *, party: str = "", instead: str = MASK) -> None:
        """Cut a place; the token of `party`, if there is one, or `instead` takes it."""
        if self.free(start, end):
            self._made.append((start, end, party, instead))

    def done(self, tokens: Tokens) -> str:
        """Return the text without what was cut."""
        if not self._made:
            return self._text
        out, at = [], 0
        for start, end, party, instead in sorted(self._made):
            out += [self._text[at:start], tokens.of(party) if party else instead]
            at = end
        return "".join([*out, self._text[at:]])


def redact_text(
    text: str,
    actions: Mapping[str, str],
    known: Names,
    tokens: Tokens,
    facts: Sequence[tuple[find.Fact, ColumnRule]] = (),
) -> str:
    """Return free text after the detectors (kind -> action) and the rules on facts that are told in it."""
    return _cuts(text, actions, known, facts).done(tokens)


def _cuts(text: str, actions: Mapping[str, str], known: Names, facts: Sequence[tuple[find.Fact, ColumnRule]]) -> _Cuts:
    """Return what is to be cut out of a text. It depends on the plan and the text alone, not on what was cut elsewhere."""
    wanted = {kind: action for kind, action in actions.items() if action != "keep"}
    cuts = _Cuts(text)
    for fact, rule in facts:
        if rule.action == "drop":
            for span in fact.told(text):
                cuts.add(*find.sentence(text, span), instead="")
    for kind in _SURE:
        _cut_pattern(cuts, kind, text, wanted, known)
    for fact, rule in facts:
        for span in fact.told(text):
            _cut_fact(cuts, span, fact.column, rule)
    if any(kind in wanted for kind in _NAME_KINDS):
        _cut_names(cuts, text, wanted, known)
    for kind in _BLUNT:
        _cut_pattern(cuts, kind, text, wanted, known)
    return cuts


def _cut_pattern(cuts: _Cuts, kind: str, text: str, wanted: Mapping[str, str], known: Names) -> None:
    if kind in wanted:
        for span in find.pattern(kind, text):
            party = (known.party(span.value) or span.value) if wanted[kind] == "pseudonymise" else ""
            cuts.add(span.start, span.end, party=party)


def _cut_fact(cuts: _Cuts, span: Span, column: Column, rule: ColumnRule) -> None:
    step = _step(column, rule.step)
    if rule.action == "generalise" and step:
        cuts.add(span.start, span.end, instead=f"[{generalised(span.value, step)}]")
    elif rule.action == "pseudonymise":
        cuts.add(span.start, span.end, party=f"{column.name}={span.value}")
    elif rule.action == "mask":
        cuts.add(span.start, span.end)


def _cut_names(cuts: _Cuts, text: str, wanted: Mapping[str, str], known: Names) -> None:
    spans, place = find.word_spans(text), 0
    while place < len(spans):
        length, kind, party = (
            _name_at(text, spans, place, wanted, known) if spans[place].value in known.starts else (0, "", "")
        )
        if length:
            last = spans[place + length - 1]
            cuts.add(spans[place].start, last.end, party=party if wanted[kind] == "pseudonymise" else "")
        place += length or 1


def _name_at(
    text: str, spans: Sequence[Span], place: int, wanted: Mapping[str, str], known: Names
) -> tuple[int, str, str]:
    """Return how many words at `place` are a name that is to go, by which detector, and whose."""
    ahead = [tuple(span.value for span in spans[place : place + length]) for length in (1, 2, 3, 4)]
    if "full names" in wanted:
        for key in reversed(ahead[1:]):
            if key in known.full:
                return len(key), "full names", known.full[key]
    capital = text[spans[place].start].isupper()
    for kind, table in (
        ("last names", known.last),
        ("first names", known.first),
        ("first names with a capital", known.first if capital else {}),
    ):
        if kind in wanted:
            for key in reversed(ahead[:2]):
                if (name := " ".join(key)) in table:
                    return len(key), kind, table[name]
    return 0, "", ""


def _step(column: Column, wanted: str) -> Step | None:
    return next((step for step in column.steps if step.id == wanted), None)


def generalised(value: str, step: Step) -> str:
    """Return `value` rounded to the step's width, or its group; a value in no group becomes "other"."""
    if step.width:
        number = _number(value)
        return "" if number is None else f"{round(number / step.width) * step.width:.0f}"
    return next((group for group, members in step.groups if value in members), "other")


class Generalised(dict[str, str]):
    """What each value of a column becomes by `step`, worked out once; without a step, what it is."""

    def __init__(self, step: Step | None) -> None:
        super().__init__()
        self._step = step

    def __missing__(self, value: str) -> str:
        made = self[value] = generalised(value, self._step) if self._step else value
        return made


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
    facts = [(find.fact(c), rules[c.name]) for c in setup.columns if c.told and c.name in rules]
    columns = [(column, rules.get(column.name, ColumnRule(column.name))) for column in setup.columns if not column.told]
    kept = [(column, rule, Generalised(_step(column, rule.step))) for column, rule in columns if rule.action != "drop"]
    remembered = _remembered(known, actions, facts)
    # Text by text and line by line, for tokens are given out in the order in which their owners come up.
    documents = []
    for case in cases:
        rows = []
        for line in case.lines:
            row: dict[str, str] = {}
            for column, rule, general in kept:
                value = line.cells.get(column.name, "")
                if rule.action == "keep":
                    if column.type == "text":
                        found = remembered.get(value)
                        if found is None:
                            found = remembered[value] = _cuts(value, actions, known, facts)
                        value = found.done(tokens)
                elif rule.action == "mask":
                    value = MASK if value else ""
                elif rule.action == "generalise":
                    value = general[value]
                elif value:
                    value = tokens.of(line.party if column.type == "name" else f"{column.name}={folded(value)}")
                row[column.name] = value
            rows.append(row)
        documents.append(rows)
    return documents, tokens


_Known = tuple[Names, object, dict[str, _Cuts]]
_plans: list[_Known] = []
_PLANS = 24  # ways to treat free text that are remembered; learners choose from a short list


def _remembered(
    known: Names, actions: Mapping[str, str], facts: Sequence[tuple[find.Fact, ColumnRule]]
) -> dict[str, _Cuts]:
    """Return what was cut out of each text under the same detectors and rules on facts, for the same cases."""
    wanted = (frozenset(item for item in actions.items() if item[1] != "keep"), tuple(rule for _, rule in facts))
    for place, (names_, key, texts) in enumerate(_plans):
        if names_ is known and key == wanted:
            _plans.insert(0, _plans.pop(place))
            return texts
    _plans.insert(0, (known, wanted, {}))
    del _plans[_PLANS:]
    return _plans[0][2]


@dataclass(frozen=True, slots=True)
class Found:
    """What the attacker gets from one row: the people it may be, and the facts that narrowed it down."""

    candidates: tuple[Person, ...]
    facts: tuple[tuple[str, str], ...]


class Attacker:
    """Somebody with the directory who knows how the table was made. Looks rows up by every fact that is left in them.

    What a plan drops, masks or pseudonymises is no fact; what it generalises is compared as generalised. Facts told in a text
    count where they can still be read. Everybody fits a row without facts.
    """

    def __init__(self, directory: Sequence[Person], plan: RedactionPlan, setup: RedactionSetup) -> None:
        rules = {rule.column: rule for rule in plan.columns}
        self._columns: list[tuple[Column, Step | None]] = []
        self._told: list[tuple[find.Fact, Step | None]] = []
        for column in setup.columns:
            rule = rules.get(column.name)
            if not column.attack or (rule and rule.action in ("drop", "mask", "pseudonymise")):
                continue
            asked = rule.step if rule and rule.action == "generalise" else ""
            step = _step(column, asked)
            if column.told:
                self._told.append((find.fact(column), step))
            else:
                self._columns.append((column, step))
        self._shown = [column.name for column, _ in self._columns]
        self._texts = tuple(column.name for column in setup.columns if column.type == "text")
        # By what the columns show; beside each person, what they would tell in a text.
        self._people: dict[tuple[str, ...], list[tuple[Person, tuple[str, ...]]]] = {}
        for person in directory:
            shown = tuple(_known(person, column, step) for column, step in self._columns)
            told = tuple(_known(person, fact.column, step) for fact, step in self._told)
            self._people.setdefault(shown, []).append((person, told))

    def columns(self, row: Mapping[str, str]) -> tuple[str, ...]:
        """Return what a row shows in the columns that the directory holds too."""
        return tuple([row.get(name, "") for name in self._shown])

    def look_up(self, row: Mapping[str, str]) -> Found:
        """Return who a row may be, and by which facts."""
        seen = self.columns(row)
        facts = [(column.label, value) for (column, _), value in zip(self._columns, seen, strict=True)]
        people, told = self._fitting(seen, row)
        return Found(tuple(person for person, _ in people), (*facts, *told))

    def count(self, seen: tuple[str, ...], row: Mapping[str, str]) -> int:
        """Return how many people a row may be, which shows `seen` in its columns."""
        return len(self._fitting(seen, row)[0])

    def _fitting(
        self, seen: tuple[str, ...], row: Mapping[str, str]
    ) -> tuple[Sequence[tuple[Person, tuple[str, ...]]], list[tuple[str, str]]]:
        people: Sequence[tuple[Person, tuple[str, ...]]] = self._people.get(seen, ())
        facts: list[tuple[str, str]] = []
        text = "\n".join(row.get(name, "") for name in self._texts) if self._told else ""
        for place, (fact, step) in enumerate(self._told):
            if values := _read(fact, step, text):
                facts.append((fact.column.label, ", ".join(sorted(values))))
                people = [known for known in people if known[1][place] in values]
        return people, facts

    def narrowed(self, row: Mapping[str, str]) -> tuple[tuple[str, str, int], ...]:
        """Return the attack on a row step by step: label and value of each fact, and how many people still fit after it."""
        people = [(shown, told) for shown, known in self._people.items() for _, told in known]
        steps = []
        for place, ((column, _), value) in enumerate(zip(self._columns, self.columns(row), strict=True)):
            people = [known for known in people if known[0][place] == value]
            steps.append((column.label, value, len(people)))
        text = "\n".join(row.get(name, "") for name in self._texts) if self._told else ""
        for place, (fact, step) in enumerate(self._told):
            if values := _read(fact, step, text):
                people = [known for known in people if known[1][place] in values]
                steps.append((fact.column.label, ", ".join(sorted(values)), len(people)))
        return tuple(steps)


def _known(person: Person, column: Column, step: Step | None) -> str:
    value = person.facts.get(column.name, "")
    return generalised(value, step) if step else value


def _read(fact: find.Fact, step: Step | None, text: str) -> set[str]:
    """Return the values of a fact that a text still tells, or the groups that a plan put in their place."""
    if step is None:
        return {span.value for span in fact.told(text)}
    return {group for group, _ in step.groups if f"[{group}]" in text}
