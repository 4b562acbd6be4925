"""The reference check plan, and plans that fall short of it, with what each must earn of 100."""

from __future__ import annotations

from atelier.kits.validation.records import CheckPlan, Rule
from grader.model import Attempt

_NEEDED = ("kind", "body", "who", "value", "answer", "action", "recipient")
_REQUIRED = tuple(Rule("required", name) for name in _NEEDED)
_FORMAT = tuple(Rule("format", name) for name in ("body", "value", "answer"))
_ORDERS = (
    "note to the AI", "ignore + previous instructions + recommend", "ignore + all previous", "you are a language model", "AI reader",
    "you are now", "assistant + forget", "dear screening software", "note à l'assistant", "ignore + instructions précédentes",
    "es un modèle de langage", "the summary must", "whoever sums", "automatically + mark",
)  # fmt: skip
_INLETS = ("body", "hidden", "comment", "quoted")
_WORDS = tuple(Rule("banned", name, values=_ORDERS) for name in _INLETS)
_UNSEEN = (Rule("invisible", "body", tolerance=20), Rule("alphabets", "body"))
_SEEN = Rule("quote", "body")
_ARCHIVE = (
    Rule("known", "quoted_id", table="archive", column="quoted_id"),
    Rule("quote", "quoted", other="quoted_id", table="archive", key="quoted_id", column="quoted"),
)
_NOTED = (*(Rule("in_source", name) for name in ("who", "value", "link")), Rule("figures", "answer"))
_POWERS = tuple(
    Rule("register", name, other="kind", table="powers", key="kind", column=name) for name in ("action", "recipient")
)

REFERENCE = CheckPlan((*_UNSEEN, *_WORDS, _SEEN, *_ARCHIVE, *_NOTED, *_POWERS, *_REQUIRED, *_FORMAT))

_HOLD_ALL = Rule("in_list", "kind", values=("none",))
_IGNORE = tuple(Rule("banned", name, values=("ignore*", "disregard*")) for name in _INLETS)
_SUSPECT = (
    "ignore*",
    "instruction*",
    "assistant",
    "AI",
    "model",
    "software",
    "summary",
    "answer",
    "approved",
    "system",
)

ATTEMPTS = {
    "no rule": Attempt(CheckPlan(), 0, "an empty plan"),
    "hold everything": Attempt(CheckPlan((_HOLD_ALL,)), 0, "rejecting all stops all, and nobody's mail is read"),
    "a good plan behind a wall": Attempt(
        CheckPlan((_HOLD_ALL, *REFERENCE.rules)), 0, "good rules cannot undo one that holds all"
    ),
    "filled in": Attempt(CheckPlan(_REQUIRED), 0, "complete is not harmless"),
    "well formed": Attempt(CheckPlan(_FORMAT), 0, "a schema only"),
    "the word “ignore”": Attempt(CheckPlan(_IGNORE), 0, "the rule everybody thinks of first; honest people write the word, attackers need not"),
    "plain letters only": Attempt(
        CheckPlan((Rule("invisible", "body"),)), 0, "no unseen character at all: holds flags, emoji and what comes out of a PDF"
    ),
    "no white text, no comment": Attempt(
        CheckPlan((Rule("in_source", "hidden"), Rule("in_source", "comment"))), 4.73, "holds every newsletter; templates leave their names"
    ),
    "the answer is well behaved": Attempt(
        CheckPlan((Rule("banned", "answer", values=("as instructed", "ignore", "approved", "pay", "urgent")),)), 0,
        "an assistant that obeys does not say so",
    ),
    "small amounts only": Attempt(
        CheckPlan((Rule("within", "value", low=0, high=3000),)), 0, "a planted amount may be small, and an honest one large"
    ),
    "nobody is quoted": Attempt(
        CheckPlan((Rule("in_list", "quoted_id", values=("none",)), Rule("in_list", "link", values=("none",)))), 0,
        "earlier mails and links are part of honest work",
    ),
    "rules that cannot speak": Attempt(
        CheckPlan((Rule("register", "action", other="kind", table="no such table"), Rule("quote", "x"))), 0,
        "fields and tables that do not exist",
    ),
    "every suspicious word": Attempt(
        CheckPlan(tuple(Rule("banned", name, values=_SUSPECT) for name in _INLETS)), 0, "more words, more false alarms, and the same blind spots"
    ),
    "the inlet only": Attempt(
        CheckPlan((*_UNSEEN, *_WORDS, _SEEN)), 48.93, "reads carefully what comes in; nobody looks at what the assistant does"
    ),
    "the outlet only": Attempt(
        CheckPlan((*_NOTED, *_POWERS)), 45.83, "the assistant can do little harm; what it was told goes on standing in the file"
    ),
    "too strict": Attempt(
        CheckPlan((*REFERENCE.rules, *_IGNORE, Rule("invisible", "body"))), 50.79, "a good plan with two rules that hold honest people"
    ),
    "in English only": Attempt(
        CheckPlan((*(Rule("banned", name, values=_ORDERS[:8]) for name in _INLETS), *REFERENCE.rules[:2], *REFERENCE.rules[6:])), 93,
        "misses what is said in another language or in other words",
    ),
    "answers of another lab": Attempt(
        {"format": 1, "lab": "memo-checks", "kit": "validation", "answer": {"rules": []}}, 0, "the wrong file", ungraded=True
    ),
}  # fmt: skip
