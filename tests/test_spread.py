"""The same way of answering in other cohorts: how decisions are carried over, and what is measured."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from atelier import kits
from atelier.kits.base import Request
from atelier.kits.decisions.carry import carry
from atelier.kits.decisions.records import Card, Decision, DecisionCase, DecisionSetup, DecisionTable
from grader import catalog, labcheck, release, spread
from grader.catalog import Catalog
from grader.engines import Engine, gate
from grader.engines.recorder import Recorder
from grader.errors import EngineError, GraderError
from grader.model import Lab
from grader.spread import Spread

SETUP = DecisionSetup("Send?")


def _case(name: str, truth: str, stake: float, reason: str = "") -> DecisionCase:
    return DecisionCase(Card(name, "", "", ""), truth, "", "", stake, reason)


OLD = (_case("a", "send", 10, "fit"), _case("b", "send", 90, "kind"), _case("c", "hold", 50), _case("d", "hold", 5))
NEW = (_case("p", "send", 700, "late"), _case("q", "hold", 1), _case("r", "hold", 2), _case("s", "send", 8, "rude"))


def test_a_choice_for_all_stays_one() -> None:
    table = DecisionTable(tuple(Decision(case.card.id, "send", 60) for case in OLD))
    assert {(d.case, d.choice, d.confidence) for d in carry(table, OLD, NEW, SETUP).decisions} == {
        (name, "send", 60) for name in "pqrs"
    }


def test_errors_stay_errors_on_cards_as_dear() -> None:
    """Wrong on the dearest card that is to be sent, and on none else; open cards stay open."""
    table = DecisionTable((Decision("a", "send"), Decision("b", "hold"), Decision("c", "hold")))
    assert {d.case: d.choice for d in carry(table, OLD, NEW, SETUP).decisions} == {
        "p": "hold",
        "s": "send",
        "r": "hold",
    }


def test_a_right_reason_stays_right_and_a_wrong_one_wrong() -> None:
    table = DecisionTable((Decision("a", "send", reason="fit"), Decision("b", "send", reason="fit")))
    assert {d.case: d.reason for d in carry(table, OLD, NEW, SETUP).decisions} == {"p": "fit", "s": "rude"}


def test_decks_of_other_sizes_and_answers_about_no_card() -> None:
    table = DecisionTable((Decision("a", "send"), Decision("zzz", "hold")))
    assert [d.case for d in carry(table, OLD[:1], NEW, SETUP).decisions] == ["p", "s"]
    assert (
        carry(table, (), NEW, SETUP)
        == carry(DecisionTable(), OLD, NEW, SETUP)
        == carry(table, OLD, (), SETUP)
        == DecisionTable()
    )


@pytest.mark.parametrize(
    "lab", ["send-or-hold", "notebook-basics", "risk-tiers", "who-decides", "readiness-review", "kpi-baseline"]
)
def test_the_reference_of_a_decision_lab_is_right_in_every_cohort(known: Catalog, lab: str) -> None:
    found = known.lab(lab)
    reference, _ = catalog.attempts(found)
    [told] = spread.measure(found, {"reference": reference}, catalog.hidden_cases(found, labcheck.SECRET))
    assert (told.low, told.high, told.points) == (100, 100, 100)


class Parrot:
    """An engine under the embedded one's id: the right record to every second request, until it is told to stop."""

    def __init__(self, engine: Engine, cases: Sequence[Any], stops_after: int = 10_000) -> None:
        self.id, self.about = engine.id, engine.about
        self.asked: list[str] = []
        self._golds = [(case.fields["document"], json.dumps(case.gold)) for case in cases]
        self._stops_after = stops_after

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[str, str]]:
        for place, request in enumerate(requests):
            if len(self.asked) == self._stops_after:
                raise EngineError("The practice model failed.", "Run the same command again.")
            self.asked.append(request.key)
            right = next(gold for document, gold in self._golds if document.strip() in request.messages[-1].content)
            yield request.key, right if place % 2 else "nothing"


def _nothing(*_: object) -> None:
    """Tell nobody how far it is."""


@pytest.fixture
def two(tiny: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab that asks a model, in a catalogue of its own, and two cohorts."""
    monkeypatch.setattr(spread, "COHORTS", 2)
    shutil.copytree(
        ROOT / "exercises/labs/invoice-fields",
        tiny / "exercises/labs/invoice-fields",
        ignore=shutil.ignore_patterns("__pycache__", catalog.SPREAD),
    )
    lab = catalog.load(tiny).lab("invoice-fields")
    return release.qualified(lab, gate.read(lab.root / "gate.json", engine.id))


def _cases(lab: Lab) -> list[Any]:
    return [case for cohort in range(2) for case in spread.hidden(lab, cohort)]


def _requests(lab: Lab, answer: Any, cases: Sequence[Any]) -> tuple[Request, ...]:
    return kits.load(lab.file.kit).requests(answer, cases, lab.setup)


def _keys(lab: Lab, answer: Any, cases: Sequence[Any]) -> list[str]:
    return [request.key for request in _requests(lab, answer, cases)]


def _measured(lab: Lab, engine: Engine) -> dict[str, Spread]:
    reference, attempts = catalog.attempts(lab)
    converted = attempts["converted examples"].answer
    answers = {"reference": reference, "no limit": replace(reference, budget=0), "converted": converted}
    recorded = tuple(spread.load(lab, engine.id).values())
    found = spread.measure(lab, answers, catalog.hidden_cases(lab, labcheck.SECRET), recorded)
    return {told.attempt: told for told in found}


def test_points_that_need_a_model_and_are_not_on_record_are_left_out_and_counted(two: Lab, engine: Engine) -> None:
    told = _measured(two, engine)["reference"]
    assert (told.low, told.high, told.points, told.cohorts) == (60, 60, 60, 2)
    assert spread.told([told]) == "±0.0 points over 2 cohorts, on the 60 that need no model"


def test_without_a_record_they_are_estimated_from_one_cohort(two: Lab) -> None:
    """Its own cases, drawn again: as many with each lure, so nothing moves where all of a kind are alike."""
    reference, _ = catalog.attempts(two)
    cases = catalog.hidden_cases(two, labcheck.SECRET)
    replies = dict.fromkeys(_keys(two, reference, cases), "nothing") | {
        key: json.dumps(case.gold) for case in cases[:20] for key in _keys(two, reference, [case])
    }
    [told] = spread.measure(two, {"reference": reference}, cases, replies=replies)
    assert 60 < told.low < told.high < 100
    assert (told.points, told.cohorts, told.estimated) == (100, 2, 2)
    assert spread.told([told]).endswith("points over 2 cohorts, 2 of them estimated")
    right = {key: json.dumps(case.gold) for case in cases for key in _keys(two, reference, [case])}
    [told] = spread.measure(two, {"reference": reference}, cases, replies=right)
    assert (told.low, told.high) == (100, 100)


def test_what_replies_earn_is_recorded_and_counts_for_all_who_ask_the_same(
    two: Lab, engine: Engine, tmp_path: Path
) -> None:
    """No document is long enough for the limit, so both ask the same; converted examples are another prompt."""
    spread.record(two, Parrot(engine, _cases(two)), tmp_path / "replies", _nothing)
    recorded = spread.load(two, engine.id)
    assert {name: len(told.points) for name, told in recorded.items()} == {"good": 2, "medium": 2}
    assert all(0 < points < 40 for told in recorded.values() for points in told.points)
    found = _measured(two, engine)
    points = recorded["good"].points
    assert (found["reference"].low, found["reference"].high) == (60 + min(points), 60 + max(points))
    assert {name: told.points for name, told in found.items()} == {
        "reference": 100,
        "no limit": 100,
        "converted": 60,
    }
    assert spread.told(list(found.values())).startswith("2 of 3 answers ±")
    assert list((tmp_path / "replies").iterdir()) == []
    assert catalog.lab_at(two.root).version == two.version


def test_a_measurement_that_was_stopped_goes_on_where_it_was(two: Lab, engine: Engine, tmp_path: Path) -> None:
    """Nothing is asked twice, and a lab that is through asks nothing."""
    stopped = Parrot(engine, _cases(two), stops_after=two.file.hidden_cases + 7)
    with pytest.raises(EngineError):
        spread.record(two, stopped, tmp_path, _nothing)
    assert [len(told.points) for told in spread.load(two, engine.id).values()] == [1]
    again = Parrot(engine, _cases(two))
    spread.record(two, again, tmp_path, _nothing)
    assert set(stopped.asked).isdisjoint(again.asked)
    assert len(stopped.asked) + len(again.asked) == 4 * two.file.hidden_cases
    through = Parrot(engine, ())
    spread.record(two, through, tmp_path, _nothing)
    assert through.asked == []


def test_a_record_of_another_state_of_the_lab_counts_for_nothing(two: Lab, engine: Engine, tmp_path: Path) -> None:
    spread.record(two, Parrot(engine, _cases(two)), tmp_path, _nothing)
    assert spread.outdated(two, spread.load(two, engine.id)) == []
    other = replace(two, setup=replace(two.setup, reference=0.9))
    assert spread.outdated(other, spread.load(two, engine.id)) == ["good", "medium"]
    assert _measured(other, engine)["reference"].points == 60
    cases = two.root / "cases.py"
    cases.write_text(cases.read_text(encoding="utf-8").replace("invent.firm(rng)", '"Vigie SA"'), encoding="utf-8")
    told = [str(problem) for problem in labcheck.prove(catalog.lab_at(two.root), engine).problems]
    assert any(
        "spread.json: good: was measured on other prompts, cases or gate figures; run: atelier" in t for t in told
    )


def test_replies_that_treat_cohorts_unalike_are_reported(two: Lab, engine: Engine, tmp_path: Path) -> None:
    spread.record(two, Parrot(engine, _cases(two)), tmp_path, _nothing)
    path = two.root / catalog.SPREAD
    told = json.loads(path.read_text(encoding="utf-8"))
    told["engines"][engine.id]["good"]["points"] = [40, 20]
    path.write_text(json.dumps(told), encoding="utf-8")
    found = [str(problem) for problem in labcheck.prove(two, engine).problems]
    assert any("cases.py: reference: earns 80.0 to 100.0 over 2 cohorts, ±10.0; at most ±5." in line for line in found)
    path.write_text("{", encoding="utf-8")
    assert "spread.json: cannot be read" in str(labcheck.prove(two, engine).problems[0])


def test_a_lab_that_asks_no_model_has_nothing_to_record(known: Catalog, engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="send-or-hold: the practice model is not asked by this lab"):
        spread.record(known.lab("send-or-hold"), engine, tmp_path, _nothing)


def test_a_lab_that_treats_cohorts_unalike_is_reported(tiny: Path, engine: Engine) -> None:
    """Stakes that differ between secrets: the same two right decisions of three earn more in one cohort than in another."""
    path = tiny / "exercises/labs/notebook-basics/cases.py"
    uneven = path.read_text().replace(
        "return deck[:n]", "return [replace(c, stake=rng.choice((1.0, 30.0))) for c in deck[:n]]"
    )
    path.write_text(uneven.replace("import asdict", "import asdict, replace"))
    proof = labcheck.prove(catalog.load(tiny).lab("notebook-basics"), engine)
    told = [str(problem) for problem in proof.problems if "cohorts" in problem.says]
    assert told
    assert told[0].startswith("exercises/labs/notebook-basics/cases.py: two right: earns ")
    assert "at most ±5. Draw each kind of case equally often" in told[0]
    assert not any("reference" in line for line in told)


def test_proving_many_labs_at_once_says_what_proving_each_says(tiny: Path, engine: Engine) -> None:
    """In other processes, in the order of the labs, reported as they end."""
    labs = catalog.load(tiny).labs
    seen: list[tuple[int, int, str]] = []
    together = labcheck.prove_all(labs, lambda *told: seen.append(told))
    assert together == [labcheck.prove(lab, engine) for lab in labs]
    assert seen == [(1, 2, "notebook-basics"), (2, 2, "send-or-hold")]
    assert labcheck.prove_all([replace(labs[0], file=replace(labs[0].file, practice_cases=9))], lambda *_: None)[
        0
    ].problems


@pytest.mark.parametrize("lab", ["ticket-fields", "invoice-fields", "cv-grid", "contract-terms"])
def test_a_lab_that_asks_the_model_holds_the_bar_on_all_its_points(known: Catalog, engine: Engine, lab: str) -> None:
    """Measured as far as it is on record, which is of the lab as it is today; else estimated."""
    found = release.qualified(known.lab(lab), gate.read(known.lab(lab).root / "gate.json", engine.id))
    recorded = spread.load(found, engine.id)
    assert spread.outdated(found, recorded) == []
    reference, attempts = catalog.attempts(found)
    answers = {"reference": reference, "two examples": attempts["two examples"].answer}
    cases = catalog.hidden_cases(found, labcheck.SECRET)
    asked = [request for answer in answers.values() for request in _requests(found, answer, cases)]
    replies = Recorder(found.root / "replies", engine).recorded(asked)
    for told in spread.measure(found, answers, cases, tuple(recorded.values()), replies):
        assert (told.points, told.cohorts) == (100, spread.COHORTS)
        assert told.each_way <= spread.EACH_WAY
