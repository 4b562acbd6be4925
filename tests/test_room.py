"""The learner's room in a real browser: JupyterLab, real labs, the real practice model, nbgrader's exchange."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

import chromium
import pytest
from playwright.sync_api import Browser, Page, expect

from atelier import exchange, track
from grader import pipeline, room, workspace
from grader.catalog import Catalog
from grader.engines import Engine
from grader.errors import GraderError
from grader.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.model]
SECONDS = 60_000  # a cold kernel on a busy machine
expect.set_options(timeout=SECONDS)


@dataclass
class Opened:
    """A room with its course: the address of the start page, and where the learner's files are."""

    space: Workspace
    room: room.Room
    address: str

    @property
    def home(self) -> Path:
        return self.room.seat.home

    def lab(self, name: str) -> str:
        return self.address.replace("My%20track.ipynb", f"{name}/{name}.ipynb")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, known: Catalog, engine: Engine) -> Iterator[Opened]:
    root = tmp_path_factory.mktemp("room")
    space = workspace.create(root / "course", "autumn", "finance", "a secret of this test")
    pipeline.release(space, pipeline.labs_of(space, known), engine.id)
    ready = room.prepare(known, "finance", space.root, root / "ana", "ana", lambda *_: None)
    with room.opened(ready, 0, print) as address:
        yield Opened(space, ready, address)


@pytest.fixture
def page(browser: Browser) -> Iterator[tuple[Page, chromium.Heard]]:
    page, heard = chromium.listen(browser, 1366, height=768)
    page.set_default_timeout(SECONDS)
    yield page, heard
    page.context.close()


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.locator('[data-atelier="ready"]').first.wait_for(timeout=SECONDS)


def test_the_start_page_says_what_comes_next(opened: Opened, page: tuple[Page, chromium.Heard], known: Catalog) -> None:
    """All labs with their minutes, the next one with its reason; it leads there; code and trainer's tools are out of sight."""
    tab, heard = page
    _open(tab, opened.address)
    expect(tab.get_by_role("heading", name="My track: Finance")).to_be_visible()
    expect(tab.locator(".atelier-track li")).to_have_count(len(known.role("finance").labs))
    expect(tab.get_by_text("Why this one next:")).to_be_visible()
    expect(tab.get_by_text("import atelier")).to_be_hidden()
    for trainers in ("Formgrader", "Create Assignment", "Assignment List"):
        expect(tab.get_by_text(trainers)).to_have_count(0)
    tab.get_by_role("link", name="Start: Find your way").click()
    expect(tab.get_by_text("Try a block: which day do you like best?")).to_be_visible(timeout=SECONDS)
    assert heard == chromium.Heard()


def test_the_tour_is_short_and_comes_once(opened: Opened, page: tuple[Page, chromium.Heard]) -> None:
    """Four sentences at the edge, over by keyboard alone; after that never again, even after a reload."""
    tab, heard = page
    _open(tab, opened.address)
    tour = tab.get_by_role("region", name="Tour")
    expect(tour.get_by_role("status")).to_contain_text("1 of 4: These are your labs")
    assert chromium.faults(tab, ".atelier-tour") == []
    tour.get_by_role("button", name="Next").focus()
    for _ in range(4):
        tab.keyboard.press("Enter")
    expect(tour).to_have_count(0)
    _open(tab, opened.address)
    expect(tab.locator(".atelier-pointed")).to_have_count(0)
    expect(tour).to_have_count(0)
    assert heard == chromium.Heard()


def test_help_says_what_a_cell_is(opened: Opened, page: tuple[Page, chromium.Heard]) -> None:
    """Over any page, closed by Escape."""
    tab, heard = page
    _open(tab, opened.lab("notebook-basics"))
    tab.get_by_role("button", name="Help", exact=True).click()
    box = tab.get_by_role("dialog", name="Help")
    box.get_by_text("What is a cell?").click()
    expect(box.get_by_text("One block of the page")).to_be_visible()
    assert chromium.faults(tab, ".atelier-help-box") == []
    tab.keyboard.press("Escape")
    expect(box).to_be_hidden()
    assert heard == chromium.Heard()


def test_an_accountant_does_a_lab_hands_in_and_reads_the_feedback(
    opened: Opened, page: tuple[Page, chromium.Heard], known: Catalog, engine: Engine
) -> None:
    """Decide, build a control, check, hand in; the trainer grades with the commands' own functions; the page comes back."""
    tab, heard = page
    _open(tab, opened.lab("invoice-checks"))
    expect(tab.get_by_text("You will see this after your decision above.")).to_be_visible()
    tab.get_by_role("button", name="Pay", exact=True).click()
    tab.get_by_role("button", name="That is my decision").click()
    expect(tab.get_by_text("It should have been: Hold.")).to_be_visible()
    expect(tab.get_by_text("Held since")).to_be_visible()

    form = tab.locator(".atelier-form")
    form.get_by_label("Field").select_option(label="IBAN")
    form.get_by_label("Rule", exact=True).select_option(label="must match the register")
    form.get_by_role("button", name="Add this rule").click()
    expect(form.get_by_text("Stops 6 of 20 wrong invoices, holds 0 of 20 right ones.")).to_be_visible()
    form.get_by_label("Field").select_option(label="Total to pay")
    form.get_by_label("Rule", exact=True).select_option(label="must stand in the document")
    form.get_by_role("button", name="Add this rule").click()
    expect(form.get_by_text(re.compile("^2. Total to pay"))).to_be_visible()
    form.get_by_role("button", name="Undo").click()
    expect(form.get_by_text(re.compile("^2. Total to pay"))).to_have_count(0)

    tab.get_by_role("button", name="Check my work").click()
    expect(tab.get_by_text("of 70 points on the practice cases")).to_be_visible()
    tab.get_by_role("button", name="Hand in").click()
    expect(tab.get_by_text(re.compile("Handed in on .* Receipt [0-9a-f]{8}"))).to_be_visible()
    tab.get_by_role("button", name="Fetch feedback").click()
    expect(tab.get_by_text("No feedback yet.")).to_be_visible()

    labs = pipeline.labs_of(opened.space, known, ["invoice-checks"])
    assert pipeline.collect(opened.space, labs) == 1
    (told,) = pipeline.grade(opened.space, labs, engine, by="trainer")
    assert 0 < told.score.earned < 30
    assert told.score.flags == ()
    assert pipeline.feedback(opened.space, labs) == 1

    _open(tab, opened.lab("invoice-checks"))
    expect(form.get_by_text("1. IBAN must be the one in the supplier register")).to_be_visible()
    expect(tab.get_by_text("It should have been: Hold.")).to_be_visible()
    tab.get_by_role("button", name="Fetch feedback").click()
    feedback = tab.frame_locator("iframe.atelier-feedback")
    expect(feedback.get_by_text(f"{float(told.score.earned):g}").first).to_be_visible()

    shutil.rmtree(opened.home / "invoice-checks" / "feedback")  # My track fetches it by itself
    tab.get_by_role("button", name="← My track").click()
    expect(tab.get_by_text("feedback is here")).to_be_visible()
    tab.get_by_text("Read the feedback on your hand-in of").click()
    returned = tab.locator(".atelier-track").frame_locator("iframe.atelier-feedback")
    expect(returned.get_by_text(f"{float(told.score.earned):g}").first).to_be_visible()
    expect(tab.get_by_text(f"1 of {len(known.role('finance').labs)} labs handed in")).to_be_visible()
    assert heard == chromium.Heard()


def test_the_practice_model_answers_in_the_form(opened: Opened, page: tuple[Page, chromium.Heard]) -> None:
    """A prompt is tried on practice documents by the real model, with progress; its results stand beside what was expected."""
    tab, heard = page
    _open(tab, opened.lab("invoice-fields"))
    form = tab.locator(".atelier-form")
    form.get_by_placeholder("For example: Copy the supplier").fill(
        "Copy the supplier, the invoice number and the amount."
    )
    form.get_by_label("The document: the text as the supplier sent it").check()
    form.get_by_label("Supplier", exact=True).check()
    form.get_by_role("button", name=re.compile("Try it on 4")).click()
    expect(form.locator(".atelier-results table")).to_be_visible(timeout=SECONDS)
    expect(form.locator(".atelier-results tr")).not_to_have_count(0)
    assert heard == chromium.Heard()


def test_the_keyboard_is_enough_and_single_letters_do_no_harm(
    opened: Opened, page: tuple[Page, chromium.Heard]
) -> None:
    """A warm-up card by Tab, Enter and Space; JupyterLab's "a", "d d" and "x" leave the page as it is."""
    tab, heard = page
    _open(tab, opened.lab("notebook-basics"))
    cells = tab.locator(".jp-Cell").count()
    form = tab.locator(".atelier-form")
    form.get_by_role("button", name="Just carry on").focus()
    for key in ("a", "b", "x", "d", "d"):
        tab.keyboard.press(key)
    tab.keyboard.press("Enter")
    decide = form.get_by_role("button", name="Decide")
    expect(decide).to_be_enabled()
    for _ in range(8):
        if decide.evaluate("button => button === document.activeElement"):
            break
        tab.keyboard.press("Tab")
    tab.keyboard.press("Space")
    expect(form.get_by_text("Right.")).to_be_visible()
    assert tab.locator(".jp-Cell").count() == cells
    assert json.loads((opened.home / "notebook-basics/answers.json").read_text())["answer"]["decisions"]
    assert heard == chromium.Heard()


def test_a_page_is_open_in_one_tab_at_a_time(opened: Opened, page: tuple[Page, chromium.Heard]) -> None:
    """Who opens a lab in a second tab goes on there with what was done in the first, which saves, says so, and can have it back."""
    first, _ = page
    _open(first, opened.lab("notebook-basics"))
    first.locator(".atelier-form").get_by_role("button", name="Just carry on").click()
    first.locator(".atelier-form").get_by_role("button", name="Decide").click()
    second = first.context.new_page()
    _open(second, opened.lab("notebook-basics"))
    moved = [tab.get_by_role("dialog", name="Open in another tab") for tab in (first, second)]
    expect(moved[0]).to_be_visible()
    done = re.compile(r"Warm-up: [1-9] of")
    expect(second.get_by_role("button", name=done)).to_be_visible()
    assert chromium.faults(first, ".atelier-rest") == []
    first.keyboard.press("Escape")
    moved[0].get_by_role("button", name="Go on here instead").press("Enter")
    first.locator('[data-atelier="ready"]').first.wait_for(timeout=SECONDS)
    expect(first.get_by_role("button", name=done)).to_be_visible()
    expect(moved[0]).to_have_count(0)
    expect(moved[1]).to_be_visible()


def test_every_page_of_a_track_fits_its_first_screen_and_axe_finds_no_serious_fault(
    opened: Opened, page: tuple[Page, chromium.Heard], known: Catalog
) -> None:
    """What a lab is about needs no scrolling; start page and labs, every fold open, in light and dark."""
    tab, heard = page
    for name in ("", *known.role("finance").labs):
        _open(tab, opened.lab(name) if name else opened.address)
        if name:
            box = tab.locator(".atelier-welcome").bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 768, name
        folds = tab.locator(".atelier-form .atelier-fold, .atelier-hint > summary")
        folds.evaluate_all("folds => folds.forEach(fold => fold.click())")
        assert chromium.faults_by_scheme(tab) == {}, name or "My track"
        tab.emulate_media(color_scheme="light")
    assert heard == chromium.Heard()


def test_whoever_wants_the_code_gets_it(opened: Opened, page: tuple[Page, chromium.Heard]) -> None:
    tab, _ = page
    _open(tab, opened.lab("send-or-hold"))
    program = (
        tab.get_by_text("lab = atelier.open_lab"),
        tab.locator("#jp-MainMenu"),
        tab.locator("#jp-title-panel-title"),
    )
    for part in program:
        expect(part).to_be_hidden()
    tab.get_by_role("button", name="Show the code").click()
    for part in program:
        expect(part).to_be_visible()
    tab.get_by_role("button", name="Show the code").click()
    for part in program:
        expect(part).to_be_hidden()


def test_what_a_learner_has_is_never_overwritten(opened: Opened, known: Catalog) -> None:
    """Preparing the room again keeps answers; only the start page and the profile are written anew."""
    mine = opened.home / "ledger-sharing" / "answers.json"
    mine.write_text('{"format": 1, "lab": "ledger-sharing", "kit": "redaction"}')
    again = room.prepare(known, "finance", opened.space.root, opened.home, "ana", lambda *_: None)
    assert again == opened.room
    assert mine.read_text().endswith('"redaction"}')
    assert [step.lab for step in track.load(opened.home).steps] == list(known.role("finance").labs)
    mine.unlink()


def test_a_broken_track_is_said_in_words(opened: Opened, tmp_path: Path) -> None:
    shutil.copytree(opened.home / track.FOLDER, tmp_path / track.FOLDER, ignore=shutil.ignore_patterns("data", "*.log"))
    (tmp_path / track.FOLDER / track.FILE).write_text("{")
    with pytest.raises(Exception, match="Your track is missing"):
        track.page(tmp_path)


def test_a_course_that_is_not_there_is_said(known: Catalog, tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="not a cohort's workspace"):
        room.prepare(known, "finance", tmp_path / "nowhere", tmp_path / "ana", "ana", lambda *_: None)


def test_hand_ins_are_read_from_the_learners_own_folder(opened: Opened) -> None:
    """A hand-in's time in words."""
    (found,) = exchange.hand_ins("invoice-checks", opened.room.seat)
    assert re.fullmatch(r"\d{1,2} \w+ \d{4}, \d\d:\d\d UTC", found.when)


def test_an_author_sees_a_lab_as_its_learner(page: tuple[Page, chromium.Heard], known: Catalog, tmp_path: Path) -> None:
    """Opened at once, alone, on the track that takes it; the take-to-work card is made and downloaded."""
    tab, heard = page
    ready = room.preview(known, known.lab("ledger-sharing"), tmp_path, lambda *_: None)
    with room.opened(ready, 0, print) as address:
        _open(tab, address)
        expect(tab.locator(".atelier-welcome")).to_be_visible()
        tab.get_by_role("button", name="Make my take-to-work card").click()
        with tab.expect_download() as download:
            tab.get_by_role("link", name="Download the card").click()
    assert download.value.suggested_filename == "ledger-sharing-take-to-work.html"
    saved = (tmp_path / "learner" / "ledger-sharing" / "take-to-work.html").read_text(encoding="utf-8")
    assert escape(known.role("finance").file.kpi.name) in saved
    assert heard == chromium.Heard()


def test_a_lab_on_no_track_can_be_previewed(known: Catalog, tmp_path: Path) -> None:
    ready = room.preview(replace(known, roles=()), known.lab("send-or-hold"), tmp_path, lambda *_: None)
    assert (ready.seat.home / ready.page).is_file()
    assert [step.lab for step in track.load(ready.seat.home).steps] == ["send-or-hold"]


def test_an_assistant_is_tested_by_keyboard(page: tuple[Page, chromium.Heard], known: Catalog, tmp_path: Path) -> None:
    """A wrong entry is told and the telling goes away; a test is added, read and edited; a reload brings it back."""
    tab, heard = page
    ready = room.preview(known, known.lab("test-the-assistant"), tmp_path, lambda *_: None)
    with room.opened(ready, 0, print) as address:
        _open(tab, address)
        form = tab.locator(".atelier-suite")
        form.get_by_role("button", name="Add this test").press("Enter")
        complaint = form.get_by_text("Tick at least one property.")
        expect(complaint).to_be_visible()
        form.get_by_label("declines", exact=True).press("Space")
        expect(complaint).to_have_count(0)
        form.get_by_label("Order number", exact=True).select_option(label="the number of somebody else's order")
        form.get_by_role("button", name="Add this test").press("Enter")
        expect(form.get_by_text("Test 1 is added.")).to_be_visible()
        result = form.get_by_role("button", name=re.compile("A stopped"))
        assert result.evaluate("button => button.scrollWidth <= button.clientWidth"), "cut off"
        result.press("Enter")
        expect(form.get_by_text("It does not hold.")).to_be_visible()
        form.get_by_role("button", name="Close").press("Enter")
        expect(form.get_by_text("It does not hold.")).to_have_count(0)
        expect(result).to_be_focused()
        form.get_by_role("button", name="Edit").press("Enter")
        expect(form.get_by_label("The customer", exact=True)).to_be_focused()
        form.get_by_label("Conversations", exact=True).fill("25")
        form.get_by_role("button", name="Keep the changes to test 1").press("Enter")
        expect(form.get_by_text("25 conversations, must hold every time")).to_be_visible()
        _open(tab, address)
        expect(form.get_by_text("25 conversations, must hold every time")).to_be_visible()
    assert heard == chromium.Heard()


RULE = """def validate(source, output, tables):
    if amount(output.get("total")) not in amounts(source):
        return [("total", "does not stand in the document")]
    return []
"""


def test_a_code_lab_is_python_in_jupyterlab(page: tuple[Page, chromium.Heard], known: Catalog, tmp_path: Path) -> None:
    """Answer, checks and cells to try are open, the story's answers are not; a check says call, got, expected; the card has the code."""
    tab, heard = page
    ready = room.preview(known, known.lab("invoice-checks-code"), tmp_path, lambda *_: None)
    with room.opened(ready, 0, print) as address:
        _open(tab, address)
        for shown in ("def validate(source", 'lab.check("catch-rate"', "practice = lab.practice()"):
            expect(tab.get_by_text(shown)).to_be_visible()
        for folded in ("import atelier", 'truth="Hold"', "Take the Iroise invoice"):
            expect(tab.get_by_text(folded)).to_be_hidden()
        check = tab.locator(".jp-CodeCell", has=tab.get_by_text('lab.check("catch-rate"'))
        expect(check.get_by_text("is not written yet").first).to_be_visible()
        tab.locator(".cm-content", has_text="YOUR CODE HERE").click()
        tab.keyboard.press("Control+A")
        tab.keyboard.insert_text(RULE)
        tab.keyboard.press("Control+Enter")
        check.locator(".cm-content").click()
        tab.keyboard.press("Control+Enter")
        expect(check.get_by_text("returned []; expected an issue with iban").first).to_be_visible()
        expect(tab.get_by_text("Traceback")).to_have_count(0)
        tab.get_by_role("button", name="Make my take-to-work card").click()
        expect(tab.get_by_role("link", name="Download the card")).to_be_visible()
    saved = (tmp_path / "learner" / "invoice-checks-code" / "take-to-work.html").read_text(encoding="utf-8")
    assert escape(RULE.strip()) in saved
    assert heard == chromium.Heard()
