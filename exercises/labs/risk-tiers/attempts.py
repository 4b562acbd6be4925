"""Sorted requests, from careless to careful, with what each must earn of 100."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from atelier.kits.decisions.records import Decision, DecisionCase, DecisionTable, Question
from grader import catalog, labcheck, sheets
from grader.model import Attempt

_LAB = catalog.lab_at(Path(__file__).parent)
_CASES: tuple[DecisionCase, ...] = catalog.hidden_cases(_LAB, labcheck.SECRET)
_OTHERS: tuple[DecisionCase, ...] = catalog.hidden_cases(_LAB, "last cohort")
_by = partial(sheets.table, _CASES, _LAB.setup)


def _same(tier: str, check: str, data: str) -> DecisionTable:
    return _by(lambda question, _case, _place: ({"tier": tier, "check": check, "data": data}[question.id],))


def _stricter(question: Question, case: DecisionCase, _place: int) -> tuple[str, ...]:
    """Be right on the data, and one step stricter than needed on the rest, where there is one."""
    ids = [option.id for option in case.card.offers[question.id]]
    at = ids.index(case.truths[question.id].choices[0])
    if question.id == "data":
        return (ids[at],)
    return (ids[max(at - 1, 1)] if question.id == "tier" and at else ids[min(at + 1, 3)] if at < 3 else ids[at],)


def _one_leak(question: Question, case: DecisionCase, _place: int) -> tuple[str, ...]:
    """Be right everywhere, but send one sensitive request to the public cloud."""
    first = next(c for c in _CASES if "sensitive" in c.truths["data"].choices)
    return ("public-cloud",) if question.id == "tier" and case is first else tuple(case.truths[question.id].choices)


REFERENCE = _by(sheets.right)

ATTEMPTS = {
    "nothing decided": Attempt(DecisionTable(), 0, "an empty table"),
    "everything to the public cloud": Attempt(_same("public-cloud", "none", "public"), 0, "trust"),
    "everything on our own machines": Attempt(_same("on-premises", "each", "personal"), 0, "caution without thought"),
    "everything in the private cloud": Attempt(_same("private-cloud", "each", "personal"), 0, "the middle"),
    "forbid everything": Attempt(_same("nowhere", "no-check", "use"), 0, "no"),
    "toss a die": Attempt(_by(sheets.die()), 10.34, "chance"),
    "walk down the list": Attempt(_by(sheets.position(lambda place: place)), 0, "a pattern"),
    "last cohort's requests": Attempt(sheets.table(_OTHERS, _LAB.setup, sheets.right), 0, "answers from a friend"),
    "choices that do not exist": Attempt(_by(lambda _q, _c, _p: ("cloud nine",)), 0, "words of one's own"),
    "everything at once": Attempt(
        _by(lambda q, c, _p: tuple(o.id for o in c.card.offers[q.id])),
        0,
        "all choices on each question; the first counts",
    ),
    "wrong first, right later": Attempt(
        DecisionTable((*_by(sheets.worst).decisions, *REFERENCE.decisions)),
        0,
        "two decisions per card; the first counts",
    ),
    "cards that are not there": Attempt(
        DecisionTable(tuple(Decision(f"c{i}", answers={"tier": ("nowhere",)}) for i in range(300))), 0, "a flood"
    ),
    "only the class of the data": Attempt(_by(sheets.only(["data"])), 20, "the first question, and no decision"),
    "one step stricter throughout": Attempt(_by(_stricter), 47.26, "sees the data, and locks up more than needed"),
    "three of four right": Attempt(_by(sheets.slips(4)), 70.79, "near misses on the rest"),
    "nine of ten right": Attempt(_by(sheets.slips(10)), 91.48, "a careful reader"),
    "all right, but for one sensitive file in the open": Attempt(_by(_one_leak), 50, "one leak caps the lab"),
    "half of the deck": Attempt(_by(sheets.first(12)), 50, "stopped half way"),
    "not a table": Attempt(
        b'{"format": 1, "lab": "risk-tiers", "kit": "decisions", "answer": {"decisions": [{"answers": 3}]}}',
        0,
        "broken",
        ungraded=True,
    ),
}
