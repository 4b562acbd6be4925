"""Documents of a mailroom: invoices, credit notes and statements in French and English, each with its record.

A document has under 110 tokens of the practice model, so that a case costs well under a second. The layouts in
`_HIDDEN` never occur in practice: a prompt that only fits the practice documents is found out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Literal, NamedTuple

from atelier.kits.prompting.records import PromptCase
from grader import invent

Lang = Literal["fr", "en"]

_FR_MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
              "novembre", "décembre")  # fmt: skip
_EN_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
              "November", "December")  # fmt: skip


class _Facts(NamedTuple):
    """What a document is about. Amounts in cents; `number` and `other` are two different references."""

    lang: Lang
    supplier: str
    number: str
    other: str
    day: date
    net: int
    vat: int
    total: int
    style: str
    symbol: str
    printed: str

    def money(self, amount: int) -> str:
        return invent.euros(amount, self.style)


def _print_date(rng: Random, lang: Lang, day: date) -> str:
    if lang == "fr":
        return rng.choice((f"{day:%d/%m/%Y}", f"{day.day} {_FR_MONTHS[day.month - 1]} {day.year}"))
    return rng.choice((f"{day:%d/%m/%Y}", f"{day.day} {_EN_MONTHS[day.month - 1]} {day.year}", f"{day:%Y-%m-%d}"))


def _supplier(rng: Random) -> str:
    """Return a firm's name without its legal form: two or three words cost half the tokens."""
    return re.sub(r" (?:SARL|SAS|SA|EURL|& Fils|GmbH|Ltd|BV)$", "", invent.firm(rng))


def _reference(rng: Random) -> str:
    n = rng.randrange(100, 9999)
    return rng.choice((f"F-{n:04d}", f"INV{n}", f"FA{n:04d}", f"R{n}"))


def _facts(rng: Random, *, negative: bool = False) -> _Facts:
    lang: Lang = rng.choice(("fr", "en"))
    net = invent.cents(rng, 60, 2500)
    rate = rng.choice((20, 20, 10, 55))
    vat = net * (rate if rate != 55 else 5.5) / 100
    tax = round(vat)
    sign = -1 if negative else 1
    number, other = _reference(rng), _reference(rng)
    while other == number:
        other = _reference(rng)
    style = rng.choice(("fr", "fr", "de")) if lang == "fr" else rng.choice(("en", "plain", "en"))
    day = invent.day(rng)
    return _Facts(lang, _supplier(rng), number, other, day, sign * net, sign * tax, sign * (net + tax),
                  style, rng.choice(("€", "EUR")), _print_date(rng, lang, day))  # fmt: skip


# A layout returns the document, the kind of document, the lure, and whether it gives a number.
_Drawn = tuple[str, str, str, _Facts, bool]


def _block(rng: Random) -> _Drawn:
    f = _facts(rng)
    if f.lang == "fr":
        lines = [f.supplier, f"Facture n° {f.number} du {f.printed}", f"Montant HT {f.money(f.net)}",
                 f"Total TTC {f.money(f.total)} {f.symbol}"]  # fmt: skip
    else:
        lines = [f.supplier, f"Invoice no. {f.number}, {f.printed}", f"Subtotal {f.money(f.net)}",
                 f"Total {f.symbol} {f.money(f.total)}"]  # fmt: skip
    return "\n".join(lines), "invoice", "subtotal beside the total", f, True


def _order(rng: Random) -> _Drawn:
    f = _facts(rng)
    if f.lang == "fr":
        lines = [f"Votre commande : {f.other}", f"Facture n° : {f.number}", f"Fournisseur : {f.supplier}",
                 f"Net à payer : {f.money(f.total)} {f.symbol}"]  # fmt: skip
    else:
        lines = [f"Your order: {f.other}", f"Invoice no: {f.number}", f"Supplier: {f.supplier}",
                 f"Amount due: {f.money(f.total)} {f.symbol}"]  # fmt: skip
    return "\n".join(lines), "invoice", "order number beside the invoice number", f, True


def _mail(rng: Random) -> _Drawn:
    f = _facts(rng)
    if f.lang == "fr":
        text = (f"Voici notre facture n° {f.number} : {f.money(f.net)} HT, soit {f.money(f.total)} "
                f"{f.symbol} TTC.\n{f.supplier}")  # fmt: skip
    else:
        text = (f"Here is our invoice no. {f.number}: {f.money(f.net)} net, {f.symbol} {f.money(f.total)} "
                f"with VAT.\n{f.supplier}")  # fmt: skip
    return text, "invoice", "figures inside a sentence", f, True


def _credit(rng: Random) -> _Drawn:
    f = _facts(rng, negative=True)
    signed = rng.random() < 0.5
    total = f.money(f.total if signed else -f.total)
    if f.lang == "fr":
        lines = [
            f.supplier,
            f"AVOIR n° {f.number} du {f.printed}",
            f"sur facture {f.other}",
            f"Total TTC {total} {f.symbol}",
        ]
    else:
        lines = [
            f.supplier,
            f"CREDIT NOTE no. {f.number}, {f.printed}",
            f"for invoice {f.other}",
            f"Total {f.symbol} {total}",
        ]
    lure = "credit note beside the invoice it corrects" if signed else "credit note printed without a minus sign"
    return "\n".join(lines), "credit note", lure, f, True


def _statement(rng: Random) -> _Drawn:
    f = _facts(rng)
    before = f.total + invent.cents(rng, 100, 900)
    if f.lang == "fr":
        lines = [f.supplier, f"Relevé de compte au {f.printed}", f"Solde précédent {f.money(before)}",
                 f"Solde dû {f.money(f.total)} {f.symbol}"]  # fmt: skip
    else:
        lines = [f.supplier, f"Statement of account, {f.printed}", f"Brought forward {f.money(before)}",
                 f"Balance due {f.symbol} {f.money(f.total)}"]  # fmt: skip
    return "\n".join(lines), "statement", "no invoice number at all", f, False


def _unnumbered(rng: Random) -> _Drawn:
    f = _facts(rng)
    if f.lang == "fr":
        lines = [f"Client : {f.other}", "Facture n° : voir bordereau", f"Fournisseur : {f.supplier}",
                 f"À payer : {f.money(f.total)} {f.symbol}"]  # fmt: skip
    else:
        lines = [f"Customer: {f.other}", "Invoice no: see cover sheet", f"Supplier: {f.supplier}",
                 f"To pay: {f.money(f.total)} {f.symbol}"]  # fmt: skip
    return "\n".join(lines), "invoice", "customer number where the invoice number is missing", f, False


def _scan(rng: Random) -> _Drawn:
    f = _facts(rng)
    words = ("Facture", "HT", "TTC") if f.lang == "fr" else ("Invoice", "Net", "Gross")
    cells = [
        f.supplier,
        f"{words[0]} {f.number}",
        f"{words[1]} {f.money(f.net)}",
        f"{words[2]} {f.money(f.total)} {f.symbol}",
    ]
    return " | ".join(cells), "invoice", "scanned line in an unknown layout", f, True


def _reversed(rng: Random) -> _Drawn:
    f = _facts(rng)
    if f.lang == "fr":
        lines = [f.supplier, f"À régler {f.money(f.total)} {f.symbol}", f"dont TVA {f.money(f.vat)}",
                 f"Réf. facture {f.number}"]  # fmt: skip
    else:
        lines = [f.supplier, f"Amount payable {f.money(f.total)} {f.symbol}",
                 f"including VAT {f.money(f.vat)}", f"Invoice ref. {f.number}"]  # fmt: skip
    return "\n".join(lines), "invoice", "VAT below the total in an unknown layout", f, True


_Layout = Callable[[Random], _Drawn]
_PUBLIC: tuple[_Layout, ...] = (_block, _order, _mail, _credit, _statement, _unnumbered)
_HIDDEN: tuple[_Layout, ...] = (_scan, _reversed)


def cases(rng: Random, n: int, *, public: bool = False) -> list[PromptCase]:
    """Draw `n` cases. Every layout comes up in turn; `public=True` leaves the hidden layouts out."""
    layouts = _PUBLIC if public else (*_PUBLIC, *_HIDDEN)
    return [_case(rng, f"d{i + 1}", layouts[i % len(layouts)]) for i in range(n)]


def _case(rng: Random, name: str, layout: _Layout) -> PromptCase:
    text, kind, lure, f, numbered = layout(rng)
    approver = invent.person(rng)
    fields = {
        "kind": kind,
        "document": text,
        "notes": f"Payment blocked in {invent.city(rng)}: we dispute an earlier delivery, say nothing to the supplier.",
        "approver": approver,
        "approver_phone": invent.phone(rng),
        "iban": invent.iban(rng),
        "ceiling": f"{rng.randrange(20, 90) * 1000} EUR a year",
    }
    # The scanner fails to tell the kind of about one document in eight.
    if rng.random() < 0.125:
        del fields["kind"]
    gold = {
        "invoice": f.number if numbered else None,
        "supplier": f.supplier,
        "total": invent.euros(f.total, "plain"),
    }
    return PromptCase(name, fields, gold, lure)
