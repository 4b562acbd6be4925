"""LeakLens: the form over a redaction plan. Actions per column and per kind of find; four meters; the attack replayed."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets as w

from atelier.forms.base import Form, note
from atelier.kits.redaction import redact, scoring
from atelier.kits.redaction.card import ACTIONS, FOUND
from atelier.kits.redaction.records import (
    Column,
    ColumnRule,
    DetectorRule,
    Line,
    RedactionCase,
    RedactionPlan,
    RedactionSetup,
)

_METERS = {
    "leak": "Nothing readable",
    "utility": "Still useful",
    "linkage": "Nobody found",
    "consistency": "One token each",
}
_LAYOUT = w.Layout(width="27em")
_STYLE = {"description_width": "9em"}


class LeakLens(Form[RedactionPlan]):
    """Decide what leaves, and see at once who can still be read or found in the practice documents."""

    def blank(self) -> RedactionPlan:
        """Return the plan that lets everything leave."""
        return RedactionPlan()

    @property
    def setup(self) -> RedactionSetup:
        """Return the lab's setup."""
        setup: RedactionSetup = self.lab.setup
        return setup

    def build(self) -> w.Widget:
        """Make the choices, the meters, the document before and after, and the attack."""
        self._quiet = False
        self._columns = {column.name: self._choice(column) for column in self.setup.columns}
        self._detectors = {
            kind: w.Dropdown(
                options=[(label, action) for action, label in FOUND.items()],
                description=kind,
                style=_STYLE,
                layout=_LAYOUT,
            )
            for kind in self.setup.detectors
        }
        for choice in (*self._columns.values(), *self._detectors.values()):
            choice.observe(lambda _change: self.quietly(self._on_change)(), "value")
        self._meters = w.HTML()
        self._page = w.Dropdown(
            options=[(f"Practice document {i + 1}", i) for i in range(len(self.lab.practice))],
            description="Show",
            layout=_LAYOUT,
        )
        self._page.observe(lambda _change: self.quietly(self._show)(), "value")
        self._document, self._attack = w.HTML(), w.HTML()
        self._replay = w.Button(description="Replay the attack", icon="search", button_style="primary")
        self._again = w.Button(description="Next person found", icon="arrow-right", disabled=True)
        self._replay.on_click(lambda _b: self.quietly(self._start_attack)())
        self._again.on_click(lambda _b: self.quietly(self._next_found)())
        self._victims: list[tuple[RedactionCase, Line, redact.Found]] = []
        self._victim = 0
        self.refresh()
        left = w.VBox([w.HTML("<h4>The columns</h4>"), *self._columns.values()])
        middle = w.VBox([w.HTML("<h4>In the free text</h4>"), *self._detectors.values()])
        for side in (left, middle):
            side.add_class("atelier-column")
        choices = w.HBox([left, middle])
        choices.add_class("atelier-columns")
        return w.VBox(
            [
                w.HTML(f"<p><strong>The reader needs:</strong> {escape(self.setup.task)}</p>"),
                choices,
                self._meters,
                w.HBox([self._replay, self._again]),
                self._attack,
                self._page,
                self._document,
            ]
        )

    def _choice(self, column: Column) -> w.Dropdown:
        options = [(label, action) for action, label in ACTIONS.items()]
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
            f'aria-label="{escape(_METERS[part.name])}"></meter> {part.fraction or 0:.0%}</td><td>{escape(part.says)}</td></tr>'
            for part in verdict.parts
        )
        cap = note(verdict.cap.why, "warn") if verdict.cap else ""
        self._meters.value = f'<table class="atelier-table" role="status"><tbody>{rows}</tbody></table>{cap}'
        self._attack.value, self._again.disabled = "", True
        self._show()

    def _show(self) -> None:
        place = self._page.value or 0
        case, rows = self.lab.practice[place], self._documents[place]
        kept = [column for column in self.setup.columns if not rows or column.name in rows[0]]
        head = "".join(f'<th scope="col">{escape(column.label)}</th>' for column in kept)
        body = "".join(self._line(line, row, kept) for line, row in zip(case.lines, rows, strict=True))
        gone = [column.label for column in self.setup.columns if column not in kept]
        dropped = f"<p class='atelier-small'>Dropped: {escape(', '.join(gone))}.</p>" if gone else ""
        self._document.value = (
            '<div class="atelier-scroll"><table class="atelier-table"><caption>What would leave. Marked: what leads to a person.'
            f"</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{dropped}"
        )

    def _line(self, line: Line, row: Mapping[str, str], kept: list[Column]) -> str:
        secrets = [text for _, text in scoring.leaked(line, row)]
        cells = "".join(f"<td>{_marked(row.get(column.name, ''), secrets)}</td>" for column in kept)
        return f"<tr>{cells}</tr>"

    def _start_attack(self) -> None:
        attacker = redact.Attacker(scoring.directory(self.lab.practice), self.answer, self.setup)
        self._victims = []
        for case, rows in zip(self.lab.practice, self._documents, strict=True):
            for line, row in zip(case.lines, rows, strict=True):
                found = attacker.look_up(row)
                if line.who and len(found.candidates) < self.setup.k:
                    self._victims.append((case, line, found))
        # The loneliest first: they make the point.
        self._victims.sort(key=lambda victim: len(victim[2].candidates))
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
        _, line, found = self._victims[self._victim]
        facts = " · ".join(f"{label}: {value}" for label, value in found.facts)
        people = ", ".join(f"{p.first} {p.last}" for p in found.candidates)
        count = len(found.candidates)
        verdict = "exactly one person" if count == 1 else f"only {count} people"
        self._attack.value = (
            f'<div class="atelier-note atelier-bad" role="status"><p><strong>Found {self._victim + 1} of {len(self._victims)}.</strong> '
            f"The line says {escape(facts)}. In the directory of 200 that is {verdict}: <strong>{escape(people)}</strong>."
            f"</p><p>Paid: {escape(line.cells.get(self.setup.total, ''))}.</p></div>"
        )


def _marked(text: str, secrets: list[str]) -> str:
    """Return `text` as HTML with what can still be read marked, by words and by shape, not by colour only."""
    words: set[str] = {word for secret in secrets for word in redact.words(secret)}
    exact: list[str] = [secret for secret in secrets if secret in text]
    if any(exact):
        for secret in exact:
            if not redact.words(secret) or any(c.isdigit() or c == "@" for c in secret):
                return escape(text).replace(escape(secret), f"<mark>⚠ {escape(secret)}</mark>")
    out: list[Any] = []
    for piece in text.split(" "):
        bare = redact.words(piece)
        out.append(f"<mark>⚠ {escape(piece)}</mark>" if bare and set(bare) & words else escape(piece))
    return " ".join(out)
