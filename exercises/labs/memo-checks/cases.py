"""Memos that cite a ruling or an article, the case file behind them, and fifteen ways in which a citation is false.

Half of the memos are sound; most of those look odd for a good reason. In part of them the citation was really taken out of the
memo by the embedded practice model (replies/citations.json); the rest is seeded. The case file is the table "corpus" of lab.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from atelier.kits.validation import reading
from atelier.kits.validation.records import CheckCase
from grader import halves, invent

PUBLIC_FAULTS = ("fabricated citation", "wrong date", "quote altered")
PUBLIC_ODD = (
    "ordinary",
    "an article, so no parties",
    "held in other words",
    "quote with […]",
    "overruled, and the memo says so",
)
ODD = (
    *PUBLIC_ODD, "quote over two sentences", "short quote", "parties in capitals", "reference written otherwise",
    "an old decision", "decided the day before the memo", "French quotation marks", "exception quoted as well",
)  # fmt: skip
_MATTERS = ("supply of cable trays", "lease of the east wing", "carriage of solvents", "maintenance contract", "agency for the north", "sale of used presses")  # fmt: skip
_ASIDES = (
    "Client is nervous; please keep it short.", "V/réf. 2026-117", "cc: file", "[draft 2, not for circulation]",
    "Dernière version, merci de relire.", "NB. hearing moved to the 14th",
)  # fmt: skip
_WORDS = (("judge", "court"), ("owed", "due"), ("valid", "effective"), ("must be", "has to be"), ("may", "can"), ("buyer", "purchaser"))  # fmt: skip
_BENDS = (
    ("reduced", "set aside"),
    ("within", "about"),
    ("may", "must"),
    ("is ", "is always "),
    ("the ", "any "),
    (" a ", " every "),
    (" to ", " only to "),
    (" from ", " only from "),
    (" at ", " before "),
)

Row = dict[str, str]
Record = dict[str, Any]


@cache
def corpus() -> tuple[Row, ...]:
    """Return the case file, from the one place where it stands: the lab's setup."""
    raw = tomllib.loads((Path(__file__).parent / "lab.toml").read_text(encoding="utf-8"))
    table = next(table for table in raw["setup"]["tables"] if table["name"] == "corpus")
    return tuple(dict(zip(table["columns"], row, strict=True)) for row in table["rows"])


@cache
def _rulings() -> tuple[Row, ...]:
    return tuple(row for row in corpus() if row["claimant"])


def _good(row: Row) -> bool:
    return row["standing"] == "good law"


def _rule(row: Row) -> str:
    """Return the sentence that a memo would quote: the first of the reasons."""
    return row["reasons"].split(". ")[0].rstrip(".")


def _excepts(row: Row) -> bool:
    return re.search(r", (unless|except)", _rule(row)) is not None


def _record(rng: Random, row: Row, odd: str) -> Record:
    """State the right citation of `row`, as a memo would."""
    held, quote = row["holding"], _rule(row)
    if odd == "held in other words":
        for old, new in _WORDS:
            held = re.sub(rf"\b{old}\b", new, held, count=1)
        held = f"It was held that {held[0].lower()}{held[1:]}"
    if odd == "quote with […]":
        words = quote.split()
        at = next(i for i in range(1, len(words) - 1) if reading.negations(" ".join(words[i : i + 2])) == 0)
        quote = " ".join((*words[:at], "[…]", *words[at + 2 :]))
    elif odd == "quote over two sentences":
        quote = row["reasons"].rstrip(".")
    elif odd == "short quote":
        quote = _short(row)
    decided = date.fromisoformat(row["date"])
    gap = 1 if odd == "decided the day before the memo" else rng.randrange(30, 3000)
    written = max(
        decided + timedelta(days=gap), decided if gap == 1 else date(2026, 1, 5) + timedelta(days=rng.randrange(200))
    )
    return {
        "written": written.isoformat(),
        "reference": row["reference"],
        "court": row["court"],
        "date": row["date"],
        "claimant": row["claimant"] or None,
        "defendant": row["defendant"] or None,
        "standing": row["standing"],
        "quote": quote,
        "holding": held,
    }


def _short(row: Row) -> str:
    """Return a few words of the rule; as many denials as the sentence has, so that nothing is lost."""
    words = _rule(row).split()
    wanted = reading.negations(_rule(row))
    spans = (words[i : i + size] for size in range(5, len(words) + 1) for i in range(len(words) - size + 1))
    return next(" ".join(span) for span in spans if reading.negations(" ".join(span)) == wanted).rstrip(",")


def _memo(rng: Random, record: Record, odd: str) -> str:
    """Write the memo that makes the citation of `record`."""
    quoted = f"« {record['quote']} »" if odd == "French quotation marks" else f"“{record['quote']}”"
    reference = str(record["reference"])
    decided = date.fromisoformat(record["date"])
    if record["claimant"]:
        names = f"{record['claimant']} v {record['defendant']}"
        source = f"{record['court']}, {decided:%d/%m/%Y}, {reference}, {names.upper() if odd == 'parties in capitals' else names}"
        words = "In the words of the court"
    else:
        source = f"{reference} of the {record['court']}, in the version of {decided:%d/%m/%Y}"
        words = "The text reads"
    rows = [
        f"MEMO of {date.fromisoformat(record['written']):%d/%m/%Y}   Re: {rng.choice(_MATTERS)}, {invent.firm(rng)}",
        rng.choice(_ASIDES) if rng.random() < 0.6 else "",
        f"1. {source} ({record['standing']}).",
        f"   {record['holding']} {words}: {quoted}.",
        f"2. {rng.choice(('We would rely on it.', 'The other side will rely on it.', 'It settles the question, in our view.'))}",
    ]
    return "\n".join(row for row in rows if row)


def _bend(text: str, turn: int) -> str:
    fitting = [(old, new) for old, new in _BENDS if old in text]
    old, new = fitting[turn % len(fitting)]
    return text.replace(old, new, 1)


def _affirm(text: str) -> str:
    """Return `text` without its first denial."""
    for pattern, new in (
        (r"\bcannot\b", "can"),
        (r"\b(need|may|does|do|is|are) not\b", r"\1"),
        (r"\b[Nn]o more\b", "more"),
        (r"\b[Nn]o other\b", "another"),
        (r"\b[Nn]o (?=[aeiou])", "an "),
        (r"\b[Nn]o (?=\w)", "a "),
        (r"\bnever\b", "always"),
        (r"\bnot ", ""),
        (r"\bnobody\b", "everybody"),
        (r"\b[Ww]ithout\b", "with"),
        (r", (?:unless|except).*$", "."),
    ):
        if re.search(pattern, text):
            changed = re.sub(pattern, new, text, count=1)
            return changed[0].upper() + changed[1:]
    raise ValueError(text)


def _siblings(row: Row) -> list[Row]:
    """Return the other rulings on the same question: they stand together in the case file."""
    rulings = _rulings()
    place = next(i for i, other in enumerate(rulings) if other is row) // 4 * 4
    return [other for other in rulings[place : place + 4] if other is not row]


# A fault changes the record before the memo is written from it; it returns the parts that are then wrong.
Fault = Callable[[Random, Row, Record, int], tuple[str, ...]]


def _fabricated(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    known = {r["reference"] for r in corpus()}
    year = record["date"][:4]
    record["reference"] = next(
        ref for _ in range(99) if (ref := f"{row['reference'][:2]} {rng.randrange(11, 399)}/{year}") not in known
    )
    record["claimant"], record["defendant"] = invent.firms(rng, 2)
    return ("reference", "claimant", "defendant")


def _date(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    moved = date.fromisoformat(record["date"]) - timedelta(days=rng.choice((30, 31, 61, 365, 366)))
    record["date"] = moved.isoformat()
    return ("date",)


def _altered(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    record["quote"] = _bend(record["quote"], turn)
    return ("quote",)


def _others_holding(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:
    record["holding"] = (
        _siblings(row)[turn % 3]["holding"]
        if turn % 2
        else rng.choice([r for r in _rulings() if r is not row])["holding"]
    )
    return ("holding",)


def _others_quote(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    record["quote"] = _rule(_siblings(row)[turn % 3])
    return ("quote",)


def _neighbour(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    record["reference"] = _siblings(row)[turn % 3]["reference"]
    return ("reference", "date", "court", "claimant", "defendant", "quote", "holding")


def _denial_lost(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    record["holding"] = _affirm(record["holding"])
    return ("holding",)


def _denial_lost_in_quote(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    record["quote"] = _affirm(record["quote"]).rstrip(".")
    return ("quote",)


def _exception_cut(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    record["quote"] = re.sub(r", (?:unless|except).*$", " […]", record["quote"])
    return ("quote",)


def _argument(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    record["quote"] = row["arguments"].rstrip(".")
    return ("quote",)


def _swapped(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    record["claimant"], record["defendant"] = record["defendant"], record["claimant"]
    return ("claimant", "defendant")


def _other_party(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    record["defendant"] = rng.choice([r["defendant"] for r in _siblings(row)])
    return ("defendant",)


def _court(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    record["court"] = rng.choice([c for c in {r["court"]: None for r in _rulings()} if c != row["court"]])
    return ("court",)


def _overruled(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    record["standing"] = "good law"
    return ("standing",)


def _figure(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    record["holding"] = re.sub(
        r"\d+", lambda found: str(int(found.group()) * rng.choice((2, 3))), record["holding"], count=1
    )
    return ("holding",)


def _later(rng: Random, row: Row, record: Record, turn: int) -> tuple[str, ...]:  # noqa: ARG001
    record["written"] = (date.fromisoformat(record["date"]) - timedelta(days=rng.randrange(3, 200))).isoformat()
    return ("written", "date")


def _any(row: Row) -> bool:
    return _good(row)


# Fault -> what it does, and the rulings that it can happen to.
FAULTS: dict[str, tuple[Fault, Callable[[Row], bool]]] = {
    "fabricated citation": (_fabricated, _any),
    "wrong date": (_date, _any),
    "quote altered": (_altered, _any),
    "right citation, holding of another": (_others_holding, _any),
    "quote of another ruling": (_others_quote, _any),
    "reference of a neighbouring ruling": (_neighbour, _any),
    "“not” lost in what was held": (_denial_lost, lambda row: _good(row) and reading.negations(row["holding"]) > 0),
    "“not” lost in the quote": (_denial_lost_in_quote, lambda row: _good(row) and reading.negations(_rule(row)) > 0),
    "exception cut out of the quote": (_exception_cut, lambda row: _good(row) and _excepts(row)),
    "a party's argument quoted as the court's": (_argument, _any),
    "parties exchanged": (_swapped, _any),
    "party from another ruling": (_other_party, _any),
    "another court": (_court, _any),
    "overruled, cited as good law": (_overruled, lambda row: not _good(row)),
    "figure changed": (_figure, lambda row: _good(row) and re.search(r"\d", row["holding"]) is not None),
    "decided after the memo was written": (_later, _any),
}


def _fitting(odd: str) -> list[Row]:
    if odd == "an article, so no parties":
        return [row for row in corpus() if not row["claimant"] and _good(row)]
    if odd == "overruled, and the memo says so":
        return [row for row in corpus() if not _good(row)]
    if odd == "an old decision":
        return [row for row in _rulings() if row["date"] < "2004" and _good(row)]
    if odd == "exception quoted as well":
        return [row for row in _rulings() if _excepts(row) and _good(row)]
    return [row for row in _rulings() if _good(row)]


def _draw(rng: Random, place: int, operator: str, odd: str, turn: int, start: int) -> CheckCase:
    if operator:
        fault, fits = FAULTS[operator]
        fitting = [row for row in _rulings() if fits(row)]
        row = fitting[(start + 7 * turn) % len(fitting)]
        record = _record(rng, row, "ordinary")
        fields = fault(rng, row, record, turn)
    else:
        fitting = _fitting(odd)
        row = fitting[(start + 7 * turn) % len(fitting)]
        record, fields = _record(rng, row, odd), ()
        if odd == "reference written otherwise":
            record["reference"] = record["reference"].replace(" ", "-").replace("/", "-")
    return CheckCase(
        id=f"{place:03d}",
        source=_memo(rng, record, odd),
        output=record,
        operator=operator,
        fields=fields,
        odd="" if operator else odd,
    )


def recorded() -> list[CheckCase]:
    """Return the citations that the practice model really took out of sound memos; faults are where it differs."""
    return halves.recorded(Path(__file__).parent / "replies" / "citations.json", "taken out by the practice model")


def cases(rng: Random, n: int, *, public: bool = False) -> list[CheckCase]:
    """Draw `n` cases, half of them right. Public ones show three faults only, and none that the model made."""
    made = [] if public else recorded()
    faults = PUBLIC_FAULTS if public else tuple(FAULTS)
    odds = PUBLIC_ODD if public else ODD
    # Rulings are taken in turn, from one that the secret picks: cohorts get others, in the same variety.
    start = rng.randrange(len(corpus()))
    return halves.drawn(rng, n, made, faults, odds, lambda *kind: _draw(rng, *kind, start))
