"""The reference check plan, and plans that fall short of it, with what each must earn of 100."""

from __future__ import annotations

from dataclasses import replace

from atelier.kits.validation.records import CheckPlan, Rule
from grader.model import Attempt

_REQUIRED = tuple(
    Rule("required", name) for name in ("supplier", "number", "date", "due", "iban", "currency", "net", "vat", "total")
)
_IN_SOURCE = tuple(Rule("in_source", name) for name in ("supplier", "number", "date", "currency"))
_AMOUNTS = tuple(Rule("in_source", name) for name in ("total", "net", "vat"))
_REGISTER = Rule("register", "iban", other="supplier", table="register", key="supplier", column="iban")
_SUM = Rule("sum", "net", other="vat", total="total", tolerance=0.02)
_RATE = Rule("rate", "net", other="vat_rate", total="vat", tolerance=0.02)
_LINES = Rule("lines", "net", tolerance=0.01)
_NEW = Rule("not_seen", "number", other="supplier", table="history", key="supplier", column="number")
_DATES = Rule("date_order", "date", other="due", tolerance=120)
_HOLD = Rule("phrase", "hold", values=("ne pas payer", "do not pay", "en litige", "payment on hold"))
_FORMAT = tuple(Rule("format", name) for name in ("iban", "date", "due", "total", "net", "vat"))

REFERENCE = CheckPlan(
    (*_IN_SOURCE, *_AMOUNTS, _LINES, _SUM, _RATE, _REGISTER, _NEW, _DATES, _HOLD, *_REQUIRED, *_FORMAT)
)

_EVERYTHING_HELD = CheckPlan((Rule("within", "total", low=-2e9, high=-1e9),))

ATTEMPTS = {
    "no rule": Attempt(CheckPlan(), 0, "an empty plan"),
    "hold everything": Attempt(_EVERYTHING_HELD, 0, "rejecting all catches all, and pays nobody"),
    "hold everything twice over": Attempt(
        CheckPlan((Rule("in_list", "currency", values=("none",)), *REFERENCE.rules)),
        0,
        "a good plan behind a rule that holds all",
    ),
    "fields filled in": Attempt(CheckPlan(_REQUIRED), 0, "completeness is not correctness"),
    "well formed": Attempt(CheckPlan(_FORMAT), 0, "a schema only"),
    "no foreign accounts": Attempt(
        CheckPlan((Rule("within", "total", low=0, high=5000),)), 1.17, "a limit that holds credit notes"
    ),
    "euros only": Attempt(
        CheckPlan((Rule("in_list", "currency", values=("EUR",)),)), 0.29, "holds every honest foreign invoice"
    ),
    "dates only": Attempt(CheckPlan((_DATES,)), 6.24, "one rule, one fault"),
    "phrases only": Attempt(CheckPlan((_HOLD,)), 6.79, "one rule, one fault"),
    "rules that cannot speak": Attempt(
        CheckPlan(
            (Rule("register", "iban", other="supplier", table="no such table"), Rule("sum", "x", other="y", total="z"))
        ),
        0,
        "rules about fields and tables that do not exist",
    ),
    "arithmetic": Attempt(CheckPlan((_SUM, _RATE)), 19.07, "what a careful adder finds; self-consistent faults pass"),
    "against the document": Attempt(
        CheckPlan((*_IN_SOURCE, *_AMOUNTS)), 63.53, "grounded in the source, blind to register and history"
    ),
    "too strict": Attempt(
        CheckPlan(
            (*REFERENCE.rules, Rule("in_source", "due"), Rule("required", "vat_rate"), replace(_RATE, tolerance=0.0))
        ),
        80.63,
        "a good plan with three rules that hold honest invoices",
    ),
    "without the register": Attempt(
        CheckPlan(tuple(rule for rule in REFERENCE.rules if rule.kind != "register")), 91.83, "misses the changed IBAN"
    ),
    "answers of another lab": Attempt(
        {"format": 1, "lab": "ledger-sharing", "kit": "redaction", "answer": {}}, 0, "the wrong file", ungraded=True
    ),
    "a made-up rule": Attempt(
        {
            "format": 1,
            "lab": "invoice-checks",
            "kit": "validation",
            "answer": {"rules": [{"kind": "always_right", "field": "x"}]},
        },
        0,
        "a kind of rule that does not exist",
        ungraded=True,
    ),
}
