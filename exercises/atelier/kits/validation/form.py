"""FaultMatrix: the form over a check plan. Rules read as sentences; a grid shows what they stop and hold up."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets as w

from atelier.forms.base import Form, note
from atelier.kits.validation import rules, scoring
from atelier.kits.validation.records import CheckCase, CheckPlan, CheckSetup, Issue, Offer, Rule

# Parameters that each kind of rule asks for, beside its field.
_ASKS: Mapping[str, tuple[str, ...]] = {
    "sum": ("other", "total", "tolerance"),
    "rate": ("other", "total", "tolerance"),
    "lines": ("tolerance",),
    "in_list": ("values",),
    "register": ("other",),
    "not_seen": ("other",),
    "date_order": ("other", "days"),
    "within": ("low", "high"),
    "phrase": ("values",),
}
_OTHER_SAYS = {
    "sum": "plus",
    "rate": "times the rate",
    "register": "found by",
    "not_seen": "together with",
    "date_order": "may not be after",
}
_WIDE = w.Layout(width="22em")
_STYLE = {"description_width": "8em"}


class FaultMatrix(Form[CheckPlan]):
    """Build a check plan, and see at once what it does to the practice records."""

    def blank(self) -> CheckPlan:
        """Return the plan without rules."""
        return CheckPlan()

    @property
    def setup(self) -> CheckSetup:
        """Return the lab's setup."""
        setup: CheckSetup = self.lab.setup
        return setup

    def build(self) -> w.Widget:
        """Make palette, list of rules, grid and document view."""
        self._offers: dict[str, Offer] = {offer.kind: offer for offer in self.setup.offers}
        self._rows: tuple[scoring.Row, ...] = ()
        self._shown: tuple[int, int] = (0, 0)
        self._make_palette()
        self._list, self._grid = w.VBox(), w.VBox()
        self._summary, self._document = w.HTML(), w.HTML()
        self._document.add_class("atelier-document")
        self._previous = w.Button(description="Previous", icon="arrow-left")
        self._following = w.Button(description="Next", icon="arrow-right")
        self._previous.on_click(lambda _b: self.quietly(self._step)(-1))
        self._following.on_click(lambda _b: self.quietly(self._step)(1))
        self.refresh()
        left = w.VBox([w.HTML("<h4>Add a rule</h4>"), self._palette, w.HTML("<h4>Your rules</h4>"), self._list])
        right = w.VBox([w.HTML("<h4>What they do to the practice invoices</h4>"), self._summary, self._grid])
        for side in (left, right):
            side.add_class("atelier-column")
        columns = w.HBox([left, right])
        columns.add_class("atelier-columns")
        look = w.VBox(
            [w.HTML("<h4>The document behind it</h4>"), w.HBox([self._previous, self._following]), self._document]
        )
        return w.VBox([columns, look])

    def _make_palette(self) -> None:
        fields = [(field.label, field.name) for field in self.setup.fields]
        amounts = [(f.label, f.name) for f in self.setup.fields if f.type == "amount"]
        self._kind = w.Dropdown(
            options=[(o.label, o.kind) for o in self.setup.offers], description="Rule", style=_STYLE, layout=_WIDE
        )
        self._field = w.Dropdown(options=fields, description="Field", style=_STYLE, layout=_WIDE)
        self._parameters: dict[str, Any] = {
            "other": w.Dropdown(options=fields, description="and", style=_STYLE, layout=_WIDE),
            "total": w.Dropdown(options=amounts or fields, description="must give", style=_STYLE, layout=_WIDE),
            "tolerance": w.FloatText(value=0.02, step=0.01, description="may differ by", style=_STYLE, layout=_WIDE),
            "days": w.IntText(
                value=0, description="days at most (0: any)", style={"description_width": "11em"}, layout=_WIDE
            ),
            "low": w.FloatText(value=0, description="from", style=_STYLE, layout=_WIDE),
            "high": w.FloatText(value=0, description="to", style=_STYLE, layout=_WIDE),
            "values": w.Textarea(
                description="one per line", placeholder="one per line", rows=3, style=_STYLE, layout=_WIDE
            ),
        }
        self._says = w.HTML()
        self._add = w.Button(description="Add this rule", icon="plus", button_style="primary")
        self._add.on_click(lambda _b: self.quietly(self._on_add)())
        self._field.observe(lambda _c: self.quietly(self._on_field)(), "value")
        self._kind.observe(lambda _c: self.quietly(self._on_kind)(), "value")
        self._palette = w.VBox()
        self._on_field()
        self._on_kind()

    def _on_field(self) -> None:
        """Offer the rules that make sense for the field's type, and stay on the present one where it does."""
        type_ = next(field.type for field in self.setup.fields if field.name == self._field.value)
        fitting = [(o.label, o.kind) for o in self.setup.offers if not o.types or type_ in o.types]
        kept = self._kind.value
        self._kind.options = fitting
        self._kind.value = kept if kept in [kind for _, kind in fitting] else fitting[0][1]

    def _on_kind(self) -> None:
        offer = self._offers[self._kind.value]
        self._parameters["other"].description = _OTHER_SAYS.get(offer.kind, "and")
        self._says.value = f'<p class="atelier-small">{escape(offer.says)}</p>'
        asked = [self._parameters[name] for name in _ASKS.get(offer.kind, ())]
        self._palette.children = [self._field, self._kind, self._says, *asked, self._add]

    def _drafted(self) -> Rule | str:
        """Return the rule as entered, or what is still missing."""
        kind, field = self._kind.value, self._field.value
        asks = _ASKS.get(kind, ())
        other = self._parameters["other"].value if "other" in asks else ""
        values = tuple(line.strip() for line in self._parameters["values"].value.splitlines() if line.strip())
        if "values" in asks and not values:
            return "Write at least one value, one per line."
        low, high = self._parameters["low"].value, self._parameters["high"].value
        if kind == "within" and low > high:
            return "“from” is larger than “to”: swap them."
        if other == field:
            return "Choose two different fields."
        days, cents = self._parameters["days"].value, self._parameters["tolerance"].value
        if days < 0 or cents < 0:
            return "A difference cannot be negative."
        table = self._table_for(kind, field, other)
        if kind in ("register", "not_seen") and not table:
            label = {f.name: f.label for f in self.setup.fields}
            return f"No list of this lab holds {label[field]} by {label.get(other, other)}. Try other fields."
        return Rule(
            kind,
            field,
            other=other,
            total=self._parameters["total"].value if "total" in asks else "",
            table=table,
            key=other if table else "",
            column=field if table else "",
            values=values if "values" in asks else (),
            low=low if kind == "within" else 0.0,
            high=high if kind == "within" else 0.0,
            tolerance=float(cents) if "tolerance" in asks else float(days) if "days" in asks else 0.0,
        )

    def _table_for(self, kind: str, field: str, other: str) -> str:
        """Return the side table that holds both fields: the first for a register, the last for what was seen before."""
        fitting = [table.name for table in self.setup.tables if {field, other} <= set(table.columns)]
        if kind not in ("register", "not_seen") or not fitting:
            return ""
        return fitting[0] if kind == "register" else fitting[-1]

    def _on_add(self) -> None:
        rule = self._drafted()
        if isinstance(rule, str):
            self.tell(rule, "warn")
        elif rule in self.answer.rules:
            self.tell("This rule is in your plan already.", "info")
        elif len(self.answer.rules) >= self.setup.most_rules:
            self.tell(f"A plan holds {self.setup.most_rules} rules at most. Remove one first.", "warn")
        else:
            self._take((*self.answer.rules, rule))

    def _take(self, new: tuple[Rule, ...]) -> None:
        self.changed(CheckPlan(new))
        self.refresh()

    def refresh(self) -> None:
        """Show the plan, and what it does."""
        self._list.children = [self._rule_line(i, rule) for i, rule in enumerate(self.answer.rules)] or [
            w.HTML('<p class="atelier-small">None yet. Start with the field that hurts most if it is wrong.</p>')
        ]
        self._rows = scoring.matrix(self.answer, self.lab.practice, self.setup)
        j = scoring.youden(self._rows)
        faults = sum(row.held for row in self._rows if row.fault)
        alarms = sum(row.held for row in self._rows if not row.fault)
        n, ok = (sum(len(row.cases) for row in self._rows if row.fault is kind) for kind in (True, False))
        self._summary.value = (
            f'<p role="status"><strong>Stops {faults} of {n} wrong records, holds {alarms} of {ok} right ones.</strong> '
            f'<meter min="0" max="1" value="{j:.2f}" aria-label="score"></meter> {j:.2f} of 1</p>'
        )
        self._grid.children = [self._row_line(i, row) for i, row in enumerate(self._rows)]
        self._show(*self._shown)

    def _rule_line(self, place: int, rule: Rule) -> w.Widget:
        text = w.HTML(f"<span>{place + 1}. {escape(rules.reads(rule, self.setup))}</span>", layout=w.Layout(flex="1"))
        remove = w.Button(description="Remove", icon="trash", tooltip=f"Remove rule {place + 1}")
        remove.on_click(
            lambda _b: self.quietly(self._take)(tuple(r for i, r in enumerate(self.answer.rules) if i != place))
        )
        return w.HBox([text, remove])

    def _row_line(self, place: int, row: scoring.Row) -> w.Widget:
        n = len(row.cases)
        if row.fault:
            mark = "✓" if row.held == n else "✗" if row.held == 0 else "◐"
            text = f"{mark} stopped {row.held} of {n} · wrong: {row.kind}"
        else:
            mark = "✓" if row.held == 0 else "!"
            text = f"{mark} held up {row.held} of {n} · right: {row.kind}"
        good = row.held == n if row.fault else row.held == 0
        button = w.Button(description=text, tooltip="Show the documents", layout=w.Layout(width="auto"))
        button.add_class("atelier-row-good" if good else "atelier-row-bad")
        button.on_click(lambda _b: self.quietly(self._show)(place, 0))
        return button

    def _step(self, by: int) -> None:
        row, case = self._shown
        if self._rows:
            self._show(row, (case + by) % len(self._rows[row].cases))

    def _show(self, row: int, case: int) -> None:
        if not self._rows:
            return
        self._shown = (row % len(self._rows), case)
        chosen = self._rows[self._shown[0]]
        found, issues = chosen.cases[case % len(chosen.cases)]
        kind = f"Wrong: {chosen.kind}" if chosen.fault else f"Right: {chosen.kind}"
        head = f"<p><strong>{escape(kind)}</strong>, {case % len(chosen.cases) + 1} of {len(chosen.cases)}</p>"
        self._document.value = head + self._spoken(issues) + self._record(found, issues)

    def _spoken(self, issues: tuple[Issue, ...]) -> str:
        if not issues:
            return note("No rule of yours holds this record: it would be paid.", "info")
        items = "".join(f"<li>Rule {issue.rule + 1}: {escape(issue.says)}</li>" for issue in issues)
        return f'<div class="atelier-note atelier-warn"><p>Held, because</p><ul>{items}</ul></div>'

    def _record(self, case: CheckCase, issues: tuple[Issue, ...]) -> str:
        pointed = {issue.field for issue in issues}
        lines = []
        for field in self.setup.fields:
            wrong = " ✗ wrong" if field.name in case.fields else ""
            held = " (held)" if field.name in pointed else ""
            value = case.output.get(field.name)
            shown = (
                "; ".join(f"{r[0]} {r[1]}" for r in value)
                if isinstance(value, list | tuple)
                else ""
                if value is None
                else str(value)
            )
            lines.append(
                f"<tr><th scope='row'>{escape(field.label)}</th><td>{escape(shown)}<em>{wrong}{held}</em></td></tr>"
            )
        tables = "".join(self._side_table(name, rows) for name, rows in (case.tables or {}).items())
        return (
            '<div class="atelier-columns"><pre class="atelier-paper">'
            f'{escape(case.source)}</pre><table class="atelier-table"><caption>Record</caption>{"".join(lines)}</table></div>{tables}'
        )

    def _side_table(self, name: str, rows: tuple[tuple[str, ...], ...]) -> str:
        table = next((t for t in self.setup.tables if t.name == name), None)
        if table is None:
            return ""
        head = "".join(f"<th scope='col'>{escape(c)}</th>" for c in table.columns)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        return (
            f"<details><summary>{escape(table.label)}</summary>"
            f'<table class="atelier-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></details>'
        )
