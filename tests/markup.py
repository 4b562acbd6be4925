"""What tests ask of an HTML document: its elements, its text, and the contrast of its colours."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input", "hr", "path"}


@dataclass
class Document(HTMLParser):
    """A parsed document. `elements` are (tag, attributes); `text` is what a reader sees, in one line."""

    source: str
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.unclosed.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.unclosed, f"</{tag}> closes nothing"
        assert self.unclosed[-1] == tag, f"</{tag}> closes <{self.unclosed[-1]}>"
        self.unclosed.pop()

    def handle_data(self, data: str) -> None:
        if "style" not in self.unclosed:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def stands_alone(document: Document) -> None:
    """Assert that a document is whole, asks for nothing from outside, and can be read without seeing it."""
    assert not document.unclosed
    assert not document.all("script")
    assert not document.all("link")
    for tag, attributes in document.elements:
        for name in ("src", "href", "action", "srcset", "poster", "data"):
            assert attributes.get(name, "#").startswith("#"), f"<{tag} {name}={attributes.get(name)!r}>"
        assert not any(name.startswith("on") for name in attributes), f"<{tag}> carries a script"
    assert not re.search(r"url\(|@import", document.source)
    ids = [attributes["id"] for _, attributes in document.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in document.all("a")} <= set(ids)
    assert document.all("html") == [{"lang": "en"}]
    assert len(document.all("h1")) == len(document.all("main")) == 1
    assert all(th.get("scope") in ("col", "row", "rowgroup") for th in document.all("th"))


def contrast(one: str, other: str) -> float:
    """Return the WCAG 2.2 contrast ratio of two colours "#rrggbb"."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def palette(css: str, selector: str) -> dict[str, str]:
    """Return the custom properties with a "#rrggbb" value in the first block of `selector` (a literal)."""
    block = css[css.index(selector) + len(selector) :]
    block = block[: block.index("}")]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block))
