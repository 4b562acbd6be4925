"""The quality report: reading level, what is put together of a lab, the page, and what the site shows."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from markup import Document, stands_alone

from atelier import records
from grader import catalog, labcheck, notebook, pages, quality
from grader.catalog import Catalog
from grader.engines import Engine
from grader.quality import Quality


@pytest.fixture(scope="module")
def made(known: Catalog, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Quality]:
    """Return the report on two labs: one in decisions, and one that asks a model."""
    labs = [known.lab("send-or-hold"), known.lab("invoice-fields")]
    path = tmp_path_factory.mktemp("report") / "labs.html"
    labcheck.report(labs, [labcheck.prove(lab, engine) for lab in labs], path)
    stored = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return path.read_text(encoding="utf-8"), records.load(Quality, stored)


def test_lix_by_hand() -> None:
    """Eleven words in two sentences, four of them long: 5.5 + 36.4. A heading and a list item end a sentence."""
    found = quality.read(["The invoice arrives on Friday. It is checked, booked and forgotten."])
    assert (found.words, found.lix) == (11, round(11 / 2 + 100 * 4 / 11, 1))
    assert quality.read(["# A title", "- an item"]).lix == 2.0
    assert quality.read([]) == quality.Reading(0, 0.0)
    assert quality.read(["**Bold** and [a link](https://example.org/long/address)"]).words == 4


def test_french_is_measured_as_english_is() -> None:
    """Accents, apostrophes and guillemets: the same measure, and the same order of easy and hard."""
    easy = quality.read(["L'avoir est là. On paie. C'est fini."])
    hard = quality.read(
        ["Conformément aux dispositions contractuelles susmentionnées, l'annulation interviendra ultérieurement."]
    )
    assert easy.words == 7
    assert easy.level == "very easy"
    assert hard.level == quality.HARDEST


def test_what_a_learner_reads_is_the_labs_own_words(known: Catalog) -> None:
    """Story, hints, questions and the card; no program text."""
    lab = known.lab("send-or-hold")
    told = quality.learner_texts(lab, notebook.source(lab))
    text = "\n".join(told)
    assert lab.file.why in told
    assert "Go fact by fact" in text
    assert "Does it go out?" in text
    assert not re.search(r"import atelier|lab\.show|grader\.judge", text)


def test_the_report_stands_alone_and_has_every_number(made: tuple[str, Quality]) -> None:
    """No script, no outside request; the picture has a text alternative and each attempt a row."""
    page, found = made
    document = Document(page)
    stands_alone(document)
    assert page.count('role="img"') == len(found.labs) == 2
    for lab in found.labs:
        for rung in lab.ladder:
            assert " ".join(rung.why.split()) in document.text, rung.attempt
        for check in lab.checks:
            assert check.says in document.text
    assert "points over 20 cohorts, 20 of them estimated" in document.text


def test_the_ladder_goes_up_and_ungraded_attempts_come_last(made: tuple[str, Quality]) -> None:
    for lab in made[1].labs:
        points = [rung.earned for rung in lab.ladder]
        graded = [p for p in points if p is not None]
        assert graded == sorted(graded)
        assert points[len(graded) :] == [None] * (len(points) - len(graded))
        assert {"reference", "untouched"} <= {rung.attempt for rung in lab.ladder}


def test_a_lab_that_fails_is_in_the_report_with_its_problems(tiny: Path, engine: Engine, tmp_path: Path) -> None:
    """Even one whose attempts cannot be read."""
    (tiny / "exercises/labs/notebook-basics/attempts.py").write_text("REFERENCE = 1 / 0\n")
    labs = catalog.load(tiny).labs
    path = labcheck.report(labs, [labcheck.prove(lab, engine) for lab in labs], tmp_path / "q.html")
    text = Document(path.read_text(encoding="utf-8")).text
    assert "It does not hold." in text
    assert "ZeroDivisionError" in text


def test_the_site_shows_what_was_found_and_marks_what_changed_since(known: Catalog, made: tuple[str, Quality]) -> None:
    found = made[1]
    page = pages.quality_page(found, known.labs)
    assert page.count("<svg") == 2
    assert all(f"| {known.lab(one.lab).file.minutes} | " in page for one in found.labs)
    assert "an earlier version" not in page
    older = replace(found, labs=tuple(replace(lab, version="0") for lab in found.labs))
    assert pages.quality_page(older, known.labs).count("an earlier version") == 2
    gone = replace(found, labs=(replace(found.labs[0], lab="no-such-lab"),))
    for nothing in (None, gone):
        assert "atelier check --report" in pages.quality_page(nothing, known.labs)
