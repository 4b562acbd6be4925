"""The reference plan, and plans that leak, link or destroy, with what each must earn of 100."""

from __future__ import annotations

from atelier.kits.redaction.records import ColumnRule, DetectorRule, RedactionPlan
from grader.model import Attempt

_WHO, _MAIL = ColumnRule("who", "pseudonymise"), ColumnRule("mail", "drop")
_JOB, _TOWN = ColumnRule("job", "mask"), ColumnRule("town", "generalise", "region")
_PATTERNS = tuple(
    DetectorRule(kind, "mask") for kind in ("e-mail addresses", "phone numbers", "IBANs", "street addresses")
)
_KNOWN = (DetectorRule("full names", "pseudonymise"), DetectorRule("last names", "pseudonymise"))
_TITLES = DetectorRule("names after a title", "mask")
_COLUMNS = ("who", "mail", "text")

REFERENCE = RedactionPlan((_WHO, _MAIL, _JOB, _TOWN), (*_KNOWN, _TITLES, *_PATTERNS))


def _every(action: str) -> RedactionPlan:
    return RedactionPlan(tuple(ColumnRule(name, action) for name in _COLUMNS))  # type: ignore[arg-type]


ATTEMPTS = {
    "nothing decided": Attempt(RedactionPlan(), 0, "the untouched form, handed in"),
    "keep all": Attempt(_every("keep"), 0, "every column kept on purpose"),
    "drop all": Attempt(_every("drop"), 0, "nothing leaks, and nothing arrives"),
    "mask all": Attempt(_every("mask"), 0, "the same, with brackets"),
    "pseudonymise all": Attempt(_every("pseudonymise"), 0, "tokens instead of messages"),
    "columns dropped, messages as they are": Attempt(
        RedactionPlan((ColumnRule("who", "drop"), _MAIL)), 2.62, "what the help desk does today"
    ),
    "patterns only": Attempt(RedactionPlan((_MAIL,), _PATTERNS), 23.95, "mail, phone, account; the names stay"),
    "first names only": Attempt(
        RedactionPlan((ColumnRule("who", "drop"), _MAIL), (DetectorRule("first names", "mask"),)),
        9.18,
        "takes the armchair Rose, leaves the families",
    ),
    "rules about nothing": Attempt(
        RedactionPlan((ColumnRule("name", "drop"), ColumnRule("town", "generalise", "planet"))), 0, "no such column"
    ),
    "blunt tools": Attempt(
        RedactionPlan(
            (ColumnRule("who", "drop"), _MAIL),
            (DetectorRule("long numbers", "mask"), DetectorRule("words in capitals", "mask")),
        ),
        8.82,
        "the order numbers go, most names stay",
    ),
    "signatures cut off": Attempt(
        RedactionPlan((_WHO, _MAIL), (*_PATTERNS, DetectorRule("signatures", "mask"))),
        40,
        "names do not only stand there",
    ),
    "list and patterns, no titles": Attempt(
        RedactionPlan((_WHO, _MAIL, _JOB, _TOWN), (*_KNOWN, *_PATTERNS)), 40, "forgets the neighbours"
    ),
    "full names only": Attempt(
        RedactionPlan((_WHO, _MAIL, _JOB, _TOWN), (_KNOWN[0], _TITLES, *_PATTERNS)), 40, "misses initials and families"
    ),
    "names and numbers, facts kept": Attempt(
        RedactionPlan((_WHO, _MAIL), (*_KNOWN, _TITLES, *_PATTERNS)), 80, "no name left, and everybody found"
    ),
    "everything that could be a name or a number": Attempt(
        RedactionPlan(
            (_WHO, _MAIL, _JOB, _TOWN),
            (
                *REFERENCE.detectors,
                *(DetectorRule(k, "mask") for k in ("first names", "signatures", "long numbers", "words in capitals")),
            ),  # type: ignore[arg-type]
        ),
        40.38,
        "safe, and the tool finds few orders and products",
    ),
    "masked, not pseudonymised": Attempt(
        RedactionPlan((ColumnRule("who", "mask"), *REFERENCE.columns[1:]), REFERENCE.detectors),
        85,
        "nobody can follow a customer",
    ),
    "sentences dropped": Attempt(
        RedactionPlan((_WHO, _MAIL, ColumnRule("job", "drop"), _TOWN), REFERENCE.detectors),
        62.5,
        "the town goes with the job",
    ),
    "kind of job and town kept": Attempt(
        RedactionPlan((_WHO, _MAIL, ColumnRule("job", "generalise", "family")), REFERENCE.detectors),
        93.22,
        "half a step too little",
    ),
    "answers of another lab": Attempt(
        {"format": 1, "lab": "ledger-sharing", "kit": "redaction", "answer": {"columns": []}},
        0,
        "the wrong file",
        ungraded=True,
    ),
}
