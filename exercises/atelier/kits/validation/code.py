"""A check plan as a program: `validate(source, output)` or `validate(source, output, tables)` returns what is wrong.

An issue is the name of a field, or a pair of it and words: `["iban", ("total", "does not add up")]`. An empty list releases
the record.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from atelier.kits.base import cut, raised
from atelier.kits.validation.records import CheckCase, CheckSetup, Issue


class Unusable(Exception):  # named after the result
    """What `validate` returned is no list of issues, or it raised. Says what, for the learner."""


@dataclass(frozen=True, slots=True)
class Validator:
    """A learner's function as an answer. Its `rules` are one, the function: an answer without any is empty."""

    function: Callable[..., Any]

    @property
    def rules(self) -> tuple[Callable[..., Any], ...]:
        """Return the one rule there is."""
        return (self.function,)

    def issues(self, case: CheckCase, setup: CheckSetup) -> list[Issue]:
        """Return the function's issues with `case`. Raises Unusable; the case stays as it is whatever the function does to it."""
        given = [case.source, deepcopy(case.output), _tables(case, setup)]
        try:
            found = self.function(*given[: _wanted(self.function)])
        except (Exception, SystemExit) as error:
            raise Unusable(raised(error)) from error
        if not isinstance(found, list | tuple):
            raise Unusable(f"returned {cut(found, 80)}; a list of issues is expected")
        return [_issue(item) for item in found]


def _tables(case: CheckCase, setup: CheckSetup) -> dict[str, list[dict[str, str]]]:
    columns = {table.name: table.columns for table in setup.tables}
    rows = {table.name: table.rows for table in setup.tables} | dict(case.tables or {})
    return {name: [dict(zip(columns.get(name, ()), row, strict=False)) for row in kept] for name, kept in rows.items()}


def example(case: CheckCase, setup: CheckSetup) -> dict[str, Any]:
    """Return a practice case as plain data: what the function gets, and what is wrong ("fault", "fields") or odd about it."""
    given = {"source": case.source, "output": deepcopy(case.output), "tables": _tables(case, setup)}
    return {"id": case.id, **given, "fault": case.operator, "fields": list(case.fields), "odd": case.odd}


def _wanted(function: Callable[..., Any]) -> int:
    """Return how many arguments to pass: the third, the tables, only to a function that takes it."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 2
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return 3
    return 3 if sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters) >= 3 else 2


def _issue(item: Any) -> Issue:
    if isinstance(item, str):
        return Issue(0, item, item)
    if isinstance(item, Sequence) and len(item) == 2 and all(isinstance(part, str) for part in item):
        return Issue(0, item[0], item[1])
    raise Unusable(f"returned the issue {cut(item, 80)}; a field's name, or a pair of name and words, is expected")


def answer(functions: Mapping[str, Callable[..., Any]]) -> Validator:
    """Return the answer of a code lab: the one function serves all parts."""
    return Validator(next(iter(functions.values())))


def grid(given: Any, cases: Sequence[CheckCase], setup: CheckSetup) -> tuple[tuple[str, ...], ...]:
    """Return, per field that is named first, how many wrong records it stops and how many right ones it holds."""
    stopped: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for case in cases:
        try:
            found = given.issues(case, setup)
        except Unusable:
            continue
        if found:
            (stopped if case.operator else held)[found[0].field] += 1
    names = sorted(stopped | held, key=lambda name: (held[name] - stopped[name], name))
    rows = ((name, _bar(stopped[name]), _bar(held[name])) for name in names)
    return (("Named first", "Wrong records stopped", "Right records held"), *rows)


def _bar(count: int) -> str:
    return f"{'█' * count} {count}" if count else "–"
