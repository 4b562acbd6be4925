"""Small line charts as inline SVG: colours from the page's theme, lines told apart by dashes and by their names."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_WIDTH, _HEIGHT = 380, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 120, 10, 22
_DASHES = ("", "6 3", "2 3")
_APART = 12  # pixels between the names of two lines


def line_chart(title: str, unit: str, labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]]) -> str:
    """Return a figure with one line per series over `labels`, the axis starting at 0. All text is escaped."""
    top = _nice(max((value for _, values in series for value in values), default=1.0))
    drawn = "".join(_line(values, top, len(labels), _DASHES[i % len(_DASHES)]) for i, (_, values) in enumerate(series))
    spoken = "; ".join(
        f"{name}: " + ", ".join(f"{label} {value:g}" for label, value in zip(labels, values, strict=False))
        for name, values in series
    )
    ticks = "".join(
        f'<text x="{_x(i, len(labels)):.0f}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(label)}</text>'
        for i, label in enumerate(labels)
    )
    grid = "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{_y(v, top):.1f}" y2="{_y(v, top):.1f}" class="atelier-grid"/>'
        f'<text x="{_LEFT - 5}" y="{_y(v, top) + 4:.1f}" text-anchor="end">{v:g}</text>'
        for v in (0, top / 2, top)
    )
    return (
        f'<figure class="atelier-chart"><figcaption>{escape(title)} ({escape(unit)})</figcaption>'
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(spoken)}">'
        f"{grid}{ticks}{drawn}{_names(series, top, len(labels))}</svg></figure>"
    )


def calibration_chart(title: str, said: Sequence[tuple[int, int, int]]) -> str:
    """Return a figure of how sure against how often right; `said` is (per cent sure, cards, right ones).

    On the dashed line confidence is exactly as good as it says; below it, it promises too much. `title` is escaped.
    """
    spoken = "; ".join(f"{sure} % sure: {right} of {n} right" for sure, n, right in said)

    def x(sure: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (sure - 50) / 50

    ticks = "".join(
        f'<text x="{x(sure):.0f}" y="{_HEIGHT - 6}" text-anchor="middle">{sure} %</text>' for sure in range(50, 101, 10)
    )
    grid = "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{_y(v, 100):.1f}" y2="{_y(v, 100):.1f}" class="atelier-grid"/>'
        f'<text x="{_LEFT - 5}" y="{_y(v, 100) + 4:.1f}" text-anchor="end">{v}</text>'
        for v in (0, 50, 100)
    )
    fit = f'<polyline points="{x(50):.1f},{_y(50, 100):.1f} {x(100):.1f},{_y(100, 100):.1f}" stroke-dasharray="2 3"/>'
    dots = "".join(
        f'<circle cx="{x(sure):.1f}" cy="{_y(100 * right / n, 100):.1f}" r="{3 + min(n, 6)}"/>'
        f'<text x="{x(sure) + 11:.1f}" y="{_y(100 * right / n, 100) + 4:.1f}">{right} of {n}</text>'
        for sure, n, right in said
    )
    return (
        f'<figure class="atelier-chart"><figcaption>{escape(title)}: how sure (across), how often right (up, in per cent); '
        "dots below the dashed line were too sure</figcaption>"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(spoken)}">{grid}{ticks}{fit}{dots}</svg></figure>'
    )


def _line(values: Sequence[float], top: float, n: int, dashes: str) -> str:
    points = " ".join(f"{_x(i, n):.1f},{_y(v, top):.1f}" for i, v in enumerate(values))
    dots = "".join(f'<circle cx="{_x(i, n):.1f}" cy="{_y(v, top):.1f}" r="2.5"/>' for i, v in enumerate(values))
    return f'<polyline points="{points}" stroke-dasharray="{dashes}"/>{dots}'


def _names(series: Sequence[tuple[str, Sequence[float]]], top: float, n: int) -> str:
    """Write each name beside the end of its line, moved down where two would meet."""
    found, last = [], -_APART * 2.0
    ends = sorted((_y(values[-1], top), name, len(values)) for name, values in series if values)
    for at, name, length in ends:
        last = max(at, last + _APART)
        found.append(f'<text x="{_x(length - 1, n) + 7:.0f}" y="{last + 4:.1f}">{escape(name)}</text>')
    return "".join(found)


def _x(place: int, n: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (place / (n - 1) if n > 1 else 0.5)


def _y(value: float, top: float) -> float:
    return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - value / top)


def _nice(most: float) -> float:
    """Return a round number at or above `most` for the top of the axis."""
    step = 10.0 ** (len(str(int(most))) - 1)
    return next((m * step for m in (1, 2, 3, 4, 6, 8, 10) if m * step >= most), most) or 1.0
