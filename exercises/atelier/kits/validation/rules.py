"""Running a check plan on a record: pure, total, in time linear in the document. Reading values as people write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from atelier.kits.validation.records import CheckCase, CheckPlan, CheckSetup, Issue, Rule

MAX_TEXT = 20_000  # characters of a document or value that are read; the longest honest one has under 4,000
_NUMBER = re.compile(
    r"[-−(]?\s?\d{1,3}(?:[ \u00a0\u202f.,'’]\d{3})+(?:[.,]\d{1,2})?(?!\d)|[-−(]?\s?\d+(?:[.,]\d{1,2})?(?!\d)"
)
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DMY = re.compile(r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})\b")
_WORDED = re.compile(r"\b(\d{1,2})(?:er|st|nd|rd|th)?\s+([a-zéûA-ZÉÛ]{3,9})\.?,?\s+(\d{4})\b")
_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january janvier jan janv",
            "february fevrier feb fevr",
            "march mars mar",
            "april avril apr avr",
            "may mai",
            "june juin jun",
            "july juillet jul juil",
            "august aout aug",
            "september septembre sep sept",
            "october octobre oct",
            "november novembre nov",
            "december decembre dec",
        ),
        1,
    )
    for name in names.split()
}


# The same documents meet every submission of a cohort, so what reads text remembers what it read.
_remembered = lru_cache(maxsize=20_000)


def plain(text: object) -> str:
    """Return `text` as compared: lower case, no accents, single spaces, at most MAX_TEXT characters."""
    return _plain(str(text)[:MAX_TEXT])


@_remembered
def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in folded if not unicodedata.combining(c)).casefold().split())


def squeezed(text: object) -> str:
    """Return only the letters and digits of `text`, in one case: how codes and IBANs are compared."""
    return _squeezed(plain(text))


@_remembered
def _squeezed(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def amount(value: object) -> int | None:
    """Read an amount in cents: 1,234.50 · 1 234,50 · 1.234,50 · (12.00) · −5; None if it is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return round(value * 100) if abs(value) < 1e12 else None
    return _amount(str(value)[:60])


@_remembered
def _amount(text: str) -> int | None:
    text = text.replace("\u00a0", " ").replace("\u202f", " ")
    found = _NUMBER.search(text)
    if found is None:
        return None
    said = found.group()
    negative = said[0] in "-−(" or text.rstrip().endswith("-")
    digits = re.sub(r"[ '’(−-]", "", said)
    tail = re.search(r"[.,](\d{1,2})$", digits)
    whole = re.sub(r"[.,]", "", digits[: tail.start()] if tail else digits)
    cents = int(whole or 0) * 100 + (int(tail.group(1).ljust(2, "0")) if tail else 0)
    return -cents if negative else cents


@_remembered
def amounts(text: str) -> frozenset[int]:
    """Return every amount that stands in `text`, in cents, without its sign."""
    clean = text[:MAX_TEXT]
    return frozenset(abs(a) for found in _NUMBER.finditer(clean) if (a := amount(found.group())) is not None)


def day(value: object) -> date | None:
    """Read a date: 2026-03-04, 04/03/2026 (day first), 4 mars 2026, 4th March 2026; None if it is none."""
    found = dates(str(value)[:60])
    return found[0] if found else None


@_remembered
def dates(text: str) -> tuple[date, ...]:
    """Return the dates in `text`, each as often as it is written, in no particular order."""
    clean = text[:MAX_TEXT]
    parts = [(int(y), int(m), int(d)) for y, m, d in _ISO.findall(clean)]
    parts += [(int(y) + (2000 if len(y) == 2 else 0), int(m), int(d)) for d, m, y in _DMY.findall(clean)]
    parts += [(int(y), _MONTHS.get(plain(name), 0), int(d)) for d, name, y in _WORDED.findall(clean)]
    found = []
    for year, month, number in parts:
        try:
            found.append(date(year, month, number))
        except ValueError:
            continue
    return tuple(found)


def iban_ok(value: object) -> bool:
    """Return whether the check digits of an IBAN are right (ISO 13616: mod 97 is 1)."""
    text = squeezed(value).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", text, re.ASCII):
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def vat_ok(value: object) -> bool:
    """Return whether a VAT number is well formed; for France, whether its key fits its SIREN."""
    text = squeezed(value).upper()
    if re.fullmatch(r"FR\d{11}", text, re.ASCII):
        return int(text[2:4]) == (12 + 3 * (int(text[4:]) % 97)) % 97
    return re.fullmatch(r"[A-Z]{2}[A-Z0-9]{8,12}", text, re.ASCII) is not None


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
        if kind in ("amount", "percent"):
            found = amount(value)
            there = found is not None and abs(found) in self.amounts
        elif kind == "date":
            there = day(value) in self.dates
        elif kind == "currency":
            sign = _SIGNS.get(squeezed(value).upper(), "")
            there = squeezed(value) in self.letters or (sign != "" and sign in self.case.source)
        elif kind == "text":
            there = plain(value) in self.words
        else:
            there = squeezed(value) != "" and squeezed(value) in self.letters
        return "" if there else f"{self.label(rule.field)} “{str(value)[:40]}” does not stand in the document"

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
                return f"the line “{text[:40]}” does not stand in the document like this"
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
            return f"{self.label(rule.other)} “{str(other)[:40]}” is not in the register"
        if value is None or any(self._alike(rule.field, value, row[column]) for row in mine):
            return ""
        return f"{self.label(rule.field)} is not the one that the register holds"

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
        if kind in ("amount", "percent"):
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
        return f"the document says “{said[:40]}”, {self.label(rule.field)} does not"


def run(plan: CheckPlan, case: CheckCase, setup: CheckSetup) -> list[Issue]:
    """Return every issue that the plan's rules have with the record of `case`. Never raises, whatever the record holds."""
    state = _Run(setup, case)
    found = []
    for place, rule in enumerate(plan.rules[: setup.most_rules]):
        says: str = getattr(state, rule.kind)(rule)
        if says:
            found.append(Issue(place, pointed_at(rule), says))
    return found


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
    return {
        "required": f"{a} must be filled in",
        "in_source": f"{a} must stand in the document",
        "sum": f"{a} + {b} must be {c}{cents}",
        "rate": f"{b} of {a} must be {c}{cents}",
        "lines": f"The lines must stand in the document and add up to {a}{cents}",
        "in_list": f"{a} must be one of: {', '.join(rule.values) or '(none yet)'}",
        "register": f"{a} must be the one in the {table} for this {b}",
        "not_seen": f"{a}{f' with this {b}' if rule.other else ''} must not be in the {table} yet",
        "format": f"{a} must be well formed",
        "date_order": f"{a} must not be after {b}"
        + (f", and at most {rule.tolerance:g} days before it" if rule.tolerance else ""),
        "within": f"{a} must be between {rule.low:g} and {rule.high:g}",
        "phrase": f"If the document says {' or '.join(f'“{v}”' for v in rule.values) or '(nothing yet)'}, {a} must say so",
    }[rule.kind]
