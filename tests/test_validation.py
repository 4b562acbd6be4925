"""The validation kit: reading values as people write them, rules that never raise, and a score that cheats cannot move."""

from __future__ import annotations

import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atelier.kits.validation import KIT, reading, rules, scoring
from atelier.kits.validation.code import Unusable, Validator
from atelier.kits.validation.records import CheckCase, CheckPlan, CheckSetup, Field, Rule, RuleKind, Table
from grader import catalog, invent, labcheck
from grader.model import Lab

VALIDATION = sorted(
    path.parent.name
    for path in (catalog.find_root() / catalog.LABS).glob("*/lab.toml")
    if 'kit = "validation"' in path.read_text(encoding="utf-8")
)
FORMS = [name for name in VALIDATION if catalog.lab_at(catalog.find_root() / catalog.LABS / name).file.mode == "form"]
FIELDS = (
    Field("total", "Total", "amount"),
    Field("date", "Date", "date"),
    Field("iban", "IBAN", "iban"),
    Field("name", "Name", "text"),
)
SETUP = CheckSetup(FIELDS, (), (Table("book", "book", ("name", "iban")),))

KINDS = get_args(RuleKind)
names = st.sampled_from(["total", "date", "iban", "name", "lines", "no such field", ""])
plans = st.builds(
    CheckPlan,
    st.lists(
        st.builds(
            Rule,
            kind=st.sampled_from(KINDS),
            field=names,
            other=names,
            total=names,
            table=st.sampled_from(["book", "history", "register", ""]),
            key=st.sampled_from(["name", "supplier", ""]),
            column=st.sampled_from(["iban", "number", ""]),
            values=st.lists(st.text(max_size=8), max_size=3).map(tuple),
            low=st.floats(-1e9, 1e9),
            high=st.floats(-1e9, 1e9),
            tolerance=st.floats(0, 100),
        ),
        max_size=6,
    ).map(tuple),
)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def lab() -> Lab:
    return catalog.load(catalog.find_root()).lab("invoice-checks")


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1,234.50", 123450), ("1 234,50", 123450), ("1.234,50", 123450), ("1\u202f234,5", 123450), ("12", 1200), ("0,00", 0),
        ("-5.10", -510), ("(12.00)", -1200), ("€ 99", 9900), ("12.000", 1200000), ("abc", None), ("", None), (None, None), (True, None),
        (12.5, 1250), ("17326.34", 1732634), ("100,00-", -10000),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(text: object, cents: int | None) -> None:
    """French, English and German writing, brackets and signs, or nothing."""
    assert reading.amount(text) == cents


@given(st.integers(-(10**9), 10**9), st.sampled_from(["en", "fr", "de", "plain"]))
def test_every_way_of_writing_an_amount_reads_back(cents: int, style: str) -> None:
    """What `invent.euros` writes is what `amount` reads."""
    assert reading.amount(invent.euros(cents, style)) == cents


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-03-04", date(2026, 3, 4)), ("04/03/2026", date(2026, 3, 4)), ("4 mars 2026", date(2026, 3, 4)),
        ("1er août 2026", date(2026, 8, 1)), ("4th March, 2026", date(2026, 3, 4)), ("31/02/2026", None), ("soon", None),
    ],
)  # fmt: skip
def test_dates_are_read_day_first(text: str, found: date | None) -> None:
    """Numbers, French and English words; an impossible date is none."""
    assert reading.day(text) == found


@given(st.integers(0, 10**6), st.sampled_from(["FR", "DE", "BE"]), st.data())
def test_iban_check_digits_catch_every_single_digit_error(seed: int, country: str, data: st.DataObject) -> None:
    """Mod 97 finds any one wrong digit (ISO 7064)."""
    good = invent.iban(Random(seed), country)
    assert reading.iban_ok(good)
    place = data.draw(st.sampled_from([i for i, c in enumerate(good) if c.isdigit()]))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != good[place]]))
    assert not reading.iban_ok(good[:place] + digit + good[place + 1 :])


@given(plans, st.dictionaries(names, junk, max_size=5), st.text(max_size=200))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_no_record_makes_a_rule_raise(plan: CheckPlan, output: dict[str, Any], source: str) -> None:
    """Whatever a model returned, a plan ends in issues that point into the plan."""
    issues = rules.run(plan, CheckCase("x", source, output), SETUP)
    assert all(0 <= issue.rule < len(plan.rules) and issue.says for issue in issues)


@given(plans)
@settings(max_examples=25, deadline=None)
def test_scores_are_shares(lab: Lab, plan: CheckPlan) -> None:
    """Every part of every plan is between 0 and 1."""
    cases = catalog.practice_cases(lab, labcheck.SECRET)
    assert all(
        part.fraction is not None and 0 <= part.fraction <= 1 for part in KIT.score(plan, cases, lab.setup, {}).parts
    )


@given(
    plans,
    st.sampled_from(
        [Rule("sum", "net", other="vat", total="total"), Rule("in_source", "iban"), Rule("required", "due")]
    ),
)
@settings(max_examples=25, deadline=None)
def test_another_rule_never_catches_less(lab: Lab, plan: CheckPlan, rule: Rule) -> None:
    """Rules only add issues, so the catch rate of no operator falls."""
    cases = catalog.practice_cases(lab, labcheck.SECRET)
    before = {row.kind: row.held for row in scoring.matrix(plan, cases, lab.setup)}
    after = {row.kind: row.held for row in scoring.matrix(replace(plan, rules=(*plan.rules, rule)), cases, lab.setup)}
    assert all(after[kind] >= held for kind, held in before.items())


def test_the_same_plan_scores_alike_for_every_cohort(lab: Lab) -> None:
    """Over twenty secrets no attempt moves by more than five points from its middle."""
    reference, attempts = catalog.attempts(lab)
    for plan in (reference, attempts["against the document"].answer, attempts["too strict"].answer):
        totals = []
        for secret in range(20):
            verdict = KIT.score(plan, catalog.hidden_cases(lab, f"cohort {secret}"), lab.setup, {})
            totals.append(sum(c.points * (verdict.part(c.part).fraction or 0) for c in lab.file.checks))
        assert max(totals) - min(totals) <= 10


def test_practice_shows_three_faults_and_the_grade_more_than_ten(lab: Lab) -> None:
    """Hidden cases hold faults that practice does not show, self-consistent ones and real model errors among them."""
    shown = {case.operator for case in catalog.practice_cases(lab, "any") if case.operator}
    hidden = {case.operator for case in catalog.hidden_cases(lab, "any") if case.operator}
    assert len(shown) == 3
    assert shown < hidden
    assert {
        "VAT rate recomputed",
        "invented line that adds up",
        "line left out, totals fit",
        "the practice model's own error",
    } <= hidden


PROSE = (
    Field("ref", "Reference", "code"),
    Field("says", "Text", "prose"),
    Field("years", "Years", "number"),
    Field("day", "Day", "date"),
    Field("start", "Start", "date"),
    Field("kind", "Kind", "text"),
)
BOOK = Table("book", "book", ("ref", "owner", "reasons"), (
    ("A 1", "Rose Rey", "The fee is not due, unless the buyer agreed. It lapses after 14 days."),
    ("A 2", "Karim Novak", "Notice must be given in writing, three months ahead."),
))  # fmt: skip


def _held(rule: Rule, source: str = "", **output: Any) -> bool:
    return bool(rules.run(CheckPlan((rule,)), CheckCase("x", source, output), CheckSetup(PROSE, (), (BOOK,))))


def _in_book(kind: Any, **more: Any) -> Rule:
    return Rule(kind, "says", other="ref", table="book", key="ref", column="reasons", **more)


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        (Rule("known", "ref", table="book", column="ref"), {"ref": "A1"}, {"ref": "A 3"}),
        (_in_book("quote"), {"ref": "A 1", "says": "“The fee is not due […] agreed.”"}, {"ref": "A 1", "says": "The fee is due"}),
        (_in_book("quote"), {"ref": "A 2", "says": "Notice must be given"}, {"ref": "A 1", "says": "Notice must be given"}),
        (_in_book("negation"), {"ref": "A 1", "says": "No fee is due, except if the buyer agreed"}, {"ref": "A 1", "says": "The fee is due, unless the buyer agreed"}),
        (_in_book("figures"), {"ref": "A 1", "says": "after 14 days"}, {"ref": "A 1", "says": "after 30 days"}),
        (_in_book("nearest"), {"ref": "A 2", "says": "written notice, three months ahead"}, {"ref": "A 1", "says": "written notice, three months ahead"}),
        (_in_book("alike", low=50), {"ref": "A 2", "says": "Notice given in writing three months"}, {"ref": "A 2", "says": "The fee lapses"}),
        (Rule("others", "says", other="ref", table="book", key="ref", column="owner"), {"ref": "A 1", "says": "Dear Rose Rey"}, {"ref": "A 1", "says": "Dear KARIM  Novak"}),
        (Rule("banned", "says", values=("promis*", "free + fee")), {"says": "It is free. A fee is due."}, {"says": "We promised it"}),
        (Rule("banned", "says", values=("free + fee", "age")), {"says": "the manager"}, {"says": "The fee\nis free"}),
        (Rule("notice", "says", values=("mediator", "médiateur")), {"says": "le Médiateur, enfin"}, {"says": "le mediatique"}),
        (Rule("holds", "says", other="day"), {"says": "on 4 March 2026", "day": "2026-03-04"}, {"says": "on 5 March 2026", "day": "2026-03-04"}),
        (Rule("holds", "says", other="kind"), {"says": "A refund, then", "kind": "refund"}, {"says": "A voucher", "kind": "refund"}),
        (Rule("needs", "years", other="says", low=0), {"years": "0"}, {"years": "3"}),
        (Rule("equal", "years", other="ref", tolerance=1), {"years": "3", "ref": "4"}, {"years": "3", "ref": "5"}),
        (Rule("in_time", "day", other="start", total="years"), {"day": "2026-03-15", "start": "2026-03-01", "years": "14"},
         {"day": "2026-03-16", "start": "2026-03-01", "years": "14"}),
        (Rule("invisible", "says", values=("tag characters",), tolerance=2), {"says": "a\u200bb\U000e0041"}, {"says": "\U000e0041" * 3}),
        (Rule("alphabets", "says"), {"says": "Привет, hello, 3 μm"}, {"says": "p\u0430yment"}),
        (Rule("format", "says"), {"says": "three whole words"}, {"says": ["a", "b", "c"]}),
        (Rule("required", "says", when="kind", when_is=("refund",)), {"kind": "voucher"}, {"kind": "Refund"}),
    ],
)  # fmt: skip
def test_each_rule_on_prose_tells_right_from_wrong(rule: Rule, right: dict[str, Any], wrong: dict[str, Any]) -> None:
    """A right record passes, one with the fault is held."""
    assert not _held(rule, **right)
    assert _held(rule, **wrong)


@pytest.mark.parametrize(
    ("cv", "months"),
    [
        ("03/2015 – 06/2018 Buyer", 39), ("March 2015 to June 2018", 39), ("2015-2018", 36), ("mars 2015 à juin 2018", 39),
        ("01/2015-01/2018\n01/2017-01/2019", 48), ("01/2024 – present", 12), ("Call 06 39 98 20 15", None), ("06/2018 – 03/2015", None),
    ],
)  # fmt: skip
def test_periods_add_up_without_overlaps(cv: str, months: int | None) -> None:
    """As CVs write them; a gap counts for nothing, an overlap once, an open end until the day given."""
    assert reading.periods(cv, date(2025, 1, 15)) == months


def test_a_rule_about_years_counts_the_documents_periods() -> None:
    """A record that fills a gap is held."""
    rule, cv = Rule("periods", "years", other="day", tolerance=0.6), "2010–2014 Clerk\n2018 – today Buyer"
    assert not _held(rule, cv, years="12", day="2026-01-31")
    assert _held(rule, cv, years="16", day="2026-01-31")


def test_what_nobody_sees_is_shown() -> None:
    """Tag characters as the letters that they carry, others by their code."""
    text = "a\u200bb" + "".join(chr(0xE0000 + ord(c)) for c in "hi")
    assert reading.shown(text) == "a⟦200B⟧b⟦hi⟧"


@given(st.text(max_size=60))
def test_a_passage_stands_in_its_own_text(text: str) -> None:
    """Whatever is written around it, and however quotes and dashes are set."""
    passage = "the fee isn't due – ever"
    assert reading.quoted(f"“{passage.replace(chr(39), '’')}”", f"{text} {passage} {text}")


@pytest.mark.parametrize("name", FORMS)
def test_every_rule_of_a_lab_reads_as_a_sentence_and_can_be_made_in_the_form(name: str) -> None:
    """No kind without words or label; a lab offers what its reference needs."""
    lab = catalog.lab_at(catalog.find_root() / catalog.LABS / name)
    reference, _ = catalog.attempts(lab)
    offered = {offer.kind: offer.types for offer in lab.setup.offers}
    types = {field.name: field.type for field in lab.setup.fields}
    for rule in reference.rules:
        assert rules.reads(rule, lab.setup)
        assert not offered[rule.kind] or types[rule.field] in offered[rule.kind], rule
        assert not rule.when or rule.when in lab.setup.conditions


@pytest.mark.parametrize("name", VALIDATION)
def test_hidden_cases_hold_what_practice_does_not_show(name: str) -> None:
    """Three faults are shown; the grade adds seven or more kinds, outputs that the model really made, and odd right ones."""
    lab = catalog.lab_at(catalog.find_root() / catalog.LABS / name)
    shown = {case.operator for case in catalog.practice_cases(lab, "any") if case.operator}
    hidden = catalog.hidden_cases(lab, "any")
    assert len(shown) == 3
    assert len({case.operator for case in hidden if case.operator} - shown) >= 7
    assert sum(case.made_by != "seeded" and bool(case.operator) for case in hidden) >= 6
    assert len({case.odd for case in hidden if case.odd}) >= 8


BOOKED = (("Iroise", "FR76"),)
RIGHT = CheckCase(
    "r", "Iroise owes 12.00", {"name": "Iroise", "total": "12.00", "iban": "FR76"}, tables={"book": BOOKED}
)
WRONG = replace(RIGHT, id="w", output=RIGHT.output | {"iban": "FR99"}, operator="changed IBAN", fields=("iban",))


def _register(source: str, output: dict[str, Any], tables: dict[str, Any]) -> list[tuple[str, str]]:
    booked = [row["iban"] for row in tables["book"] if row["name"] == output.get("name")]
    return [] if output.get("iban") in booked else [("iban", "is not booked")]


def _reckless(source: str, output: dict[str, Any]) -> list[str]:
    output.clear()
    return []


def test_a_function_gets_source_record_and_where_it_asks_the_tables() -> None:
    """Two arguments or three; tables as rows by column name; an issue may be a name alone."""
    seen: list[tuple[Any, ...]] = []

    def two(source: str, output: dict[str, Any]) -> list[str]:
        seen.append((source, output))
        return ["iban"]

    def many(*given: Any) -> list[str]:
        seen.append(given)
        return ["iban"]

    for function in (two, many):
        (issue,) = Validator(function).issues(RIGHT, SETUP)
        assert (issue.field, issue.says) == ("iban", "iban")
    assert seen[0] == (RIGHT.source, RIGHT.output)
    assert seen[1] == (*seen[0], {"book": [{"name": "Iroise", "iban": "FR76"}]})
    (issue,) = Validator(_register).issues(WRONG, SETUP)
    assert (issue.field, issue.says) == ("iban", "is not booked")
    assert Validator(_register).issues(RIGHT, SETUP) == []


def test_what_a_function_does_to_the_record_stays_with_it() -> None:
    before = deepcopy(RIGHT)
    Validator(_reckless).issues(RIGHT, SETUP)
    assert before == RIGHT


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda _a, _b: None, "returned None; a list of issues is expected"),
        (lambda _a, _b: "iban", "returned 'iban'; a list of issues is expected"),
        (lambda _a, _b: [("iban",)], r"returned the issue \('iban',\); a field's name, or a pair"),
        (lambda _a, _b: [("iban", 3)], "a field's name, or a pair"),
        (lambda _a, b: b["no"], "raised KeyError: 'no'"),
        (list, "raised TypeError"),
    ],
)
def test_what_is_no_list_of_issues_is_told_and_holds_nothing(function: Callable[..., Any], says: str) -> None:
    """A control that crashes lets everything pass, and earns nothing for a record that is broken."""
    with pytest.raises(Unusable, match=says):
        Validator(function).issues(WRONG, SETUP)
    assert [part.fraction for part in KIT.score(Validator(function), (RIGHT, WRONG), SETUP, {}).parts] == [0, 0, 0]


def test_a_function_is_scored_like_a_plan() -> None:
    """Caught and named; the rate of false alarms counts against it."""
    verdict = KIT.score(Validator(_register), (RIGHT, WRONG), SETUP, {})
    assert [verdict.part(name).fraction for name in ("caught", "field")] == [1, 1]
    everything = KIT.score(Validator(lambda _a, _b: ["iban"]), (RIGHT, WRONG), SETUP, {})
    assert everything.part("caught").fraction == 0


def test_a_check_of_a_function_says_call_got_expected() -> None:
    """One line per kind of case that goes wrong, none for a function that is right; the case is named."""

    def told(function: Callable[..., Any], part: str = "caught") -> tuple[str, ...]:
        return KIT.explain(Validator(function), (RIGHT, WRONG), SETUP, part)

    assert told(_register) == ()
    (missed,) = told(_reckless)
    assert missed.startswith(
        "validate(source, output) on practice case w (changed IBAN) returned []; expected an issue"
    )
    (alarm,) = told(lambda _a, _b: ["total"])
    assert "practice case r (ordinary record) returned [('total', 'total')]; expected []" in alarm
    (broken,) = told(lambda _a, _b: 1 / 0)
    assert "raised ZeroDivisionError: division by zero. It must return a list" in broken
    (left,) = told(lambda _a, _b: sys.exit("enough"))
    assert "raised SystemExit: enough. It must return a list" in left
    assert told(lambda _a, _b: ["iban"], "field") == ()
    (wrong,) = told(lambda _a, _b: ["total"], "field")
    assert "practice case w (changed IBAN) returned [('total', 'total')]; expected iban to be named first." in wrong
    unusable = told(_reckless, "robust")
    assert len(unusable) == 4
    assert unusable[0].startswith("validate(source, output) on a record with ")
    assert "= None returned []; expected an issue" in unusable[0]
    assert "division by zero" in told(lambda _a, _b: 1 / 0, "robust")[0]


def test_what_each_rule_of_a_function_costs_is_counted() -> None:
    """By the field named first; a function that cannot be used holds nothing."""
    rows = KIT.grid(Validator(lambda _a, _b: ["total", "iban"]), (RIGHT, WRONG), SETUP)
    assert rows[1:] == (("total", "█ 1", "█ 1"),)
    assert len(KIT.grid(Validator(lambda _a, _b: None), (RIGHT, WRONG), SETUP)) == 1


def test_a_lab_names_what_is_checked_and_against_what() -> None:
    """Rules, reasons and scores say the lab's own words: grids and CVs, not records and documents."""
    setup = replace(SETUP, things="grids", document="CV")
    right = CheckCase("r", "Rose 12.00", {"name": "Rose", "total": "12.00"})
    wrong = CheckCase("w", "Rose 12.00", {"name": "Karim", "total": "12.00"}, operator="a name", fields=("name",))
    rule = Rule("in_source", "name")
    plan = CheckPlan((rule,))
    assert rules.reads(rule, setup) == "Name must stand in the CV"
    assert rules.run(plan, wrong, setup)[0].says.endswith("does not stand in the CV")
    said = " ".join(part.says for part in scoring.score(plan, (right, wrong), setup, {}).parts)
    assert "Stops 1 of 1 wrong grids" in said
    assert "record" not in said
