"""The reference check plan, and plans that fall short of it, with what each must earn of 100."""

from __future__ import annotations

from atelier.kits.validation.records import CheckPlan, Rule
from grader.model import Attempt

_FIELDS = ("order", "customer", "topic", "article", "decision", "delivered", "asked", "days", "quote", "reply")
_GRANTED = ("refund", "replacement", "repair", "voucher", "correction", "parts")
_REQUIRED = tuple(Rule("required", name) for name in _FIELDS)
_FORMAT = tuple(Rule("format", name) for name in ("delivered", "asked", "days", "reply", "quote"))


def _by(field: str, other: str, table: str, **more: object) -> Rule:
    return Rule("register", field, other=other, table=table, key=other, column=field, **more)  # type: ignore[arg-type]


_TOPIC = _by("article", "topic", "policy")
_POLICY = (
    _by("days", "article", "policy"),
    _by("fee", "article", "policy"),
    _by("decision", "article", "policy", when="decision", when_is=_GRANTED),
)
_ORDERS = (_by("customer", "order", "orders"), _by("amount", "order", "orders"), _by("delivered", "order", "orders"))
_IN_TIME = Rule("in_time", "asked", other="delivered", total="days", when="decision", when_is=_GRANTED)
_QUOTE = Rule("quote", "quote", other="article", table="policy", key="article", column="text")
_FIGURES = Rule("figures", "reply")
_OTHERS = (
    Rule("others", "reply", other="customer", table="orders", key="customer", column="customer"),
    Rule("others", "reply", other="customer", table="orders", key="customer", column="order"),
)
_PROMISES = Rule(
    "banned",
    "reply",
    values=(
        "we guarantee",
        "we promise",
        "I promise",
        "as an exception",
        "vous garanti*",
        "vous promet*",
        "à titre exceptionnel",
    ),
)
_NOTICE = Rule("notice", "reply", values=("consumer mediator", "médiateur de la consommation"))
_REFUSED = (
    Rule("notice", "reply", values=("cannot", "ne pouvons pas"), when="decision", when_is=("refused",)),
    Rule("banned", "reply", values=("wrote within", "écrit dans le délai"), when="decision", when_is=("refused",)),
)
_MENTIONS = tuple(Rule("holds", "reply", other=name) for name in ("order", "article", "amount", "fee"))
_DECISIONS = Rule("in_list", "decision", values=(*_GRANTED, "refused"))

REFERENCE = CheckPlan(
    (
        _TOPIC, *_POLICY, *_ORDERS, _IN_TIME, _QUOTE, *_OTHERS, _PROMISES, _NOTICE, *_REFUSED, _FIGURES, *_MENTIONS, _DECISIONS,
        *_REQUIRED, *_FORMAT,
    )
)  # fmt: skip

_TONE = Rule("notice", "reply", values=("kind regards", "cordialement"))
_HOLD_ALL = Rule("in_list", "topic", values=("none",))

ATTEMPTS = {
    "no rule": Attempt(CheckPlan(), 0, "an empty plan"),
    "hold everything": Attempt(CheckPlan((_HOLD_ALL,)), 0, "rejecting all catches all, and answers nobody"),
    "a good plan behind a wall": Attempt(CheckPlan((_HOLD_ALL, *REFERENCE.rules)), 0, "good rules cannot undo one that holds all"),
    "filled in": Attempt(CheckPlan(_REQUIRED), 0, "complete is not correct"),
    "well formed": Attempt(CheckPlan(_FORMAT), 0, "a schema only"),
    "polite": Attempt(CheckPlan((_TONE,)), 0, "tone is never wrong"),
    "the draft agrees with itself": Attempt(
        CheckPlan((*_MENTIONS, Rule("holds", "reply", other="days"), Rule("holds", "reply", other="quote"))), 0,
        "text and form compared with each other; what both got wrong passes",
    ),
    "the article exists": Attempt(
        CheckPlan((Rule("known", "article", table="policy", column="article"),)), 6.04, "one rule, one fault"
    ),
    "no guarantee": Attempt(CheckPlan((Rule("banned", "reply", values=("guarantee*", "promise*")),)), 0, "words without their sentence"),
    "from the ticket": Attempt(
        CheckPlan((Rule("in_source", "customer"), Rule("in_source", "order"), Rule("in_source", "topic"), Rule("in_source", "asked"))), 6.2,
        "the ticket holds what the customer says, not what the policy gives",
    ),
    "rules that cannot speak": Attempt(
        CheckPlan((Rule("register", "days", other="article", table="no such table"), Rule("quote", "x", other="y", table="z"))), 0,
        "tables that do not exist",
    ),
    "against the policy": Attempt(CheckPlan((_TOPIC, *_POLICY, _QUOTE)), 30.99, "right by the book; blind to order, calendar and text"),
    "policy and orders": Attempt(CheckPlan((_TOPIC, *_POLICY, _QUOTE, *_ORDERS)), 56.77, "right facts; blind to the calendar and the text"),
    "too strict": Attempt(
        CheckPlan(
            (*REFERENCE.rules, Rule("holds", "reply", other="customer"), Rule("holds", "reply", other="days"),
             Rule("banned", "reply", values=("guarantee*", "promise*")))
        ), 87.49, "a good plan with three rules that hold honest replies",
    ),
    "without the calendar": Attempt(
        CheckPlan(tuple(r for r in REFERENCE.rules if r.kind not in ("in_time", "figures"))), 90.99, "misses the right granted late"
    ),
    "answers of another lab": Attempt(
        {"format": 1, "lab": "invoice-checks", "kit": "validation", "answer": {"rules": []}}, 0, "the wrong file", ungraded=True
    ),
}  # fmt: skip
