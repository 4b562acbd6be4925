"""The decisions kit: what a decision costs, what a confidence is worth, and the form one card at a time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier import records
from atelier.kits.decisions import KIT, scoring
from atelier.kits.decisions.form import DecisionForm
from atelier.kits.decisions.records import Card, Decision, DecisionCase, DecisionTable
from atelier.lab import OpenLab
from grader import catalog, labcheck, release
from grader.model import Lab

SECRET = labcheck.SECRET


@pytest.fixture(scope="module")
def lab() -> Lab:
    return catalog.load(catalog.find_root()).lab("send-or-hold")


@pytest.fixture(scope="module")
def deck(lab: Lab) -> tuple[DecisionCase, ...]:
    return catalog.hidden_cases(lab, SECRET)


@pytest.fixture
def folder(lab: Lab, tmp_path: Path) -> Path:
    release.stage(lab, SECRET, tmp_path / lab.id)
    return tmp_path / lab.id


def _earned(lab: Lab, table: DecisionTable, cases: tuple[DecisionCase, ...]) -> float:
    verdict = KIT.score(table, cases, lab.setup, {})
    return sum(check.points * (verdict.part(check.part).fraction or 0) for check in lab.file.checks)


def _table(cases: tuple[DecisionCase, ...], right: set[int], confidence: int | None = None) -> DecisionTable:
    other = {"send": "hold", "hold": "send"}
    return DecisionTable(
        tuple(
            Decision(case.card.id, case.truth if i in right else other[case.truth], confidence)
            for i, case in enumerate(cases)
        )
    )


@given(
    st.lists(
        st.tuples(
            st.integers(0, 45), st.sampled_from(["send", "hold", "no such choice"]), st.none() | st.integers(-5, 200)
        ),
        max_size=60,
    )
)
@settings(max_examples=80, deadline=None)
def test_any_table_scores_between_nothing_and_everything(
    lab: Lab, deck: tuple[DecisionCase, ...], drawn: list[tuple[int, str, int | None]]
) -> None:
    """Unknown cards and choices, doubles and impossible confidences included."""
    ids = [case.card.id for case in deck]
    table = DecisionTable(tuple(Decision(ids[i] if i < len(ids) else f"x{i}", c, sure) for i, c, sure in drawn))
    for part in KIT.score(table, deck, lab.setup, {}).parts:
        assert part.fraction is not None
        assert 0 <= part.fraction <= 1


@given(st.sets(st.integers(0, 39)), st.integers(0, 39))
@settings(max_examples=60, deadline=None)
def test_one_more_right_decision_never_costs_points(
    lab: Lab, deck: tuple[DecisionCase, ...], right: set[int], more: int
) -> None:
    """The part on cost grows with each card that is put right."""
    worse, better = (KIT.score(_table(deck, r, 80), deck, lab.setup, {}) for r in (right, right | {more}))
    assert (worse.part("cost").fraction or 0) <= (better.part("cost").fraction or 0)


@pytest.mark.parametrize("lab_id", ["send-or-hold", "notebook-basics"])
def test_one_choice_for_every_card_earns_nothing(lab_id: str) -> None:
    """Whatever the choice, and however sure: nobody thought."""
    lab = catalog.load(catalog.find_root()).lab(lab_id)
    for secret in range(20):
        cases = catalog.hidden_cases(lab, f"cohort {secret}")
        for option in lab.setup.choices:
            table = DecisionTable(tuple(Decision(case.card.id, option.id, 100) for case in cases))
            assert _earned(lab, table, cases) == 0


def test_a_coin_earns_at_most_a_fifth_on_average(lab: Lab, deck: tuple[DecisionCase, ...]) -> None:
    """Half of the cards are wrong, so a coin is right on half."""
    totals = []
    for seed in range(200):
        rng = Random(seed)
        table = DecisionTable(
            tuple(Decision(case.card.id, rng.choice(("send", "hold")), rng.choice((50, 75, 100))) for case in deck)
        )
        totals.append(_earned(lab, table, deck))
    assert sum(totals) / len(totals) <= 20


def test_the_brier_score_is_brier_s(lab: Lab, deck: tuple[DecisionCase, ...]) -> None:
    """Four decisions: 100 % and right, 100 % and wrong, 50 %, 80 % and right."""
    cases = deck[:4]
    table = _table(cases, {0, 2, 3})
    sure = (100, 100, 50, 80)
    table = DecisionTable(tuple(replace(d, confidence=c) for d, c in zip(table.decisions, sure, strict=True)))
    found = scoring.brier(scoring.decided(table, cases), cases)
    assert found == pytest.approx((0 + 1 + 0.25 + 0.04) / 4)


def test_honest_confidence_earns_more_than_bravado(lab: Lab, deck: tuple[DecisionCase, ...]) -> None:
    """Right on 32 of 40: to say 80 % is worth more than to say 100 %, and both more than to say nothing."""
    said = {
        c: KIT.score(_table(deck, set(range(32)), c), deck, lab.setup, {}).part("calibration").fraction
        for c in (80, 100, None)
    }
    assert said[80] is not None
    assert said[100] is not None
    assert said[80] > said[100] > 0
    assert said[None] == 0


def test_the_same_care_scores_alike_for_every_cohort(lab: Lab) -> None:
    """Holding one right card in five, small stakes and large alike, earns the same within ten points of any deck."""
    totals = []
    for secret in range(20):
        cases = catalog.hidden_cases(lab, f"cohort {secret}")
        by_stake = sorted((i for i, case in enumerate(cases) if case.truth == "send"), key=lambda i: cases[i].stake)
        totals.append(_earned(lab, _table(cases, set(range(40)) - set(by_stake[2::5]), 90), cases))
    assert max(totals) - min(totals) <= 10


def test_learners_get_the_graded_cards_without_their_truth(
    lab: Lab, folder: Path, deck: tuple[DecisionCase, ...]
) -> None:
    """The deck that is shown is the deck that is graded; neither truth, reason nor lure is in any released file."""
    shown = json.loads((folder / "data/cards.json").read_text())
    assert [card["id"] for card in shown] == [case.card.id for case in deck]
    assert [records.load(Card, card) for card in shown] == [case.card for case in deck]
    released = "".join(path.read_text() for path in folder.rglob("*") if path.is_file())
    assert not [case.why for case in deck if case.lure and case.why in released and case.why not in _practice(folder)]


def _practice(folder: Path) -> str:
    return (folder / "practice.json").read_text()


class TestForm:
    """Driven as the browser drives it: by the widgets' values and clicks."""

    def test_a_warm_up_card_tells_its_truth_after_the_decision(self, lab: Lab, folder: Path) -> None:
        form = DecisionForm(OpenLab(lab.id, folder))
        form.view()
        assert form._pile.value == "warm-up"
        case = form.lab.practice[0]
        assert case.why not in form._told.value
        assert form._decide.disabled
        form._choice.value, form._sure.value = "send", 80
        form._decide.click()
        assert ("Right." in form._told.value) == (case.truth == "send")
        assert form._choice.disabled

    def test_calibration_is_drawn_when_the_warm_up_is_decided_and_only_there(self, lab: Lab, folder: Path) -> None:
        form = DecisionForm(OpenLab(lab.id, folder))
        form.view()
        for place in range(len(form.lab.practice)):
            assert form._fit.value == ""
            form._go_to.value = place
            form._choice.value, form._sure.value = form.lab.practice[place].truth, 50 if place else 100
            form._decide.click()
        assert "and right on 100\N{NO-BREAK SPACE}% of the cards" in form._fit.value
        assert 'aria-label="50 % sure: 5 of 5 right; 100 % sure: 1 of 1 right"' in form._fit.value
        form._pile.value = "deck"
        assert form._fit.value == ""

    def test_the_deck_goes_on_to_the_next_open_card_and_tells_nothing(self, lab: Lab, folder: Path) -> None:
        form = DecisionForm(OpenLab(lab.id, folder))
        form.view()
        form._pile.value = "deck"
        first = form._card.id
        form._choice.value, form._sure.value = "hold", 90
        form._decide.click()
        assert form._card.id != first
        assert form._choice.value is None
        assert form._told.value == ""
        assert "The deck: 1 of 40" in [label for label, _ in form._pile.options]
        kept = json.loads((folder / "answers.json").read_text())["answer"]["decisions"]
        assert [(d["case"], d["choice"], d["confidence"]) for d in kept] == [(first, "hold", 90)]

    def test_it_comes_back_as_it_was_left_and_decisions_can_change(self, lab: Lab, folder: Path) -> None:
        before = OpenLab(lab.id, folder)
        ids = [card["id"] for card in json.loads((folder / "data/cards.json").read_text())]
        warm = [case.card.id for case in before.practice]
        before.save(DecisionTable(tuple(Decision(i, "send", 60) for i in [*warm, *ids[:3]])))
        form = DecisionForm(OpenLab(lab.id, folder))
        form.view()
        assert form._pile.value == "deck"
        assert form._card.id == ids[3]
        form._back.click()
        assert (form._choice.value, form._sure.value) == ("send", 60)
        form._choice.value = "hold"
        form._decide.click()
        assert {d.case: d.choice for d in form.answer.decisions}[ids[2]] == "hold"
        assert len(form.answer.decisions) == len(warm) + 3
        form._undo.click()
        assert {d.case: d.choice for d in form.answer.decisions}[ids[2]] == "send"

    def test_missing_cards_are_said(self, lab: Lab, folder: Path) -> None:
        (folder / "data/cards.json").write_text("[{")
        form = DecisionForm(OpenLab(lab.id, folder))
        with pytest.raises(Exception, match="cards of this lab are missing or cannot be read"):
            form.view()

    def test_the_last_card_says_that_all_are_decided(self, lab: Lab, folder: Path) -> None:
        form = DecisionForm(OpenLab(lab.id, folder))
        form.view()
        form._pile.value = "deck"
        for _ in range(40):
            form._choice.value, form._sure.value = "hold", 50
            form._decide.click()
        assert "All 40 cards are decided" in form._told.value
        assert len(form.answer.decisions) == 40


def test_a_deck_with_one_right_choice_is_for_practice_only(lab: Lab, deck: tuple[DecisionCase, ...]) -> None:
    """A single practice card that is right shows full points; as a graded deck, a habit would earn all: a problem."""
    alike = tuple(case for case in deck if case.truth == "send")
    right = _table(alike, set(range(len(alike))))
    assert scoring.score(right, alike, lab.setup, {}).part("cost").fraction == 1.0
    assert scoring.score(_table(alike, {0}), alike, lab.setup, {}).part("cost").fraction == 1 / len(alike)
    assert any("would earn everything" in says for says in KIT.problems(lab.setup, alike))
    assert KIT.problems(lab.setup, deck) == []
