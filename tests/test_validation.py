"""The validation kit: reading values as people write them, rules that never raise, and a score that cheats cannot move."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atelier.kits.validation import KIT, reading, rules, scoring
from atelier.kits.validation.records import CheckCase, CheckPlan, CheckSetup, Field, Rule, Table
from grader import catalog, invent, labcheck
from grader.model import Lab

FIELDS = (
    Field("total", "Total", "amount"),
    Field("date", "Date", "date"),
    Field("iban", "IBAN", "iban"),
    Field("name", "Name", "text"),
)
SETUP = CheckSetup(FIELDS, (), (Table("book", "book", ("name", "iban")),))

KINDS = (
    "required",
    "in_source",
    "sum",
    "rate",
    "lines",
    "in_list",
    "register",
    "not_seen",
    "format",
    "date_order",
    "within",
    "phrase",
)
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
