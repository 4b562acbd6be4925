"""Scoring of a redaction plan: leaks, what still works, a linkage attack, and one token per person. Pure.

    leak          (1 - share of secrets that are still readable) × usable
    utility       the least served of what the task asks for (right totals, groups told apart, purposes and each kind of
                  need readable), × (1 - leak): order numbers do not make up for products that are gone
    linkage       (1 - share of rows about people that fit fewer than k of them) × usable
    consistency   share of parties that have one token of their own everywhere, × usable

`usable` is the mean of what the task asks for: a table that says nothing leaks nothing, and is worth nothing. A document in which more than
2 % of the secrets are readable caps the lab at 40.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from atelier.kits.base import Cap, Part, Replies, Verdict, for_the_same, percent, wilson
from atelier.kits.redaction import find, redact
from atelier.kits.redaction.records import Column, Line, Person, RedactionCase, RedactionPlan, RedactionSetup, Step

PARTS = ("leak", "utility", "linkage", "consistency")
CAP, CAP_ABOVE = 40, 0.02
# Kinds of secrets that are names: compared word by word, whatever stands between.
NAMED = ("person", "given name", "third person")

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a plan does to some documents. All shares are 0 to 1; counts belong to the messages."""

    leaks: tuple[tuple[str, str], ...]
    secrets: int
    worst_document: float
    useful: tuple[tuple[str, float], ...]
    found: int
    people: int
    steady: float
    parties: int

    @property
    def leak(self) -> float:
        """Return the share of secrets that can still be read."""
        return len(self.leaks) / self.secrets if self.secrets else 0.0

    @property
    def utility(self) -> float:
        """Return how far the reader gets what is served least."""
        return min((share for _, share in self.useful), default=0.0)

    @property
    def usable(self) -> float:
        """Return how far the reader gets what they need, on average."""
        return fmean([share for _, share in self.useful] or [0.0])

    @property
    def reidentified(self) -> float:
        """Return the share of rows about people that fit fewer than k of them."""
        return self.found / self.people if self.people else 0.0


def directory(cases: Sequence[RedactionCase]) -> tuple[Person, ...]:
    """Return the directory of a list of cases."""
    return next((case.directory for case in cases if case.directory), ())


@dataclass(frozen=True, slots=True)
class _Sought:
    """What is looked for in what became of a line, as it is compared.

    secrets  (kind, text); the words of a name, whatever stands between, None for anything else; its letters and digits
    purpose  folded, "" if there is none
    needs    kind, and letters and digits
    """

    secrets: tuple[tuple[tuple[str, str], frozenset[str] | None, str], ...]
    purpose: str
    needs: tuple[tuple[str, str], ...]


def _sought(line: Line) -> _Sought:
    return _Sought(
        tuple(
            ((s.kind, s.text), _names(s.kind, s.text) if s.kind in NAMED else None, find.tight(s.text))
            for s in line.secrets
        ),
        find.folded(line.purpose),
        tuple((need.kind, find.tight(need.text)) for need in line.needs),
    )


@for_the_same
def _all_sought(cases: Sequence[RedactionCase]) -> list[list[_Sought]]:
    return [[_sought(line) for line in case.lines] for case in cases]


def _names(kind: str, text: str) -> frozenset[str]:
    """Return the words that tell who a secret's person is."""
    # A person is named by the family name; the given name alone may be a flower or a stone.
    family = text.partition(" ")[2] if kind == "person" else ""
    return frozenset(find.words(family or text))


class _Read:
    """What can be read in a row, whatever its case, accents or spacing."""

    __slots__ = ("tight", "words")

    def __init__(self, row: Row) -> None:
        # Cell by cell: the same cells come again in every submission, and are read once.
        self.words = [word for cell in row.values() for word in find.words(cell)]
        self.tight = "".join([find.tight(cell) for cell in row.values()])

    def leaks(self, sought: _Sought) -> list[tuple[str, str]]:
        known = set(self.words)
        return [
            secret for secret, name, other in sought.secrets if (other in self.tight if name is None else name <= known)
        ]

    def served(self, sought: _Sought) -> Iterator[tuple[str, float]]:
        """Yield the purpose and the needs of a line, and whether they can be read."""
        if sought.purpose:
            yield "purposes", float(sought.purpose in " ".join(self.words))
        for kind, need in sought.needs:
            yield kind, float(need in self.tight)


def leaked(line: Line, row: Row) -> list[tuple[str, str]]:
    """Return (kind, text) of the row's secrets that can still be read, whatever their case, accents or spacing."""
    return _Read(row).leaks(_sought(line))


def measure(plan: RedactionPlan, cases: Sequence[RedactionCase], setup: RedactionSetup) -> Measured:
    """Carry out `plan`, then do what the reader does, and what the attacker does."""
    documents, _ = redact.apply(plan, cases, setup)
    attacker = redact.Attacker(directory(cases), plan, setup)
    leaks: list[tuple[str, str]] = []
    worst, secrets, found, people = 0.0, 0, 0, 0
    useful: dict[str, list[float]] = defaultdict(list)
    tokens: dict[str, set[str]] = defaultdict(set)
    name = next((c.name for c in setup.columns if c.type == "name"), "")
    for case, rows, wanted in zip(cases, documents, _all_sought(cases), strict=True):
        reads = [_Read(row) for row in rows]
        flat = [leak for read, sought in zip(reads, wanted, strict=True) for leak in read.leaks(sought)]
        count = sum(len(sought.secrets) for sought in wanted)
        leaks += flat
        secrets += count
        worst = max(worst, len(flat) / count if count else 0.0)
        for kind, share in _served(case.lines, rows, setup):
            useful[kind].append(share)
        for read, sought in zip(reads, wanted, strict=True):
            for kind, share in read.served(sought):
                useful[kind].append(share)
        shown = [attacker.columns(row) for row in rows]
        small = small_groups(shown, setup)
        for line, row, seen in zip(case.lines, rows, shown, strict=True):
            tokens[line.party].add(row.get(name, ""))
            if line.who:
                people += 1
                found += seen in small or attacker.count(seen, row) < setup.k
    shares = tuple((kind, fmean(seen)) for kind, seen in useful.items())
    return Measured(tuple(leaks), secrets, worst, shares, found, people, _steady(tokens), len(tokens))


def small_groups(shown: Sequence[tuple[str, ...]], setup: RedactionSetup) -> set[tuple[str, ...]]:
    """Return what fewer than k lines of a document show to the attacker, where the lab asks for groups."""
    return {seen for seen, count in Counter(shown).items() if count < setup.k} if setup.groups else set()


def _served(lines: Sequence[Line], rows: Sequence[Row], setup: RedactionSetup) -> Iterator[tuple[str, float]]:
    """Yield what the reader needs of a document's columns and groups, by kind, and how far it still gives it."""
    if setup.by:
        yield "totals", _totals(lines, rows, setup)
    if setup.family:
        column = next(c for c in setup.columns if c.name == setup.family)
        step = next(s for s in column.steps if s.id == setup.family_step)
        groups = redact.Generalised(step)
        for line, row in zip(lines, rows, strict=True):
            if (told := _told_apart(line, row, column, step, groups)) is not None:
                yield "groups", told


def _totals(lines: Sequence[Line], rows: Sequence[Row], setup: RedactionSetup) -> float:
    """Return the share of groups whose total can still be computed to the setup's tolerance."""
    true: dict[str, float] = defaultdict(float)
    seen: dict[str, float] = defaultdict(float)
    for line, row in zip(lines, rows, strict=True):
        true[line.cells[setup.by]] += float(line.cells[setup.total]) if setup.total else 1
        try:
            seen[row[setup.by]] += float(row[setup.total]) if setup.total else 1
        except (KeyError, ValueError):
            continue
    if setup.total:
        # A pseudonym of a cost centre serves as well as its number: sums are compared as sorted lists.
        pairs = list(zip(sorted(true.values()), sorted(seen.values()), strict=False)) if len(true) == len(seen) else []
    else:
        pairs = [(count, seen.get(value, 0.0)) for value, count in true.items()]
    right = sum(abs(t - s) <= setup.tolerance * abs(t) for t, s in pairs)
    return right / len(true) if true else 0.0


def _told_apart(line: Line, row: Row, column: Column, step: Step, groups: redact.Generalised) -> float | None:
    """Return 1 if the family of a line about a person can still be told from the others; None if the line has none."""
    if not column.told:
        value = line.cells[column.name]
        return float(row.get(column.name, "") in (groups[value], value)) if line.who else None
    fact, text = find.fact(column), "\n".join(row.values())
    true = {groups[span.value] for span in fact.told("\n".join(line.cells.values()))}
    left = {groups[span.value] for span in fact.told(text)} | {
        group for group, _ in step.groups if f"[{group}]" in text
    }
    return float(true <= left) if true else None


def _steady(tokens: Mapping[str, set[str]]) -> float:
    """Return the share of parties with exactly one token, which nobody else has and which is a pseudonym."""
    owners = Counter(token for seen in tokens.values() for token in seen)
    good = sum(
        len(seen) == 1 and owners[next(iter(seen))] == 1 and next(iter(seen)).startswith("P-")
        for seen in tokens.values()
    )
    return good / len(tokens) if tokens else 0.0


def score(
    plan: RedactionPlan | None, cases: Sequence[RedactionCase], setup: RedactionSetup, replies: Replies
) -> Verdict:
    """Judge `plan` on `cases`; total for any plan, the untouched one earns 0."""
    if plan is None or not cases or plan == RedactionPlan():
        return Verdict(
            tuple(Part(name, 0.0, "Nothing is decided yet: every column leaves as it is.") for name in PARTS)
        )
    m = measure(plan, cases, setup)
    usable = m.usable
    safe = 1 - m.leak
    kinds = tuple(f"readable: {kind}" for kind, _ in Counter(kind for kind, _ in m.leaks).most_common())
    parts = (
        _leak(m, usable, kinds),
        _utility(m, safe),
        _linkage(m, usable, setup),
        _consistency(m, usable * safe),
    )
    if m.worst_document <= CAP_ABOVE:
        return Verdict(parts)
    return Verdict(
        parts,
        Cap(
            CAP,
            f"In one document {percent(m.worst_document)} of the secrets can still be read. The lab is capped at {CAP}.",
        ),
    )


def _leak(m: Measured, usable: float, kinds: tuple[str, ...]) -> Part:
    says = f"{len(m.leaks)} of {m.secrets} names, accounts, numbers and addresses can still be read."
    if kinds:
        says += f" Most often: {kinds[0].removeprefix('readable: ')}. Look where they hide in the free text."
    elif usable < 0.95:
        says += " But too little is left of the table to be worth sending."
    return Part("leak", (1 - m.leak) * usable, says, kinds, m.secrets, wilson(m.secrets - len(m.leaks), m.secrets))


_LOST = {
    "totals": "totals that are off",
    "groups": "groups that cannot be told apart",
    "purposes": "texts without their purpose",
}


def _utility(m: Measured, safe: float) -> Part:
    lost = tuple(_LOST.get(kind, f"{kind} that cannot be read") for kind, share in m.useful if share < 0.95)
    *most, last = [f"{percent(share)} of the {kind}" for kind, share in m.useful]
    says = f"The reader gets {', '.join(most)} and {last}." if most else f"The reader gets {last}."
    if lost:
        says += f" Lost: {', '.join(lost)}. What is served least counts."
    elif safe < 1:
        says += " It counts only as far as nothing can be read."
    return Part("utility", m.utility * safe, says, lost)


def _linkage(m: Measured, usable: float, setup: RedactionSetup) -> Part:
    says = f"The attacker narrows {m.found} of {m.people} {setup.lines} down to fewer than {setup.k} people."
    if m.found:
        says += " Generalise or drop one more of the facts that the directory holds as well."
    survived = ("linked to fewer than five people",) if m.found else ()
    return Part(
        "linkage", (1 - m.reidentified) * usable, says, survived, m.people, wilson(m.people - m.found, m.people)
    )


def _consistency(m: Measured, factor: float) -> Part:
    says = f"{percent(m.steady)} of {m.parties} people and firms have one token of their own in every document."
    if m.steady < 1:
        says += " Give them a pseudonym: the reader must see that two lines belong together, not to whom."
    return Part("consistency", m.steady * factor, says, n=m.parties)


def problems(setup: RedactionSetup, cases: Sequence[RedactionCase]) -> list[str]:
    """Return what is wrong with a lab's setup or cases."""
    known = {c.name for c in setup.columns}
    wanted = (setup.total, setup.by, setup.family)
    found = [f"the task names no column “{name}”" for name in wanted if name and name not in known]
    if not setup.by and not setup.family and not any(line.purpose or line.needs for c in cases for line in c.lines):
        found.append("the reader needs nothing, so dropping all would be right; name totals, a family or needs")
    people = {person.id: person for person in directory(cases)}
    if len(people) != 200:
        found.append(f"the directory has {len(people)} people; it must have 200")
    facts = [find.fact(column) for column in setup.columns if column.told and column.attack]
    for case in cases:
        for line in case.lines:
            found += [f"document {case.id}: {says}" for says in _line_problems(line, people, facts)]
    return found


def _line_problems(line: Line, people: Mapping[str, Person], facts: Sequence[find.Fact]) -> Iterator[str]:
    text = " ".join(line.cells.values())
    readable = leaked(line, line.cells)
    yield from (f"the secret “{s.text}” is not in its line" for s in line.secrets if (s.kind, s.text) not in readable)
    if find.folded(line.purpose) not in " ".join(find.words(text)):
        yield f"the purpose “{line.purpose}” is not in its line"
    yield from (
        f"“{need.text}” is not in its line" for need in line.needs if find.tight(need.text) not in find.tight(text)
    )
    if line.who and line.who not in people:
        yield f"“{line.who}” is not in the directory"
    elif line.who:
        for fact in facts:
            told = {span.value for span in fact.told("\n".join(line.cells.values()))}
            if told and people[line.who].facts.get(fact.column.name) not in told:
                yield f"the text tells {fact.column.label} “{', '.join(sorted(told))}”, the directory another"
