"""Several questions a card: what they earn, what caps, how a form asks them, and the labs that are made of them."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier import records
from atelier.forms.chart import line_chart
from atelier.kits.decisions import KIT, scoring
from atelier.kits.decisions.form import DecisionForm
from atelier.kits.decisions.records import (
    Card,
    Decision,
    DecisionCase,
    DecisionSetup,
    DecisionTable,
    Option,
    Price,
    Question,
    Truth,
)
from atelier.lab import OpenLab
from grader import catalog, release, sheets
from grader.catalog import Catalog

LABS = ("risk-tiers", "who-decides", "readiness-review", "kpi-baseline")
PLACES = (Option("here", "Here"), Option("near", "Near"), Option("far", "Far"))
PROOFS = tuple(Option(name, name.title()) for name in ("owner", "figure", "test", "list"))
SETUP = DecisionSetup(
    questions=(
        Question("place", "Where?", PLACES, (Price("far", "near", 0.5),)),
        Question("own", "Which one?"),
        Question("proofs", "Which two are missing?", PROOFS, picks=2),
    )
)


def _case(name: str, place: str, own: str, proofs: tuple[str, str]) -> DecisionCase:
    card = Card(name, "A title", "A team", "A text", offers={"own": (Option("a", "First"), Option("b", "Second"))})
    return DecisionCase(
        card,
        truths={
            "place": Truth((place,), "Because.", "a lure", never=("far",) if place == "here" else ()),
            "own": Truth((own,), costs={"a" if own == "b" else "b": 2.0}),
            "proofs": Truth(proofs),
        },
    )


CASES = (
    _case("one", "here", "a", ("owner", "figure")),
    _case("two", "near", "b", ("test", "list")),
    _case("three", "far", "a", ("owner", "list")),
    _case("four", "near", "b", ("figure", "test")),
)


def _shares(table: DecisionTable) -> dict[str, float]:
    return {p.name: p.fraction or 0.0 for p in KIT.score(table, CASES, SETUP, {}).parts}


def test_each_question_is_a_part_of_its_own() -> None:
    """Right answers earn each part whole; the parts of one-question labs earn nothing here."""
    assert KIT.own_parts(SETUP) == ("place", "own", "proofs")
    found = _shares(sheets.table(CASES, SETUP, sheets.right))
    assert found == {"cost": 0, "calibration": 0, "reasons": 0, "owners": 0, "place": 1, "own": 1, "proofs": 1}
    only = _shares(sheets.table(CASES, SETUP, sheets.only(["own"])))
    assert (only["place"], only["own"], only["proofs"]) == (0, 1, 0)


def test_the_same_picks_on_every_card_earn_nothing() -> None:
    for place in PLACES:
        assert (
            _shares(sheets.table(CASES, SETUP, lambda q, _c, _p, x=place.id: (x,) if q.id == "place" else ()))["place"]
            == 0
        )
    for own in ("a", "b"):
        assert _shares(sheets.table(CASES, SETUP, lambda q, _c, _p, x=own: (x,) if q.id == "own" else ()))["own"] == 0


def test_a_price_a_cards_own_cost_and_a_missing_pick_are_counted() -> None:
    """Far for near costs 0.5; a card's own cost counts over 1; of two picks one right is half; more picks than asked do not help."""
    place, own, proofs = SETUP.questions
    assert [scoring.loss((x,), place, CASES[1]) for x in ("near", "far", "here", "no such place")] == [0, 0.5, 1, 1]
    assert scoring.loss(("b",), own, CASES[0]) == 2
    assert scoring.loss((), own, CASES[0]) == 2
    assert [
        scoring.loss(p, proofs, CASES[0]) for p in (("owner", "figure"), ("owner", "test"), ("test", "list"), ())
    ] == [0, 0.5, 1, 1]
    assert scoring.loss(("test", "list", "owner", "figure"), proofs, CASES[0]) == 1
    assert scoring.loss(("owner", "owner"), proofs, CASES[0]) == 0.5


def test_what_nobody_may_take_caps_the_lab() -> None:
    """Far where it must be here: capped at 50, with the lure's name; elsewhere far is only wrong."""
    good = sheets.table(CASES, SETUP, sheets.right)
    assert KIT.score(good, CASES, SETUP, {}).cap is None
    bad = sheets.table(CASES, SETUP, lambda q, c, p: ("far",) if q.id == "place" and p == 0 else sheets.right(q, c))
    cap = KIT.score(bad, CASES, SETUP, {}).cap
    assert cap is not None
    assert cap.points == scoring.CAP
    assert "a lure" in cap.why
    mild = sheets.table(CASES, SETUP, lambda q, c, p: ("far",) if q.id == "place" and p == 1 else sheets.right(q, c))
    assert KIT.score(mild, CASES, SETUP, {}).cap is None


def test_half_of_the_cards_earn_half() -> None:
    """An open card costs what the pattern costs on average, whichever card it is."""
    for kept in ((0, 1), (2, 3), (0, 3)):
        found = _shares(sheets.table(CASES, SETUP, lambda q, c, p, kept=kept: sheets.right(q, c) if p in kept else ()))
        assert [found[name] for name in KIT.own_parts(SETUP)] == pytest.approx([0.5, 0.5, 0.5])


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["one", "two", "three", "four", "five"]),
            st.dictionaries(
                st.sampled_from(["place", "own", "proofs", "other"]),
                st.lists(st.sampled_from(["here", "far", "a", "b", "owner", "list", "", "?"]), max_size=6).map(tuple),
            ),
        ),
        max_size=12,
    )
)
@settings(max_examples=80, deadline=None)
def test_any_table_scores_between_nothing_and_everything(drawn: list[tuple[str, dict[str, tuple[str, ...]]]]) -> None:
    table = DecisionTable(tuple(Decision(case, answers=answers) for case, answers in drawn))
    assert all(0 <= share <= 1 for share in _shares(table).values())


@pytest.mark.parametrize(
    ("slip", "says"),
    [
        (lambda c: replace(c, truths={**c.truths, "place": Truth(("nowhere",))}), "nowhere is no choice"),
        (lambda c: replace(c, truths={"own": c.truths["own"], "proofs": c.truths["proofs"]}), "place: no truth"),
        (lambda c: replace(c, truths={**c.truths, "proofs": Truth(("owner",))}), "1 right choices for 2 picks"),
        (lambda c: replace(c, truths={**c.truths, "place": Truth(("far",), never=("far",))}), "far is right, and costs or caps"),
        (lambda c: replace(c, card=replace(c.card, offers={})), "fewer than two choices"),
    ],
)  # fmt: skip
def test_a_lab_s_slips_are_named(slip: Any, says: str) -> None:
    assert KIT.problems(SETUP, CASES) == []
    assert any(says in found for found in KIT.problems(SETUP, (slip(CASES[0]), *CASES[1:])))


def test_a_lab_asks_one_question_or_several() -> None:
    assert any(
        "keep `question` or `questions`" in says for says in KIT.problems(replace(SETUP, question="Both?"), CASES)
    )
    assert any("keep `question` or `questions`" in says for says in KIT.problems(DecisionSetup(), CASES))
    alike = tuple(replace(c, truths={**c.truths, "place": Truth(("here",))}) for c in CASES)
    assert any("would earn everything" in says for says in KIT.problems(SETUP, alike))


class TestForm:
    """Driven as the browser drives it."""

    @pytest.fixture
    def form(self, known: Catalog, tmp_path: Path) -> DecisionForm:
        """The form of a lab with the cards above; the first one is for practice."""
        lab = known.lab("risk-tiers")
        release.stage(lab, "a secret", tmp_path / lab.id)
        info = json.loads((tmp_path / lab.id / "lab.json").read_text())
        info["setup"] = records.dump(SETUP)
        (tmp_path / lab.id / "lab.json").write_text(json.dumps(info))
        (tmp_path / lab.id / "practice.json").write_text(json.dumps({"cases": records.dump(CASES[:1])}))
        (tmp_path / lab.id / "data/cards.json").write_text(json.dumps(records.dump([c.card for c in CASES[1:]])))
        form = DecisionForm(OpenLab(lab.id, tmp_path / lab.id))
        form.view()
        return form

    def test_all_questions_are_asked_before_a_card_is_decided(self, form: DecisionForm) -> None:
        """Nothing is preselected; the warm-up card tells each truth beside its question, and rests."""
        place, own, proofs = form._questions
        assert [q.picked for q in form._questions] == [(), (), ()]
        place._one.value, own._one.value = "far", "a"
        assert form._decide.disabled
        proofs._boxes[0].value = True
        assert "1 of 2 picked" in proofs._told.value
        assert form._decide.disabled
        proofs._boxes[3].value = True
        assert not form._decide.disabled
        form._decide.click()
        assert "It should have been “Here”. Because. Nobody may take that decision." in place._told.value
        assert "Right." in own._told.value
        assert "“Owner” and “Figure”" in proofs._told.value
        assert place._one.disabled
        assert proofs._boxes[0].disabled

    def test_the_deck_tells_nothing_and_comes_back_as_it_was(self, form: DecisionForm) -> None:
        form._pile.value = "deck"
        place, own, proofs = form._questions
        assert [label for label, _ in place._one.options] == ["Here", "Near", "Far"]
        place._one.value, own._one.value = "near", "b"
        proofs._boxes[2].value = proofs._boxes[3].value = True
        form._decide.click()
        assert form._card.id == "three"
        assert [q.picked for q in form._questions] == [(), (), ()]
        kept = json.loads((form.lab.root / "answers.json").read_text())["answer"]["decisions"]
        assert kept[0]["answers"] == {"place": ["near"], "own": ["b"], "proofs": ["test", "list"]}
        again = DecisionForm(OpenLab("risk-tiers", form.lab.root))
        again.view()
        again._pile.value = "deck"
        again._go_to.value = 0
        assert [q.picked for q in again._questions] == [("near",), ("b",), ("test", "list")]
        assert "Right" not in "".join(q._told.value for q in again._questions)
        assert "1 · decided" in [label for label, _ in again._go_to.options]


def test_a_chart_is_text_for_those_who_hear_it() -> None:
    """Values are in its label; names and titles are escaped."""
    made = line_chart("Minutes <per> case", "min", ["w1", "w2"], [("before", [10, 12]), ("a & b", [8.5, 7])])
    assert "before: w1 10, w2 12; a &amp; b: w1 8.5, w2 7" in made
    assert "Minutes &lt;per&gt; case" in made
    assert made.count("<polyline") == 2
    assert line_chart("Nothing", "", [], []).count("<svg") == 1


@pytest.mark.parametrize("name", LABS)
def test_learners_get_the_graded_cards_and_nothing_of_their_truth(known: Catalog, name: str, tmp_path: Path) -> None:
    """The deck shown is the deck graded; no reason or lure of it is in a released file."""
    lab = known.lab(name)
    release.stage(lab, "a secret", tmp_path / lab.id)
    cases = catalog.hidden_cases(lab, "a secret")
    shown = json.loads((tmp_path / lab.id / "data/cards.json").read_text())
    assert tuple(records.load(tuple[Card, ...], shown)) == tuple(case.card for case in cases)
    files = [p for p in (tmp_path / lab.id).rglob("*") if p.is_file() and p.name != "practice.json"]
    text = "".join(p.read_text(encoding="utf-8") for p in files)
    told = {t.why for case in cases for t in case.truths.values() if t.why}
    assert told
    assert [why for why in told if json.dumps(why, ensure_ascii=False)[1:-1] in text] == []
    practice = json.loads((tmp_path / lab.id / "practice.json").read_text())["cases"]
    assert {case.card.title for case in cases}.isdisjoint(case["card"]["title"] for case in practice)


@pytest.mark.parametrize("name", LABS)
def test_a_friend_s_deck_does_not_tell_the_answer(known: Catalog, name: str) -> None:
    """Whoever takes over the answers of last cohort's card of the same title is wrong on a good part."""
    lab = known.lab(name)
    ours, theirs = (catalog.hidden_cases(lab, secret) for secret in ("ours", "theirs"))
    known_answers = {c.card.title: c.truths for c in theirs}
    wrong = Counter(
        question.id
        for case in ours
        for question in lab.setup.questions
        if known_answers.get(case.card.title, {}).get(question.id, Truth(())).choices
        != case.truths[question.id].choices
    )
    assert sum(wrong.values()) >= 0.3 * len(ours) * len(lab.setup.questions), wrong


def test_a_changed_tier_changes_the_truth_of_a_lab_and_its_version(known: Catalog, tmp_path: Path) -> None:
    """If the public cloud may see internal data, requests with internal data may run there; the lab is a new version."""
    root = tmp_path / "checkout"
    shutil.copytree(known.root / "courses", root / "courses")
    shutil.copytree(
        known.root / "exercises/labs", root / "exercises/labs", ignore=shutil.ignore_patterns("__pycache__", "replies")
    )
    path = root / catalog.POLICY
    text = path.read_text(encoding="utf-8")
    assert 'allows = ["public"]' in text
    path.write_text(text.replace('allows = ["public"]', 'allows = ["public", "internal"]'), encoding="utf-8")
    before, after = known, catalog.load(root)
    assert before.lab("risk-tiers").version != after.lab("risk-tiers").version
    assert before.lab("send-or-hold").version == after.lab("send-or-hold").version

    def tiers(of: Catalog) -> set[str]:
        cases = catalog.hidden_cases(of.lab("risk-tiers"), "a secret")
        return {c.truths["tier"].choices[0] for c in cases if c.truths["data"].choices == ("internal",)}

    assert (tiers(before), tiers(after)) == ({"private-cloud"}, {"public-cloud"})


def test_the_phases_of_the_review_are_those_of_the_organisation(known: Catalog) -> None:
    """The same ids and titles as in courses/adoption.toml."""
    [phases] = [q.choices for q in known.lab("readiness-review").setup.questions if q.id == "phase"]
    assert [(option.id, option.label) for option in phases] == [(p.id, p.title) for p in known.adoption.phases]
