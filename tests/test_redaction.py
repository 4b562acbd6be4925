"""The data-handling kit: what leaves, what still works, and who is found."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier.kits.redaction import KIT, redact, scoring
from atelier.kits.redaction.records import ColumnRule, DetectorRule, RedactionPlan
from grader import catalog, invent, labcheck
from grader.model import Lab

COLUMNS = ("who", "job", "site", "seniority", "amount", "centre", "text")
DETECTORS = ("full names", "last names", "first names", "e-mail addresses", "IBANs", "phone numbers")
plans = st.builds(
    RedactionPlan,
    st.lists(
        st.builds(
            ColumnRule,
            column=st.sampled_from([*COLUMNS, "no such column"]),
            action=st.sampled_from(["keep", "mask", "pseudonymise", "generalise", "drop"]),
            step=st.sampled_from(["", "family", "region", "5", "10", "100", "500", "2000"]),
        ),
        max_size=7,
    ).map(tuple),
    st.lists(
        st.builds(
            DetectorRule, detector=st.sampled_from(DETECTORS), action=st.sampled_from(["keep", "mask", "pseudonymise"])
        ),
        max_size=6,
    ).map(tuple),
)


@pytest.fixture(scope="module")
def lab() -> Lab:
    return catalog.load(catalog.find_root()).lab("ledger-sharing")


@given(plans)
@settings(max_examples=60, deadline=None)
def test_scores_are_shares(lab: Lab, plan: RedactionPlan) -> None:
    """Every part of every plan is between 0 and 1."""
    cases = catalog.practice_cases(lab, labcheck.SECRET)
    assert all(
        part.fraction is not None and 0 <= part.fraction <= 1 for part in KIT.score(plan, cases, lab.setup, {}).parts
    )


@given(plans, st.sampled_from(COLUMNS), st.sampled_from(["mask", "drop"]))
@settings(max_examples=60, deadline=None)
def test_taking_out_one_more_column_never_leaks_more(lab: Lab, plan: RedactionPlan, column: str, action: str) -> None:
    """Masking or dropping a column can only take secrets away, and facts from the attacker."""
    cases = catalog.practice_cases(lab, labcheck.SECRET)
    more = replace(plan, columns=(*[r for r in plan.columns if r.column != column], ColumnRule(column, action)))  # type: ignore[arg-type]
    before, after = (scoring.measure(p, cases, lab.setup) for p in (plan, more))
    assert len(after.leaks) <= len(before.leaks)
    assert after.found <= before.found


@given(plans)
@settings(max_examples=40, deadline=None)
def test_one_party_has_one_token_everywhere(lab: Lab, plan: RedactionPlan) -> None:
    """Tokens differ between parties, and none is made from the name."""
    cases = catalog.practice_cases(lab, labcheck.SECRET)
    _, tokens = redact.apply(plan, cases, lab.setup)
    assert len(set(tokens.known.values())) == len(tokens.known)
    assert all(token == f"P-{place:03d}" for place, token in enumerate(tokens.known.values(), 1))


def test_nothing_useful_or_nothing_hidden_earns_nothing(lab: Lab) -> None:
    """Deleting all and keeping all, in every way there is, stay under 20 of 100 together."""
    cases = catalog.hidden_cases(lab, labcheck.SECRET)
    for action in ("keep", "mask", "drop", "pseudonymise"):
        plan = RedactionPlan(tuple(ColumnRule(name, action) for name in COLUMNS))  # type: ignore[arg-type]
        verdict = KIT.score(plan, cases, lab.setup, {})
        assert sum(c.points * (verdict.part(c.part).fraction or 0) for c in lab.file.checks) <= 20


NAMES = redact.Names(
    {("sofia", "dubreuil"): "e1", ("dubreuil", "sofia"): "e1"},
    {"dubreuil": "e1", "le goff": "e2"},
    {"sofia": "e1", "rose": ""},
)


@pytest.mark.parametrize(
    ("text", "actions", "gone"),
    [
        ("SALAIRE DUBREUIL SOFIA", {"full names": "pseudonymise"}, "SALAIRE P-001"),
        ("Paie S. Dubreuil", {"full names": "mask"}, "Paie S. Dubreuil"),
        ("Paie S. Dubreuil", {"last names": "mask"}, "Paie S. [removed]"),
        ("Mme LE GOFF, taxi", {"last names": "pseudonymise"}, "Mme P-001, taxi"),
        ("Fleurs ROSE", {"first names": "mask"}, "Fleurs [removed]"),
        ("mail sofia.dubreuil@x.example svp", {"e-mail addresses": "mask"}, "mail [removed] svp"),
        ("au 06 39 98 12 34.", {"phone numbers": "mask"}, "au [removed]."),
        ("", {"last names": "mask"}, ""),
    ],
)
def test_detectors_take_what_they_say(text: str, actions: dict[str, str], gone: str) -> None:
    """Case, accents, order and compound names; and what each detector leaves."""
    assert redact.redact_text(text, actions, NAMES, redact.Tokens()) == gone


@given(st.integers(0, 10**6), st.sampled_from(["FR", "DE", "BE"]))
def test_every_iban_is_found(seed: int, country: str) -> None:
    """The IBAN detector takes the whole account, however long the country's is."""
    account = invent.iban(Random(seed), country)
    assert (
        redact.redact_text(f"VIR {account} merci", {"IBANs": "mask"}, NAMES, redact.Tokens()) == "VIR [removed] merci"
    )


def test_the_same_plan_scores_alike_for_every_cohort(lab: Lab) -> None:
    """Over twenty secrets no attempt moves by more than five points from its middle."""
    reference, attempts = catalog.attempts(lab)
    for plan in (reference, attempts["names and patterns, facts kept"].answer, attempts["text dropped"].answer):
        totals = []
        for secret in range(20):
            verdict = KIT.score(plan, catalog.hidden_cases(lab, f"cohort {secret}"), lab.setup, {})
            totals.append(sum(c.points * (verdict.part(c.part).fraction or 0) for c in lab.file.checks))
        assert max(totals) - min(totals) <= 10
