"""Item analysis: the formulas, what does not count, and what is said of too few."""

from __future__ import annotations

from math import isclose

import pytest
from sample import BASICS, CHECKS, LABS, lab, score, ungraded

from grader import items
from grader.model import Score

THREE = lab("three", {"a": 50, "b": 30, "c": 20})


def _told(*scores: Score, of: str = "checks") -> dict[str, items.Item]:
    return {item.check: item for item in items.analyse((BASICS, CHECKS, THREE), scores) if item.lab == of}


def test_difficulty_and_corrected_discrimination_by_hand() -> None:
    """Against figures worked out on paper: the check's own points are not part of what it is compared with."""
    shares = [(i / 9, (i % 5) / 4, 0.5) for i in range(10)]
    told = _told(*(score(THREE, *row) for row in shares), of="three")
    assert told["a"].difficulty == pytest.approx(0.5, abs=0.001)
    # r between 0, 1 … 9 and 0, 1, 2, 3, 4, 0, 1, 2, 3, 4: covariance 2.0 over √(8.25 · 2).
    assert told["a"].discrimination == pytest.approx(2.0 / (8.25 * 2) ** 0.5, abs=0.002)
    assert told["a"].n == 10
    # Fisher: tanh(atanh r ± 1.96 / √7).
    assert told["a"].interval == pytest.approx((-0.199, 0.857), abs=0.002)
    assert told["a"].reading == "probably separates; more people would tell"
    assert told["c"].discrimination is None
    assert told["c"].reading == "everybody earns the same, here or on the other checks"


def test_under_ten_people_nothing_is_said() -> None:
    told = _told(*(score(CHECKS, i / 8, i / 8) for i in range(9)))
    assert told["caught"].discrimination is None
    assert told["caught"].difficulty is not None
    assert told["caught"].reading == "too few to say: 9 of 10"
    assert _told()["caught"].difficulty is None
    assert _told()["caught"].reading == "too few to say: 0 of 10"


def test_a_check_that_goes_with_the_rest_separates_and_one_that_goes_against_it_is_named() -> None:
    told = _told(*(score(CHECKS, i / 11, i / 11) for i in range(12)))
    assert isclose(told["caught"].discrimination or 0, 1, abs_tol=1e-3)
    assert told["caught"].reading == "separates"
    against = _told(*(score(CHECKS, i / 11, 1 - i / 11) for i in range(12)))
    assert "look for a fault" in against["caught"].reading


def test_checks_that_teach_nothing_are_named() -> None:
    """Earned by everybody, earned by nobody, and the only check of its lab."""
    easy = _told(*(score(CHECKS, 1.0, i / 11) for i in range(12)))
    assert "nearly everybody" in easy["caught"].reading
    hard = _told(*(score(CHECKS, 0.0, i / 11) for i in range(12)))
    assert "nearly nobody" in hard["caught"].reading
    only = _told(*(score(BASICS, i / 11) for i in range(12)), of="basics")
    assert only["start"].reading == "the lab's only check: nothing to compare with"
    assert (only["start"].n, only["start"].discrimination) == (12, None)


def test_ungraded_capped_and_unevaluated_hand_ins_do_not_count() -> None:
    whole = [score(CHECKS, i / 11, i / 11) for i in range(12)]
    odd = [ungraded(CHECKS), score(CHECKS, 0.1, 0.9, cap="a leak"), score(CHECKS, None, 0.9)]
    assert _told(*whole, *odd) == _told(*whole)


def test_every_check_of_the_track_is_there_in_order() -> None:
    assert [(i.lab, i.check) for i in items.analyse(LABS, ())] == [
        ("basics", "start"),
        ("checks", "caught"),
        ("checks", "field"),
    ]
