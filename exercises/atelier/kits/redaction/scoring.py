"""Scoring of a redaction plan: leaks, what still works, a linkage attack, and one token per person. Pure.

    leak          (1 - share of secrets that are still readable) × usable
    utility       (right totals + groups told apart + purposes readable) / 3, × (1 - leak)
    linkage       (1 - share of payroll rows that fit fewer than k people) × usable
    consistency   share of parties that have one token of their own everywhere, × usable

`usable` = min(1, utility / 0.5): a table that says nothing leaks nothing, and is worth nothing. A document in which more than
2 % of the secrets are readable caps the lab at 40.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from atelier.kits.base import Cap, Part, Replies, Verdict, wilson
from atelier.kits.redaction import redact
from atelier.kits.redaction.records import Line, Person, RedactionCase, RedactionPlan, RedactionSetup

PARTS = ("leak", "utility", "linkage", "consistency")
CAP, CAP_ABOVE, HALF = 40, 0.02, 0.5

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a plan does to some documents. All shares are 0 to 1; counts belong to the messages."""

    leaks: tuple[tuple[str, str], ...]
    secrets: int
    worst_document: float
    utility: float
    totals: float
    groups: float
    purposes: float
    found: int
    payroll: int
    steady: float
    parties: int

    @property
    def leak(self) -> float:
        """Return the share of secrets that can still be read."""
        return len(self.leaks) / self.secrets if self.secrets else 0.0

    @property
    def reidentified(self) -> float:
        """Return the share of payroll rows that fit fewer than k people."""
        return self.found / self.payroll if self.payroll else 0.0


def directory(cases: Sequence[RedactionCase]) -> tuple[Person, ...]:
    """Return the directory of a list of cases."""
    return next((case.directory for case in cases if case.directory), ())


def leaked(line: Line, row: Row) -> list[tuple[str, str]]:
    """Return (kind, text) of the row's secrets that can still be read, whatever their case, accents or spacing."""
    text = " ".join(row.values())
    words, tight = set(redact.words(text)), redact.tight(text)
    out = []
    for secret in line.secrets:
        if secret.kind == "person":
            # A person is named by the family name; the given name alone may be a flower or a stone.
            family = secret.text.partition(" ")[2] or secret.text
            there = set(redact.words(family)) <= words
        else:
            there = redact.tight(secret.text) in tight
        if there:
            out.append((secret.kind, secret.text))
    return out


def measure(plan: RedactionPlan, cases: Sequence[RedactionCase], setup: RedactionSetup) -> Measured:
    """Carry out `plan`, then do what the reader does, and what the attacker does."""
    documents, _ = redact.apply(plan, cases, setup)
    attacker = redact.Attacker(directory(cases), plan, setup)
    leaks: list[tuple[str, str]] = []
    worst, secrets, found, payroll = 0.0, 0, 0, 0
    totals, groups, purposes = [], [], []
    tokens: dict[str, set[str]] = defaultdict(set)
    name = next((c.name for c in setup.columns if c.type == "name"), "")
    for case, rows in zip(cases, documents, strict=True):
        here = [leaked(line, row) for line, row in zip(case.lines, rows, strict=True)]
        count = sum(len(line.secrets) for line in case.lines)
        flat = [item for items in here for item in items]
        leaks += flat
        secrets += count
        worst = max(worst, len(flat) / count if count else 0.0)
        totals.append(_totals(case.lines, rows, setup))
        groups += _told_apart(case.lines, rows, setup)
        purposes += [_readable(line, row) for line, row in zip(case.lines, rows, strict=True)]
        for line, row in zip(case.lines, rows, strict=True):
            tokens[line.party].add(row.get(name, ""))
            if line.who:
                payroll += 1
                found += len(attacker.look_up(row).candidates) < setup.k
    a, b, c = fmean(totals or [0.0]), fmean(groups or [0.0]), fmean(purposes or [0.0])
    return Measured(
        tuple(leaks), secrets, worst, (a + b + c) / 3, a, b, c, found, payroll, _steady(tokens), len(tokens)
    )


def _totals(lines: Sequence[Line], rows: Sequence[Row], setup: RedactionSetup) -> float:
    """Return the share of groups whose total can still be computed to the setup's tolerance."""
    true: dict[str, float] = defaultdict(float)
    seen: dict[str, float] = defaultdict(float)
    for line, row in zip(lines, rows, strict=True):
        true[line.cells[setup.by]] += float(line.cells[setup.total])
        try:
            seen[row[setup.by]] += float(row[setup.total])
        except (KeyError, ValueError):
            continue
    # A pseudonym of a cost centre serves as well as its number: totals are compared as sorted lists.
    pairs = zip(sorted(true.values()), sorted(seen.values()), strict=False)
    right = sum(abs(t - s) <= setup.tolerance * abs(t) for t, s in pairs) if len(true) == len(seen) else 0
    return right / len(true) if true else 0.0


def _told_apart(lines: Sequence[Line], rows: Sequence[Row], setup: RedactionSetup) -> list[float]:
    """Return, per payroll row, 1 if its family can still be told from the others."""
    column = next(c for c in setup.columns if c.name == setup.family)
    step = next(s for s in column.steps if s.id == setup.family_step)
    out = []
    for line, row in zip(lines, rows, strict=True):
        if line.who:
            true = redact.generalised(line.cells[column.name], step)
            seen = row.get(column.name, "")
            out.append(float(seen in (true, line.cells[column.name])))
    return out


def _readable(line: Line, row: Row) -> float:
    text = " ".join(redact.words(" ".join(row.values())))
    return float(redact.folded(line.purpose) in text)


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
    usable = min(1.0, m.utility / HALF)
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
            CAP, f"In one document {m.worst_document:.0%} of the secrets can still be read. The lab is capped at {CAP}."
        ),
    )


def _leak(m: Measured, usable: float, kinds: tuple[str, ...]) -> Part:
    says = f"{len(m.leaks)} of {m.secrets} names, accounts, numbers and addresses can still be read."
    if kinds:
        says += f" Most often {kinds[0].removeprefix('readable: ')}: look where they hide in the free text."
    elif usable < 1:
        says += " But too little is left of the table to be worth sending."
    return Part("leak", (1 - m.leak) * usable, says, kinds, m.secrets, wilson(m.secrets - len(m.leaks), m.secrets))


def _utility(m: Measured, safe: float) -> Part:
    lost = [
        name
        for name, share in (
            ("totals that are off", m.totals),
            ("groups that cannot be told apart", m.groups),
            ("texts without their purpose", m.purposes),
        )
        if share < 0.95
    ]
    says = f"The reader gets {m.totals:.0%} of the totals, {m.groups:.0%} of the groups and {m.purposes:.0%} of the purposes."
    if lost:
        says += f" Lost: {', '.join(lost)}."
    return Part("utility", m.utility * safe, says, tuple(lost))


def _linkage(m: Measured, usable: float, setup: RedactionSetup) -> Part:
    says = f"The attacker narrows {m.found} of {m.payroll} payroll lines down to fewer than {setup.k} people."
    if m.found:
        says += " Generalise or drop one more of the facts that the directory holds as well."
    survived = ("linked to fewer than five people",) if m.found else ()
    return Part(
        "linkage", (1 - m.reidentified) * usable, says, survived, m.payroll, wilson(m.payroll - m.found, m.payroll)
    )


def _consistency(m: Measured, factor: float) -> Part:
    says = f"{m.steady:.0%} of {m.parties} people and firms have one token of their own in every document."
    if m.steady < 1:
        says += " Give them a pseudonym: the reader must see that two lines belong together, not to whom."
    return Part("consistency", m.steady * factor, says, n=m.parties)


def problems(setup: RedactionSetup, cases: Sequence[RedactionCase]) -> list[str]:
    """Return what is wrong with a lab's setup or cases."""
    known = {c.name for c in setup.columns}
    found = [
        f"the task names no column “{name}”" for name in (setup.total, setup.by, setup.family) if name not in known
    ]
    people = directory(cases)
    if len(people) != 200:
        found.append(f"the directory has {len(people)} people; it must have 200")
    ids = {person.id for person in people}
    found += [
        f"document {c.id}: “{line.who}” is not in the directory"
        for c in cases
        for line in c.lines
        if line.who and line.who not in ids
    ]
    for case in cases:
        for line in case.lines:
            text = " ".join(line.cells.values())
            found += [
                f"document {case.id}: the secret “{s.text}” is not in its line"
                for s in line.secrets
                if not leaked(line, line.cells)
            ]
            if redact.folded(line.purpose) not in " ".join(redact.words(text)):
                found.append(f"document {case.id}: the purpose “{line.purpose}” is not in its line")
    return found
