"""Scoring of functions: the share of calls that return what they must, averaged over kinds of case. Pure."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from decimal import Decimal
from fractions import Fraction
from statistics import fmean
from typing import Any

from atelier.kits.base import Part, Replies, Verdict, cut, raised, wilson
from atelier.kits.functions.records import Function, FunctionCase, Functions, FunctionSetup

ORDINARY = "ordinary case"


def answer(functions: Mapping[str, Callable[..., Any]]) -> Functions:
    """Return the answer made of a code lab's functions by part: a part is named after its function."""
    return Functions(dict(functions))


def same(found: Any, expected: Any, tolerance: float) -> bool:
    """Return whether `found` is `expected`: plain data alike, numbers to `tolerance`, a tuple or an array as good as a list."""
    if str(type(found).__module__).partition(".")[0] in ("numpy", "pandas") and hasattr(found, "tolist"):
        found = found.tolist()
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        return type(found) is type(expected) and found == expected
    if isinstance(expected, int | float):
        if isinstance(found, bool) or not isinstance(found, int | float | Decimal | Fraction):
            return False
        return math.isclose(found, expected, rel_tol=tolerance, abs_tol=tolerance)
    if isinstance(expected, list | tuple):
        return (
            isinstance(found, list | tuple)
            and len(found) == len(expected)
            and all(same(f, e, tolerance) for f, e in zip(found, expected, strict=True))
        )
    if isinstance(expected, Mapping):
        return (
            isinstance(found, Mapping)
            and found.keys() == expected.keys()
            and all(same(found[key], value, tolerance) for key, value in expected.items())
        )
    return False


def _outcome(function: Callable[..., Any] | None, case: FunctionCase, tolerance: float) -> tuple[bool, str]:
    """Return (right, what came of the call)."""
    if function is None:
        return False, "is not defined"
    try:
        found = function(*deepcopy(case.args))
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever a learner's function raises is its answer
        return False, raised(error)
    try:
        right = same(found, case.expected, tolerance)
    except Exception:  # noqa: BLE001  # a number out of all proportion, a learner's own class
        right = False
    return right, f"returned {cut(found)}"


def score(given: Functions | None, cases: Sequence[FunctionCase], setup: FunctionSetup, replies: Replies) -> Verdict:
    """Judge the functions on `cases`: one part per function. What one constant would get right earns nothing."""
    return Verdict(tuple(_part(given or Functions(), function, cases) for function in setup.functions))


def _part(given: Functions, function: Function, cases: Sequence[FunctionCase]) -> Part:
    mine = [case for case in cases if case.function == function.name]
    found = given.found.get(function.name)
    if found is None:
        return Part(function.name, 0.0, f"There is no function {function.name} yet.")
    right: dict[str, list[bool]] = {}
    for case in mine:
        right.setdefault(case.kind or ORDINARY, []).append(_outcome(found, case, function.tolerance)[0])
    share = fmean(fmean(kind) for kind in right.values()) if right else 0.0
    floor = constant(mine)
    wrong = Counter({kind: kinds.count(False) for kind, kinds in right.items() if not all(kinds)})
    hits = sum(map(sum, right.values()))
    says = f"{hits} of {len(mine)} calls return what they must."
    if wrong:
        says += f" Wrong most often: {wrong.most_common(1)[0][0]}."
    fraction = max(0.0, (share - floor) / (1 - floor)) if floor < 1 else 0.0
    return Part(
        function.name,
        fraction,
        says,
        tuple(kind for kind, _ in wrong.most_common()),
        len(mine),
        wilson(hits, len(mine)),
    )


def tally(given: Functions, cases: Sequence[FunctionCase], setup: FunctionSetup) -> tuple[int, int]:
    """Return (right calls, calls) over the functions that were given."""
    tolerance = {function.name: function.tolerance for function in setup.functions}
    mine = [case for case in cases if case.function in given.found and case.function in tolerance]
    right = sum(_outcome(given.found[case.function], case, tolerance[case.function])[0] for case in mine)
    return right, len(mine)


def constant(cases: Sequence[FunctionCase]) -> float:
    """Return the best share, averaged over kinds, that returning one constant gets."""
    kinds: dict[str, list[str]] = {}
    for case in cases:
        kinds.setdefault(case.kind or ORDINARY, []).append(json.dumps(case.expected, sort_keys=True))
    values = {value for expected in kinds.values() for value in expected}
    return max(
        (fmean(expected.count(value) / len(expected) for expected in kinds.values()) for value in values), default=0.0
    )


def explain(given: Functions, cases: Sequence[FunctionCase], setup: FunctionSetup, part: str = "") -> tuple[str, ...]:
    """Return, for practice calls that go wrong, call, got, expected and where to look: one per function and kind."""
    tolerance = {function.name: function.tolerance for function in setup.functions}
    told: dict[tuple[str, str], str] = {}
    for case in cases:
        key = (case.function, case.kind)
        # Only what was handed over is looked at: a notebook checks one function at a time.
        if key in told or case.function not in given.found:
            continue
        good, came = _outcome(given.found.get(case.function), case, tolerance.get(case.function, 0.0))
        if not good:
            arguments = ", ".join(cut(argument, 80) for argument in case.args)
            kind = f" This case is about: {case.kind}." if case.kind else ""
            told[key] = f"{case.function}({arguments}) {came}; expected {cut(case.expected)}.{kind}"
    return tuple(told.values())[:4]


def problems(setup: FunctionSetup, cases: Sequence[FunctionCase]) -> list[str]:
    """Return what is wrong with a lab's setup or cases."""
    names = [function.name for function in setup.functions]
    found = [f"case {case.id}: no function “{case.function}”" for case in cases if case.function not in names]
    if len(set(names)) < len(names):
        found.append("two functions have the same name")
    for name in names:
        mine = [case for case in cases if case.function == name]
        if len(mine) < 20:
            found.append(f"fewer than twenty hidden calls of {name}")
        elif constant(mine) > 0.5:
            found.append(f"one constant gets more than half of the calls of {name} right")
    return found
