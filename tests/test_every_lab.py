"""Every lab once from end to end: a learner's browser from My track to the receipt, then the trainer's grade.

One room with all labs serves them all. The usual suite takes one lab per kind of form; `make conformance` takes every one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import chromium
import pytest
from conftest import ROOT, Cohort
from playwright.sync_api import Browser, Locator, Page, expect

from atelier import exchange
from atelier.kits.decisions.records import DecisionTable
from atelier.kits.prompting.records import PromptSpec
from atelier.kits.redaction.records import RedactionPlan
from atelier.kits.testing.records import TestSuite as Suite
from atelier.kits.validation.records import CheckPlan
from grader import catalog, codelab, labcheck, pipeline, room, workspace
from grader.catalog import Catalog
from grader.engines import Engine
from grader.model import Kpi, Lab, Module, Role, RoleFile

pytestmark = [pytest.mark.browser, pytest.mark.model]
SECONDS = 60_000  # a cold kernel on a busy machine
SCREEN = (1366, 768)
ROLE = "everything"
LABS = sorted(path.parent.name for path in (ROOT / catalog.LABS).glob("*/lab.toml"))
# One per kind of form, and one in code.
SAMPLE = (
    "invoice-checks-code",
    "notebook-basics",
    "shortlist-audit",
    "test-the-assistant",
    "ticket-fields",
    "ticket-redaction",
)


@dataclass
class House:
    """A room with every lab, and the cohort that it belongs to."""

    cohort: Cohort
    seat: exchange.Seat
    address: str

    @property
    def server(self) -> str:
        return "{0.scheme}://{0.netloc}".format(urlsplit(self.address))

    @property
    def token(self) -> dict[str, str]:
        return {"Authorization": f"token {urlsplit(self.address).query.removeprefix('token=')}"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, known: Catalog, engine: Engine) -> Iterator[House]:
    root = tmp_path_factory.mktemp("house")
    kpi = Kpi("Labs proved", "labs", "", "all", True)
    file = RoleFile(1, "Everything", "Every lab.", (), kpi, (), (Module("All", "All are taken.", tuple(LABS)),))
    known = replace(known, roles=(Role(ROLE, file),))
    space = workspace.create(root / "course", "autumn", ROLE, labcheck.SECRET)
    labs = pipeline.labs_of(space, known)
    assert pipeline.release(space, labs, engine.id) == LABS
    with space.replies.open("ab") as replies:
        for lab in labs:
            for recorded in sorted((lab.root / "replies").glob("*.jsonl")):
                replies.write(recorded.read_bytes())
    ready = room.prepare(known, ROLE, space.root, root / "homes" / "ada", "ada", lambda *_: None)
    with room.opened(ready, 0, print) as address:
        yield House(Cohort(space, labs, engine, root / "homes"), ready.seat, address)


@pytest.fixture
def page(browser: Browser, house: House) -> Iterator[tuple[Page, chromium.Heard]]:
    width, height = SCREEN
    page, heard = chromium.listen(browser, width, height=height)
    page.set_default_timeout(SECONDS)
    yield page, heard
    # A kernel per lab would fill the memory; the start page keeps its own.
    for session in page.request.get(f"{house.server}/api/sessions", headers=house.token).json():
        if session["path"] != room.START_PAGE:
            page.request.delete(f"{house.server}/api/sessions/{session['id']}", headers=house.token)
    page.context.close()


def _reference(house: House, lab: Lab) -> Any:
    """Return the reference; of decisions with those of the warm-up, which the practice points are about."""
    if lab.file.mode == "code":
        return codelab.answer_cells(lab)
    reference, _ = catalog.attempts(lab)
    if not isinstance(reference, DecisionTable):
        return reference
    like = reference.decisions[0]
    warm_up = tuple(
        replace(
            like,
            case=case.card.id,
            choice=case.truth,
            answers={question: truth.choices for question, truth in case.truths.items()},
        )
        for case in catalog.practice_cases(lab, house.cohort.space.secret)
    )
    return replace(reference, decisions=(*warm_up, *reference.decisions))


def _is_restored(form: Locator, answer: Any) -> None:
    """The form shows the answer that lies beside the notebook."""
    match answer:
        case CheckPlan():
            for place in range(1, len(answer.rules) + 1):
                expect(form.get_by_text(re.compile(rf"^{place}\. ")).first).to_be_visible()
        case PromptSpec():
            expect(form.locator("textarea").first).to_have_value(answer.task)
        case RedactionPlan():
            chosen = "boxes => boxes.filter(box => box.selectedIndex > 0).length"
            assert form.locator("select").evaluate_all(chosen) == len(answer.columns) + len(answer.detectors)
        case Suite():
            expect(form.get_by_role("button", name="Edit")).to_have_count(len(answer.tests))
        case DecisionTable():
            for pile in ("Warm-up", "The deck"):
                expect(form.get_by_role("button", name=re.compile(rf"{pile}: (\d+) of \1$"))).to_be_visible()
        case _:
            pytest.fail(f"no form is known for {type(answer).__name__}")


def _opened(tab: Page, house: House, lab: str) -> Locator:
    """Follow the link of `lab` on My track; return the lab's page once it has run."""
    tab.goto(house.address)
    tab.locator(f'.atelier-track a[href*="{lab}/{lab}.ipynb"]').first.click()
    tab.wait_for_url(re.compile(f"/{lab}/{lab}.ipynb"))
    opened = tab.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").filter(has=tab.locator(".atelier-welcome"))
    expect(opened).to_have_attribute("data-atelier", "ready", timeout=SECONDS)
    return opened


def _hand_in(opened: Locator) -> None:
    opened.get_by_role("button", name="Hand in").click()
    expect(opened.get_by_text(re.compile("Handed in on .* Receipt [0-9a-f]{8}"))).to_be_visible()


@pytest.mark.parametrize(
    "lab", [pytest.param(lab, marks=[] if lab in SAMPLE else pytest.mark.every_lab) for lab in LABS]
)
def test_a_lab_is_taken_from_the_track_to_its_grade(
    house: House, page: tuple[Page, chromium.Heard], known: Catalog, lab: str
) -> None:
    """Its first screen fits, its form brings the reference back, the checks tell points, and the grade is the declared one."""
    tab, heard = page
    found = known.lab(lab)
    answer = _reference(house, found)
    house.cohort.answer("ada", lab, answer)

    opened = _opened(tab, house, lab)
    box = opened.locator(".atelier-welcome").bounding_box()
    assert box is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= SCREEN[1], "the first screen has to be scrolled"

    if found.file.mode == "form":
        _is_restored(opened.locator(".atelier-form").first, answer)
        opened.get_by_role("button", name="Check my work").click()
    told = opened.get_by_text(re.compile(r"\d+ of \d+ points on the practice cases"))
    # What a prompt's replies are worth waits for the replies; everything else is told at once.
    waiting = 1 if found.file.kit == "prompting" else 0
    expect(told).to_have_count(len(found.file.checks) - waiting)
    points = [re.findall(r"(\d+) of (\d+) points", text)[0] for text in told.all_inner_texts()]
    share = sum(int(got) for got, _ in points) / sum(int(most) for _, most in points)
    assert share >= labcheck.REFERENCE_AT_LEAST / 100, points

    opened.get_by_role("button", name="Make my take-to-work card").click()
    expect(opened.get_by_role("link", name="Download the card")).to_be_visible()
    _hand_in(opened)
    assert heard == chromium.Heard()

    assert pipeline.collect(house.cohort.space, [found]) == 1
    (graded,) = pipeline.grade(house.cohort.space, [found], house.cohort.engine, by="trainer")
    score = graded.score
    assert score.graded, score.reason
    assert score.flags == ()
    assert not score.rescaled
    assert score.earned >= labcheck.REFERENCE_AT_LEAST


def test_code_that_was_just_typed_is_handed_in(house: House, page: tuple[Page, chromium.Heard]) -> None:
    """A code lab's cells are there to be written in; hand in follows the last key, before JupyterLab saves by itself."""
    tab, heard = page
    lab = "kpi-baseline-code"
    opened = _opened(tab, house, lab)
    cell = opened.locator(".cm-content", has_text="def cases_needed")
    cell.click()
    expect(cell).to_be_focused()
    tab.keyboard.press("Control+End")
    tab.keyboard.type("# typed last")
    expect(cell).to_contain_text("# typed last")
    _hand_in(opened)
    kept = house.seat.home / ".atelier" / "handed-in" / house.seat.course
    newest = max(kept.glob(f"*+{lab}+*"), key=lambda hand_in: hand_in.name)
    assert "# typed last" in (newest / f"{lab}.ipynb").read_text(encoding="utf-8")
    assert heard == chromium.Heard()
