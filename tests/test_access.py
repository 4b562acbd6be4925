"""Each kind of form for those who cannot use a mouse, cannot see well, or cannot see at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import chromium
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from atelier import answers, records
from grader import catalog, pipeline, room, workspace
from grader.catalog import Catalog
from grader.engines import Engine
from grader.model import Kpi, Module, Role, RoleFile

pytestmark = [pytest.mark.browser, pytest.mark.model]
SECONDS = 60_000  # a cold kernel on a busy machine
MOST_TABS = 200
ZOOMED = (683, 384)  # a screen of 1366 × 768 at 200 %
expect.set_options(timeout=SECONDS)
LABS = ("invoice-checks", "invoice-fields", "ledger-sharing", "send-or-hold", "test-the-assistant")


@pytest.fixture(scope="module")
def opened(
    tmp_path_factory: pytest.TempPathFactory, known: Catalog, engine: Engine
) -> Iterator[tuple[room.Room, Callable[[str], str]]]:
    """Yield a room with one lab per kind of form, and the address of each."""
    root = tmp_path_factory.mktemp("access")
    file = RoleFile(1, "Forms", "S", (), Kpi("K", "u", "", "t", True), (), (Module("All", "All.", LABS),))
    known = replace(known, roles=(Role("forms", file),))
    space = workspace.create(root / "course", "autumn", "forms", "a secret of this test")
    pipeline.release(space, pipeline.labs_of(space, known), engine.id)
    ready = room.prepare(known, "forms", space.root, root / "ana", "ana", lambda *_: None)
    with room.opened(ready, 0, print) as address:
        yield ready, lambda lab: address.replace("My%20track.ipynb", f"{lab}/{lab}.ipynb")


class Keys:
    """A lab's page, worked with the keyboard alone. Every stop of ours on the way has to show that it has the focus."""

    def __init__(self, page: Page, form: Locator) -> None:
        self.page, self.form = page, form

    @property
    def at(self) -> dict[str, str]:
        """Return where the keyboard is, as `chromium.FOCUS` tells."""
        found: dict[str, str] = self.page.evaluate(chromium.FOCUS)
        return found

    def reach(self, name: str, *, back: bool = False) -> None:
        """Press Tab until what has the focus is called something that begins with the pattern `name`."""
        passed: list[str] = []
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            at = self.at
            assert at["seen"] or not at["ours"] or at["tag"] == "IFRAME", f"{at} does not show its focus"
            if re.match(name, at["name"]):
                return
            passed.append(at["name"][:25])
        pytest.fail(f"Tab never comes to {name!r}, but to {passed}")

    def press(self, name: str, key: str = "Enter", *, back: bool = False) -> None:
        """Go to the control `name` and press `key` there."""
        self.reach(name, back=back)
        self.page.keyboard.press(key)

    def choose(self, name: str, option: str) -> None:
        """Choose in a list by typing how the option begins."""
        self.reach(name)
        self.page.keyboard.type(option)

    def keeps(self) -> None:
        """The focus is somewhere in the form, now that the page has settled."""
        self.page.wait_for_timeout(600)
        assert not self.at["lost"], "the focus is lost"


def _check_plan(keys: Keys) -> None:
    """Rules, the grid cell by cell, and the answer as code, both ways."""
    rules = keys.form.get_by_role("combobox", name="Rule")
    keys.choose("Field", "Currency")
    expect(rules.get_by_text("must be one of")).to_be_attached()
    keys.choose("Rule", "must be one")
    keys.reach("phrases")
    keys.page.keyboard.type("EUR\nUSD\nCHF\nGBP")
    keys.press("Add this rule")  # at once: the last letters are still on their way
    expect(keys.form.get_by_text("1. Currency must be one of: EUR, USD, CHF, GBP")).to_be_visible()
    keys.press("Remove")
    expect(keys.form.get_by_text("None yet.")).to_be_visible()

    keys.reach("Field", back=True)
    keys.page.keyboard.type("IBAN")
    expect(rules.get_by_text("must be one of")).not_to_be_attached()
    keys.choose("Rule", "must match the reg")
    expect(keys.form.get_by_text("The value must be the one that the supplier register holds")).to_be_visible()
    keys.press("Add this rule")
    stops = keys.form.get_by_role("status").filter(has_text="Stops 6 of 20 wrong invoices, holds 0 of 20 right ones.")
    expect(stops).to_be_visible()
    keys.keeps()

    keys.reach(r".+ 1 of \d: (missed|stopped)")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowLeft", "ArrowUp", "ArrowRight"):
        keys.page.keyboard.press(key)
    cell = keys.form.get_by_role("button", name=re.compile(r" 2 of \d: (missed|stopped)$")).and_(
        keys.page.locator(":focus")
    )
    keys.page.keyboard.press("Enter")
    expect(keys.form.get_by_role("status").filter(has_text=re.compile(r"Wrong: .*, 2 of \d"))).to_be_visible()
    expect(cell).to_have_attribute("aria-pressed", "true")
    keys.reach("Previous")

    keys.press("Remove rule 1$", back=True)
    expect(keys.form.get_by_text("None yet.")).to_be_visible()
    keys.keeps()
    keys.press("Undo")
    expect(keys.form.get_by_text(re.compile("^1. IBAN must be"))).to_be_visible()
    keys.keeps()

    keys.press("Show as code")
    keys.reach("The answer in Python")
    for wrong, told in (
        ("answer = {'rules': [", "Line 1: this is no Python"),
        ("answer = open('x')", "plain values only"),
        ("answer = {'rulez': []}", "did you mean"),
    ):
        keys.page.keyboard.press("Control+A")
        keys.page.keyboard.insert_text(wrong)
        keys.press("Put it into the form")
        expect(keys.form.get_by_text(told)).to_be_visible()
        expect(keys.form.get_by_text(re.compile("^1. IBAN must be"))).to_be_visible()
        keys.reach("The answer in Python", back=True)
    keys.page.keyboard.press("Control+A")
    keys.page.keyboard.insert_text("answer = {'rules': [{'kind': 'required', 'field': 'iban'}]}")
    keys.press("Put it into the form")
    expect(keys.form.get_by_text(re.compile("^1. IBAN must be filled in"))).to_be_visible()
    expect(keys.form.get_by_text("“Undo” takes it back.")).to_be_visible()


def _prompt(keys: Keys) -> None:
    """Every step, the folded parts, an example, and a try with the real model."""
    keys.reach("The task in one sentence")
    keys.page.keyboard.type("Copy the supplier, the invoice number and the amount.")
    keys.press("The document: the text as", "Space")
    keys.press("Supplier", "Space")
    keys.press("Add as example")
    keys.press("Remove")
    keys.keeps()
    keys.press("The prompt as the model sees it")
    expect(keys.form.get_by_text("characters in all")).to_be_visible()
    expect(keys.form.get_by_role("button", name="The prompt as the model sees it")).to_have_attribute(
        "aria-expanded", "true"
    )
    keys.press("Try it on 4")
    said = keys.form.get_by_role("status").filter(has_text="of the values right on 4 of")
    expect(said).to_be_visible(timeout=2 * SECONDS)
    keys.keeps()
    keys.press("My versions")
    expect(keys.form.get_by_role("button", name="Go back to it")).to_be_visible()


def _redaction(keys: Keys) -> None:
    """Choices, the meters in one sentence, and the attack step by step."""
    keys.press("Payee", "End")
    said = keys.form.get_by_role("status").filter(has_text=re.compile("^Now: nothing readable"))
    expect(said).to_be_visible()
    keys.press("Replay the attack")
    expect(keys.form.get_by_role("status").filter(has_text="Found 1 of")).to_be_visible()
    keys.press("Next person found")
    expect(keys.form.get_by_role("status").filter(has_text="Found 2 of")).to_be_visible()
    keys.keeps()


def _decisions(keys: Keys) -> None:
    """A card: its papers, the choice, how sure; then the head of the next card."""
    keys.reach("The deck")
    keys.press("Send it", "Space")
    keys.press("70 %", "Space")
    expect(keys.form.get_by_role("button", name="Decide")).to_be_enabled()
    keys.press("Decide")
    expect(keys.form.get_by_role("status").filter(has_text=re.compile("Right.|It should have been"))).to_be_visible()
    keys.keeps()
    head = keys.form.locator(".widget-html-content", has=keys.page.locator(".atelier-card-head"))
    if not keys.at["name"].startswith("Next card"):
        keys.reach("Next card")
    keys.page.keyboard.press("Enter")
    expect(head).to_contain_text("card 2 of")
    expect(head).to_be_focused()


def _suite(keys: Keys) -> None:
    """A test is built; its results are read."""
    keys.choose("Order number", "the number of somebody")
    keys.press("declines", "Space")
    keys.press("Add this test")
    expect(keys.form.get_by_role("status").filter(has_text="Test 1 is added.")).to_be_visible()
    keys.press("Remove test 1$")
    expect(keys.form.get_by_text("No test yet.")).to_be_visible()
    keys.keeps()
    keys.press("Undo")
    expect(keys.form.get_by_role("button", name="Edit")).to_be_visible()


WORKED = dict(zip(LABS, (_check_plan, _prompt, _redaction, _decisions, _suite), strict=True))


@pytest.mark.parametrize("lab", LABS)
def test_a_form_is_worked_by_keyboard_alone(
    opened: tuple[room.Room, Callable[[str], str]], browser: Browser, lab: str
) -> None:
    """From the empty form to the checked answer: all is reached, the focus is seen and never lost, changes are told."""
    page, heard = chromium.listen(browser, 1366, height=768)
    page.set_default_timeout(SECONDS)
    page.goto(opened[1](lab))
    page.locator('[data-atelier="ready"]').first.wait_for()
    WORKED[lab](keys := Keys(page, page.locator(".atelier-form")))
    keys.press("Check my work")
    expect(page.get_by_role("status").filter(has_text="Checked at")).to_be_visible()
    expect(page.get_by_text("points on the practice cases").first).to_be_visible()
    keys.keeps()
    assert heard == chromium.Heard()
    page.context.close()


@pytest.mark.parametrize("lab", LABS)
def test_nothing_is_cut_off_at_200_percent_and_axe_finds_no_serious_fault(
    opened: tuple[room.Room, Callable[[str], str]], browser: Browser, known: Catalog, lab: str
) -> None:
    """The filled form with every fold open, on half of a small screen: no text cut, no page that scrolls sideways.

    The same page, in light and dark, for those who read it with their ears.
    """
    found = known.lab(lab)
    reference, _ = catalog.attempts(found)
    path = opened[0].seat.home / lab / answers.FILE
    answers.write(path, answers.Answers(lab, found.file.kit, records.dump(reference)))
    page, _ = chromium.listen(browser, ZOOMED[0], height=ZOOMED[1])
    page.set_default_timeout(SECONDS)
    page.goto(opened[1](lab))
    page.locator('[data-atelier="ready"]').first.wait_for()
    for folded in (".atelier-fold", ".atelier-form summary", ".atelier-hint > summary"):
        page.locator(folded).evaluate_all("folds => folds.forEach(fold => fold.click())")
    expect(page.get_by_label("The answer in Python")).to_be_visible()
    page.get_by_role("button", name="Check my work").click()
    expect(page.get_by_role("status").filter(has_text="Checked at")).to_be_visible()
    assert page.evaluate(chromium.CUT_OFF) == []
    assert chromium.faults_by_scheme(page) == {}
    page.context.close()
