"""Invoices as they arrive, the records made of them, and thirteen ways in which a record goes wrong.

Half of the records are right; most of those look odd for a good reason. Part of the records were really made by the
embedded practice model (replies/records.json); the rest are seeded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from atelier.kits.validation.records import CheckCase
from grader import halves, invent

PUBLIC_FAULTS = ("digit swap", "net taken as gross", "changed IBAN")
PUBLIC_ODD = ("ordinary", "reverse charge", "credit note", "rounding cent", "terms in words")
_GOODS = (
    "Nettoyage bureaux", "Transport palettes", "Toner imprimante", "Location chariot", "Maintenance ascenseur",
    "Papier A4, cartons", "Conseil logistique", "Câblage réseau", "Plateaux repas", "Signalétique", "Vitrerie, atelier 2",
    "Licence annuelle", "Formation sécurité", "Peinture hall", "Consommables labo", "Affranchissement",
)  # fmt: skip
_HOLD = (
    "NE PAS PAYER - litige en cours",
    "Do not pay before credit note",
    "Facture en litige",
    "Payment on hold: wrong delivery",
)
_CHATTER = (
    "Merci de ne pas répondre à ce message.",
    "Please do not reply to this mailbox.",
    "Nos bureaux sont fermés le 24.",
    "Escompte pour paiement anticipé : néant.",
    "Carton rendu, à ne pas facturer deux fois !",
    "Thanks for holding the line last week :)",
)
_TERMS = ("à 30 jours fin de mois", "net 30 days", "45 jours date de facture", "payable within 60 days")
_RATES = (20.0, 20.0, 20.0, 10.0, 5.5)

Facts = dict[str, Any]


def _number(rng: Random) -> str:
    year = rng.choice(("26", "2026"))
    digits = rng.randrange(100, 99_999)
    return rng.choice(
        (
            f"F{year}-{digits:05d}",
            f"{year}/{digits}",
            f"FA-{digits:06d}",
            f"INV {digits}",
            f"{digits}-{rng.choice('ABK')}",
        )
    )


def _facts(rng: Random, odd: str) -> Facts:
    """Draw a true invoice. Amounts are in cents; `odd` bends it."""
    lines = [[text, invent.cents(rng, 40, 4000)] for text in rng.sample(_GOODS, rng.randrange(1, 4))]
    if odd == "discount line":
        lines.append(["Remise fidélité", -invent.cents(rng, 5, 35)])
    if odd == "credit note":
        lines = [[text, -cents] for text, cents in lines]
    rate: float | None = 0.0 if odd == "reverse charge" else rng.choice(_RATES)
    net = sum(cents for _, cents in lines)
    tax = round(net * (rate or 0) / 100)
    if odd == "rounding cent":
        tax += rng.choice((-1, 1))
    if odd == "two VAT rates":
        low = net // 3
        tax, rate = round(low * 0.055) + round((net - low) * 0.2), None
    day = invent.day(rng)
    country = rng.choice(("DE", "BE")) if odd == "foreign IBAN in the register" else "FR"
    return {
        "supplier": invent.firm(rng),
        "number": ("AV-" if odd == "credit note" else "") + _number(rng),
        "date": day,
        "due": day + timedelta(days=90 if odd == "long terms" else rng.choice((30, 45, 60))),
        "iban": invent.iban(rng, country),
        "vat_id": invent.vat(rng),
        "currency": rng.choice(("EUR", "EUR", "EUR", "EUR", "GBP", "USD")),
        "lines": lines,
        "rate": rate,
        "net": net,
        "vat": tax,
        "total": net + tax,
        "hold": rng.choice(_HOLD) if odd == "held, and the record says so" else "",
        "order": f"PO {rng.randrange(40_000, 49_999)}",
        "odd": odd,
    }


def _day(day: date, style: str) -> str:
    if style == "worded":
        month = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
                 "décembre")[day.month - 1]  # fmt: skip
        return f"{day.day}{'er' if day.day == 1 else ''} {month} {day.year}"
    return day.isoformat() if style == "iso" else f"{day:%d/%m/%Y}"


def _text(rng: Random, facts: Facts) -> str:
    """Write the invoice as it came: French or English, tidy or scanned, sometimes under a quoted mail."""
    french = rng.random() < 0.6
    money = "fr" if french else rng.choice(("en", "en", "de"))
    style = "worded" if facts["odd"] == "date in words" else rng.choice(("iso", "dmy", "dmy"))
    sign = {"EUR": rng.choice(("EUR", "€")), "GBP": "GBP", "USD": "USD"}[facts["currency"]]
    credit = facts["odd"] == "credit note"
    gap = rng.choice(("  ", "    ", " . . . ", "\t"))

    def cash(cents: int) -> str:
        return f"{invent.euros(cents, money)} {sign}"

    name = facts["supplier"].upper() if rng.random() < 0.3 else facts["supplier"]
    head = [
        name,
        f"{invent.street(rng)}, {invent.city(rng)}",
        f"{'TVA' if french else 'VAT no.'} {facts['vat_id']}",
        "",
    ]
    title = ("AVOIR" if french else "CREDIT NOTE") if credit else ("FACTURE" if french else "INVOICE")
    head.append(
        f"{title} {'n°' if french else 'no.'} {facts['number']}{gap}{'du' if french else 'dated'} {_day(facts['date'], style)}"
    )
    head.append(f"{'Votre commande' if french else 'Your order'} {facts['order']}")
    body = [f"{text}{gap}{cash(cents)}" for text, cents in facts["lines"]]
    if facts["rate"] is None:
        split = [f"{'dont TVA 5,5 % et 20 %' if french else 'VAT 5.5 % and 20 %'}{gap}{cash(facts['vat'])}"]
    else:
        rate = f"{facts['rate']:g}".replace(".", "," if french else ".")
        why = (" Autoliquidation" if french else " Reverse charge") if facts["odd"] == "reverse charge" else ""
        split = [f"{'TVA' if french else 'VAT'} {rate} %{why}{gap}{cash(facts['vat'])}"]
    foot = [f"{'Total HT' if french else 'Net amount'}{gap}{cash(facts['net'])}", *split]
    foot.append(f"{'NET À PAYER TTC' if french else 'TOTAL DUE'}{gap}{cash(facts['total'])}")
    if facts["odd"] == "terms in words":
        foot.append(rng.choice(_TERMS))
    else:
        foot.append(f"{'Échéance' if french else 'Due'} {_day(facts['due'], style)}")
    foot.append(f"IBAN {facts['iban']}")
    if facts["hold"]:
        foot.append(f"*** {facts['hold']} ***")
    if rng.random() < 0.5:
        foot.append(rng.choice(_CHATTER))
    rows = [*head, *body, *foot]
    if rng.random() < 0.25:
        who = invent.person(rng)
        rows = [f"> De : {who}", f"> {rng.choice(_CHATTER)}", "", *rows]
    return "\n".join(rows)


def _record(facts: Facts) -> dict[str, Any]:
    """Return the right record: amounts as numbers with a point, dates as ISO."""
    return {
        "supplier": facts["supplier"],
        "number": facts["number"],
        "date": facts["date"].isoformat(),
        "due": facts["due"].isoformat(),
        "iban": facts["iban"],
        "currency": facts["currency"],
        "net": invent.euros(facts["net"], "plain"),
        "vat_rate": None if facts["rate"] is None else f"{facts['rate']:g}",
        "vat": invent.euros(facts["vat"], "plain"),
        "total": invent.euros(facts["total"], "plain"),
        "hold": facts["hold"],
        "lines": [[text, invent.euros(cents, "plain")] for text, cents in facts["lines"]],
    }


def _tables(rng: Random, facts: Facts) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return the supplier register and the history of paid invoices, both with this supplier among others."""
    others = [name for name in invent.firms(rng, 7) if name != facts["supplier"]][:6]
    register = [(name, invent.iban(rng)) for name in others] + [(facts["supplier"], facts["iban"])]
    rng.shuffle(register)
    history = [(rng.choice(others), _number(rng), invent.euros(invent.cents(rng, 50, 5000), "plain")) for _ in range(6)]
    if facts["odd"] == "monthly fee, same amount as before":
        history.append((facts["supplier"], _number(rng), invent.euros(facts["total"], "plain")))
    if facts["odd"] == "number that another supplier used":
        history.append((others[0], facts["number"], invent.euros(invent.cents(rng, 50, 5000), "plain")))
    return {"register": tuple(register), "history": tuple(history)}


# A fault changes the record (or, for a duplicate, the history) and returns the fields that are then wrong.
Fault = Callable[[Random, Facts, dict[str, Any], dict[str, Any]], tuple[str, ...]]


def _set_amounts(record: dict[str, Any], net: int, rate: float) -> None:
    tax = round(net * rate / 100)
    record |= {
        "net": invent.euros(net, "plain"),
        "vat": invent.euros(tax, "plain"),
        "total": invent.euros(net + tax, "plain"),
    }


def _digit_swap(rng: Random, facts: Facts, record: dict[str, Any], tables: dict[str, Any]) -> tuple[str, ...]:  # noqa: ARG001
    digits = list(record["total"])
    places = [
        i
        for i in range(len(digits) - 1)
        if digits[i].isdigit() and digits[i + 1].isdigit() and digits[i] != digits[i + 1]
    ]
    place = rng.choice(places) if places else 0
    digits[place], digits[place + 1] = digits[place + 1], digits[place]
    record["total"] = "".join(digits)
    return ("total",)


def _net_as_gross(rng: Random, facts: Facts, record: dict[str, Any], tables: dict[str, Any]) -> tuple[str, ...]:  # noqa: ARG001
    record["total"] = record["net"]
    return ("total",)


def _iban(rng: Random, facts: Facts, record: dict[str, Any], tables: dict[str, Any]) -> tuple[str, ...]:  # noqa: ARG001
    record["iban"] = invent.iban(rng, rng.choice(("FR", "DE")))
    return ("iban",)


def _rate(rng: Random, facts: Facts, record: dict[str, Any], tables: dict[str, Any]) -> tuple[str, ...]:  # noqa: ARG001
    rate = rng.choice([r for r in (20.0, 10.0, 5.5) if r != facts["rate"]])
    record["vat_rate"] = f"{rate:g}"
    _set_amounts(record, facts["net"], rate)
    return ("vat_rate", "vat", "total")


def _invented_line(rng: Random, facts: Facts, record: dict[str, Any], tables: dict[str, Any]) -> tuple[str, ...]:  # noqa: ARG001
    extra = invent.cents(rng, 20, 900)
    text = rng.choice([g for g in _GOODS if g not in {t for t, _ in facts["lines"]}])
    record["lines"] = [*record["lines"], [text, invent.euros(extra, "plain")]]
    _set_amounts(record, facts["net"] + extra, facts["rate"])
    return ("lines", "net", "vat", "total")


def _dropped_line(rng: Random, facts: Facts, record: dict[str, Any], tables: dict[str, Any]) -> tuple[str, ...]:
    if len(facts["lines"]) < 2:
        return _invented_line(rng, facts, record, tables)
    record["lines"] = record["lines"][:-1]
    _set_amounts(record, sum(cents for _, cents in facts["lines"][:-1]), facts["rate"])
    return ("lines", "net", "vat", "total")


def _shifted(rng: Random, facts: Facts, record: dict[str, Any], tables: dict[str, Any]) -> tuple[str, ...]:  # noqa: ARG001
    factor = rng.choice((10, 100))
    record["lines"] = [[text, invent.euros(cents * factor, "plain")] for text, cents in facts["lines"]]
    _set_amounts(record, facts["net"] * factor, facts["rate"])
    return ("lines", "net", "vat", "total")


def _duplicate(rng: Random, facts: Facts, record: dict[str, Any], tables: dict[str, Any]) -> tuple[str, ...]:  # noqa: ARG001
    tables["history"] = (*tables["history"], (facts["supplier"], facts["number"], record["total"]))
    return ("number",)


def _lost_hold(rng: Random, facts: Facts, record: dict[str, Any], tables: dict[str, Any]) -> tuple[str, ...]:  # noqa: ARG001
    record["hold"] = ""
    return ("hold",)


def _currency(rng: Random, facts: Facts, record: dict[str, Any], tables: dict[str, Any]) -> tuple[str, ...]:  # noqa: ARG001
    record["currency"] = rng.choice([c for c in ("EUR", "USD", "CHF", "GBP") if c != facts["currency"]])
    return ("currency",)


def _due(rng: Random, facts: Facts, record: dict[str, Any], tables: dict[str, Any]) -> tuple[str, ...]:  # noqa: ARG001
    shift = rng.choice((-rng.randrange(2, 200), rng.randrange(150, 700)))
    record["due"] = (facts["date"] + timedelta(days=shift)).isoformat()
    return ("due",)


def _other_supplier(rng: Random, facts: Facts, record: dict[str, Any], tables: dict[str, Any]) -> tuple[str, ...]:
    name, iban = rng.choice([row for row in tables["register"] if row[0] != facts["supplier"]])
    record |= {"supplier": name, "iban": iban}
    return ("supplier", "iban")


def _order_as_number(rng: Random, facts: Facts, record: dict[str, Any], tables: dict[str, Any]) -> tuple[str, ...]:  # noqa: ARG001
    record["number"] = f"{rng.choice('BCD')}{rng.randrange(10_000, 99_999)}"
    return ("number",)


FAULTS: dict[str, Fault] = {
    "digit swap": _digit_swap,
    "net taken as gross": _net_as_gross,
    "changed IBAN": _iban,
    "VAT rate recomputed": _rate,
    "invented line that adds up": _invented_line,
    "line left out, totals fit": _dropped_line,
    "decimal point moved everywhere": _shifted,
    "duplicate of a paid invoice": _duplicate,
    "lost “do not pay”": _lost_hold,
    "wrong currency": _currency,
    "impossible due date": _due,
    "supplier from another document": _other_supplier,
    "number that is not on the invoice": _order_as_number,
}
ODD = (
    "ordinary", "reverse charge", "credit note", "rounding cent", "terms in words", "two VAT rates", "discount line",
    "foreign IBAN in the register", "date in words", "long terms", "monthly fee, same amount as before",
    "number that another supplier used", "held, and the record says so",
)  # fmt: skip


def _draw(rng: Random, place: int, operator: str, odd: str) -> CheckCase:
    if operator == "lost “do not pay”":
        odd = "held, and the record says so"
    facts = _facts(rng, odd)
    record, tables, text = _record(facts), _tables(rng, facts), _text(rng, facts)
    fields = FAULTS[operator](rng, facts, record, tables) if operator else ()
    return CheckCase(
        id=f"{place:03d}",
        source=text,
        output=record,
        operator=operator,
        fields=fields,
        odd="" if operator else odd,
        tables=tables,
    )


def recorded() -> list[CheckCase]:
    """Return the records that the practice model really made, as cases; faults are where it differs from the gold."""
    return halves.recorded(Path(__file__).parent / "replies" / "records.json", "made by the practice model")


def cases(rng: Random, n: int, *, public: bool = False) -> list[CheckCase]:
    """Draw `n` cases, half of them right. Public ones show three faults only, and none that the model made."""
    made = [] if public else recorded()
    faults = PUBLIC_FAULTS if public else tuple(FAULTS)
    odds = PUBLIC_ODD if public else ODD
    plain_odds = [
        o for o in odds if o not in ("held, and the record says so", "two VAT rates", "credit note", "reverse charge")
    ]

    def draw(place: int, operator: str, odd: str, _turn: int) -> CheckCase:
        return _draw(rng, place, operator, odd or plain_odds[rng.randrange(len(plain_odds))])

    return halves.drawn(rng, n, made, faults, odds, draw)
