"""The "take to work" card: one printable page, complete in itself. Pure: data in, HTML out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from atelier.kits.base import Passage
from atelier.policy import Policy

FILE = "take-to-work.html"

# Written for paper: black on white, A4, small enough for a prompt with its examples.
_STYLE = """
@page { size: A4; margin: 10mm 13mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 52rem; background: #fff; color: #111; font: 9.5pt/1.35 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
header { border-bottom: 2.5pt solid #1d4a43; margin-bottom: .6rem; }
h1 { margin: 0; font: 600 18pt/1.2 Georgia, "Noto Serif", serif; }
header p { margin: 0 0 .3rem; color: #444; }
h2 { margin: .6rem 0 .2rem; font-size: 11pt; color: #1d4a43; break-after: avoid; }
p { margin: 0; }
ul { margin: 0; padding-left: 1.4em; list-style: "•  "; }
ul.todo { list-style: "☐  "; }
li { padding-bottom: .1rem; break-inside: avoid; }
.many { columns: 2; column-gap: 1.5rem; }
pre { margin: .2rem 0; padding: .5rem .7rem; border: .75pt solid #999; white-space: pre-wrap; overflow-wrap: anywhere; font: 8pt/1.3 ui-monospace, "DejaVu Sans Mono", monospace; }
pre.long { columns: 2; column-gap: 1.2rem; font-size: 6pt; line-height: 1.2; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .5rem .8rem; margin: .7rem 0 0; break-inside: avoid; }
dt { font-weight: 600; } dd { margin: 0; border-bottom: .75pt solid #999; min-height: 1.4em; }
footer { margin-top: .8rem; color: #444; font-size: 8pt; }
@media print { body { padding: 0; max-width: none; } }
"""
_MANY = 6  # from here on, a list stands in two columns
_LONG_TEXT = 900  # characters from which on a text to copy is set small, in two columns


@dataclass(frozen=True, slots=True)
class Takeaway:
    """What a card is made from. `kpi` and `passages` may be empty; `day` is text, such as "24 November 2026"."""

    title: str
    tomorrow: Sequence[str]
    passages: Sequence[Passage]
    kpi: str
    source: str
    day: str


def render(card: Takeaway) -> str:
    """Return the card as one HTML document that asks nothing of the network."""
    kpi = f"<h2>How our work is measured</h2><p>{escape(card.kpi)}</p>" if card.kpi else ""
    built = "".join(_passage(passage) for passage in card.passages)
    if not built:
        built = "<h2>What I built</h2><p>Nothing yet. Work on the lab, check your work and make the card again.</p>"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Take to work: {escape(card.title)}</title><style>{_STYLE}</style></head><body>"
        f"<header><p>Take to work</p><h1>{escape(card.title)}</h1></header><main>"
        f"<h2>Tomorrow at work</h2>{_list(card.tomorrow, 'todo')}{built}{kpi}"
        "<dl><dt>Who owns it</dt><dd></dd><dt>We look again on</dt><dd></dd></dl></main>"
        f"<footer>{escape(card.source)} · {escape(card.day)}</footer></body></html>\n"
    )


def rules(policy: Policy) -> tuple[Passage, ...]:
    """Return the policy as a card needs it: where each class of data may go, and which check a consequence asks for."""
    check = {level.id: level.title for level in policy.validation}
    data = tuple(
        f"{c.title} ({', '.join(c.examples)}): "
        f"{' or '.join(t.title for t in policy.tiers if c.id in t.allows) or 'nowhere'}. {check[c.validation]}."
        for c in policy.data_classes
    )
    follows = tuple(f"{c.title}: {check.get(c.validation, c.says)}" for c in policy.consequences)
    limit = f"One payment above EUR {policy.payment_limit:,} is above the limit."
    return (
        Passage("Our rules: which data may go where", data),
        Passage("Which check by a person; where the data asks for a stricter one, take that", (*follows, limit)),
    )


def _passage(passage: Passage) -> str:
    text = ""
    if passage.text:
        kind = ' class="long"' if len(passage.text) > _LONG_TEXT else ""
        text = f"<pre{kind}>{escape(passage.text)}</pre>"
    return f"<h2>{escape(passage.title)}</h2>{_list(passage.lines) if passage.lines else ''}{text}"


def _list(lines: Sequence[str], kind: str = "") -> str:
    classes = " ".join(filter(None, (kind, "many" if len(lines) >= _MANY else "")))
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<ul class="{classes}">{items}</ul>' if classes else f"<ul>{items}</ul>"
