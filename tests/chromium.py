"""Headless Chromium for the browser tests: Debian's own where there is one, else the one that Playwright installed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlparse

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def launched() -> Iterator[Browser]:
    """Yield a running Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
        yield browser
        browser.close()


@dataclass
class Heard:
    """What a page did beside showing itself: requests to anything but loopback (refused), and errors on its console."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def listen(browser: Browser, width: int, scheme: str = "light", height: int = 900) -> tuple[Page, Heard]:
    """Return a new page in a context of its own, and what will be heard of it."""
    heard = Heard()
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)

    def guard(route: Route) -> None:
        if urlparse(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            heard.outside.append(route.request.url)
            route.abort()

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            heard.errors.append(message.text)

    context.route("**/*", guard)
    page = context.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: heard.errors.append(str(error)))
    return page, heard


def visit(browser: Browser, url: str, width: int, scheme: str) -> tuple[Page, list[str]]:
    """Open a page; second, what it asked of anything but loopback (which is refused)."""
    page, heard = listen(browser, width, scheme)
    page.goto(url)
    return page, heard.outside


def faults(page: Page, *within: str) -> list[str]:
    """Return the serious and critical faults that axe-core finds inside the selectors `within`, or on the whole page."""
    context = {"include": [[part] for part in within if page.locator(part).count()]} if within else None
    found = Axe().run(page, context=context).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:120]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


# What is ours of a page in JupyterLab.
OURS = (".jp-OutputArea-output", ".jp-MarkdownOutput", ".atelier-room-state")


def faults_by_scheme(page: Page) -> dict[str, list[str]]:
    """Return what axe-core finds in our part of a JupyterLab page, in light and in dark, where it finds something."""
    found = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.locator(f'body[data-jp-theme-light="{str(scheme == "light").lower()}"]').wait_for(state="attached")
        found[scheme] = faults(page, *OURS)
    return {scheme: told for scheme, told in found.items() if told}


# Text that falls short of WCAG 2.2 AA (4.5, or 3 where large), against the nearest opaque background behind it.
FAINT = """() => {
  const rgb = text => { const n = text.match(/[\\d.]+/g).map(Number); return [n[0], n[1], n[2], n.length > 3 ? n[3] : 1]; };
  const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = c => [0.2126, 0.7152, 0.0722].reduce((sum, share, i) => {
    const v = c[i] / 255; return sum + share * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); }, 0);
  const behind = element => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      layers.push(c);
      if (c[3] === 1) break;
    }
    return layers.reduceRight((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim(), e = walk.currentNode.parentElement;
    if (!text || !e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (box.width < 2 || box.height < 2 || ["STYLE", "SCRIPT", "NOSCRIPT"].includes(e.tagName)) continue;
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ground = behind(e), [a, b] = [light(over(rgb(style.color), ground)), light(ground)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) found.push([text.slice(0, 40), e.tagName, e.className, ratio.toFixed(2)].join(" | "));
  }
  return found;
}"""


# Text and fields of a notebook that are cut off, stick out of the page, or need scrolling sideways. Boxes made to scroll are left out.
CUT_OFF = """() => {
  const root = document.querySelector(".jp-Notebook"), wide = document.documentElement.clientWidth, found = [];
  const own = ".atelier-scroll, .atelier-results, .atelier-paper, textarea, select, .jp-WindowedPanel-outer";
  const say = (kind, e, text) => found.push([kind, e.tagName, e.className, text.trim().slice(0, 50)].join(" | "));
  const look = (e, boxes, text) => {
    for (const box of boxes) {
      if (box.width < 1 || box.height < 1) continue;
      let scrolls = false;
      for (let a = e; a && a !== document.body && !scrolls; a = a.parentElement) {
        const style = getComputedStyle(a), b = a.getBoundingClientRect();
        if (style.display === "inline" || style.overflow === "visible") continue;
        scrolls = a.matches(own);
        const x = Math.max(box.right - (b.left + a.clientLeft + a.clientWidth), b.left - box.left);
        const y = Math.max(box.bottom - (b.top + a.clientTop + a.clientHeight), b.top - box.top);
        if (!scrolls && (x > 1.5 || y > 3)) { say("cut off", e, text); break; }
      }
      if (!scrolls && (box.right > wide + 1 || box.left < -1)) say("outside", e, text);
    }
  };
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (e.matches("style, script, option") || e.closest(".jp-CodeMirrorEditor")) continue;
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    look(e, [...range.getClientRects()], walk.currentNode.textContent);
  }
  for (const e of root.querySelectorAll("select, input, textarea, meter, svg, iframe")) {
    if (e.checkVisibility({ visibilityProperty: true })) look(e, [e.getBoundingClientRect()], e.getAttribute("aria-label") ?? "");
  }
  for (const e of [document.documentElement, ...root.querySelectorAll("*")]) {
    const scrolls = e === document.documentElement || /auto|scroll/.test(getComputedStyle(e).overflowX);
    if (!scrolls || e.closest(".atelier-scroll, .atelier-results, .jp-CodeMirrorEditor") || !e.checkVisibility()) continue;
    if (e.scrollWidth > e.clientWidth + 1) say("scrolls sideways", e, `${e.scrollWidth} in ${e.clientWidth}`);
  }
  return [...new Set(found)];
}"""

# Where the keyboard is: the name of the control, whether one sees it, whether it is in the page's own part, and what it is.
FOCUS = """() => {
  const e = document.activeElement, style = getComputedStyle(e), text = n => (n?.textContent ?? "").trim().replace(/\\s+/g, " ");
  const name = e.getAttribute("aria-label") || [...(e.labels ?? [])].map(text).join(" ") || (e.matches("select") ? "" : text(e)) || e.title;
  return {
    name, ours: Boolean(e.closest(".jp-OutputArea-output")), lost: e === document.body, tag: e.tagName,
    seen: e.matches(":focus-visible") && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1,
  };
}"""
