"""The reference plan, and plans that leak, link or destroy, with what each must earn of 100."""

from __future__ import annotations

from atelier.kits.redaction.records import ColumnRule, DetectorRule, RedactionPlan
from grader.model import Attempt

_ALL = ("who", "job", "site", "seniority", "amount", "centre", "text")
_WHO = ColumnRule("who", "pseudonymise")
_FACTS = (
    ColumnRule("job", "generalise", "family"),
    ColumnRule("site", "drop"),
    ColumnRule("seniority", "drop"),
    ColumnRule("amount", "generalise", "500"),
)
_PATTERNS = (
    DetectorRule("e-mail addresses", "mask"),
    DetectorRule("IBANs", "mask"),
    DetectorRule("phone numbers", "mask"),
)
_NAMES = (DetectorRule("full names", "pseudonymise"), DetectorRule("last names", "pseudonymise"))

REFERENCE = RedactionPlan((_WHO, *_FACTS), (*_PATTERNS, *_NAMES))


def _every(action: str) -> tuple[ColumnRule, ...]:
    return tuple(ColumnRule(name, action) for name in _ALL)  # type: ignore[arg-type]


ATTEMPTS = {
    "nothing decided": Attempt(RedactionPlan(), 0, "the untouched form, handed in"),
    "keep all": Attempt(RedactionPlan(_every("keep")), 0, "every column kept on purpose"),
    "drop all": Attempt(RedactionPlan(_every("drop")), 0, "an empty table leaks nothing and tells nothing"),
    "mask all": Attempt(RedactionPlan(_every("mask")), 0, "the same, with brackets"),
    "pseudonymise all": Attempt(RedactionPlan(_every("pseudonymise")), 0, "tokens instead of figures"),
    "drop all but the totals": Attempt(
        RedactionPlan(tuple(ColumnRule(name, "drop") for name in _ALL if name not in ("amount", "centre"))),
        13.33,
        "safe, one answer of three",
    ),
    "name column only": Attempt(RedactionPlan((ColumnRule("who", "drop"),)), 1.97, "what most people send today"),
    "patterns only": Attempt(RedactionPlan((), _PATTERNS), 12.69, "mail, phone and IBAN; the names stay"),
    "columns that do not exist": Attempt(
        RedactionPlan(
            (ColumnRule("name", "drop"), ColumnRule("salary", "drop"), ColumnRule("amount", "generalise", "secret"))
        ),
        0,
        "rules about nothing",
    ),
    "first names only": Attempt(
        RedactionPlan((ColumnRule("who", "drop"),), (DetectorRule("first names", "mask"),)),
        9.16,
        "takes roses and stones, leaves families",
    ),
    "names and patterns, facts kept": Attempt(
        RedactionPlan((_WHO,), (*_PATTERNS, *_NAMES)), 80, "no name left, and everybody found"
    ),
    "full names only in the text": Attempt(
        RedactionPlan((_WHO, *_FACTS), (*_PATTERNS, DetectorRule("full names", "mask"))),
        40,
        "misses initials and family names alone",
    ),
    "masked, not pseudonymised": Attempt(
        RedactionPlan((ColumnRule("who", "mask"), *_FACTS), (*_PATTERNS, *_NAMES)),
        82.17,
        "nobody can follow a payee through the months",
    ),
    "text dropped": Attempt(
        RedactionPlan((_WHO, *_FACTS, ColumnRule("text", "drop"))),
        48.4,
        "safe, and the analyst no longer knows what was bought",
    ),
    "regions kept": Attempt(
        RedactionPlan(
            (_WHO, ColumnRule("job", "generalise", "family"), ColumnRule("site", "generalise", "region"), *_FACTS[2:]),
            (*_PATTERNS, *_NAMES),
        ),
        92.75,
        "one fact too many",
    ),
    "answers of another lab": Attempt(
        {"format": 1, "lab": "invoice-checks", "kit": "validation", "answer": {"rules": []}},
        0,
        "the wrong file",
        ungraded=True,
    ),
}
