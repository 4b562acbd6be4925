"""The reference check plan, and plans that fall short of it, with what each must earn of 100."""

from __future__ import annotations

from typing import Any

from atelier.kits.validation.records import CheckPlan, Rule
from grader.model import Attempt

_FIELDS = ("written", "reference", "court", "date", "standing", "quote", "holding")
_COURTS = ("Supreme Court of Arvenne", "Court of Appeal of Lys", "Commercial Court of Arvenne")
_REQUIRED = (
    *(Rule("required", name) for name in _FIELDS),
    *(Rule("required", name, when="court", when_is=_COURTS) for name in ("claimant", "defendant")),
)
_FORMAT = tuple(Rule("format", name) for name in ("written", "date", "quote", "holding"))


def _row(kind: Any, field: str, column: str, **more: Any) -> Rule:
    return Rule(kind, field, other="reference", table="corpus", key="reference", column=column, **more)


_EXISTS = Rule("known", "reference", table="corpus", column="reference")
_FACTS = tuple(_row("register", name, name) for name in ("date", "court", "standing", "claimant", "defendant"))
_QUOTE = (_row("quote", "quote", "reasons"), _row("negation", "quote", "reasons"))
_HOLDING = (
    _row("nearest", "holding", "holding"),
    _row("negation", "holding", "holding"),
    _row("figures", "holding", "holding"),
)
_DATES = Rule("date_order", "date", other="written")

REFERENCE = CheckPlan((_EXISTS, *_FACTS, *_QUOTE, *_HOLDING, _DATES, *_REQUIRED, *_FORMAT))

_HOLD_ALL = Rule("in_list", "standing", values=("none",))
_ALIKE = (_row("alike", "quote", "reasons", low=50), _row("alike", "holding", "holding", low=60))

ATTEMPTS = {
    "no rule": Attempt(CheckPlan(), 0, "an empty plan"),
    "hold everything": Attempt(CheckPlan((_HOLD_ALL,)), 0, "rejecting all catches all, and files nothing"),
    "a good plan behind a wall": Attempt(
        CheckPlan((_HOLD_ALL, *REFERENCE.rules)), 0, "good rules cannot undo one that holds all"
    ),
    "filled in": Attempt(CheckPlan(_REQUIRED), 2.87, "complete is not correct"),
    "well formed": Attempt(CheckPlan(_FORMAT), 0, "a schema only"),
    "similarity alone": Attempt(
        CheckPlan(_ALIKE), 18.78, "likeness to the cited row; a lost “not” and exchanged parties are as alike as can be"
    ),
    "the memo agrees with itself": Attempt(
        CheckPlan(tuple(Rule("in_source", name) for name in ("reference", "quote", "holding", "court", "claimant", "defendant"))), 1.2,
        "the memo is what is to be checked; it proves nothing about itself",
    ),
    "the reference exists": Attempt(CheckPlan((_EXISTS,)), 5.76, "one rule; only what was made up from nothing is found"),
    "no exceptions": Attempt(
        CheckPlan((Rule("banned", "quote", values=("unless", "except", "not")),)), 0, "holds the honest quotes and lets the cut ones go"
    ),
    "good law only": Attempt(
        CheckPlan((Rule("in_list", "standing", values=("good law",)),)), 0, "believes what the memo says of its standing"
    ),
    "recent law only": Attempt(
        CheckPlan((Rule("date_order", "date", other="written", tolerance=3650),)), 8.92, "age is no fault"
    ),
    "rules that cannot speak": Attempt(
        CheckPlan((Rule("quote", "quote", other="reference", table="no such table", key="x", column="y"), Rule("known", "z"))), 0,
        "fields and tables that do not exist",
    ),
    "the card index": Attempt(
        CheckPlan((_EXISTS, *_FACTS)), 48.29, "reference, court, date, parties, standing; not a word of the ruling was read"
    ),
    "the words": Attempt(
        CheckPlan((_QUOTE[0], *_ALIKE)), 30.18, "exact quotes and likeness; blind to dates, parties and the lost “not”"
    ),
    "card index and exact quotes": Attempt(
        CheckPlan((_EXISTS, *_FACTS, _QUOTE[0])), 71.34, "what a careful clerk finds; nobody compared what was held"
    ),
    "too strict": Attempt(
        CheckPlan(
            (*REFERENCE.rules, _row("quote", "holding", "holding"), Rule("required", "claimant"),
             Rule("in_list", "standing", values=("good law",)))
        ), 84.42, "a good plan with three rules that hold sound memos",
    ),
    "answers of another lab": Attempt(
        {"format": 1, "lab": "reply-checks", "kit": "validation", "answer": {"rules": []}}, 0, "the wrong file", ungraded=True
    ),
}  # fmt: skip
