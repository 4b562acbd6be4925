"""The prompting kit: rendering, reading replies, scoring, and what earns nothing."""

from __future__ import annotations

import importlib.util
import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ipywidgets import Combobox

from atelier import client, kits, records
from atelier.errors import ModelUnreachable
from atelier.kits.base import Request
from atelier.kits.prompting import prompt, scoring
from atelier.kits.prompting.form import PromptBench
from atelier.kits.prompting.records import (
    BankItem,
    Example,
    Input,
    Output,
    PromptCase,
    PromptSetup,
    PromptSpec,
    Target,
)
from atelier.lab import LabInfo, OpenLab

SETUP = PromptSetup(
    inputs=(
        Input("kind", "Kind", "what it is", "allowed"),
        Input("document", "Document", "what they sent", "required", untrusted=True),
        Input("notes", "Notes", "internal", "unneeded"),
        Input("phone", "Phone", "of a colleague", "unneeded"),
    ),
    targets=(
        Target("supplier", "Supplier", "who sent it", "text"),
        Target("invoice", "Invoice no.", "its number", "reference", nullable=True),
        Target("day", "Date", "its date", "date"),
        Target("total", "Total", "what is due", "amount"),
    ),
    bank=(
        BankItem(
            "b1", "plain", {"kind": "invoice", "document": "Vigie SA\nF-12, 3 mars 2026\n12,50 €", "notes": "SECRET"}
        ),
        BankItem("b2", "no number", {"document": "Uzel BV\n2026-04-01\n9,99 €"}),
    ),
    longest=4000,
    shortest=200,
    baseline=0.1,
    reference=0.6,
    qualified=True,
)
CASES = tuple(
    PromptCase(
        f"c{i}",
        {
            "kind": "invoice",
            "document": f"Firm {i} SA\nF-{i:03d}, 01/02/2026\n{i},50 €",
            "notes": f"note {i}",
            "phone": f"06 {i}",
        },
        {
            "supplier": f"Firm {i} SA",
            "invoice": f"F-{i:03d}" if i % 3 else None,
            "day": "2026-02-01",
            "total": f"{i}.50",
        },
        "no number" if i % 3 == 0 else "plain",
    )
    for i in range(1, 13)
)
OUTPUTS = (
    Output("supplier", "text"), Output("invoice", "reference", nullable=True), Output("day", "date"), Output("total", "amount"),
)  # fmt: skip
GOOD = PromptSpec(
    task="Copy the fields.",
    inputs=("kind", "document"),
    boundary="tags",
    collision="replace",
    missing="say",
    abstain="null",
    budget=1000,
    outputs=OUTPUTS,
    examples=(Example("b1", {"supplier": "Vigie SA", "invoice": "F-12", "day": "3 mars 2026", "total": "12,50"}),),
)


def answers(spec: PromptSpec, cases: tuple[PromptCase, ...] = CASES, right: int | None = None) -> dict[str, str]:
    """Replies of a model that gets the first `right` cases right (all by default) and says nonsense otherwise."""
    replies = {}
    for i, case in enumerate(cases):
        chat = prompt.render(spec, case, SETUP)
        good = right is None or i < right
        replies[Request(chat).key] = prompt.answer_turn(spec.outputs, case.gold) if good else "I am sorry."
    return replies


def total(spec: PromptSpec | None, replies: dict[str, str], setup: PromptSetup = SETUP) -> float:
    """Points of 100 by the curriculum's weights, capped as the verdict says."""
    verdict = scoring.score(spec, CASES, setup, replies)
    weights = {"behaviour": 40, "contract": 20, "robustness": 25, "minimisation": 15}
    points = sum(weights[part.name] * (part.fraction or 0.0) for part in verdict.parts)
    return min(points, verdict.cap.points) if verdict.cap else points


# Lone surrogates included: JSON can carry them, so an answers.json can.
text = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)
specs = st.builds(
    PromptSpec,
    task=text,
    rules=st.lists(text, max_size=3).map(tuple),
    inputs=st.lists(st.sampled_from(["kind", "document", "notes", "phone", "nonsense", ""]), max_size=5).map(tuple),
    boundary=st.sampled_from(["none", "quotes", "fence", "tags"]),
    collision=st.sampled_from(["leave", "replace", "stop"]),
    missing=st.sampled_from(["blank", "say", "stop"]),
    abstain=st.sampled_from(["", "null", "guess"]),
    budget=st.integers(-5, 10**9),
    outputs=st.lists(
        st.builds(
            Output,
            st.one_of(st.sampled_from(["supplier", "invoice", "day", "total"]), text),
            st.sampled_from(["text", "amount", "date", "reference"]),
            st.booleans(),
        ),
        max_size=6,
    ).map(tuple),
    examples=st.lists(
        st.builds(
            Example,
            st.sampled_from(["b1", "b2", "gone"]),
            st.dictionaries(text, st.one_of(st.none(), text), max_size=4),
        ),
        max_size=9,
    ).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(specs, st.text(max_size=200))
def test_any_spec_gets_a_bounded_verdict(spec: PromptSpec, reply: str) -> None:
    """No valid spec and no reply raises; fractions stay in 0..1, parts in order, messages never empty."""
    replies = {request.key: reply for request in scoring.requests(spec, CASES, SETUP)}
    verdict = scoring.score(spec, CASES, SETUP, replies)
    assert tuple(part.name for part in verdict.parts) == kits.load("prompting").parts
    for part in verdict.parts:
        assert part.fraction is not None
        assert 0.0 <= part.fraction <= 1.0
        assert part.says.strip()
    assert records.load(PromptSpec, records.dump(spec)) == spec


@settings(max_examples=100, deadline=None)
@given(specs)
def test_a_deaf_model_earns_at_most_twenty(spec: PromptSpec) -> None:
    """Whatever is ticked and written: a prompt that gets nothing right earns at most 20 of 100."""
    replies = {request.key: "I am sorry." for request in scoring.requests(spec, CASES, SETUP)}
    assert total(spec, replies) <= scoring.USELESS_CAP


def earned(spec: PromptSpec, part: str) -> float:
    """Fraction of one part that needs no model."""
    fraction = scoring.score(spec, CASES, SETUP, {}).part(part).fraction
    assert fraction is not None
    return fraction


@settings(max_examples=60, deadline=None)
@given(specs)
def test_guards_never_cost_points(spec: PromptSpec) -> None:
    """Adding a guard to any spec never lowers robustness; sending one more unneeded field never raises the rest."""
    guarded = [
        replace(spec, boundary="tags", collision="replace"),
        replace(spec, missing="say"),
        replace(spec, budget=500),
    ]
    for better in guarded:
        if not scoring.faults(better, SETUP):
            assert earned(better, "robustness") >= earned(spec, "robustness")
    assert earned(replace(spec, inputs=(*spec.inputs, "phone")), "minimisation") <= earned(spec, "minimisation")


@settings(max_examples=60, deadline=None)
@given(specs, st.text(alphabet='<>/docDOC `"\\{}\n ', max_size=80))
def test_untrusted_text_cannot_leave_its_boundary(spec: PromptSpec, hostile: str) -> None:
    """With a boundary and “replace”, all of the untrusted text lies between the marks, whatever it holds."""
    spec = replace(spec, boundary=spec.boundary if spec.boundary != "none" else "tags", collision="replace", budget=0)
    spec = replace(spec, inputs=("document",), missing="say")
    case = PromptCase("h", {"document": f"ALPHA {hostile} OMEGA"}, {}, "")
    chat = prompt.render(spec, case, SETUP)
    outside, inside = prompt.split(chat[-1].content, spec.boundary)
    assert len(inside) == 1
    assert not outside.strip()
    assert inside[0].strip().startswith("ALPHA")
    assert inside[0].strip().endswith("OMEGA")


@given(st.text(max_size=3000), st.integers(1, 2500))
def test_a_length_limit_holds(document: str, budget: int) -> None:
    """At most `budget` characters of a document are sent, its beginning and its end among them."""
    spec = PromptSpec(inputs=("document",), budget=budget)
    turn = prompt.user_turn(spec, {"document": document}, SETUP)
    assert turn is not None
    if document.strip():
        assert len(turn) <= budget
    if budget > 40 and len(document.strip()) > budget:
        assert document.strip().startswith(turn.split(prompt.CUT)[0])
        assert document.strip().endswith(turn.split(prompt.CUT)[-1])


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("1 234,50 €", "1234.50"), ("1.234,50", "1234.50"), ("1,234.50", "1234.50"),
        ("EUR 1234.5", "1234.50"), ("12", "12.00"),
        ("1,234", "1234.00"), ("1.234", "1234.00"), ("-120,00", "-120.00"),
        ("120,00-", "-120.00"), ("(120.00)", "-120.00"),
        ("− 7 811,56", "-7811.56"), ("0,00", "0.00"), ("1’234.50", "1234.50"),
        ("12 34,50", "12 34,50"), ("1.234,5678", "1.234,5678"),
        ("about 12", "about 12"), ("1 234,50", "1234.50"), ("12,50/13,00", "12,50/13,00"), (None, None),
        ("", None), ("null", None), ("-", None),
    ],
)  # fmt: skip
def test_amounts(said: str | None, written: str | None) -> None:
    """Amounts in the ways of France, Germany and Britain become one; what is no amount stays as it is."""
    assert prompt.normalise(said, "amount") == written


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("03/04/2026", "2026-04-03"), ("3.4.26", "2026-04-03"),
        ("2026-04-03", "2026-04-03"), ("3 avril 2026", "2026-04-03"),
        ("1er août 2026", "2026-08-01"), ("3 Apr 2026", "2026-04-03"),
        ("April 3, 2026", "2026-04-03"), ("3rd of April", "3rd of April"),
        ("29 février 2026", "29 février 2026"), ("31/04/2026", "31/04/2026"),
        ("9 févr. 2026", "2026-02-09"), ("n/a", None),
    ],
)  # fmt: skip
def test_dates(said: str, written: str | None) -> None:
    """Dates in French and English become ISO dates, day first; impossible ones stay as they are."""
    assert prompt.normalise(said, "date") == written


@pytest.mark.parametrize(
    ("said", "written"), [("n° f-12", "F-12"), ("No. 4711", "4711"), ("#A1", "A1"),
    ("  f 12 ", "F 12"), ("none", None), ("n°", None)]
)  # fmt: skip
def test_references(said: str, written: str | None) -> None:
    """References lose the word in front of them and are written in capitals."""
    assert prompt.normalise(said, "reference") == written


@given(st.text(max_size=60), st.sampled_from(["text", "amount", "date", "reference"]))
def test_normalising_twice_changes_nothing(value: str, form: Any) -> None:
    """A normalised value is its own normal form, or nothing."""
    once = prompt.normalise(value, form)
    assert prompt.normalise(once, form) == once


@pytest.mark.parametrize(
    ("reply", "record"),
    [
        ('{"total":"12,50"}', {"total": "12.50"}),
        ('Sure! Here it is:\n```json\n{"Total": 12.5}\n```', {"total": "12.50"}),
        ('{"total": null} {"total": "9"}', {"total": None}),
        ('{broken {"total":"1"}', {"total": "1.00"}),
        ('{"total":"12,50"', None),
        ("no record", None),
        ("", None),
        ("[1, 2]", None),
        ('{"total": [1, 2]}', {"total": '["1", "2"]'}),
        ('{"total": NaN}', {"total": "NaN"}),
        ("{" * 5000, None),
        ('{"a":' * 3000, None),
        ('{"total": ' + "9" * 9000 + "}", {"total": "9" * 9000}),
    ],
)
def test_parse(reply: str, record: dict[str, str | None] | None) -> None:
    """The first JSON object is read whatever is around it; a reply without one is None; nothing raises."""
    assert prompt.parse(reply, OUTPUTS) == record


@given(st.text(max_size=400))
def test_parse_is_total(reply: str) -> None:
    """Any reply gives a record of strings and Nones, or None."""
    record = prompt.parse(reply, OUTPUTS)
    assert record is None or all(value is None or isinstance(value, str) for value in record.values())


def test_what_an_example_shows_is_read_back() -> None:
    """The reply that an example shows, read as a model's reply, is the record meant."""
    shown = prompt.answer_turn(
        OUTPUTS, {"supplier": "Vigie", "invoice": None, "day": "3 mars 2026", "total": "1 234,50"}
    )
    assert prompt.parse(shown, OUTPUTS) == {
        "supplier": "Vigie",
        "invoice": None,
        "day": "2026-03-03",
        "total": "1234.50",
    }


def test_nothing_answered_earns_nothing() -> None:
    """None and a blank record earn 0 in every part, ask nothing, and say what to do."""
    for spec in (None, PromptSpec()):
        assert scoring.requests(spec, CASES, SETUP) == ()
        assert all(part.fraction == 0.0 for part in scoring.score(spec, CASES, SETUP, {}).parts)


def test_a_perfect_model_earns_everything() -> None:
    """The good spec with right replies earns 100, and the interval is said."""
    verdict = scoring.score(GOOD, CASES, SETUP, answers(GOOD))
    assert [part.fraction for part in verdict.parts] == [1.0, 1.0, 1.0, 1.0]
    assert verdict.cap is None
    assert "95 % interval" in verdict.part("behaviour").says


def test_behaviour_grows_with_right_replies() -> None:
    """One more right reply never lowers the score; below the baseline it is 0, from the reference on 1."""
    earned = [scoring.score(GOOD, CASES, SETUP, answers(GOOD, right=n)).part("behaviour").fraction for n in range(13)]
    assert earned == sorted(earned)
    assert earned[0] == 0.0
    assert earned[1] == 0.0  # 1/12 is under the baseline of 0.1
    assert earned[8] == 1.0  # 8/12 is over the reference of 0.6


def test_a_missing_reply_is_not_a_zero() -> None:
    """Without one of the replies, or with an engine that did not qualify, behaviour is not evaluated."""
    replies = answers(GOOD)
    replies.pop(next(iter(replies)))
    assert scoring.score(GOOD, CASES, SETUP, replies).part("behaviour").fraction is None
    for setup in (replace(SETUP, qualified=None), replace(SETUP, qualified=False), replace(SETUP, baseline=None)):
        verdict = scoring.score(GOOD, CASES, setup, answers(GOOD))
        assert verdict.part("behaviour").fraction is None
        assert verdict.part("contract").fraction == 1.0


def test_lures_that_caught_are_named() -> None:
    """`survived` names the lures of the cases that went wrong, most frequent first."""
    replies = answers(GOOD)
    for case in CASES:
        if case.lure == "no number" or case.id == "c1":
            replies[Request(prompt.render(GOOD, case, SETUP)).key] = "{}"
    assert scoring.score(GOOD, CASES, SETUP, replies).part("behaviour").survived == ("no number", "plain")


CHEATS: dict[str, PromptSpec] = {
    "keyword stuffing": PromptSpec(
        task="Act as an expert. Use delimiters, JSON only, null if missing, no personal data, do not hallucinate.",
        inputs=("kind", "document", "notes", "phone"),
        outputs=tuple(Output(o.name) for o in OUTPUTS),
    ),
    "no document": replace(GOOD, inputs=("kind",)),
    "document cut to nothing": replace(GOOD, budget=1),
    "nothing asked": replace(GOOD, outputs=(Output("answer"),)),
    "no task": replace(GOOD, task=" "),
    "a book for a task": replace(GOOD, task="word " * 2000),
    "a book for an example": replace(GOOD, examples=(Example("b1", {"total": "9" * 50_000}),)),
}


@pytest.mark.parametrize("name", CHEATS)
def test_cheats_earn_at_most_twenty(name: str) -> None:
    """Structure without a working prompt earns at most 20, with a model that says nothing useful."""
    spec = CHEATS[name]
    replies = {request.key: "I am sorry." for request in scoring.requests(spec, CASES, SETUP)}
    assert total(spec, replies) <= 20


@pytest.mark.parametrize("name", sorted(CHEATS.keys() - {"keyword stuffing"}))
def test_a_prompt_that_cannot_work_asks_nothing(name: str) -> None:
    """Such a prompt needs no replies: its behaviour is 0, not "not evaluated"."""
    assert scoring.requests(CHEATS[name], CASES, SETUP) == ()
    assert scoring.score(CHEATS[name], CASES, SETUP, {}).part("behaviour").fraction == 0.0


@pytest.mark.parametrize(
    ("change", "below", "kind"),
    [
        ({"boundary": "none"}, 0.25, "orders inside the text"),
        ({"collision": "leave"}, 1.0, "the boundary mark inside the text"),
        ({"boundary": "quotes", "collision": "leave"}, 1.0, "the boundary mark inside the text"),
        ({"boundary": "fence", "collision": "leave"}, 1.0, "the boundary mark inside the text"),
        ({"missing": "blank"}, 1.0, "a missing field"),
        ({"budget": 0}, 1.0, "twenty pages"),
        ({"budget": 100_000}, 1.0, "twenty pages"),
    ],
)
def test_each_weakness_costs_robustness(change: dict[str, Any], below: float, kind: str) -> None:
    """Every setting that lets something through costs points, and the kind is named with its remedy."""
    part = scoring.score(replace(GOOD, **change), CASES, SETUP, {}).part("robustness")
    assert part.fraction is not None
    assert part.fraction < below
    assert kind in part.survived


@pytest.mark.parametrize("boundary", ["quotes", "fence", "tags"])
@pytest.mark.parametrize("collision", ["replace", "stop"])
@pytest.mark.parametrize("missing", ["say", "stop"])
def test_every_sound_setting_is_fully_robust(boundary: Any, collision: Any, missing: Any) -> None:
    """No particular boundary is demanded: each one that holds earns everything."""
    spec = replace(GOOD, boundary=boundary, collision=collision, missing=missing)
    assert scoring.score(spec, CASES, SETUP, {}).part("robustness").fraction == 1.0


@pytest.mark.parametrize(
    ("outputs", "low", "high"),
    [
        (OUTPUTS, 1.0, 1.0),
        (tuple(Output(o.name, "text", True) for o in OUTPUTS), 0.2, 0.7),
        (tuple(replace(o, nullable=False) for o in OUTPUTS), 0.5, 0.8),
        (tuple(replace(o, nullable=True) for o in OUTPUTS), 0.8, 0.95),
        (OUTPUTS[:3], 0.0, 0.0),
        ((), 0.0, 0.0),
    ],
)
def test_contract(outputs: tuple[Output, ...], low: float, high: float) -> None:
    """J falls with every wrong format and emptiness; a reply without one of the targets is worth nothing."""
    fraction = scoring.score(replace(GOOD, outputs=outputs), CASES, SETUP, {}).part("contract").fraction
    assert fraction is not None
    assert low <= fraction <= high


def test_minimisation_counts_fields_that_reach_the_prompt() -> None:
    """Each unneeded field costs its share and is named; it counts only if the document is there."""

    def fraction(*inputs: str) -> float | None:
        return scoring.score(replace(GOOD, inputs=inputs), CASES, SETUP, {}).part("minimisation").fraction

    assert fraction("document") == 1.0
    assert fraction("document", "notes") == 0.5
    assert fraction("document", "notes", "phone") == 0.0
    assert fraction() == 0.0
    part = scoring.score(replace(GOOD, inputs=("document", "phone")), CASES, SETUP, {}).part("minimisation")
    assert part.survived == ("Phone",)


def test_candidates_are_the_pieces_one_would_pick() -> None:
    """The form offers amounts, references, dates and names as they stand in the document."""
    document = "Vigie & Fils SA\nFacture F-0412 du 3 mars 2026\nMontant HT 1 234,50\nTotal TTC 1 481,40 €"
    assert prompt.candidates(document, "amount") == ("1 234,50", "1 481,40")
    assert prompt.candidates(document, "date") == ("3 mars 2026",)
    assert "F-0412" in prompt.candidates(document, "reference")
    assert prompt.candidates(document, "text")[0] == "Vigie & Fils SA"
    terms = "Notice: 60 days. Liability is capped at EUR 50 000, not at €1,500,000. The Nova 80 needs a repair."
    assert prompt.candidates(terms, "amount") == ("EUR 50 000", "€1,500,000")
    assert {"60 days", "Nova 80", "repair"} <= set(prompt.candidates(terms, "text"))


def test_a_lab_with_faults_is_told_all_of_them() -> None:
    """Duplicate names, unknown bank fields and gold in the wrong shape are each reported."""
    bad = replace(
        SETUP,
        inputs=tuple(replace(known, use="allowed", untrusted=False) for known in (*SETUP.inputs, SETUP.inputs[0])),
        bank=(BankItem("b1", "x", {"other": "y"}),),
    )
    case = replace(CASES[0], gold={**CASES[0].gold, "total": "1,50", "supplier": None})
    found = " / ".join(scoring.problems(bad, [case]))
    for piece in ("occurs twice", "none is required", "none is untrusted", "'other'", "total '1,50'", "supplier None"):
        assert piece in found
    assert scoring.problems(SETUP, CASES) == []


def test_bad_replies_are_the_same_every_time() -> None:
    """Contract and fuzz are seeded: two runs give the same verdict."""
    spec = replace(GOOD, boundary="quotes", collision="leave", outputs=tuple(Output(o.name) for o in OUTPUTS))
    assert scoring.score(spec, CASES, SETUP, {}) == scoring.score(spec, CASES, SETUP, {})


# The labs of this kit

LABS = sorted(
    path.parent
    for path in (Path(__file__).parents[1] / "exercises" / "labs").glob("*/lab.toml")
    if tomllib.loads(path.read_text(encoding="utf-8"))["kit"] == "prompting"
)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_the_reference_of_a_lab_can_be_picked_by_hand(lab: Path) -> None:
    """Every value in the reference's examples is offered by the form, as it stands in the document."""
    spec = importlib.util.spec_from_file_location(f"{lab.name.replace('-', '_')}_attempts", lab / "attempts.py")
    assert spec is not None
    assert spec.loader is not None
    attempts = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(attempts)
    raw = tomllib.loads((lab / "lab.toml").read_text(encoding="utf-8"))["setup"]
    setup: PromptSetup = records.load(PromptSetup, raw)
    (shown,) = (known.name for known in setup.inputs if known.untrusted)
    bank = {item.id: item.fields[shown] for item in setup.bank}
    formats = {target.name: target.format for target in setup.targets}
    assert len(attempts.REFERENCE.examples) <= setup.max_examples
    for example in attempts.REFERENCE.examples:
        for name, value in example.output.items():
            offered = prompt.candidates(bank[example.case], formats[name])
            # The minus of a credit note that is printed without one is the learner's to add.
            assert value is None or value in offered or value.removeprefix("-") in offered


# The bench


@pytest.fixture
def lab(tmp_path: Path) -> OpenLab:
    """A lab's folder as the release makes it, opened."""
    info = LabInfo(
        format=1, id="t", version="1", title="T", kit="prompting", minutes=5, summary="", why="", hand_in="", objectives=(),
        tomorrow=(), checks=(), setup=records.dump(SETUP),
    )  # fmt: skip
    (tmp_path / "lab.json").write_text(json.dumps(records.dump(info)), encoding="utf-8")
    (tmp_path / "practice.json").write_text(json.dumps({"cases": records.dump(CASES)}), encoding="utf-8")
    return OpenLab("t", tmp_path)


def fill(bench: PromptBench) -> None:
    """Do by hand what the reference does."""
    bench._task.value = GOOD.task
    bench._inputs["kind"].value = bench._inputs["document"].value = True
    bench._missing.value, bench._boundary.value, bench._collision.value = "say", "tags", "replace"
    bench._budget.value, bench._abstain.value = 1000, "null"
    for output in OUTPUTS:
        ask, form, empty = bench._asked[output.name]
        ask.value, form.value, empty.value = True, output.format, output.nullable
    bench._bank.value = "b1"
    bench._add_example()
    for combobox in [w for w in _walk(bench._example_box) if isinstance(w, Combobox)]:
        wanted = {"Supplier": "Vigie SA", "Invoice no.": "F-12", "Date": "3 mars 2026", "Total": "12,50"}
        combobox.value = wanted[combobox.description]


def _walk(widget: Any) -> list[Any]:
    return [widget, *(found for child in getattr(widget, "children", ()) for found in _walk(child))]


def test_the_good_answer_is_within_reach_of_the_form(lab: OpenLab) -> None:
    """Clicking and typing alone makes the good spec; it is saved, and comes back when the lab is reopened."""
    bench = PromptBench(lab)
    bench.view()
    fill(bench)
    assert bench.answer == GOOD
    again = PromptBench(OpenLab("t", lab.root))
    again.view()
    assert again.answer == GOOD
    assert again._task.value == GOOD.task
    assert again._asked["invoice"][2].value is True


def test_an_untouched_bench_saves_nothing(lab: OpenLab) -> None:
    """Showing the form is no answer."""
    PromptBench(lab).view()
    assert not (lab.root / "answers.json").exists()


def test_trying_keeps_replies_and_versions(lab: OpenLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each document is asked once; results, replies for the check, and the version stay; going back restores it."""
    asked: list[str] = []

    def model(requests: Any, on_progress: Any = None, cancelled: Any = None) -> dict[str, str]:
        asked.extend(request.key for request in requests)
        return {request.key: answers(GOOD)[request.key] for request in requests}

    monkeypatch.setattr(client, "complete_many", model)
    bench = PromptBench(lab)
    bench.view()
    bench.try_out(CASES)
    assert "task is empty" in bench._said.value
    fill(bench)
    for _ in range(2):
        bench.try_out(CASES[:3])
        assert bench._worker is not None
        bench._worker.join()
    assert len(asked) == 3
    assert "100\N{NO-BREAK SPACE}% of the values right on 3 of 12" in bench._share.value
    assert set(json.loads((lab.root / "replies.json").read_text(encoding="utf-8"))) == set(asked)
    assert len(bench._versions()) == 1
    assert (
        "100\N{NO-BREAK SPACE}% right on 3 documents (95 % interval 44\N{NO-BREAK SPACE}% to 100\N{NO-BREAK SPACE}%)"
        in bench._version_box.children[0].children[1].value
    )
    bench._inputs["notes"].value = True
    assert bench._share.value == bench._result.value == ""
    bench._go_back(bench._versions()[0]["answer"])
    assert bench.answer == GOOD
    assert bench._inputs["notes"].value is False


def test_the_model_reads_what_is_still_to_be_asked(lab: OpenLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each edit of a prompt that can be tried is read ahead; one that cannot, or is answered, is not."""
    ahead: list[str] = []
    monkeypatch.setattr(client, "read_ahead", lambda request: ahead.append(request.key))
    bench = PromptBench(lab)
    bench.view()
    assert ahead == []
    fill(bench)
    assert ahead[-1] == Request(prompt.render(GOOD, CASES[0], SETUP)).key
    bench.replies = answers(GOOD)
    ahead.clear()
    bench._show_rest()
    assert ahead == []


def test_stopping_and_a_silent_model_lose_nothing(lab: OpenLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop keeps what came; an unreachable model is said in words, and the buttons work again."""
    bench = PromptBench(lab)
    bench.view()
    fill(bench)

    def one_then_stop(requests: Any, on_progress: Any = None, cancelled: Any = None) -> dict[str, str]:
        bench._stop.set()
        return {request.key: "{}" for request in requests}

    monkeypatch.setattr(client, "complete_many", one_then_stop)
    bench.try_out(CASES)
    assert bench._worker is not None
    bench._worker.join()
    assert len(bench.replies) == 1
    assert "Stopped" in bench._said.value

    def silent(requests: Any, on_progress: Any = None, cancelled: Any = None) -> dict[str, str]:
        raise ModelUnreachable("The practice model does not answer.", "Try again.")

    monkeypatch.setattr(client, "complete_many", silent)
    bench.try_out(CASES)
    bench._worker.join()
    assert "does not answer" in bench._said.value
    assert not bench._first.disabled


def test_what_a_sender_writes_is_shown_not_run(lab: OpenLab) -> None:
    """Document text and replies are escaped wherever the bench shows them."""
    evil = '<img src=x onerror="alert(1)">'
    bench = PromptBench(lab)
    bench.practice = (replace(CASES[0], fields={"document": evil}),)
    bench.view()
    fill(bench)
    bench.replies = {Request(prompt.render(GOOD, bench.practice[0], SETUP)).key: json.dumps({"supplier": evil})}
    bench._show_rest()
    assert "&lt;img" in bench._preview.value
    assert "&lt;img" in bench._result.value
    assert "<img" not in bench._preview.value + bench._result.value
