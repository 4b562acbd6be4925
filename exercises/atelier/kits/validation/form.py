"""FaultMatrix: the form over a check plan. Rules read as sentences; a grid shows what they stop and hold up."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets as w

from atelier.forms.base import Form, note, scrolling, spoken
from atelier.kits.validation import reading, rules, scoring
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
    "equal": ("other", "tolerance"),
    "needs": ("other", "low"),
    "known": ("place",),
    "holds": ("other",),
    "quote": ("place", "other"),
    "figures": ("place", "other"),
    "negation": ("place", "other"),
    "alike": ("place", "other", "percent"),
    "nearest": ("place", "other"),
    "others": ("place", "other"),
    "banned": ("values",),
    "notice": ("values",),
    "in_time": ("other", "total"),
    "periods": ("other", "tolerance"),
    "invisible": ("kinds", "count"),
}
# Kinds that look into one column of a table, or, unless they are in _TABLE_ONLY, into the document.
_TABLE_ONLY = ("known", "nearest", "others")
_BY_FIELD = ("register", "not_seen")
_OTHER_SAYS = {
    "sum": "plus",
    "rate": "times the rate",
    "register": "found by",
    "not_seen": "together with",
    "date_order": "may not be after",
    "equal": "same as",
    "needs": "needs",
    "holds": "must hold",
    "quote": "row found by",
    "figures": "row found by",
    "negation": "row found by",
    "alike": "row found by",
    "nearest": "row found by",
    "others": "of any other",
    "in_time": "counted from",
    "periods": "open ones until",
}
_TOTAL_SAYS = {"in_time": "plus the days"}
_ALWAYS = ""
_LEGEND = (
    '<p class="atelier-small">One mark for each: <strong>✓</strong> as it should be, <strong>✗</strong> wrong and missed, '
    "<strong>!</strong> right and held: a false alarm. Choose one to read it.</p>"
)
_WIDE = w.Layout(width="30em", max_width="100%")  # the longest rule of a lab can be read
_STYLE = {"description_width": "8em"}


class FaultMatrix(Form[CheckPlan, CheckSetup]):
    """Build a check plan, and see at once what it does to the practice records."""

    def blank(self) -> CheckPlan:
        """Return the plan without rules."""
        return CheckPlan()

    def build(self) -> w.Widget:
        """Make palette, list of rules, grid and document view."""
        self._offers: dict[str, Offer] = {offer.kind: offer for offer in self.setup.offers}
        self._rows: tuple[scoring.Row, ...] = ()
        self._lines: list[_RuleLine] = []
        self._kinds: list[_Kind] = []
        self._shown: tuple[int, int] = (0, 0)
        self._make_palette()
        self._list, self._grid = w.VBox(), w.VBox()
        self._grid.add_class("atelier-matrix")
        self._summary, self._which, self._document = spoken(), spoken(), w.HTML()
        self._document.add_class("atelier-document")
        self._previous = w.Button(description="Previous", icon="arrow-left")
        self._following = w.Button(description="Next", icon="arrow-right")
        self._previous.on_click(lambda _b: self.quietly(self._step)(-1))
        self._following.on_click(lambda _b: self.quietly(self._step)(1))
        self.refresh()
        left = w.VBox([w.HTML("<h3>Add a rule</h3>"), self._palette, w.HTML("<h3>Your rules</h3>"), self._list])
        title = f"<h3>What they do to the practice {escape(self.setup.things)}</h3>"
        right = w.VBox([w.HTML(title), self._summary, w.HTML(_LEGEND), self._grid])
        for side in (left, right):
            side.add_class("atelier-column")
        columns = w.HBox([left, right])
        columns.add_class("atelier-columns")
        look = w.VBox(
            [
                w.HTML(f"<h3>The {escape(self.setup.document)} behind it</h3>"),
                w.HBox([self._previous, self._following]),
                self._which,
                self._document,
            ]
        )
        return w.VBox([columns, look])

    def _make_palette(self) -> None:
        fields = self._fields = [(field.label, field.name) for field in self.setup.fields]
        amounts = [(f.label, f.name) for f in self.setup.fields if f.type in ("amount", "number")]
        amounts = self._amounts = amounts or fields
        conditions = [(f"{label} is …", name) for label, name in fields if name in self.setup.conditions]

        def choice(says: str, options: Sequence[tuple[str, Any]]) -> w.Dropdown:
            return w.Dropdown(options=options, description=says, style=_STYLE, layout=_WIDE)

        def number(says: str, value: float) -> w.FloatText:
            return w.FloatText(value=value, step=0.01, description=says, style=_STYLE, layout=_WIDE)

        def lines(says: str) -> w.Textarea:
            return w.Textarea(description=says, placeholder="one per line", rows=3, style=_STYLE, layout=_WIDE)

        self._kind = choice("Rule", [(o.label, o.kind) for o in self.setup.offers])
        self._field = choice("Field", fields)
        self._parameters: dict[str, Any] = {
            "place": choice("in", [(f"the {self.setup.document}", ("", ""))]),
            "other": choice("and", fields),
            "total": choice("must give", amounts),
            "tolerance": number("may differ by", 0.02),
            "days": w.IntText(
                value=0, description="days at most (0: any)", style={"description_width": "11em"}, layout=_WIDE
            ),
            "low": number("from", 0),
            "high": number("to", 0),
            "percent": number("at least %", 50),
            "count": w.IntText(value=0, description="at most", style=_STYLE, layout=_WIDE),
            "kinds": w.SelectMultiple(
                options=list(reading.INVISIBLE), rows=5, description="which (none: all)", style=_STYLE, layout=_WIDE
            ),
            "values": lines("phrases"),
        }
        self._when = choice("Only when", [("always", _ALWAYS), *conditions])
        self._when_is = lines("is one of")
        self._says, self._answered = w.HTML(), w.HTML()
        self._add = w.Button(description="Add this rule", icon="plus", button_style="primary")
        self._add.on_click(lambda _b: self.quietly(self._on_add)())
        self._field.observe(lambda _c: self.quietly(self._on_field)(), "value")
        for asked in (self._kind, self._parameters["place"], self._when):
            asked.observe(lambda _c: self.quietly(self._lay_out)(), "value")
        self._palette = w.VBox()
        self._on_field()
        self._lay_out()

    def _on_field(self) -> None:
        """Offer the rules that make sense for the field's type, and stay on the present one where it does."""
        type_ = next(field.type for field in self.setup.fields if field.name == self._field.value)
        fitting = [(o.label, o.kind) for o in self.setup.offers if not o.types or type_ in o.types]
        kept = self._kind.value
        self._kind.options = fitting
        self._kind.value = kept if kept in [kind for _, kind in fitting] else fitting[0][1]

    def _lay_out(self) -> None:
        """Show the parameters that the kind of rule asks for."""
        offer = self._offers[self._kind.value]
        self._parameters["other"].description = _OTHER_SAYS.get(offer.kind, "and")
        self._parameters["total"].description = _TOTAL_SAYS.get(offer.kind, "must give")
        self._parameters["low"].description = "when above" if offer.kind == "needs" else "from"
        self._says.value = f'<p class="atelier-small">{escape(offer.says)}</p>'
        asks = _ASKS.get(offer.kind, ())
        if "place" in asks:
            self._offer_places(offer.kind)
        asked = [self._parameters[name] for name in asks if name != "other" or self._asks_other(offer.kind)]
        when = [self._when] if self.setup.conditions else []
        if when and self._when.value != _ALWAYS:
            when.append(self._when_is)
        if self._parameters["other"] in asked:
            self._offer_others(offer.kind)
        self._answered.value = ""
        self._palette.children = [self._field, self._kind, self._says, *asked, *when, self._add, self._answered]

    def _offer_places(self, kind: str) -> None:
        places = [] if kind in _TABLE_ONLY else [(f"the {self.setup.document}", ("", ""))]
        places += [
            (f"{column} ({table.label})", (table.name, column))  # the column first: a closed list shows the beginning
            for table in self.setup.tables
            for column in table.columns
        ]
        chosen = self._parameters["place"]
        kept = chosen.value
        if list(chosen.options) != places:
            chosen.options = places
            chosen.value = kept if kept in [value for _, value in places] else places[0][1]

    def _offer_others(self, kind: str) -> None:
        """Offer as the second field only those by which a row of the list can be found, and only numbers for a sum."""
        table, _ = self._looked_up(kind, "", "")
        place = next((t.columns for t in self.setup.tables if t.name == table), ())
        offered = self._amounts if kind == "sum" else self._fields
        found = [(label, name) for label, name in offered if not place or name in place]
        chosen = self._parameters["other"]
        kept = chosen.value
        if found and [name for _, name in chosen.options] != [name for _, name in found]:
            chosen.options = found
            chosen.value = kept if kept in [name for _, name in found] else found[0][1]

    def _asks_other(self, kind: str) -> bool:
        """Return whether a second field is needed: not to look into the document."""
        return "place" not in _ASKS[kind] or self._parameters["place"].value != ("", "")

    def _drafted(self) -> Rule | str:
        """Return the rule as entered, or what is still missing."""
        kind, field = self._kind.value, self._field.value
        asks = _ASKS.get(kind, ())
        other = self._parameters["other"].value if "other" in asks and self._asks_other(kind) else ""
        values = _lines_of(self._parameters["values"])
        if "values" in asks and not values:
            return "Write at least one value, one per line."
        low, high = self._parameters["low"].value, self._parameters["high"].value
        if kind == "within" and low > high:
            return "“from” is larger than “to”: swap them."
        if other == field:
            return "Choose two different fields."
        numbers = {"tolerance": 0.0, "days": 0.0, "count": 0.0} | {
            name: float(self._parameters[name].value) for name in ("tolerance", "days", "count") if name in asks
        }
        tolerance = max(numbers.values())
        if min(numbers.values()) < 0:
            return "A difference cannot be negative."
        table, column = self._looked_up(kind, field, other)
        label = {f.name: f.label for f in self.setup.fields}
        if kind in _BY_FIELD and not table:
            return f"No list of this lab holds {label[field]} by {label.get(other, other)}. Try other fields."
        if "place" in asks and other and other not in next(t.columns for t in self.setup.tables if t.name == table):
            return f"That table has no column for {label[other]}. Choose the field by which a row is found."
        when_is = _lines_of(self._when_is)
        if self._when.value != _ALWAYS and not when_is:
            return "Write when the rule should speak, one value per line."
        return Rule(
            kind,
            field,
            other=other,
            total=self._parameters["total"].value if "total" in asks else "",
            table=table,
            key=other if table else "",
            column=column,
            values=values if "values" in asks else tuple(self._parameters["kinds"].value) if "kinds" in asks else (),
            low=low if "low" in asks else self._parameters["percent"].value if "percent" in asks else 0.0,
            high=high if "high" in asks else 0.0,
            tolerance=tolerance,
            when=self._when.value,
            when_is=when_is if self._when.value != _ALWAYS else (),
        )

    def _looked_up(self, kind: str, field: str, other: str) -> tuple[str, str]:
        """Return the table and column that a rule looks into; a register is the first table with both fields, a history the last."""
        if "place" in _ASKS.get(kind, ()):
            place: tuple[str, str] = self._parameters["place"].value
            return place
        fitting = [table.name for table in self.setup.tables if {field, other} <= set(table.columns)]
        if kind not in _BY_FIELD or not fitting:
            return "", ""
        return fitting[0] if kind == "register" else fitting[-1], field

    def _on_add(self) -> None:
        rule = self._drafted()
        if isinstance(rule, str):
            self._answered.value = note(rule, "warn")
        elif rule in self.answer.rules:
            self._answered.value = note("This rule is in your plan already.", "info")
        elif len(self.answer.rules) >= self.setup.most_rules:
            self._answered.value = note(
                f"A plan holds {self.setup.most_rules} rules at most. Remove one first.", "warn"
            )
        else:
            self._take((*self.answer.rules, rule))
            self._when.value = _ALWAYS  # or the next rule would be bound too, unnoticed; what was typed stays

    def _take(self, new: tuple[Rule, ...]) -> None:
        self._answered.value = ""
        self.changed(CheckPlan(new))
        self.refresh()

    def refresh(self) -> None:
        """Show the plan, and what it does."""
        while len(self._lines) < len(self.answer.rules):
            self._lines.append(_RuleLine(len(self._lines), self.quietly(self._remove)))
        for line, rule in zip(self._lines, self.answer.rules, strict=False):
            line.show(rules.reads(rule, self.setup))
        self._list.children = [line.box for line in self._lines[: len(self.answer.rules)]] or [
            w.HTML('<p class="atelier-small">None yet. Start with the field that hurts most if it is wrong.</p>')
        ]
        self._rows = scoring.matrix(self.answer, self.lab.practice, self.setup)
        j = scoring.youden(self._rows)
        faults = sum(row.held for row in self._rows if row.fault)
        alarms = sum(row.held for row in self._rows if not row.fault)
        n, ok = (sum(len(row.cases) for row in self._rows if row.fault is kind) for kind in (True, False))
        self._summary.value = (
            f"<p><strong>Stops {faults} of {n} wrong {escape(self.setup.things)}, holds {alarms} of {ok} right ones.</strong> "
            f'<meter min="0" max="1" value="{j:.2f}" aria-label="score"></meter> {j:.2f} of 1</p>'
        )
        if not self._kinds:
            self._kinds = [_Kind(i, row, self.quietly(self._show)) for i, row in enumerate(self._rows)]
            self._grid.children = [kind.box for kind in self._kinds]
        for kind, row in zip(self._kinds, self._rows, strict=True):
            kind.show(row)
        self._show(*self._shown)

    def _remove(self, place: int) -> None:
        self._take(tuple(rule for i, rule in enumerate(self.answer.rules) if i != place))

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
        for place, line in enumerate(self._kinds):
            line.point(case % len(chosen.cases) if place == self._shown[0] else None)
        self._which.value = head + self._reasons(issues)
        self._document.value = self._record(found, issues)

    def _reasons(self, issues: tuple[Issue, ...]) -> str:
        if not issues:
            return note(f"No rule of yours holds this one: {self.setup.passes}.", "info")
        items = "".join(f"<li>Rule {issue.rule + 1}: {escape(issue.says)}</li>" for issue in issues)
        return f'<div class="atelier-note atelier-warn"><p>Held, because</p><ul>{items}</ul></div>'

    def _record(self, case: CheckCase, issues: tuple[Issue, ...]) -> str:
        pointed = {issue.field for issue in issues}
        lines = []
        for field in self.setup.fields:
            wrong = " ✗ wrong" if field.name in case.fields else ""
            held = " (held)" if field.name in pointed else ""
            lines.append(
                f"<tr><th scope='row'>{escape(field.label)}</th>"
                f"<td>{_cell(case.output.get(field.name))}<em>{wrong}{held}</em></td></tr>"
            )
        rows = {table.name: table.rows for table in self.setup.tables if table.rows} | dict(case.tables or {})
        tables = "".join(self._side_table(name, found) for name, found in rows.items())
        made = "" if case.made_by == "seeded" else f" (made by {escape(case.made_by)})"
        return (
            f'<div class="atelier-columns"><figure><figcaption>{escape(self.setup.source_title)}</figcaption>'
            f'<pre class="atelier-paper">{_visible(case.source)}</pre></figure>'
            f'<table class="atelier-table"><caption>{escape(self.setup.record_title)}{made}</caption>{"".join(lines)}</table>'
            f"</div>{tables}"
        )

    def _side_table(self, name: str, rows: tuple[tuple[str, ...], ...]) -> str:
        table = next((t for t in self.setup.tables if t.name == name), None)
        if table is None:
            return ""
        head = "".join(f"<th scope='col'>{escape(c)}</th>" for c in table.columns)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        inside = f'<table class="atelier-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        return f"<details><summary>{escape(table.label)}</summary>{scrolling(inside, table.label)}</details>"


class _RuleLine:
    """A rule of the list. Lines are kept and shown anew, so that the focus stays."""

    def __init__(self, place: int, remove: Callable[[int], None]) -> None:
        self._place = place
        self._text = w.HTML(layout=w.Layout(flex="1"))
        button = w.Button(description="Remove", icon="trash", tooltip=f"Remove rule {place + 1}")
        button.on_click(lambda _b: remove(place))
        self.box = w.HBox([self._text, button])

    def show(self, reads: str) -> None:
        """Show the rule in words."""
        self._text.value = f'<p class="atelier-small">{self._place + 1}. {escape(reads)}</p>'


class _Kind:
    """A row of the grid: a kind of record, and a cell for each that opens its document. Cells are kept, so that the focus stays."""

    def __init__(self, place: int, row: scoring.Row, show: Callable[[int, int], None]) -> None:
        self._text = w.HTML()
        self._cells = [w.Button() for _ in row.cases]
        for case, cell in enumerate(self._cells):
            cell.on_click(lambda _b, case=case: show(place, case))
            cell.add_class("atelier-case")
        cells = w.HBox(self._cells)
        cells.add_class("atelier-cases")
        self.box = w.HBox([self._text, cells])
        self.box.add_class("atelier-kind")

    def show(self, row: scoring.Row) -> None:
        """Show which of the row's records the rules hold."""
        n = len(row.cases)
        says = (
            f"stopped {row.held} of {n} · wrong: {row.kind}"
            if row.fault
            else f"held up {row.held} of {n} · right: {row.kind}"
        )
        self._text.value = f'<p class="atelier-small">{escape(says)}</p>'
        for place, (cell, (_, issues)) in enumerate(zip(self._cells, row.cases, strict=True)):
            held = bool(issues)
            cell.description = ("✓" if held else "✗") if row.fault else ("!" if held else "✓")
            told = (
                ("stopped" if held else "missed") if row.fault else ("held up: false alarm" if held else "let through")
            )
            cell.tooltip = f"{row.kind} {place + 1} of {n}: {told}"
            (cell.remove_class if held == row.fault else cell.add_class)("atelier-case-bad")

    def point(self, case: int | None) -> None:
        """Mark the cell whose document is shown, if it is one of these."""
        for place, cell in enumerate(self._cells):
            (cell.add_class if place == case else cell.remove_class)("atelier-case-shown")


def _lines_of(area: w.Textarea) -> tuple[str, ...]:
    return tuple(line.strip() for line in area.value.splitlines() if line.strip())


def _visible(text: str) -> str:
    """Return `text` as HTML; characters that take no room on the screen are shown and marked."""
    return re.sub("(⟦[^⟧]*⟧)", r"<mark>\1</mark>", escape(reading.shown(text)))


def _cell(value: object) -> str:
    if isinstance(value, list | tuple):
        return _visible("; ".join(f"{row[0]} {row[1]}" for row in value))
    return "" if value is None else _visible(str(value)).replace("\n", "<br>")
