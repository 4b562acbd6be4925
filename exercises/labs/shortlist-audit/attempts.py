"""The reference check plan, and plans that fall short of it, with what each must earn of 100."""

from __future__ import annotations

from atelier.kits.validation.records import CheckPlan, Rule
from grader.model import Attempt

_NUMBERS = ("years", "experience", "skill", "total", "twin")
_REQUIRED = tuple(
    Rule("required", name)
    for name in ("name", "degree", "applied", "language", "experience_quote", "remark", *_NUMBERS)
)
_FORMAT = tuple(Rule("format", name) for name in ("applied", "remark", *_NUMBERS))
_IN_CV = tuple(Rule("in_source", name) for name in ("name", "degree", "language"))
_QUOTES = tuple(Rule("quote", name) for name in ("experience_quote", "skill_quote"))
_NEEDS = (Rule("needs", "skill", other="skill_quote"), Rule("needs", "experience", other="experience_quote"))
_SUM = Rule("sum", "experience", other="skill", total="total")
_TWIN = Rule("equal", "twin", other="total")
_YEARS = Rule("periods", "years", other="applied", tolerance=0.6)
_SCALE = Rule("register", "experience", other="years", table="scale", key="years", column="experience")
_RANGE = tuple(Rule("within", name, low=0, high=5) for name in ("experience", "skill"))
_PENDING = Rule("phrase", "pending", values=("(en cours", "(in progress"))
_UNFAIR = Rule(
    "banned", "remark", values=("young candidate", "married", "kids", "pregnan*", "aged", "origin", "nationality")
)
_ORDERS = Rule("banned", "hidden", values=("points", "rate", "score", "recommend", "you must"))

REFERENCE = CheckPlan(
    (
        *_IN_CV, _YEARS, _SCALE, _SUM, _TWIN, *_RANGE, *_QUOTES, *_NEEDS, _PENDING, _UNFAIR, _ORDERS, *_REQUIRED, *_FORMAT,
    )
)  # fmt: skip

_HOLD_ALL = Rule("in_list", "language", values=("none",))

ATTEMPTS = {
    "no rule": Attempt(CheckPlan(), 0, "an empty plan"),
    "hold everything": Attempt(CheckPlan((_HOLD_ALL,)), 0, "rejecting all catches all, and hires nobody"),
    "a good plan behind a wall": Attempt(
        CheckPlan((_HOLD_ALL, *REFERENCE.rules)), 0, "good rules cannot undo one that holds all"
    ),
    "filled in": Attempt(CheckPlan(_REQUIRED), 0, "complete is not correct"),
    "well formed": Attempt(CheckPlan(_FORMAT), 0, "a schema only"),
    "every quote filled in": Attempt(
        CheckPlan((Rule("required", "skill_quote"), Rule("required", "experience_quote"))), 0, "holds whoever has no skill to quote"
    ),
    "adds up": Attempt(CheckPlan((_SUM,)), 5.99, "arithmetic finds the faults that agree with nothing"),
    "no hidden text at all": Attempt(
        CheckPlan((Rule("equal", "hidden", other="name"),)), 0, "holds every file that names the tool it was made with"
    ),
    "no young, no family": Attempt(
        CheckPlan((Rule("banned", "remark", values=("young", "family", "children*", "name")),)), 0, "words without their meaning"
    ),
    "good people only": Attempt(
        CheckPlan((Rule("within", "total", low=5, high=10),)), 0, "holds low totals; a wrong grid has any total"
    ),
    "rules that cannot speak": Attempt(
        CheckPlan((Rule("register", "experience", other="years", table="no such table"), Rule("quote", "x"))), 0,
        "fields and tables that do not exist",
    ),
    "the grid agrees with itself": Attempt(
        CheckPlan((_SUM, _TWIN, _SCALE, *_RANGE, *_NEEDS)), 33.43, "what a careful adder finds; the CV was never opened"
    ),
    "against the CV": Attempt(
        CheckPlan((*_IN_CV, *_QUOTES, _YEARS)), 48.7, "grounded in the CV; blind to scale, twin, remark and hidden text"
    ),
    "too strict": Attempt(
        CheckPlan(
            (*REFERENCE.rules, Rule("required", "skill_quote"), Rule("phrase", "pending", values=("en cours", "in progress")),
             Rule("banned", "remark", values=("young", "family")))
        ), 87.17, "a good plan with three rules that hold honest grids",
    ),
    "without the twin": Attempt(
        CheckPlan(tuple(rule for rule in REFERENCE.rules if rule not in (_TWIN, _UNFAIR, _ORDERS))), 86.47,
        "right facts; nothing asks whether it was fair",
    ),
    "answers of another lab": Attempt(
        {"format": 1, "lab": "reply-checks", "kit": "validation", "answer": {"rules": []}}, 0, "the wrong file", ungraded=True
    ),
}  # fmt: skip
