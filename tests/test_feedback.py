"""A learner's feedback: kind, exact, and silent about hidden cases."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from markup import Document, stands_alone
from sample import CHECKS, score, ungraded

from grader import feedback
from grader.model import CheckResult, Score, Status


def _page(found: Score) -> Document:
    document = Document(feedback.render(CHECKS, found))
    stands_alone(document)
    return document


def test_each_check_tells_points_message_and_what_got_through() -> None:
    """35 of 70 and 30 of 30 make 65 of 100; the next step is where most points are left."""
    text = _page(score(CHECKS, 0.5, 1.0, survived=("digit swap", "net as gross"))).text
    assert "65 of 100 points, on 120 cases whose truth you had not seen" in text
    assert "What caught measures. 35 of 70 Result of caught. What got through: digit swap, net as gross." in text
    assert "What field measures. 30 of 30" in text
    assert "Measured on 120 cases; 95 % interval 25–50 %." in text
    assert "Most points are left here: What caught measures." in text
    assert "To use at work tomorrow Compare the IBAN" in text


def test_full_points_come_with_a_next_step_too() -> None:
    """Nothing is left to mend, so help somebody."""
    text = _page(score(CHECKS, 1.0, 1.0)).text
    assert "Full points." in text
    assert "Most points are left" not in text


def test_an_ungraded_hand_in_is_not_a_zero() -> None:
    """The page says so, with reason and remedy, and shows no points at all."""
    text = _page(ungraded(CHECKS)).text
    assert "Your hand-in has no score yet. It is not a zero." in text
    assert "answers.json is empty." in text
    assert "Hand in again." in text
    assert "of 100" not in text


def test_a_cap_comes_before_the_checks() -> None:
    """It counts more than all of them."""
    text = _page(score(CHECKS, 0.4, 0.4, cap="A document leaked a name: at most 40 points.")).text
    assert text.index("A document leaked a name") < text.index("Check by check")


def test_a_check_that_was_not_evaluated_shows_no_points() -> None:
    """Its rescaled points are in the total, and the page says why."""
    text = _page(score(CHECKS, None, 1.0)).text
    assert "What caught measures. not evaluated" in text
    assert "the other checks count for all points" in text


def test_a_result_of_another_version_is_still_shown() -> None:
    """A check that the lab no longer has appears under its id."""
    found = score(CHECKS, 0.5, 1.0)
    older = replace(found, results=(replace(found.results[0], check="old-check"),))
    assert "old-check 35 of 70" in _page(older).text


def test_an_assignment_of_somebody_else_has_a_page_per_notebook() -> None:
    """Its checks by their own names, what each found, and nothing of a lab."""
    results = (
        CheckResult("one/square", Status.PASSED, Decimal(2), 2, "Passed."),
        CheckResult("one/mean", Status.PARTIAL, Decimal("0.5"), 1.5, "A hidden test did not pass."),
        CheckResult("two/other", Status.FAILED, Decimal(0), 1, "NameError: name 'x' is not defined"),
    )
    page = feedback.render_notebook("week-1", "one", Score("week-1", "v", "s", "split", results))
    assert "<strong>2.5</strong> of 3.5 points.</p>" in page
    assert "A hidden test did not pass." in page
    assert "NameError" not in page
    assert "Check my work" not in page
