"""The data-handling kit: what leaves, what still works, and who is found."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier.kits.redaction import KIT, find, redact, scoring
from atelier.kits.redaction.form import LeakLens
from atelier.kits.redaction.records import (
    Column,
    ColumnRule,
    DetectorRule,
    Line,
    Need,
    Person,
    RedactionCase,
    RedactionPlan,
    RedactionSetup,
    Secret,
    Step,
)
from atelier.lab import OpenLab
from grader import catalog, invent, labcheck, release
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


@pytest.mark.parametrize(
    ("kind", "text", "gone"),
    [
        ("phone numbers", "au +33 (0)6 39 98 12 34 ou au 06.39.98.12.34", "au [removed] ou au [removed]"),
        ("phone numbers", "call +44 7700 900123, order 482137", "call [removed], order 482137"),
        ("IBANs", "compte fr6849319998126872142407489 svp", "compte [removed] svp"),
        ("IBANs", "référence FR04 1234 5678", "référence FR04 1234 5678"),
        ("street addresses", "J'habite 12 bis, rue de l'Écluse, au fond", "J'habite [removed], au fond"),
        ("street addresses", "AU 7 AVENUE DU PORT", "AU [removed]"),
        ("names after a title", "Ma voisine, Mme Castaing, et le Dr Zola-Petit", "Ma voisine, Mme [removed], et le Dr [removed]"),
        ("names after a title", "VOTRE M. LE GOFF", "VOTRE M. [removed]"),
        ("names after a title", "M. est absent", "M. est absent"),
        ("signatures", "Merci.\nCordialement,\nSofia\nPS : 482137", "Merci.\n[removed]"),
        ("long numbers", "commande 482137, 3 cartons", "commande [removed], 3 cartons"),
        ("words in capitals", "la lampe CLAIRE est là", "la lampe [removed] est là"),
        ("first names with a capital", "Sofia voit la vie en rose, Rose aussi", "[removed] voit la vie en rose, [removed] aussi"),
    ],
)  # fmt: skip
def test_patterns_take_what_they_say(kind: str, text: str, gone: str) -> None:
    """Numbers in every spelling, streets, strangers by their title; and what each leaves alone."""
    assert redact.redact_text(text, {kind: "mask"}, NAMES, redact.Tokens()) == gone


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_searched(text: str) -> None:
    """Every detector returns places inside the text, in order and apart."""
    for kind in find.PATTERNS:
        spans = find.pattern(kind, text)
        edges = [edge for span in spans for edge in (span.start, span.end)]
        assert edges == sorted(edges)
        assert all(0 <= edge <= len(text) for edge in edges)


JOB = Column(
    "job",
    "Job",
    "fact",
    (Step("kind", "kind of job", groups=(("health", ("midwife", "vet")), ("craft", ("violin maker",)))),),
    attack=True,
    words=(("midwife", ("sage-femme", "midwife")), ("vet", ("vétérinaire",)), ("violin maker", ("violin maker",))),
)
DAY = Column(
    "day", "Month", "date", (Step("half", "half of the year", groups=(("spring", ("03", "04")),)),), attack=True
)
SETUP = RedactionSetup((Column("who", "Name", "name"), Column("text", "Text", "text"), JOB, DAY), (), "the wish", k=2)


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        (ColumnRule("job"), "Bonjour. Je suis l'unique SAGE FEMME ici. Un lit !"),
        (ColumnRule("job", "mask"), "Bonjour. Je suis l'unique [removed] ici. Un lit !"),
        (ColumnRule("job", "generalise", "kind"), "Bonjour. Je suis l'unique [health] ici. Un lit !"),
        (ColumnRule("job", "generalise", "no such step"), "Bonjour. Je suis l'unique SAGE FEMME ici. Un lit !"),
        (ColumnRule("job", "pseudonymise"), "Bonjour. Je suis l'unique P-001 ici. Un lit !"),
        (ColumnRule("job", "drop"), "Bonjour. Un lit !"),
    ],
)
def test_told_facts_are_found_in_any_spelling(rule: ColumnRule, left: str) -> None:
    """Capitals, accents, hyphens and elisions do not hide a fact; to drop it takes its sentence."""
    text = "Bonjour. Je suis l'unique SAGE FEMME ici. Un lit !"
    assert redact.redact_text(text, {}, NAMES, redact.Tokens(), [(find.fact(JOB), rule)]) == left


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("parti le 14 mars 2026", ["03"]),
        ("depuis le 1er FÉVRIER", ["02"]),
        ("since May 3rd, not since I may", ["05"]),
        ("du 14/03/2026 au 2/4", ["03", "04"]),
        ("3 cartons, 45/2026 pages", []),
    ],
)
def test_dates_are_read_as_months(text: str, months: list[str]) -> None:
    assert [span.value for span in find.fact(DAY).told(text)] == months


def _documents(*texts: str) -> list[RedactionCase]:
    people = (
        Person("e1", "Sofia", "Dubreuil", {"job": "midwife", "day": "03"}),
        Person("e2", "Olga", "Joly", {"job": "vet", "day": "03"}),
        Person("e3", "Karim", "Rey", {"job": "violin maker", "day": "09"}),
    )
    lines = tuple(
        Line({"who": "Sofia Dubreuil", "text": text}, (Secret("Sofia Dubreuil", "person", "e1"),), "e1", "e1", "lit")
        for text in texts
    )
    return [RedactionCase("00", lines, people)]


@pytest.mark.parametrize(
    ("rules", "found"),
    [((), 1), ((ColumnRule("job", "generalise", "kind"),), 0), ((ColumnRule("job", "mask"),), 0), ((ColumnRule("text", "drop"),), 0)],
)  # fmt: skip
def test_the_attacker_reads_what_is_left_in_the_text(rules: tuple[ColumnRule, ...], found: int) -> None:
    """A job told in a message narrows the crowd down as a column would; the kind of job fits two."""
    cases = _documents("Je suis sage-femme, il me faut un lit depuis mars.")
    plan = RedactionPlan((ColumnRule("who", "drop"), *rules))
    assert scoring.measure(plan, cases, SETUP).found == found


def test_small_groups_count_as_found() -> None:
    """Where a lab asks for groups, a line that looks like no other of its document is found, however many it fits."""
    column = Column("team", "Team", "category", attack=True)
    setup = RedactionSetup((column, *SETUP.columns[:2]), (), "the wish", k=2, groups=True)
    people = tuple(Person(f"e{i}", "Rose", f"N{i}", {"team": "ab"[i % 2]}) for i in range(6))
    lines = tuple(Line({"team": t, "who": "", "text": "lit"}, (), "e0", "e0", "lit") for t in "aab")
    measured = scoring.measure(RedactionPlan(), [RedactionCase("00", lines, people)], setup)
    assert (measured.found, measured.people) == (1, 3)


def test_needs_count_one_kind_at_a_time() -> None:
    """Utility is the mean over kinds, so that a rare need weighs as much as a frequent one."""
    line = Line(
        {"who": "x", "text": "lit 482137 Rose"},
        (),
        "",
        "x",
        "lit",
        (Need("482137", "orders"), Need("ROSE", "products")),
    )
    case = RedactionCase("00", (line,), _documents()[0].directory)
    plan = RedactionPlan((), (DetectorRule("long numbers", "mask"),))
    assert scoring.measure(plan, [case], SETUP).useful == (("purposes", 1.0), ("orders", 0.0), ("products", 1.0))
    assert "orders that cannot be read" in KIT.score(plan, [case], SETUP, {}).part("utility").survived


def test_a_lab_whose_gold_does_not_hold_is_told() -> None:
    """Secrets and needs that are not in their line, facts that the directory contradicts, a reader who needs nothing."""
    (case,) = _documents("Un lit pour le vétérinaire.")
    wrong = replace(case.lines[0], secrets=(Secret("06", "phone number", "e1"),), needs=(Need("482137", "orders"),))
    found = " / ".join(KIT.problems(SETUP, [replace(case, lines=(wrong,))]))
    for says in ("it must have 200", "secret “06” is not", "“482137” is not", "tells Job “vet”, the directory another"):
        assert says in found
    idle = replace(case.lines[0], purpose="")
    assert "needs nothing" in " ".join(KIT.problems(SETUP, [replace(case, lines=(idle,))]))


class TestForm:
    """Driven as the browser drives it: by the widgets' values and clicks."""

    @pytest.fixture
    def form(self, tmp_path: object) -> LeakLens:
        found = catalog.load(catalog.find_root()).lab("ticket-redaction")
        folder = tmp_path / found.id  # type: ignore[operator]
        release.stage(found, labcheck.SECRET, folder)
        form = LeakLens(OpenLab(found.id, folder))
        form.view()
        return form

    def test_messages_show_what_leads_to_a_person(self, form: LeakLens) -> None:
        person = form.lab.practice[0].lines[0].cells["who"]
        assert f"<mark>⚠&nbsp;{person}</mark>" in form._document.value
        assert "<mark>◇&nbsp;" in form._document.value
        form._columns["who"].value = form._columns["mail"].value = "drop"
        assert "Dropped: Customer, E-mail." in form._document.value

    def test_facts_can_be_made_coarser_or_dropped_with_their_sentence(self, form: LeakLens) -> None:
        labels = [label for label, _ in form._columns["town"].options]
        assert labels == ["leave it", "region (west, east, south)", "take the words out", "drop the whole sentence"]
        form._columns["town"].value = "generalise:region"
        assert form.answer.columns == (ColumnRule("town", "generalise", "region"),)
        assert "[west]" in form._document.value

    def test_the_attack_names_a_person_and_then_finds_nobody(self, form: LeakLens) -> None:
        form._replay.click()
        assert "That is exactly one person" in form._attack.value
        assert "And now it is known who wrote" in form._attack.value
        assert "→ 1 person</li></ol>" in form._attack.value
        form._columns["job"].value = "mask"
        form._columns["town"].value = "generalise:region"
        form._replay.click()
        assert "The attacker finds nobody" in form._attack.value
