"""The trainer's report: one file, readable by everybody, true to the numbers."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from markup import Document, contrast, palette, stands_alone
from sample import BASICS, CHECKS, LABS, ROLE, SKILLS, person, score, ungraded

from grader import items, progress, report, templates
from grader.engines.gate import Gate
from grader.progress.guide import LearnerScores

GATE = Gate("m", "0" * 64, "s", {}, 60, {"bad": 0.1, "medium": 0.4, "good": 0.76}, (0.5, 0.7), True, True, "2026-11-24")
CSS = (Path(templates.__file__).parent / "style.css").read_text(encoding="utf-8")


def _render(*everyone: LearnerScores) -> str:
    cohort = progress.cohort(everyone, ROLE, LABS, SKILLS)
    return report.render(
        report.Report("finance-spring", "Finance", "24 November 2026", cohort, {"checks": {"engine-1": GATE}})
    )


def _many(n: int) -> list[LearnerScores]:
    return [
        person(f"learner-{i:03}", score(BASICS, i / n), *([score(CHECKS, 0.5, i / n)] if i % 3 else [ungraded(CHECKS)]))
        for i in range(n)
    ]


@pytest.mark.parametrize("n", [0, 1, 300])
def test_any_cohort_makes_a_file_that_stands_alone(n: int) -> None:
    """Nobody, one learner, three hundred: whole HTML, no script, no outside request, headers with scope."""
    document = Document(_render(*_many(n)))
    stands_alone(document)
    assert document.text.count("learner-299") >= (n == 300)


def test_an_empty_cohort_says_what_to_do() -> None:
    """No table of nothing, but the next command."""
    document = Document(_render())
    assert "atelier collect, then atelier grade" in document.text
    assert "nothing graded yet" in document.text
    assert "Learners by lab" not in document.text


def test_headline_figures_count_ungraded_apart() -> None:
    """Three hand-ins, one without a score; the mean is over the two graded labs."""
    text = Document(
        _render(person("a", score(BASICS, 0.4), score(CHECKS, 1.0, 1.0)), person("b", ungraded(BASICS)))
    ).text
    assert "Hand-ins 3 of 4 possible" in text
    assert "Graded 2 1 ungraded" in text
    assert "Mean of graded labs 70 % of the points" in text


def test_the_grid_shows_every_state() -> None:
    """Points, a cap, rescaled points, no score, not handed in: each in words, not by colour alone."""
    text = Document(
        _render(
            person("a", score(BASICS, 0.625), score(CHECKS, 0.4, 0.4, cap="a name leaked")),
            person("b", score(CHECKS, None, 1.0)),
            person("c", ungraded(BASICS)),
        )
    ).text
    grid = text[text.index("Learners by lab, 3 × 2") : text.index("Levels and next labs")]
    assert "a 62.5 40 capped" in grid
    assert "b – not handed in 65 rescaled" in grid
    assert "c no score – not handed in" in grid
    assert "Graded of handed in 1 of 2 2 of 2" in grid


def test_the_hardest_check_comes_first_and_ties_keep_the_order_of_the_track() -> None:
    """Sorting is stable."""
    text = Document(_render(person("a", score(BASICS, 0.5), score(CHECKS, 0.5, 0.1)))).text
    hardest = text[text.index("Lowest mean share first") :]
    assert (
        hardest.index("What field measures")
        < hardest.index("What start measures")
        < hardest.index("What caught measures")
    )
    assert _render(*_many(30)) == _render(*reversed(_many(30)))


def test_what_caught_most_is_told_with_its_count() -> None:
    """One of two graded hand-ins let it through."""
    text = Document(
        _render(person("a", score(BASICS, 0.5, survived=("digit swap",))), person("b", score(BASICS, 1.0)))
    ).text
    assert "digit swap Title of basics 1 of 2" in text


def test_ungraded_and_flags_are_facts_with_a_remedy() -> None:
    """A hand-in without a score comes with the reason; an edited notebook is no verdict."""
    text = Document(
        _render(person("a", ungraded(BASICS), score(CHECKS, 1.0, 1.0, flags=("check cell was edited",))))
    ).text
    assert "a basics answers.json is empty. Hand in again." in text
    assert "Facts for a conversation, not a verdict." in text
    assert "a checks check cell was edited" in text


def test_who_is_an_ambassador_and_who_could_become_one_is_told() -> None:
    """Earned, a session away, and what somebody who led one still needs; nobody is said as plainly."""
    whole = (score(BASICS, 0.9), score(CHECKS, 0.9, 0.9))
    text = Document(
        _render(
            person("ada", *whole, sessions=("2026-01-20",)),
            person("bo", *whole),
            person("cy", score(BASICS, 0.9), sessions=("2026-01-21",)),
            person("di", score(BASICS, 0.9)),
        )
    ).text
    assert "ada is one; led a session on 2026-01-20." in text
    assert "bo needs only a session." in text
    assert (
        f"cy led a session on 2026-01-21 and still needs a score on {CHECKS.file.title}; Validates on Validation."
        in text
    )
    assert "Nobody has the whole track at that level yet" in Document(_render(person("di", score(BASICS, 0.9)))).text


def test_the_gate_of_the_engine_that_graded_is_shown() -> None:
    """With its accuracies; a lab without a gate needs no model."""
    text = Document(_render(person("a", score(BASICS, 1.0), score(CHECKS, 1.0, 1.0)))).text
    assert "engine-1 qualified on 60 cases bad 10 %, medium 40 %, good 76 %" in text
    assert "the lab needs no model" in text


def test_text_of_learners_cannot_become_markup() -> None:
    """A name, a flag and a reason full of tags are shown as they are."""
    evil = '<img src=x onerror="alert(1)">'
    html = _render(person("a", score(BASICS, 0.1, flags=(evil,), survived=(evil,)), name=evil))
    document = Document(html)
    stands_alone(document)
    assert not document.all("img")
    assert evil in document.text


@pytest.mark.parametrize("scheme", [":root {", "@media (prefers-color-scheme: dark) {\n  :root {"])
def test_colours_have_enough_contrast(scheme: str) -> None:
    """WCAG 2.2 AA: 4.5 for text in both schemes, 3 for bars against their track."""
    colours = palette(CSS, scheme)
    pairs = [*product(("ink", "soft", "link", "good", "warn", "bad"), ("paper", "card")), ("on-pine", "pine")]
    pairs += [(f"h{i}-ink", f"h{i}") for i in range(5)] + [("warn", "warn-bg"), ("ink", "warn-bg")]
    low = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}
    assert contrast(colours["bar"], colours["track"]) >= 3


def test_item_analysis_is_a_plot_with_every_number_in_a_table() -> None:
    """Points for what can be said, words for what cannot; the picture has a text alternative."""
    scores = [score(CHECKS, i / 11, i / 11) for i in range(12)]
    cohort = progress.cohort([person(f"l{i}", found) for i, found in enumerate(scores)], ROLE, LABS, SKILLS)
    page = report.render(report.Report("c", "Finance", "today", cohort, items=items.analyse(LABS, scores)))
    document = Document(page)
    stands_alone(document)
    assert page.count("<circle") == 2
    assert 'role="img" aria-label="Discrimination by difficulty of 2 checks' in page
    told = document.text[document.text.index("In the order of the track") :]
    assert "1 start Title of basics 0 – – too few to say: 0 of 10" in told
    assert "2 caught Title of checks 12 50 % 1.00 1.00 to 1.00 separates" in told
    assert "Nothing was graded yet." in Document(_render()).text
