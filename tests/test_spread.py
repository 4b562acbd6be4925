"""The same way of answering in other cohorts: how decisions are carried over, and what is measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from atelier.kits.decisions.carry import carry
from atelier.kits.decisions.records import Card, Decision, DecisionCase, DecisionSetup, DecisionTable
from grader import catalog, labcheck, spread
from grader.catalog import Catalog
from grader.engines import Engine

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


def test_points_that_need_a_model_are_left_out_and_counted(known: Catalog) -> None:
    found = known.lab("invoice-fields")
    reference, _ = catalog.attempts(found)
    [told] = spread.measure(found, {"reference": reference}, catalog.hidden_cases(found, labcheck.SECRET))
    assert (told.low, told.high, told.points) == (60, 60, 60)


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
