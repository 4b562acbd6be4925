"""The reference plan, and plans that leak, link or destroy, with what each must earn of 100."""

from __future__ import annotations

from atelier.kits.redaction.records import ColumnRule, DetectorRule, RedactionPlan
from grader.model import Attempt

_COLUMNS = ("who", "team", "years", "reason", "said")
_WHO = ColumnRule("who", "pseudonymise")
_TABLE = (_WHO, ColumnRule("team", "generalise", "department"), ColumnRule("years", "drop"))
_TOLD = (ColumnRule("role", "mask"), ColumnRule("event", "mask"), ColumnRule("month", "mask"))
_NAMES = (
    DetectorRule("full names", "pseudonymise"),
    DetectorRule("last names", "pseudonymise"),
    DetectorRule("first names with a capital", "mask"),
    DetectorRule("names after a title", "mask"),
)
_PATTERNS = (DetectorRule("e-mail addresses", "mask"), DetectorRule("phone numbers", "mask"))

REFERENCE = RedactionPlan((*_TABLE, *_TOLD), (*_NAMES, *_PATTERNS))


def _every(action: str) -> RedactionPlan:
    return RedactionPlan(tuple(ColumnRule(name, action) for name in _COLUMNS))  # type: ignore[arg-type]


ATTEMPTS = {
    "nothing decided": Attempt(RedactionPlan(), 0, "the untouched form, handed in"),
    "keep all": Attempt(_every("keep"), 0, "every column kept on purpose"),
    "drop all": Attempt(_every("drop"), 0, "nobody is found, and nobody is heard"),
    "mask all": Attempt(_every("mask"), 0, "the same, with brackets"),
    "pseudonymise all": Attempt(_every("pseudonymise"), 0, "tokens instead of words"),
    "name column only": Attempt(RedactionPlan((ColumnRule("who", "drop"),)), 16.87, "what most people send today"),
    "patterns only": Attempt(RedactionPlan((), _PATTERNS), 3.51, "mail and phone; the names stay"),
    "rules about nothing": Attempt(
        RedactionPlan((ColumnRule("name", "drop"), ColumnRule("event", "generalise", "planet"))), 0, "no such column"
    ),
    "coarse columns, names as they are": Attempt(
        RedactionPlan((ColumnRule("team", "generalise", "department"), ColumnRule("years", "drop"))),
        5.15,
        "groups do not hide a name",
    ),
    "blunt tools": Attempt(
        RedactionPlan((), (DetectorRule("long numbers", "mask"), DetectorRule("words in capitals", "mask"))),
        3.69,
        "names are seldom shouted",
    ),
    "answers dropped, counts kept": Attempt(
        RedactionPlan((*_TABLE, ColumnRule("said", "drop"))), 30, "safe, and nobody knows what should change"
    ),
    "colleagues forgotten": Attempt(
        RedactionPlan((*_TABLE, *_TOLD), (*_NAMES[:2], *_PATTERNS)), 40, "Karim from dock 4 is still there"
    ),
    "list without titles": Attempt(
        RedactionPlan((*_TABLE, *_TOLD), (*_NAMES[:3], *_PATTERNS)), 40, "the doctor is on no list"
    ),
    "names out, facts and teams kept": Attempt(
        RedactionPlan((_WHO,), (*_NAMES, *_PATTERNS)), 80, "no name left, and everybody found"
    ),
    "told facts kept": Attempt(
        RedactionPlan(_TABLE, (*_NAMES, *_PATTERNS)), 85.15, "role, event and date still sign the answer"
    ),
    "reported by team": Attempt(
        RedactionPlan((_WHO, ColumnRule("years", "drop"), *_TOLD), (*_NAMES, *_PATTERNS)),
        90,
        "groups of three and four",
    ),
    "facts a little coarser": Attempt(
        RedactionPlan(
            (
                *_TABLE,
                ColumnRule("role", "generalise", "field"),
                ColumnRule("event", "generalise", "kind"),
                ColumnRule("month", "generalise", "quarter"),
            ),
            (*_NAMES, *_PATTERNS),
        ),
        93.1,
        "three coarse facts are still one signature",
    ),
    "masked, not pseudonymised": Attempt(
        RedactionPlan((ColumnRule("who", "mask"), *_TABLE[1:], *_TOLD), (*_NAMES, *_PATTERNS)),
        85,
        "two interviews of one person count twice",
    ),
    "every first name": Attempt(
        RedactionPlan((*_TABLE, *_TOLD), (*_NAMES, *_PATTERNS, DetectorRule("first names", "mask"))),
        87.2,
        "the rose schedule goes as well",
    ),
    "sentences dropped": Attempt(
        RedactionPlan((*_TABLE, *(ColumnRule(r.column, "drop") for r in _TOLD)), (*_NAMES, *_PATTERNS)),
        82.5,
        "costs little here: the wishes stand elsewhere",
    ),
    "answers of another lab": Attempt(
        {"format": 1, "lab": "ledger-sharing", "kit": "redaction", "answer": {"columns": []}},
        0,
        "the wrong file",
        ungraded=True,
    ),
}
