"""From a verdict to points: to the cent, capped, rescaled, never a silent zero."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.kits.base import Cap, Part, Verdict, wilson
from grader import scoring
from grader.model import Check, Lab, LabFile, Status

POINTS = {"caught": 70, "field": 20, "robust": 10}


def _lab() -> Lab:
    checks = tuple(Check(part, part, points, "s") for part, points in POINTS.items())
    file = LabFile(1, "T", "validation", "form", 5, "s", "w", "h", ("o",), (), checks, {}, ("t",), 1, 1)
    return Lab("x", Path(), "v1", file, None)


def _verdict(fractions: dict[str, float | None], cap: Cap | None = None) -> Verdict:
    return Verdict(tuple(Part(name, fraction, "says") for name, fraction in fractions.items()), cap)


def _total(verdict: Verdict) -> Decimal:
    results, _ = scoring.award(_lab(), verdict)
    return sum((r.earned for r in results if r.earned is not None), Decimal(0))


def test_points_are_shares_of_each_check() -> None:
    """70 · 0.5 + 20 · 1 + 10 · 0 = 55, with the status that each share deserves."""
    results, rescaled = scoring.award(_lab(), _verdict({"caught": 0.5, "field": 1.0, "robust": 0.0}))
    assert [(r.earned, r.status) for r in results] == [
        (Decimal("35.00"), Status.PARTIAL),
        (Decimal("20.00"), Status.PASSED),
        (Decimal("0.00"), Status.FAILED),
    ]
    assert not rescaled


def test_what_was_not_evaluated_is_neither_lost_nor_given() -> None:
    """With 70 points not evaluated, the other 30 count for 100: 15 of 30 gives 50."""
    verdict = _verdict({"caught": None, "field": 0.5, "robust": 0.5})
    results, rescaled = scoring.award(_lab(), verdict)
    assert rescaled
    assert results[0].status is Status.NOT_EVALUATED
    assert _total(verdict) == Decimal("50.00")


def test_nothing_evaluated_is_not_a_zero() -> None:
    """If no part could be evaluated, no check has points at all."""
    results, _ = scoring.award(_lab(), _verdict({"caught": None, "field": None, "robust": None}))
    assert [r.earned for r in results] == [None, None, None]


fractions = st.floats(0, 1)


@given(st.tuples(fractions | st.none(), fractions | st.none(), fractions), st.none() | st.floats(0, 100))
def test_points_are_bounded_and_capped(values: tuple[float | None, float | None, float], cap: float | None) -> None:
    """No check exceeds its points, no total its cap (to rounding), whatever the kit measured."""
    verdict = _verdict(dict(zip(POINTS, values, strict=True)), Cap(cap, "leak") if cap is not None else None)
    results, _ = scoring.award(_lab(), verdict)
    for result in results:
        assert result.earned is not None
        assert 0 <= result.earned <= result.points
    assert _total(verdict) <= (Decimal(cap) if cap is not None else 100) + Decimal("0.02")


@given(st.tuples(fractions, fractions, fractions), st.integers(0, 2), fractions)
def test_a_better_part_never_lowers_the_total(values: tuple[float, float, float], which: int, better: float) -> None:
    """The total is monotone in every part."""
    low = dict(zip(POINTS, values, strict=True))
    name = list(POINTS)[which]
    high = low | {name: max(low[name], better)}
    assert _total(_verdict(low)) <= _total(_verdict(high))


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"), [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0)]
)
def test_wilson_interval_matches_published_values(successes: int, n: int, low: float, high: float) -> None:
    """Values of the 95 % score interval as tabulated by Newcombe (1998)."""
    assert wilson(successes, n) == pytest.approx((low, high), abs=0.001)


def test_no_cases_say_nothing() -> None:
    """Without cases the interval is all of 0 to 1."""
    assert wilson(0, 0) == (0.0, 1.0)
