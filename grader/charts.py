"""Charts as inline SVG, drawn by pygal: no script, text in the page's own colour, and words for who cannot see them. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import pygal
from markupsafe import Markup
from pygal.style import Style

from atelier.kits.base import percent
from grader.kpi import KpiResult

_INK = "currentColor"
_LINE = 30  # characters of a label on one line
_WIDTH = 480  # narrow, so that text stays readable on a phone; pages show it up to a third larger
_STYLE = Style(
    background="transparent", plot_background="transparent", font_family="inherit", opacity="1", opacity_hover="1",
    foreground=_INK, foreground_strong=_INK, foreground_subtle=_INK, guide_stroke_color=_INK,
    major_guide_stroke_color=_INK, ci_colors=(_INK,), label_font_size=13, major_label_font_size=13, title_font_size=13,
    # The page says which colour its charts have; the fallback has contrast on light and dark.
    colors=("var(--at-chart, #1f8a72)", _INK),
)  # fmt: skip
_CSS = (
    "inline:{{ id }}.guide.line { stroke-opacity: 0.18; stroke-dasharray: none } {{ id }}.ci line { stroke-width: 2 } "
    "{{ id }}.dot { fill: var(--at-chart, #1f8a72) } {{ id }}.series.serie-0 .line { stroke-dasharray: 4 4 }"
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its label, its value, and the interval around it where there is one."""

    label: str
    value: float
    interval: tuple[float, float] | None = None


def bars(title: str, says: str, found: Sequence[Bar], *, shares: bool = True) -> Markup:
    """Return horizontal bars, the first on top. `says` tells in a sentence what they show. Shares are 0 to 1."""
    scale = 100 if shares else 1
    most = 100.0 if shares else max((b.interval or (0, b.value))[1] for b in found) * 1.05
    chart = pygal.HorizontalBar(**_common(50 + 36 * len(found)), range=(0, most), spacing=14)
    if shares:
        chart.y_labels = [0, 25, 50, 75, 100]
    ordered = list(reversed(found))  # pygal draws from the bottom up
    labels = [bar.label for bar in ordered]
    chart.x_labels = [max(_lines(label), key=len) for label in labels]  # it makes room for these
    chart.add("", [_value(bar, scale) for bar in ordered])
    return _drawn(chart, title, says, labels)


def _value(bar: Bar, scale: float) -> dict[str, Any]:
    value: dict[str, Any] = {"value": bar.value * scale}
    if bar.interval is not None:
        value["ci"] = {"low": bar.interval[0] * scale, "high": bar.interval[1] * scale}
    return value


def against(title: str, says: str, points: Sequence[tuple[float, float]], low: float = 0.5) -> Markup:
    """Return points of (said, came true), as shares, against the line on which both are equal."""
    chart = pygal.XY(
        **_common(340), range=(0, 100), xrange=(100 * low, 100), dots_size=6,
        x_title="Said, %", y_title="Right, %",
    )  # fmt: skip
    chart.add("", [(100 * low, 100 * low), (100, 100)], show_dots=False)
    chart.add("", [(100 * x, 100 * y) for x, y in points])
    return _drawn(chart, title, says)


def kpi(found: KpiResult) -> Markup | None:
    """Return the medians of a figure with their intervals, moment by moment; None until two can be compared."""
    told = [Bar(m.moment, m.median, m.interval) for m in found.moments if m.median is not None]
    if len(told) < 2:
        return None
    says = "; ".join(f"{bar.label}: {bar.value:g}" for bar in told)
    return bars(found.name, f"Medians in {found.unit}. {says}.", told, shares=False)


def confidence(points: Sequence[tuple[float, float]]) -> Markup:
    """Return how often decisions were right against how sure people said they were, both as shares."""
    says = "; ".join(f"{percent(said)} sure, {percent(right)} right" for said, right in points)
    return against("How sure, and how often right", f"On the dashed line both are equal. {says}.", points)


def _common(height: int) -> dict[str, Any]:
    return {
        "style": _STYLE, "css": ["file://style.css", "file://graph.css", _CSS], "js": [], "show_legend": False,
        "disable_xml_declaration": True, "truncate_label": -1, "width": _WIDTH, "height": height, "margin": 8,
    }  # fmt: skip


def _lines(label: str) -> list[str]:
    return wrap(label, _LINE, max_lines=2, placeholder=" …") or [""]


def _write(label: str, place: Element) -> None:
    """Write a label into a place of pygal's axis, on two lines if it is long, and whole where the mouse rests on it."""
    text, told = place.find("text"), place.find("title")
    if text is not None and len(lines := _lines(label)) > 1:
        text.text = ""
        for line, down in zip(lines, ("-0.35em", "1.15em"), strict=True):
            SubElement(text, "tspan", {"x": text.get("x", "0"), "dy": down}).text = line
    if told is not None:
        told.text = label


def _drawn(chart: Any, title: str, says: str, labels: Sequence[str] = ()) -> Markup:
    """Return the chart as SVG; `labels` take the places of the vertical axis."""
    name = hashlib.sha256(f"{title}\n{says}".encode()).hexdigest()[:10]
    chart.uuid = name  # by chance otherwise, and the same page would differ from run to run

    def finish(root: Element) -> Element:
        for parent in list(root.iter()):
            for child in list(parent):
                if child.tag == "script" or not isinstance(child.tag, str):
                    parent.remove(child)
        axis = next((part for part in root.iter("g") if part.get("class") == "axis y"), ())
        for label, place in zip(labels, axis, strict=False):
            _write(label, place)
        root.set("role", "img")
        root.set("aria-labelledby", f"t-{name} d-{name}")
        root.set("style", f"max-width:{_WIDTH * 4 // 3}px;width:100%;height:auto")
        for tag, text in (("desc", says), ("title", title)):
            told = SubElement(root, tag, {"id": f"{tag[0]}-{name}"})
            told.text = text
            root.remove(told)
            root.insert(0, told)
        return root

    chart.add_xml_filter(finish)
    return Markup(chart.render(is_unicode=True))  # noqa: S704  # ElementTree escapes every text
