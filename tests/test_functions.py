"""The functions kit: what counts as the same value, what a constant earns, and what is said of a call that goes wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.kits.functions import KIT, scoring
from atelier.kits.functions.records import Function, FunctionCase, Functions, FunctionSetup
from atelier.kits.source import written

SETUP = FunctionSetup((Function("double", "double(x)", "Twice x."), Function("first", "first(row)", "The first.")))
CASES = (
    *(FunctionCase(f"d{x}", "double", (x,), 2 * x) for x in range(1, 9)),
    *(FunctionCase(f"n{x}", "double", (-x,), -2 * x, "negative") for x in range(1, 3)),
    FunctionCase("f", "first", ([3, 4],), 3),
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.floats(-1e6, 1e6) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def _share(function: Callable[..., Any]) -> float:
    share = KIT.score(Functions({"double": function}), CASES, SETUP, {}).part("double").fraction
    assert share is not None
    return share


@given(plain)
def test_a_value_is_the_same_as_itself(value: object) -> None:
    assert scoring.same(value, value, 0.0)


@pytest.mark.parametrize(
    ("found", "expected", "same"),
    [
        (1.0004, 1.0, True), (1.01, 1.0, False), (2, 2.0, True), (1000.5, 1000.0, True), (float("nan"), 1.0, False),
        (True, 1, False), (1, True, False), ("1", 1, False), (None, 0, False), (0, None, False),
        ((1, 2), [1, 2], True), ([1, 2], [2, 1], False), ([1], [1, 1], False), ("ab", ["a", "b"], False),
        ({"a": 1}, {"a": 1.0}, True), ({"a": 1, "b": 2}, {"a": 1}, False), ([("a", 1)], {"a": 1}, False),
    ],
)  # fmt: skip
def test_values_are_compared_as_plain_data(found: object, expected: object, *, same: bool) -> None:
    """Numbers to a tolerance, a tuple as good as a list, yes and no never a number."""
    assert scoring.same(found, expected, 0.001) is same


def test_an_object_that_equals_everything_equals_nothing() -> None:
    class Same:
        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 0

    assert not any(scoring.same(Same(), value, 1e9) for value in (1, 1.0, "a", None, True, [], {}))


def test_each_kind_of_case_counts_as_much() -> None:
    """Eight ordinary calls right and two treacherous ones wrong is half, less what one constant would get."""
    floor = scoring.constant(CASES[:10])
    assert floor == pytest.approx((0 + 1 / 2) / 2)
    assert _share(lambda x: 2 * x) == 1
    assert _share(lambda x: 2 * abs(x)) == pytest.approx((0.5 - floor) / (1 - floor))


@given(plain)
def test_no_constant_earns_anything(value: object) -> None:
    assert _share(lambda _x: value) == 0


def test_what_is_missing_or_raises_earns_nothing_and_is_told() -> None:
    def broken(x: int) -> int:
        raise ValueError(f"no {x}")

    def untouched(x: int) -> int:
        raise NotImplementedError

    assert _share(broken) == _share(untouched) == 0
    none = KIT.score(None, CASES, SETUP, {}).part("double")
    assert (none.fraction, none.says) == (0, "There is no function double yet.")
    (first, second) = KIT.explain(Functions({"double": broken}), CASES, SETUP, "double")
    assert first == "double(1) raised ValueError: no 1; expected 2."
    assert second == "double(-1) raised ValueError: no -1; expected -2. This case is about: negative."
    assert "is not written yet" in KIT.explain(Functions({"double": untouched}), CASES, SETUP, "double")[0]


@pytest.mark.parametrize("kind", [np.int64, np.float32, Decimal, Fraction])
def test_a_number_counts_in_whichever_type_it_comes(kind: Callable[[int], object]) -> None:
    """A function that computes with numpy or exact numbers is as right as one with Python's own."""
    assert _share(lambda x: kind(2 * x)) == 1


def test_an_array_is_as_good_as_a_list() -> None:
    """Its values count, and how many; what is right about a table is not guessed."""
    assert scoring.same(np.array([1.0, 2.0]), [1, 2], 1e-6)
    assert scoring.same(pd.Series([1, 2]), (1, 2), 1e-6)
    assert not scoring.same(np.array([1.0]), [1, 2], 1e-6)
    assert not scoring.same(np.array([1.0]), 1, 1e-6)
    assert not scoring.same(pd.DataFrame({"a": [1]}), [1], 1e-6)
    assert not scoring.same(np.bool_(True), 1, 1e-6)


def test_what_cannot_be_shown_is_said() -> None:
    """Neither an object nor an error that raises when it is written reaches the learner as a traceback; a table is named."""

    class Silent(Exception):
        def __repr__(self) -> str:
            raise ValueError

        def __str__(self) -> str:
            raise ValueError

    def told(function: Callable[[int], object]) -> str:
        return KIT.explain(Functions({"double": function}), CASES, SETUP, "double")[0]

    def fails(x: int) -> None:
        raise Silent

    assert "returned <Silent, whose repr raises ValueError>; expected 2" in told(lambda _x: Silent())
    assert "raised Silent; expected 2" in told(fails)
    assert "raised SystemExit: 3; expected 2" in told(lambda _x: sys.exit(3))
    assert "returned a DataFrame: a 0 1; expected 2" in told(lambda _x: pd.DataFrame({"a": [1]}))


def test_only_what_was_handed_over_is_explained() -> None:
    """One call of each kind, shortened where it is long; a right function leaves nothing to say."""
    assert KIT.explain(Functions({"double": lambda x: 2 * x}), CASES, SETUP, "double") == ()
    long = (FunctionCase("l", "first", (list(range(500)),), 0),)
    (line,) = KIT.explain(Functions({"first": lambda row: row}), long, SETUP, "first")
    assert len(line) < 300
    assert line.count("…") == 2


def test_a_case_stays_as_it_is_whatever_a_function_does() -> None:
    case = FunctionCase("m", "first", ([1, 2],), 1)
    for _ in range(2):
        assert KIT.score(Functions({"first": lambda row: row.pop(0)}), (case,), SETUP, {}).part("first").n == 1
    assert case.args == ([1, 2],)


def test_the_faults_of_a_setup_are_told() -> None:
    """An unknown function, too few calls, a constant that is right too often, two of one name."""
    same = tuple(FunctionCase(str(i), "double", (i,), 0 if i else 1) for i in range(30))
    twice = FunctionSetup((SETUP.functions[0], SETUP.functions[0]))
    said = " ".join(KIT.problems(twice, (*same, FunctionCase("x", "third", (), 1))))
    for fault in ("no function “third”", "the same name", "one constant gets more than half"):
        assert fault in said
    assert KIT.problems(SETUP, CASES) == [
        "fewer than twenty hidden calls of double",
        "fewer than twenty hidden calls of first",
    ]


def test_the_card_has_the_code_once() -> None:
    """In the lab's order, with how many practice calls are right; what Python cannot show is named."""
    (passage,) = KIT.card(Functions({"first": _first, "double": _double}), CASES, SETUP)
    assert passage.lines == ("On the practice cases, 11 of 11 calls return what they must.",)
    assert passage.text == f"{written([_double])}\n\n{written([_first])}"
    assert passage.text.startswith("def _double(x: int)")
    assert written([_double, _double]).count("def _double") == 1
    assert written([abs]) == "# abs: its code does not stand in the notebook"


def _double(x: int) -> int:
    return 2 * x


def _first(row: list[int]) -> int:
    return row[0]
