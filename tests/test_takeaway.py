"""The "take to work" card: what each kit says of an answer, and the page that is printed."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import chromium
import pytest
from conftest import ROOT
from playwright.sync_api import Browser

from atelier import kits, takeaway
from atelier.kits.base import Passage
from atelier.kits.decisions.records import Decision, DecisionTable
from grader import catalog, codelab, labcheck
from grader.catalog import Catalog

LABS = sorted(path.parent.name for path in (ROOT / catalog.LABS).glob("*/lab.toml"))
CARD = takeaway.Takeaway(
    "A <b>lab</b>", ("Ask & check.",), (), "Minutes: today 9; target 5.", "From a lab", "1 May 2026"
)


def _reference(known: Catalog, lab: str) -> takeaway.Takeaway:
    found = known.lab(lab)
    reference = codelab.as_answer(found, {}) if found.file.mode == "code" else catalog.attempts(found)[0]
    passages = kits.load(found.file.kit).card(reference, catalog.practice_cases(found, labcheck.SECRET), found.setup)
    return replace(CARD, title=found.file.title, tomorrow=found.file.tomorrow, passages=passages)


@pytest.mark.parametrize("lab", LABS)
def test_every_lab_says_in_words_what_was_built(known: Catalog, lab: str) -> None:
    """Sentences without a record's inner names, and nothing at all for a form that was never filled in."""
    found = known.lab(lab)
    kit = kits.load(found.file.kit)
    card = _reference(known, lab)
    assert card.passages
    assert all(passage.lines or passage.text for passage in card.passages)
    words = " ".join(line for passage in card.passages for line in passage.lines)
    assert not re.search(r"\b[a-z]+_[a-z]+\b|\bNone\b|\(\)|Rule\(", words), words
    if found.file.kit != "redaction":  # an untouched plan is one too: everything leaves
        assert kit.card(kit.answer(), (), found.setup) == ()


def test_a_plan_reads_as_few_sentences(known: Catalog) -> None:
    """Fields of which the same is asked share a sentence; a sum and a phrase stand for themselves."""
    [passage] = _reference(known, "invoice-checks").passages
    assert len(passage.lines) < 12
    assert any(
        line.startswith("Supplier, Invoice number") and line.endswith("must be filled in") for line in passage.lines
    )
    assert "Net amount + VAT amount must be Total to pay (to 0.02)" in passage.lines


def test_a_prompt_is_ready_to_copy(known: Catalog) -> None:
    """Task, every example with its reply, and a marked place for the next document, whatever the length limit is."""
    found = known.lab("invoice-fields")
    reference, _ = catalog.attempts(found)
    kit = kits.load("prompting")
    for budget in (0, 1, 2000):
        text = kit.card(replace(reference, budget=budget), (), found.setup)[0].text
        assert text.startswith(reference.task)
        assert text.count("Reply: {") == len(reference.examples)
        assert text.endswith("<doc>\n[The document]\n</doc>")


def test_a_table_of_decisions_names_what_got_past(known: Catalog) -> None:
    """Lures of the practice cards, those first that fooled the learner; the graded cards' truth is not needed."""
    found = known.lab("send-or-hold")
    practice = catalog.practice_cases(found, "a cohort")
    wrong = next(case for case in practice if case.lure)
    table = DecisionTable((Decision(wrong.card.id, "send", 90), Decision("c01", "hold", 70)))
    passages = {passage.title: passage.lines for passage in kits.load("decisions").card(table, practice, found.setup)}
    assert passages["Watch out for"][0] == f"{wrong.lure} (it got past me)"
    assert passages["My own habits"] == (
        "Cards decided: 1. “Hold it” 1.",
        "On average I was 80\N{NO-BREAK SPACE}% sure. My feedback says how often I was right.",
    )


def test_the_page_is_complete_in_itself() -> None:
    """Text is escaped, nothing is asked of the network, no script; an empty form is told, not hidden."""
    page = takeaway.render(CARD)
    assert "A &lt;b&gt;lab&lt;/b&gt;" in page
    assert "Ask &amp; check." in page
    assert "Nothing yet. Work on the lab" in page
    assert "Minutes: today 9; target 5." in page
    assert not re.search(r"https?:|<script|<link|<img|url\(", page)
    assert "<h2>How our work" in page
    assert "<h2>How our work" not in takeaway.render(replace(CARD, kpi=""))


def test_a_card_of_a_lab_under_the_policy_holds_its_rules(known: Catalog) -> None:
    """Each class of data with the places it may go to, each consequence with its check, and the limit."""
    policy = known.policy
    places, checks = takeaway.rules(policy)
    assert len(places.lines) == len(policy.data_classes)
    assert len(checks.lines) == len(policy.consequences) + 1
    sensitive = next(line for line in places.lines if line.startswith("Sensitive"))
    assert "): On our own machines. Each result is checked before use." in sensitive
    [banned] = [c for c in policy.consequences if not c.validation]
    assert f"{banned.title}: {banned.says}" in checks.lines


@pytest.mark.browser
def test_every_card_fits_one_sheet_of_paper(known: Catalog, browser: Browser, tmp_path: Path) -> None:
    """The reference answer of each lab, printed on A4; the text is dark enough to read."""
    for lab in LABS:
        file = tmp_path / f"{lab}.html"
        file.write_text(takeaway.render(_reference(known, lab)), encoding="utf-8")
        page = browser.new_page()
        page.goto(file.as_uri())
        sheets = len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True)))
        assert sheets == 1, lab
        assert page.evaluate(chromium.FAINT) == []
        page.close()


def test_a_long_text_is_set_small() -> None:
    page = takeaway.render(replace(CARD, passages=(Passage("P", text="x" * 2000), Passage("Q", text="y"))))
    assert page.count('<pre class="long">') == 1
    assert "<pre>y</pre>" in page
