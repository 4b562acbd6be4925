"""LeakLens: the form over a redaction plan. Actions per column, told fact and kind of find; four meters; the attack replayed."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import ipywidgets as w

from atelier.forms.base import Form, note, scrolling, spoken
from atelier.kits.base import percent
from atelier.kits.redaction import find, redact, scoring
from atelier.kits.redaction.card import FOUND, KINDS, actions
from atelier.kits.redaction.records import (
    Column,
    ColumnRule,
    DetectorRule,
    Line,
    RedactionPlan,
    RedactionSetup,
)

_LONG_TEXT = 100
_METERS = {
    "leak": "Nothing readable",
    "utility": "Still useful",
    "linkage": "Nobody found",
    "consistency": "One token each",
}
_LAYOUT = w.Layout(width="100%", max_width="36em")
_STYLE = {"description_width": "11em"}


class LeakLens(Form[RedactionPlan, RedactionSetup]):
    """Decide what leaves, and see at once who can still be read or found in the practice documents."""

    def blank(self) -> RedactionPlan:
        """Return the plan that lets everything leave."""
        return RedactionPlan()

    def build(self) -> w.Widget:
        """Make the choices, the meters, the document before and after, and the attack."""
        self._quiet = False
        self._columns = {column.name: self._choice(column) for column in self.setup.columns}
        self._detectors = {
            kind: w.Dropdown(
                options=[(label, action) for action, label in FOUND.items()],
                description=KINDS.get(kind, kind),
                style={"description_width": "19em"},
                layout=w.Layout(width="35em", max_width="100%"),
            )
            for kind in self.setup.detectors
        }
        for choice in (*self._columns.values(), *self._detectors.values()):
            choice.observe(lambda _change: self.quietly(self._on_change)(), "value")
        self._meters, self._said = w.HTML(), spoken()
        self._page = w.Dropdown(
            options=[(f"Practice document {i + 1}", i) for i in range(len(self.lab.practice))],
            description="Show",
            layout=_LAYOUT,
        )
        self._page.observe(lambda _change: self.quietly(self._show)(), "value")
        self._document, self._attack = w.HTML(), spoken()
        self._replay = w.Button(description="Replay the attack", icon="search", button_style="primary")
        self._again = w.Button(description="Next person found", icon="arrow-right", disabled=True)
        self._replay.on_click(lambda _b: self.quietly(self._start_attack)())
        self._again.on_click(lambda _b: self.quietly(self._next_found)())
        self._victims: list[tuple[Line, redact.Found, tuple[tuple[str, str, int], ...]]] = []
        self._victim = 0
        self.refresh()
        told = [self._columns[column.name] for column in self.setup.columns if column.told]
        columns = [self._columns[column.name] for column in self.setup.columns if not column.told]
        facts = [w.HTML("<h3>What writers tell of themselves</h3>"), *told] if told else []
        left = w.VBox([w.HTML("<h3>The columns</h3>"), *columns, *facts])
        known = '<p class="atelier-small">Names are looked up in the lists that you hold.</p>'
        right = w.VBox([w.HTML("<h3>In the free text</h3>"), *self._detectors.values(), w.HTML(known)])
        for side in (left, right):
            side.add_class("atelier-column")
        choices = w.HBox([left, right])
        choices.add_class("atelier-columns")
        return w.VBox(
            [
                w.HTML(f"<p><strong>The reader needs:</strong> {escape(self.setup.task)}</p>"),
                choices,
                self._said,
                self._meters,
                w.HBox([self._replay, self._again]),
                self._attack,
                self._page,
                self._document,
            ]
        )

    def _choice(self, column: Column) -> w.Dropdown:
        options = [(label, action) for action, label in actions(column).items()]
        options[1:1] = [(step.label, f"generalise:{step.id}") for step in column.steps]
        return w.Dropdown(options=options, description=column.label, style=_STYLE, layout=_LAYOUT)

    def _on_change(self) -> None:
        if self._quiet:
            return
        columns = []
        for name, choice in self._columns.items():
            action, _, step = choice.value.partition(":")
            if action != "keep":
                columns.append(ColumnRule(name, action, step))
        detectors = [
            DetectorRule(kind, choice.value) for kind, choice in self._detectors.items() if choice.value != "keep"
        ]
        self.changed(RedactionPlan(tuple(columns), tuple(detectors)))
        self._update()

    def refresh(self) -> None:
        """Show the plan in the choices, and what it does."""
        rules = {rule.column: rule for rule in self.answer.columns}
        actions = {rule.detector: rule.action for rule in self.answer.detectors}
        # One update for all choices together, not one save each.
        self._quiet = True
        try:
            for name, choice in self._columns.items():
                rule = rules.get(name)
                value = (
                    "keep"
                    if rule is None
                    else f"{rule.action}:{rule.step}"
                    if rule.action == "generalise"
                    else rule.action
                )
                choice.value = value if value in [option for _, option in choice.options] else "keep"
            for kind, choice in self._detectors.items():
                choice.value = actions.get(kind, "keep")
        finally:
            self._quiet = False
        self._update()

    def _update(self) -> None:
        self._documents, _ = redact.apply(self.answer, self.lab.practice, self.setup)
        verdict = scoring.score(self.answer, self.lab.practice, self.setup, {})
        rows = "".join(
            f'<tr><th scope="row">{escape(_METERS[part.name])}</th><td><meter min="0" max="1" value="{part.fraction or 0:.2f}" '
            f'aria-label="{escape(_METERS[part.name])}"></meter> {percent(part.fraction or 0)}</td><td>{escape(part.says)}</td></tr>'
            for part in verdict.parts
        )
        spoken_ = ", ".join(f"{_METERS[part.name].lower()} {percent(part.fraction or 0)}" for part in verdict.parts)
        self._said.value = f'<p class="atelier-small">Now: {escape(spoken_)}.</p>'
        cap = note(verdict.cap.why, "warn") if verdict.cap else ""
        self._meters.value = f'<table class="atelier-table"><tbody>{rows}</tbody></table>{cap}'
        self._attack.value, self._again.disabled = "", True
        self._show()

    def _show(self) -> None:
        place = self._page.value or 0
        case, rows = self.lab.practice[place], self._documents[place]
        columns = [column for column in self.setup.columns if not column.told]
        kept = [column for column in columns if not rows or column.name in rows[0]]
        gone = [column.label for column in columns if column not in kept]
        dropped = f"<p class='atelier-small'>Dropped: {escape(', '.join(gone))}.</p>" if gone else ""
        pairs = list(zip(case.lines, rows, strict=True))
        texts = {column.name for column in columns if column.type == "text"}
        long = any(len(line.cells.get(name, "")) > _LONG_TEXT for line in case.lines for name in texts)
        legend = "What would leave. Marked ⚠: names and numbers." + (
            " Marked ◇: facts that the attacker can look up."
            if any(column.told for column in self.setup.columns)
            else ""
        )
        if long:
            papers = "".join(self._paper(line, row, kept) for line, row in pairs)
            self._document.value = f"<p>{legend}</p>{scrolling(papers, 'What would leave')}{dropped}"
            return
        head = "".join(f'<th scope="col">{escape(column.label)}</th>' for column in kept)
        body = "".join(
            f"<tr>{''.join(f'<td>{self._cell(line, row, column)}</td>' for column in kept)}</tr>" for line, row in pairs
        )
        table = (
            f'<table class="atelier-table"><caption>{legend}'
            f"</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )
        self._document.value = scrolling(table, "What would leave") + dropped

    def _paper(self, line: Line, row: Mapping[str, str], kept: list[Column]) -> str:
        """Return a row as a message: short columns above, the text below."""
        short = " · ".join(
            f"{escape(column.label)}: <strong>{self._cell(line, row, column)}</strong>"
            for column in kept
            if column.type != "text"
        )
        texts = "".join(
            f'<pre class="atelier-paper">{self._cell(line, row, column)}</pre>'
            for column in kept
            if column.type == "text"
        )
        return f'<article class="atelier-message"><p class="atelier-small">{short}</p>{texts}</article>'

    def _cell(self, line: Line, row: Mapping[str, str], column: Column) -> str:
        """Return a cell as HTML, with what leads to a person marked by sign and shape, not by colour only."""
        text = row.get(column.name, "")
        places = _readable(text, scoring.leaked(line, row))
        if column.type == "text":
            facts = (find.fact(fact) for fact in self.setup.columns if fact.told and fact.attack)
            places += [(span.start, span.end, "◇") for fact in facts for span in fact.told(text)]
        out, at = [], 0
        for start, end, sign in sorted(places):
            if start >= at:
                out.append(f"{escape(text[at:start])}<mark>{sign}&nbsp;{escape(text[start:end])}</mark>")
                at = end
        return "".join(out) + escape(text[at:])

    def _start_attack(self) -> None:
        attacker = redact.Attacker(scoring.directory(self.lab.practice), self.answer, self.setup)
        self._victims = []
        for case, rows in zip(self.lab.practice, self._documents, strict=True):
            small = scoring.small_groups([attacker.columns(row) for row in rows], self.setup)
            for line, row in zip(case.lines, rows, strict=True):
                found = attacker.look_up(row)
                if line.who and (len(found.candidates) < self.setup.k or attacker.columns(row) in small):
                    self._victims.append((line, found, attacker.narrowed(row)))
        # The loneliest first: they make the point.
        self._victims.sort(key=lambda victim: len(victim[1].candidates))
        self._victim = -1
        if not self._victims:
            self._again.disabled = True
            self._attack.value = note(
                f"The attacker finds nobody: every line fits at least {self.setup.k} people.", "good"
            )
            return
        self._next_found()

    def _next_found(self) -> None:
        self._victim = (self._victim + 1) % len(self._victims)
        self._again.disabled = len(self._victims) < 2
        line, found, steps = self._victims[self._victim]
        size = len(scoring.directory(self.lab.practice))
        narrowed = "".join(
            f"<li>{escape(label)}: <strong>{escape(value)}</strong> → {left} {'person' if left == 1 else 'people'}</li>"
            for label, value, left in steps
        )
        people = ", ".join(f"{p.first} {p.last}" for p in found.candidates)
        count = len(found.candidates)
        verdict = "exactly one person" if count == 1 else f"only {count} people"
        who = f"That is {verdict}: <strong>{escape(people)}</strong>."
        if count >= self.setup.k:
            who = f"Fewer than {self.setup.k} entries of this document look like that: colleagues will guess who it is."
        self._attack.value = (
            f'<div class="atelier-note atelier-bad"><p><strong>Found {self._victim + 1} of {len(self._victims)}.</strong> '
            f"The directory lists {size} people. Fact by fact:</p><ol>{narrowed}</ol><p>{who}</p>{self._secret(line)}</div>"
        )

    def _secret(self, line: Line) -> str:
        """Return what the attacker now knows of the person."""
        if self.setup.total:
            return f"<p>Paid: {escape(line.cells.get(self.setup.total, ''))}.</p>"
        texts = " ".join(line.cells.get(c.name, "") for c in self.setup.columns if c.type == "text")
        return f"<p>And now it is known who wrote: “{escape(' '.join(texts.split())[:220])} …”</p>"


def _readable(text: str, leaks: list[tuple[str, str]]) -> list[tuple[int, int, str]]:
    """Return where secrets that leaked stand in `text`."""
    names = {word for kind, secret in leaks if kind in scoring.NAMED for word in find.words(secret)}
    places: list[tuple[int, int, str]] = []
    for span in find.word_spans(text):
        if span.value in names:
            # First and last name are one mark.
            joined = bool(places) and text[places[-1][1] : span.start] in (" ", "-", ".")
            places[-1:] = [(places[-1][0], span.end, "⚠")] if joined else [*places[-1:], (span.start, span.end, "⚠")]
    for kind, secret in leaks:
        if kind not in scoring.NAMED and (start := text.find(secret)) >= 0:
            places.append((start, start + len(secret), "⚠"))
    return places
