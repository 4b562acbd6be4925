"""The built site, in a real browser: whole, local, readable on a phone, in light and dark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlparse

import chromium
import pytest
import sample
from markup import contrast, palette
from playwright.sync_api import Browser
from sample import BASICS, LABS, ROLE, SKILLS, person, score, ungraded

from atelier import records
from grader import feedback, progress, report, serve

ROOT = Path(__file__).parents[1]


def _build(target: Path, aggregate: Path | None) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "ATELIER_AGGREGATE"}
    if aggregate is not None:
        environment["ATELIER_AGGREGATE"] = str(aggregate)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(target)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real site with the aggregate of a cohort of seven on the first lab of the finance track."""
    folder = tmp_path_factory.mktemp("site")
    everyone = [person(f"learner-{i}", score(BASICS, 0.6), name="Amina Novak") for i in range(7)]
    found = progress.aggregate([(progress.cohort(everyone, ROLE, LABS, SKILLS), SKILLS)])
    text = json.dumps(records.dump(found)).replace('"basics"', '"send-or-hold"')
    (folder / "aggregate.json").write_text(text, encoding="utf-8")
    done = _build(folder / "built", folder / "aggregate.json")
    assert done.returncode == 0, done.stderr
    return folder / "built"


class _Links(HTMLParser):
    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids |= {found["id"] or ""} if "id" in found else set()
        self.links += [value for name in ("href", "src") if (value := found.get(name)) and tag != "base"]


def test_every_internal_link_leads_somewhere(site: Path) -> None:
    """Pages, assets and anchors; and nothing points outside this site."""
    pages = {path.relative_to(site).as_posix(): _Links(path) for path in site.rglob("*.html")}
    assert len(pages) > 20
    broken = []
    for path, page in pages.items():
        for link in page.links:
            if link.startswith("data:"):
                continue
            target = urlparse(urljoin(f"http://site/{path}", link))
            if target.netloc != "site":
                broken.append(f"{path}: outside: {link}")
                continue
            file = target.path.lstrip("/")
            file = f"{file}index.html" if not file or file.endswith("/") else file
            if not (site / file).is_file():
                broken.append(f"{path}: nothing at {link}")
            elif target.fragment and file in pages and target.fragment not in pages[file].ids:
                broken.append(f"{path}: no anchor {link}")
    assert broken == []


def test_no_person_is_anywhere_in_the_site(site: Path) -> None:
    """Neither ids nor names, in pages, search index or assets; the group of seven is there."""
    for path in site.rglob("*"):
        if path.suffix in (".html", ".json", ".xml", ".js", ".css"):
            text = path.read_text(encoding="utf-8")
            assert "learner-3" not in text
            assert "Amina Novak" not in text
    assert "7 people" in (site / "progress" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["{}", "not json", '{"format": 1, "learners": []}'])
def test_a_bad_aggregate_stops_the_build_with_a_remedy(text: str, tmp_path: Path) -> None:
    """Rather than a page that shows something else."""
    (tmp_path / "aggregate.json").write_text(text, encoding="utf-8")
    done = _build(tmp_path / "built", tmp_path / "aggregate.json")
    assert done.returncode != 0
    assert "atelier site build --course DIR" in done.stderr


def test_the_build_cannot_empty_a_source_folder() -> None:
    """MkDocs cleans where it builds: that is under build/, and the pages are not."""
    from mkdocs.config import load_config

    config = load_config(str(ROOT / "mkdocs.yml"))
    assert Path(config["site_dir"]) == ROOT / "build" / "site"
    assert Path(config["docs_dir"]) == ROOT / "site" / "pages"


def test_nothing_derived_is_committed() -> None:
    """Pages that the catalogue makes are not among the hand-written ones."""
    from grader import pages

    made = pages.render(roles=[ROLE], labs=LABS, skills=SKILLS, policy=sample.POLICY, adoption=sample.ADOPTION)
    assert [path for path in made if (ROOT / "site" / "pages" / path).exists()] == []


@pytest.mark.parametrize("scheme", ['[data-md-color-scheme="default"] {', '[data-md-color-scheme="slate"] {'])
def test_colours_have_enough_contrast(scheme: str) -> None:
    """WCAG 2.2 AA for text, links and headers, on page and card."""
    colours = palette((ROOT / "site" / "pages" / "assets" / "atelier.css").read_text(encoding="utf-8"), scheme)
    page, card = colours["md-default-bg-color"], colours["at-card"]
    for name in ("md-default-fg-color", "md-default-fg-color--light", "md-typeset-a-color", "md-accent-fg-color"):
        assert min(contrast(colours[name], page), contrast(colours[name], card)) >= 4.5, name
    assert contrast(colours["md-code-fg-color"], colours["md-code-bg-color"]) >= 4.5
    assert contrast(colours["md-primary-bg-color"], colours["md-primary-fg-color"]) >= 4.5


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with serve.folders({"": site}, 0) as found:
        yield found


PAGES = (
    "",
    "start/learner/",
    "roles/finance/",
    "labs/invoice-checks/",
    "skills/",
    "policy/",
    "adoption/",
    "progress/",
    "manager/",
    "executive/",
    "guides/trainer/",
    "guides/author/",
    "reference/lab-quality/",
    "reference/commands/",
)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1366])
def test_pages_fit_and_stay_local(browser: Browser, address: str, width: int, scheme: str) -> None:
    """No sideways scrolling, one main heading, text with contrast, no request to anything but loopback."""
    page, outside = chromium.visit(browser, address, width, scheme)
    for path in PAGES:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("h1").count() == 1, path
        assert page.evaluate(chromium.FAINT) == [], path
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background == ("rgb(251, 249, 245)" if scheme == "light" else "rgb(19, 25, 24)")
    assert outside == []
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1366)])
def test_axe_finds_no_serious_fault(browser: Browser, address: str, scheme: str, width: int) -> None:
    """One page of each kind."""
    page, outside = chromium.visit(browser, address, width, scheme)
    for path in ("", "roles/finance/", "labs/invoice-checks/", "policy/", "progress/", "manager/", "executive/"):
        page.goto(address + path)
        assert chromium.faults(page) == [], path
    assert outside == []
    page.context.close()


@pytest.mark.browser
def test_start_leads_to_the_track(browser: Browser, address: str) -> None:
    """From home: Start, then the tracks, then the first lab of finance, by clicks alone."""
    page, outside = chromium.visit(browser, address, 1366, "light")
    page.get_by_role("link", name="Start learning").click()
    page.wait_for_url("**/start/learner/")
    page.get_by_role("link", name="Which labs are on my track?").click()
    page.wait_for_url("**/roles/")
    page.locator("article").get_by_role("link", name="Finance").click()
    page.wait_for_url("**/roles/finance/")
    page.locator("article table").first.get_by_role("link").first.click()
    page.wait_for_url("**/labs/notebook-basics/")
    page.get_by_role("heading", name="How it is scored").wait_for()
    assert outside == []
    page.context.close()


@pytest.mark.browser
def test_search_is_local_and_finds_a_lab(browser: Browser, address: str) -> None:
    """The index is a file of the site."""
    page, outside = chromium.visit(browser, address, 1366, "light")
    page.get_by_role("textbox", name="Search").click()
    page.keyboard.type("ledger")
    result = page.locator(".md-search-result__link").first
    result.wait_for()
    assert "ledger" in result.inner_text().lower()
    assert outside == []
    page.context.close()


@pytest.mark.browser
def test_the_keyboard_sees_where_it_is(browser: Browser, address: str) -> None:
    """Tab from the top: the skip link first, and each stop on the way has an outline."""
    page, _ = chromium.visit(browser, address + "start/learner/", 1366, "light")
    stops = []
    for _ in range(12):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate(
                "(() => { const e = document.activeElement, s = getComputedStyle(e);"
                " return [e.className, s.outlineStyle, parseFloat(s.outlineWidth)] })()"
            )
        )
    assert "md-skip" in stops[0][0]
    assert all(style == "solid" and width >= 2 for _, style, width in stops), stops
    page.context.close()


@pytest.mark.browser
def test_the_invoice_on_the_home_page_keeps_its_secret_until_asked(browser: Browser, address: str) -> None:
    """Decide first, then see the truth: as in a lab, and without a script of ours."""
    page, _ = chromium.visit(browser, address, 1366, "light")
    truth = page.get_by_text("changed places")
    assert not truth.is_visible()
    page.get_by_text("See the truth", exact=True).click()
    truth.wait_for()
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1366])
def test_report_and_feedback_look_right_in_the_browser(
    browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    """They fit the window, have contrast, and ask nothing of the network."""
    everyone = [
        person("ada", score(BASICS, 0.1), score(LABS[1], 0.3, 0.9, survived=("digit swap",)), name="Ada Weber"),
        person("bo", score(BASICS, 0.5), ungraded(LABS[1])),
        person("cy", score(BASICS, 0.9), score(LABS[1], 0.7, 0.7, cap="A name leaked.", flags=("a cell was edited",))),
    ]
    cohort = progress.cohort(everyone, ROLE, LABS, SKILLS)
    made = {
        "report.html": report.render(report.Report("spring", "Finance", "24 November 2026", cohort)),
        "feedback.html": feedback.render(LABS[1], everyone[2].scores[1]),
        "ungraded.html": feedback.render(LABS[1], everyone[1].scores[1]),
    }
    for name, text in made.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with serve.folders({"": tmp_path}, 0) as found:
        page, outside = chromium.visit(browser, found + "report.html", width, scheme)
        for name in made:
            page.goto(found + name)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert page.evaluate(chromium.FAINT) == [], name
        assert outside == []
        page.context.close()


@pytest.mark.browser
def test_search_does_not_need_accents(browser: Browser, address: str) -> None:
    """One page writes "février": "fevrier" finds it."""
    page, _ = chromium.visit(browser, address, 1366, "light")
    page.get_by_role("textbox", name="Search").click()
    page.keyboard.type("fevrier")
    page.get_by_text("1 matching document").wait_for()
    assert "guides/author/" in (page.locator(".md-search-result__link").first.get_attribute("href") or "")
    page.context.close()


@pytest.mark.browser
def test_on_a_phone_a_wide_table_is_cards(browser: Browser, address: str) -> None:
    """Nothing of it is out of sight, and each cell says its column."""
    page, _ = chromium.visit(browser, address + "adoption/", 390, "light")
    wraps = page.locator(".md-typeset__scrollwrap")
    assert wraps.count() > 0
    assert wraps.evaluate_all("all => all.filter(wrap => wrap.scrollWidth > wrap.clientWidth).length") == 0
    assert page.locator("td[data-label='State']").first.evaluate("e => getComputedStyle(e, '::before').content")
    page.goto(address + "progress/")
    heat = page.locator("table.at-heat")
    assert (
        heat.evaluate("e => e.scrollWidth <= e.clientWidth && getComputedStyle(e.querySelector('td')).display")
        == "block"
    )
    assert page.locator("td[data-label='People']").first.evaluate("e => getComputedStyle(e, '::before').content")
    page.context.close()


@pytest.mark.browser
def test_the_readiness_report_fits_one_sheet(browser: Browser, address: str, tmp_path: Path) -> None:
    """A4, as the browser prints it."""
    page, _ = chromium.visit(browser, address + "executive/", 1366, "light")
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert (tmp_path / "report.pdf").read_bytes().count(b"/Type /Page\n") == 1
    page.context.close()


@pytest.mark.browser
def test_on_paper_there_is_only_the_page(browser: Browser, address: str) -> None:
    """No header, no navigation, no buttons."""
    page, _ = chromium.visit(browser, address + "labs/invoice-checks/", 1366, "light")
    page.emulate_media(media="print")
    for part in (".md-header", ".md-tabs", ".md-footer", ".md-sidebar >> nth=0", ".md-button >> nth=0"):
        assert not page.locator(part).is_visible(), part
    assert page.locator("article h1").is_visible()
    page.context.close()
