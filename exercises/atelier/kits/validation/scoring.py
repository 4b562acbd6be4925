"""Scoring of a check plan: faults caught minus false alarms, the right field named, robust on malformed records. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from atelier.kits.base import Part, Replies, Verdict, cut, wilson
from atelier.kits.validation import rules
from atelier.kits.validation.code import Unusable, Validator
from atelier.kits.validation.records import CheckCase, CheckPlan, CheckSetup, Issue

PARTS = ("caught", "field", "robust")
_LOOKS = 4  # calls that are told at once
_MALFORMED: tuple[Any, ...] = (
    None,
    "",
    [],
    {},
    -1,
    1e308,
    True,
    "∅" * 50,
    [[["x"]]],
    {"amount": "12"},
    "9" * 400,
    "12,34,56",
)


@dataclass(frozen=True, slots=True)
class Row:
    """What a plan does with the cases of one kind: a fault operator, or what makes right records odd.

    fault   True for an operator (holding is right), False for right records (holding is a false alarm)
    cases   with, for each, the plan's issues
    """

    kind: str
    fault: bool
    cases: tuple[tuple[CheckCase, tuple[Issue, ...]], ...]

    @property
    def held(self) -> int:
        """Return how many records were held."""
        return sum(bool(issues) for _, issues in self.cases)

    @property
    def share(self) -> float:
        """Return the share of records held, 0 to 1."""
        return self.held / len(self.cases)


Plan = CheckPlan | Validator


@dataclass(frozen=True, slots=True)
class _Stage:
    """What plans are run on: the cases, and records with fields that are missing or nonsense."""

    cases: Sequence[CheckCase]
    setup: CheckSetup
    runner: rules.Runner
    broken: rules.Runner


_stages: list[_Stage] = []


def _stage(cases: Sequence[CheckCase], setup: CheckSetup) -> _Stage:
    """Return the stage for the very same `cases` and `setup`; the last few are kept, as a cohort is scored on one lab's."""
    for stage in _stages:
        if stage.cases is cases and stage.setup is setup:
            return stage
    made = _Stage(cases, setup, rules.Runner(cases, setup), rules.Runner(_broken(cases, setup), setup))
    if isinstance(cases, tuple):  # a list may change behind our back
        _stages.insert(0, made)
        del _stages[4:]
    return made


def issues(plan: Plan, runner: rules.Runner) -> list[list[Issue]]:
    """Return what `plan` has against each of the runner's cases. A program that raises, or returns no list, holds nothing."""
    if isinstance(plan, CheckPlan):
        return runner.run(plan)
    found: list[list[Issue]] = []
    for case in runner.cases:
        try:
            found.append(plan.issues(case, runner.setup))
        except Unusable:
            found.append([])
    return found


def matrix(plan: Plan, cases: Sequence[CheckCase], setup: CheckSetup) -> tuple[Row, ...]:
    """Run `plan` on all cases; rows by kind, faults first, each in order of first appearance."""
    kinds: dict[tuple[bool, str], list[tuple[CheckCase, tuple[Issue, ...]]]] = {}
    for case, against in zip(cases, issues(plan, _stage(cases, setup).runner), strict=True):
        key = (bool(case.operator), case.operator or case.odd or "ordinary record")
        kinds.setdefault(key, []).append((case, tuple(against)))
    rows = [Row(kind, fault, tuple(found)) for (fault, kind), found in kinds.items()]
    return tuple(sorted(rows, key=lambda row: not row.fault))


def youden(rows: Sequence[Row]) -> float:
    """Return J = max(0, macro catch rate over operators - false-alarm rate on right records), after Youden (1950)."""
    caught = [row.share for row in rows if row.fault]
    right = [row for row in rows if not row.fault]
    n = sum(len(row.cases) for row in right)
    alarms = sum(row.held for row in right) / n if n else 0.0
    return max(0.0, fmean(caught) - alarms) if caught else 0.0


def score(plan: Plan | None, cases: Sequence[CheckCase], setup: CheckSetup, replies: Replies) -> Verdict:
    """Judge `plan` on `cases`; total for any plan, the empty one earns 0."""
    if plan is None or not plan.rules:
        return Verdict(tuple(Part(name, 0.0, "There is no rule yet. Add the first one.") for name in PARTS))
    rows = matrix(plan, cases, setup)
    j = youden(rows)
    return Verdict((_caught(rows, j, setup.things), _field(rows, j, setup.things), _robust(plan, cases, setup, j)))


def tally(rows: Sequence[Row], things: str) -> str:
    """Return in words how many wrong `things` are stopped, and how many right ones are held."""
    (stopped, n), (held, ok) = (_counts([row for row in rows if row.fault is fault]) for fault in (True, False))
    return f"Stops {stopped} of {n} wrong {things}, and holds {held} of {ok} right ones for nothing."


def _counts(rows: Sequence[Row]) -> tuple[int, int]:
    """Return (held, all) records of `rows`."""
    return sum(row.held for row in rows), sum(len(row.cases) for row in rows)


def _caught(rows: Sequence[Row], j: float, things: str) -> Part:
    faults = [row for row in rows if row.fault]
    right = [row for row in rows if not row.fault]
    missed = tuple(row.kind for row in sorted(faults, key=lambda row: row.share) if row.share < 1)
    alarms = tuple(f"false alarm: {row.kind}" for row in sorted(right, key=lambda row: -row.share) if row.held)
    (stopped, n), (_, ok) = _counts(faults), _counts(right)
    says = tally(rows, things)
    if j == 0:
        says += " A plan that holds everything is no control: hold only what a fact contradicts."
    elif missed:
        says += f" Gets through most: {missed[0]}."
    elif alarms:
        says += f" Loosen what causes a {alarms[0]}."
    return Part("caught", j, says, missed + alarms, n + ok, wilson(stopped, n))


def _field(rows: Sequence[Row], j: float, things: str) -> Part:
    """Score pointing: a wrong record that is held counts if the first issue, or most of them, names the wrong field."""
    held = [(case, issues) for row in rows if row.fault for case, issues in row.cases if issues]
    named = sum(_points_right(case, issues) for case, issues in held)
    if not held:
        return Part("field", 0.0, f"None of the wrong {things} is stopped yet, so none is explained.")
    # Pointing is worth something only as far as the plan tells right from wrong.
    says = f"Of {len(held)} wrong {things} stopped, {named} were held for the field that is really wrong."
    wrong = Counter(case.operator for case, issues in held if not _points_right(case, issues))
    return Part(
        "field",
        named / len(held) * min(1.0, 1.25 * j),
        says,
        tuple(k for k, _ in wrong.most_common()),
        len(held),
        wilson(named, len(held)),
    )


def _points_right(case: CheckCase, issues: Sequence[Issue]) -> bool:
    counts = Counter(issue.field for issue in issues)
    return issues[0].field in case.fields or counts.most_common(1)[0][0] in case.fields


def _robust(plan: Plan, cases: Sequence[CheckCase], setup: CheckSetup, j: float) -> Part:
    """Score malformed records: each field of a right record in turn missing or nonsense must be held, never crash.

    A kit's rules cannot raise, so what is measured is whether the plan notices that a field cannot be used. A program that
    raises on one of them has not held it.
    """
    broken = _stage(cases, setup).broken
    if not broken.cases:
        return Part("robust", 0.0, f"There are no right {setup.things} to try this on.")
    n = len(broken.cases)
    held = sum(map(bool, issues(plan, broken)))
    says = f"Holds {held} of {n} {setup.things} whose fields are missing or not usable."
    if held < n:
        says += " Ask for the fields that it cannot do without."
    return Part("robust", held / n * min(1.0, 2 * j), says, n=n, interval=wilson(held, n))


def _broken(cases: Sequence[CheckCase], setup: CheckSetup) -> list[CheckCase]:
    """Return a right record with each field in turn missing or nonsense; nothing if there is no right record."""
    good = next((case for case in cases if not case.operator), None)
    names = [field.name for field in setup.fields]
    needed = [field.name for field in setup.fields if not field.optional]
    if good is None or not needed:
        return []
    broken = [replace(good, output={**good.output, name: None}) for name in needed]
    broken += [
        replace(good, output={**good.output, needed[i % len(needed)]: junk}) for i, junk in enumerate(_MALFORMED[1:])
    ]
    return [
        *broken,
        replace(good, output={}),
        replace(good, output={"": "x"}),
        replace(good, output=dict.fromkeys(names, "x")),
    ]


def explain(given: Validator, cases: Sequence[CheckCase], setup: CheckSetup, part: str = "") -> tuple[str, ...]:
    """Return, for practice cases on which `part` goes wrong, the call, what came of it, what was expected, where to look."""
    told: dict[str, str] = {}
    for case in _broken(cases, setup) if part == "robust" else cases:
        kind = case.operator or case.odd or "ordinary record"
        call = f"validate(source, output) on practice case {case.id} ({kind})"
        if part == "robust":
            kind = cut(case.output)
            call = f"validate(source, output) on a record with {_difference(case, cases)}"
        try:
            found = given.issues(case, setup)
        except Unusable as error:
            told.setdefault(str(error), f"{call} {error}. It must return a list for every record, broken ones too.")
            continue
        came = f"{call} returned {cut([(issue.field, issue.says) for issue in found])}"
        if part == "robust":
            says = "; expected an issue, since it cannot be used as it is. What would notice it?" if not found else ""
        elif part == "field":
            wrong = case.operator and found and not _points_right(case, found)
            says = (
                f"; expected {' or '.join(case.fields)} to be named first. Which field would you correct?"
                if wrong
                else ""
            )
        elif case.operator and not found:
            says = f"; expected an issue with {' or '.join(case.fields)}. What would show it?"
        else:
            alarm = found and not case.operator
            says = "; expected [], since the record is right. Which rule is too strict?" if alarm else ""
        if says:
            told.setdefault(kind, came + says)
        if len(told) >= _LOOKS:
            break
    return tuple(told.values())[:_LOOKS]


def _difference(broken: CheckCase, cases: Sequence[CheckCase]) -> str:
    """Say what was done to the right record that `broken` was made of."""
    good = next(case.output for case in cases if case.id == broken.id)
    changed = [name for name in {**good, **broken.output} if broken.output.get(name) != good.get(name)]
    if not broken.output:
        return "no field at all"
    return (
        f"{changed[0]} = {cut(broken.output.get(changed[0]), 40)}"
        if len(changed) == 1
        else f"output = {cut(broken.output, 60)}"
    )


def problems(setup: CheckSetup, cases: Sequence[CheckCase]) -> list[str]:
    """Return what is wrong with a lab's setup or cases."""
    names = {field.name for field in setup.fields}
    found = [f"case {c.id}: “{f}” is no field" for c in cases for f in c.fields if f not in names]
    found += [
        f"case {c.id}: wrong fields and an operator go together" for c in cases if bool(c.fields) != bool(c.operator)
    ]
    if len({c.operator for c in cases if c.operator}) < 10:
        found.append("fewer than ten fault operators among the hidden cases")
    if sum(not c.operator for c in cases) < 60:
        found.append("fewer than sixty right records among the hidden cases")
    tables = {table.name for table in setup.tables}
    return found + [f"case {c.id}: no table “{t}”" for c in cases for t in c.tables or {} if t not in tables]
