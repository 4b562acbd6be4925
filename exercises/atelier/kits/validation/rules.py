"""Running a check plan on a record: pure, total, in time linear in the document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from atelier.kits.validation.reading import (
    alphabets_mixed,
    amount,
    amounts,
    dates,
    day,
    iban_ok,
    likeness,
    negations,
    periods,
    plain,
    quoted,
    says,
    sentences,
    squeezed,
    unseen,
    vat_ok,
    words,
)
from atelier.kits.validation.records import CheckCase, CheckPlan, CheckSetup, Issue, Rule

_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
_NUMERIC = ("amount", "percent", "number")


def _lines(case: CheckCase) -> list[tuple[str, int | None]]:
    raw = case.output.get("lines")
    if not isinstance(raw, list | tuple):
        return []
    return [(str(row[0]), amount(row[1])) for row in raw[:200] if isinstance(row, list | tuple) and len(row) >= 2]


class _Run:
    """One plan on one case. Each method returns what the rule has against the record, or ""."""

    def __init__(self, setup: CheckSetup, case: CheckCase) -> None:
        self.case = case
        self.types = {field.name: field.type for field in setup.fields}
        self.labels = {field.name: field.label for field in setup.fields}
        self.titles = {table.name: table.label for table in setup.tables}
        self.document = setup.document
        self.columns = {table.name: table.columns for table in setup.tables}
        self.tables = {table.name: table.rows for table in setup.tables} | dict(case.tables or {})
        self.words = plain(case.source)
        self.letters = squeezed(case.source)
        self.amounts = amounts(case.source)
        self.dates = dates(case.source)

    def value(self, name: str) -> Any:
        value = self.case.output.get(name)
        return None if value is None or (isinstance(value, str) and not value.strip()) else value

    def label(self, name: str) -> str:
        return self.labels.get(name, name)

    def required(self, rule: Rule) -> str:
        return f"{self.label(rule.field)} is empty" if self.value(rule.field) is None else ""

    def in_source(self, rule: Rule) -> str:
        value = self.value(rule.field)
        if value is None:
            return ""
        kind = self.types.get(rule.field, "text")
        if kind in _NUMERIC:
            found = amount(value)
            there = found is not None and abs(found) in self.amounts
        elif kind == "date":
            there = day(value) in self.dates
        elif kind == "currency":
            sign = _SIGNS.get(squeezed(value).upper(), "")
            there = squeezed(value) in self.letters or (sign != "" and sign in self.case.source)
        elif kind in ("text", "prose"):
            there = plain(value) in self.words
        else:
            there = squeezed(value) != "" and squeezed(value) in self.letters
        return "" if there else f"{self.label(rule.field)} “{str(value)[:40]}” does not stand in the {self.document}"

    def sum(self, rule: Rule) -> str:
        a, b, total = (amount(self.value(name)) for name in (rule.field, rule.other, rule.total))
        if a is None or b is None or total is None or abs(a + b - total) <= round(rule.tolerance * 100):
            return ""
        return f"{self.label(rule.field)} + {self.label(rule.other)} is not {self.label(rule.total)}"

    def rate(self, rule: Rule) -> str:
        net, rate, tax = (amount(self.value(name)) for name in (rule.field, rule.other, rule.total))
        if net is None or rate is None or tax is None or abs(net * rate / 10_000 - tax) <= rule.tolerance * 100 + 0.5:
            return ""
        return f"{self.label(rule.other)} of {self.label(rule.field)} is not {self.label(rule.total)}"

    def lines(self, rule: Rule) -> str:
        rows = _lines(self.case)
        total = amount(self.value(rule.field))
        if not rows or total is None:
            return ""
        for text, cents in rows:
            if plain(text) not in self.words or cents is None or abs(cents) not in self.amounts:
                return f"the line “{text[:40]}” does not stand in the {self.document} like this"
        if abs(sum(cents or 0 for _, cents in rows) - total) <= round(rule.tolerance * 100):
            return ""
        return f"the lines do not add up to {self.label(rule.field)}"

    def in_list(self, rule: Rule) -> str:
        value = self.value(rule.field)
        if value is None or plain(value) in {plain(v) for v in rule.values}:
            return ""
        return f"{self.label(rule.field)} “{str(value)[:40]}” is none of the allowed ones"

    def _rows(self, rule: Rule) -> tuple[list[tuple[str, ...]], int, int]:
        columns = self.columns.get(rule.table, ())
        if rule.key not in columns or rule.column not in columns:
            return [], -1, -1
        key, column = columns.index(rule.key), columns.index(rule.column)
        return [r for r in self.tables.get(rule.table, ()) if len(r) > max(key, column)], key, column

    def register(self, rule: Rule) -> str:
        rows, key, column = self._rows(rule)
        value, other = self.value(rule.field), self.value(rule.other)
        if key < 0 or other is None:
            return ""
        mine = [row for row in rows if squeezed(row[key]) == squeezed(other)]
        if not mine:
            return f"{self.label(rule.other)} “{str(other)[:40]}” is not in the {self._table(rule)}"
        if value is None or any(self._alike(rule.field, value, row[column]) for row in mine):
            return ""
        return f"{self.label(rule.field)} is not the one in the {self._table(rule)}"

    def not_seen(self, rule: Rule) -> str:
        rows, key, column = self._rows(rule)
        value, other = self.value(rule.field), self.value(rule.other)
        if value is None or (rule.other and other is None):
            return ""
        for row in rows:
            if self._alike(rule.field, value, row[column]) and (
                not rule.other or self._alike(rule.other, other, row[key])
            ):
                return f"{self.label(rule.field)} “{str(value)[:40]}” was there before"
        return ""

    def _alike(self, name: str, value: object, cell: str) -> bool:
        kind = self.types.get(name, "text")
        if kind in _NUMERIC:
            return amount(value) is not None and amount(value) == amount(cell)
        if kind == "date":
            return day(value) is not None and day(value) == day(cell)
        return squeezed(value) == squeezed(cell)

    def format(self, rule: Rule) -> str:
        value = self.value(rule.field)
        if value is None:
            return ""
        kind = self.types.get(rule.field, "text")
        good: dict[str, Callable[[object], bool]] = {
            "iban": iban_ok,
            "vat": vat_ok,
            "date": lambda v: day(v) is not None,
            "amount": lambda v: amount(v) is not None,
            "percent": lambda v: amount(v) is not None,
            "number": lambda v: amount(v) is not None,
            "prose": lambda v: isinstance(v, str) and sum(word.isalpha() for word in words(v)) >= 3,
        }
        fits = good[kind](value) if kind in good else bool(plain(value))
        return "" if fits else f"{self.label(rule.field)} is not well formed"

    def date_order(self, rule: Rule) -> str:
        first, second = day(self.value(rule.field)), day(self.value(rule.other))
        if first is None or second is None:
            return ""
        gap = (second - first).days
        if gap < 0:
            return f"{self.label(rule.field)} is after {self.label(rule.other)}"
        if rule.tolerance and gap > rule.tolerance:
            return f"{self.label(rule.other)} is {gap} days after {self.label(rule.field)}"
        return ""

    def within(self, rule: Rule) -> str:
        found = amount(self.value(rule.field))
        if found is None or rule.low * 100 <= found <= rule.high * 100:
            return ""
        return f"{self.label(rule.field)} is not between {rule.low:g} and {rule.high:g}"

    def phrase(self, rule: Rule) -> str:
        said = next((v for v in rule.values if plain(v) and plain(v) in self.words), None)
        value = self.value(rule.field)
        if said is None or (value is not None and plain(value) not in ("no", "non", "false", "none")):
            return ""
        return f"the {self.document} says “{said[:40]}”, {self.label(rule.field)} does not"

    def equal(self, rule: Rule) -> str:
        one, two = self.value(rule.field), self.value(rule.other)
        if one is None or two is None:
            return ""
        if self.types.get(rule.field) in _NUMERIC:
            a, b = amount(one), amount(two)
            same = a is not None and b is not None and abs(a - b) <= round(rule.tolerance * 100)
        else:
            same = squeezed(one) == squeezed(two)
        return "" if same else f"{self.label(rule.field)} and {self.label(rule.other)} differ"

    def needs(self, rule: Rule) -> str:
        value = self.value(rule.field)
        numeric = self.types.get(rule.field) in _NUMERIC
        there = (amount(value) or 0) > rule.low * 100 if numeric else value is not None
        if not there or self.value(rule.other) is not None:
            return ""
        return f"{self.label(rule.field)} stands without {self.label(rule.other)}"

    def known(self, rule: Rule) -> str:
        value = self.value(rule.field)
        cells = self._cells(replace(rule, other=""))
        if value is None or cells is None or any(self._alike(rule.field, value, cell) for cell in cells):
            return ""
        return f"{self.label(rule.field)} “{str(value)[:40]}” does not stand in the {self._table(rule)}"

    def _cells(self, rule: Rule) -> list[str] | None:
        """Return the cells that a rule looks at: of the row that `other` names, or of all rows; None without such a table."""
        columns = self.columns.get(rule.table, ())
        if rule.column not in columns or (rule.other and rule.key not in columns):
            return None
        rows = [row for row in self.tables.get(rule.table, ()) if len(row) >= len(columns)]
        if rule.other:
            mine, key = squeezed(self.value(rule.other) or ""), columns.index(rule.key)
            rows = [row for row in rows if squeezed(row[key]) == mine]
        return [row[columns.index(rule.column)] for row in rows]

    def _place(self, rule: Rule) -> str | None:
        """Return the text that a rule compares with; None where there is none, which is the fault of another field."""
        if not rule.table:
            return self.case.source
        cells = self._cells(rule)
        return "\n\n".join(cells) if cells else None

    def _table(self, rule: Rule) -> str:
        return self.titles.get(rule.table, self.document)

    def _text(self, rule: Rule) -> str:
        value = self.value(rule.field)
        return value if isinstance(value, str) else "" if value is None else str(value)

    def holds(self, rule: Rule) -> str:
        text, value = self._text(rule), self.value(rule.other)
        if not text or value is None:
            return ""
        kind = self.types.get(rule.other, "text")
        if kind in _NUMERIC:
            found = amount(value)
            there = found is not None and abs(found) in amounts(text)
        elif kind == "date":
            there = day(value) in dates(text)
        elif kind in ("text", "prose"):
            there = says(text, " ".join(words(value)))
        else:
            there = squeezed(value) != "" and squeezed(value) in squeezed(text)
        return "" if there else f"{self.label(rule.field)} does not hold {self.label(rule.other)} “{str(value)[:40]}”"

    def quote(self, rule: Rule) -> str:
        text, place = self._text(rule), self._place(rule)
        if not text or place is None or quoted(text, place):
            return ""
        return f"{self.label(rule.field)} does not stand word for word in the {self._where(rule)}"

    def _where(self, rule: Rule) -> str:
        return f"{self._table(rule)} ({rule.column})" if rule.table else self.document

    def figures(self, rule: Rule) -> str:
        text, place = self._text(rule), self._place(rule)
        if not text or place is None:
            return ""
        allowed = set(amounts(place))
        if not rule.table:
            rest = (str(value) for name, value in self.case.output.items() if name != rule.field)
            allowed = allowed.union(*(amounts(value) for value in rest))
        extra = sorted(amounts(text) - allowed)
        return f"{self.label(rule.field)} holds {extra[0] / 100:g}, the {self._where(rule)} does not" if extra else ""

    def negation(self, rule: Rule) -> str:
        text, place = self._text(rule), self._place(rule)
        if not text or not place:
            return ""
        found = sentences(place)
        denied = sum(
            negations(max(found, key=lambda there: likeness(here, there), default="")) for here in sentences(text)
        )
        if negations(text) == denied:
            return ""
        return f"{self.label(rule.field)} denies {negations(text)} times, the {self._where(rule)} {denied} times"

    def alike(self, rule: Rule) -> str:
        text, place = self._text(rule), self._place(rule)
        if not text or place is None or likeness(text, place) * 100 >= rule.low:
            return ""
        return f"{self.label(rule.field)} has little in common with the {self._where(rule)}"

    def nearest(self, rule: Rule) -> str:
        text, own, every = self._text(rule), self._cells(rule), self._cells(replace(rule, other=""))
        if not text or not own or not every:
            return ""
        if max(likeness(text, cell) for cell in own) >= max(likeness(text, cell) for cell in every):
            return ""
        return f"{self.label(rule.field)} is more like another row of the {self._table(rule)} than like the one of {self.label(rule.other)}"

    def others(self, rule: Rule) -> str:
        rows, key, column = self._rows(rule)
        text, own = self._text(rule), self.value(rule.other)
        if key < 0 or own is None:
            return ""
        mine = {squeezed(row[column]) for row in rows if squeezed(row[key]) == squeezed(own)}
        for row in rows:
            if squeezed(row[column]) not in mine and words(row[column]) and says(text, " ".join(words(row[column]))):
                return f"{self.label(rule.field)} holds “{row[column][:40]}”, which belongs to another {self.label(rule.other)}"
        return ""

    def banned(self, rule: Rule) -> str:
        text = self._text(rule)
        said = next((phrase for phrase in rule.values if says(text, phrase)), None)
        return f"{self.label(rule.field)} says “{said[:40]}”" if said else ""

    def notice(self, rule: Rule) -> str:
        text = self._text(rule)
        if not text or any(says(text, phrase) for phrase in rule.values):
            return ""
        return f"{self.label(rule.field)} does not say what it must"

    def in_time(self, rule: Rule) -> str:
        late, start = day(self.value(rule.field)), day(self.value(rule.other))
        days = amount(self.value(rule.total))
        if late is None or start is None or days is None or (late - start).days * 100 <= days:
            return ""
        return f"{self.label(rule.field)} is {(late - start).days} days after {self.label(rule.other)}; allowed are {days / 100:g}"

    def periods(self, rule: Rule) -> str:
        years = amount(self.value(rule.field))
        months = periods(self.case.source, day(self.value(rule.other)))
        if years is None or months is None or abs(years / 100 - months / 12) <= rule.tolerance:
            return ""
        return f"the periods in the {self.document} come to {months / 12:.1f} years, {self.label(rule.field)} says {years / 100:g}"

    def invisible(self, rule: Rule) -> str:
        found = unseen(self._text(rule), rule.values)
        return f"{self.label(rule.field)} holds {found} invisible characters" if found > rule.tolerance else ""

    def alphabets(self, rule: Rule) -> str:
        word = alphabets_mixed(self._text(rule))
        return f"{self.label(rule.field)} mixes alphabets in “{word[:40]}”" if word else ""

    def speaks(self, rule: Rule) -> bool:
        """Return whether the record is one that `rule` is about."""
        return not rule.when or squeezed(self.value(rule.when) or "") in {squeezed(v) for v in rule.when_is}


class Runner:
    """Runs plans on the same cases again and again. Learners choose from one palette, so what a rule said is remembered."""

    _MOST = 500  # rules that are remembered; a cohort uses a few dozen

    def __init__(self, cases: Sequence[CheckCase], setup: CheckSetup) -> None:
        self.cases, self.setup = tuple(cases), setup
        self._states = [_Run(setup, case) for case in self.cases]
        self._said: dict[Rule, tuple[str, ...]] = {}

    def run(self, plan: CheckPlan) -> list[list[Issue]]:
        """Return, case by case, every issue that the plan's rules have with it. Never raises, whatever a record holds."""
        found: list[list[Issue]] = [[] for _ in self.cases]
        for place, rule in enumerate(plan.rules[: self.setup.most_rules]):
            field = pointed_at(rule)
            for issues, told in zip(found, self._says(rule), strict=True):
                if told:
                    issues.append(Issue(place, field, told))
        return found

    def _says(self, rule: Rule) -> tuple[str, ...]:
        if rule not in self._said:
            if len(self._said) >= self._MOST:
                self._said.clear()
            self._said[rule] = tuple(
                getattr(state, rule.kind)(rule) if state.speaks(rule) else "" for state in self._states
            )
        return self._said[rule]


def run(plan: CheckPlan, case: CheckCase, setup: CheckSetup) -> list[Issue]:
    """Return every issue that the plan's rules have with the record of `case`."""
    return Runner((case,), setup).run(plan)[0]


def pointed_at(rule: Rule) -> str:
    """Return the field that a rule points at when it speaks: the result of a sum, else its first field."""
    return rule.total if rule.kind in ("sum", "rate") else rule.field


def reads(rule: Rule, setup: CheckSetup) -> str:
    """Return the rule as a sentence."""
    label: Mapping[str, str] = {field.name: field.label for field in setup.fields}
    a, b, c = (label.get(name, name) for name in (rule.field, rule.other, rule.total))
    cents = f" (to {rule.tolerance:g})" if rule.tolerance else ""
    tables = {table.name: table.label for table in setup.tables}
    table = tables.get(rule.table, rule.table)
    place = f"the {rule.column} of this {b} in the {table}" if rule.table else f"the {setup.document}"
    listed = " or ".join(f"“{v}”" for v in rule.values) or "(nothing yet)"
    said = {
        "required": f"{a} must be filled in",
        "in_source": f"{a} must stand in the {setup.document}",
        "sum": f"{a} + {b} must be {c}{cents}",
        "rate": f"{b} of {a} must be {c}{cents}",
        "lines": f"The lines must stand in the {setup.document} and add up to {a}{cents}",
        "in_list": f"{a} must be one of: {', '.join(rule.values) or '(none yet)'}",
        "register": f"{a} must be the one in the {table} for this {b}",
        "not_seen": f"{a}{f' with this {b}' if rule.other else ''} must not be in the {table} yet",
        "format": f"{a} must be well formed",
        "date_order": f"{a} must not be after {b}"
        + (f", and at most {rule.tolerance:g} days before it" if rule.tolerance else ""),
        "within": f"{a} must be between {rule.low:g} and {rule.high:g}",
        "phrase": f"If the {setup.document} says {listed}, {a} must say so",
        "equal": f"{a} and {b} must be the same{cents}",
        "needs": f"{a}{f' above {rule.low:g}' if rule.low else ''} needs {b}",
        "known": f"{a} must stand in the {table}",
        "holds": f"{a} must hold {b}",
        "quote": f"{a} must stand word for word in {place}",
        "figures": f"Every figure in {a} must stand in {place}{'' if rule.table else ' or in another field'}",
        "negation": f"{a} must keep each “not” of {place}",
        "alike": f"{a} and {place} must have {rule.low:g} % of their words in common",
        "nearest": f"{a} must be more like {place} than like any other row",
        "others": f"{a} must not hold any {rule.column} that belongs to another {b}",
        "banned": f"{a} must not say {listed}",
        "notice": f"{a} must say {listed}",
        "in_time": f"{a} must not be later than {b} plus {c}",
        "periods": f"{a} must be what the periods in the {setup.document} come to{cents}, open ones until {b}",
        "invisible": f"{a} may hold {rule.tolerance:g} invisible characters at most"
        + (f" ({', '.join(rule.values)})" if rule.values else ""),
        "alphabets": f"No word in {a} may mix alphabets",
    }[rule.kind]
    when = f" (only when {label.get(rule.when, rule.when)} is {' or '.join(rule.when_is)})" if rule.when else ""
    return said + when
