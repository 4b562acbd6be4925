"""Sorted papers, from careless to careful, with what each must earn of 100."""

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


def _same(is_a: str, channel: str) -> DecisionTable:
    return _by(lambda question, _case, _place: ({"class": is_a, "channel": channel}[question.id],))


def _by_the_stamp(question: Question, case: DecisionCase, _place: int) -> tuple[str, ...]:
    """Believe what is written on the paper: a stamp, a lawyer, an NDA; else it is business."""
    text = case.card.source.lower()
    stamped = any(word in text for word in ("privileged", "legal)", "counsel", "lawyer", "attorney"))
    is_a = "nda" if "nda" in text else "privileged" if stamped else "business"
    return (is_a,) if question.id == "class" else ("private-cloud" if is_a == "business" else "on-premises",)


def _stricter(question: Question, case: DecisionCase, _place: int) -> tuple[str, ...]:
    """Be right on the class, and keep everything on our own machines that may go anywhere."""
    right = case.truths[question.id].choices[0]
    return (right,) if question.id == "class" or right == "nowhere" else ("on-premises",)


def _one_leak(question: Question, case: DecisionCase, _place: int) -> tuple[str, ...]:
    """Be right everywhere, but polish one unmarked draft in a public tool."""
    first = next(c for c in _CASES if "inside" in c.truths["class"].choices)
    return ("public-cloud",) if question.id == "channel" and case is first else case.truths[question.id].choices


REFERENCE = _by(sheets.right)

ATTEMPTS = {
    "nothing decided": Attempt(DecisionTable(), 0, "an empty table"),
    "everything is business, into the private cloud": Attempt(_same("business", "private-cloud"), 0, "the middle"),
    "everything is privileged, on our own machines": Attempt(
        _same("privileged", "on-premises"), 0, "caution without thought"
    ),
    "everything is public": Attempt(_same("public", "public-cloud"), 0, "trust"),
    "into no tool": Attempt(_same("inside", "nowhere"), 0, "no"),
    "toss a die": Attempt(_by(sheets.die()), 0, "chance"),
    "walk down the list": Attempt(_by(sheets.position(lambda place: place)), 0, "a pattern"),
    "last cohort's papers": Attempt(sheets.table(_OTHERS, _LAB.setup, sheets.right), 0, "answers from a friend"),
    "choices that do not exist": Attempt(_by(lambda _q, _c, _p: ("burn it",)), 0, "words of one's own"),
    "wrong first, right later": Attempt(
        DecisionTable((*_by(sheets.worst).decisions, *REFERENCE.decisions)),
        0,
        "two decisions per card; the first counts",
    ),
    "cards that are not there": Attempt(
        DecisionTable(tuple(Decision(f"c{i}", answers={"channel": ("nowhere",)}) for i in range(300))), 0, "a flood"
    ),
    "by the stamp": Attempt(
        _by(_by_the_stamp), 0.93, "believes the footer, the lawyer on copy and the missing marking"
    ),
    "only the class": Attempt(_by(sheets.only(["class"])), 40, "names it, and sends it nowhere"),
    "all on our own machines": Attempt(_by(_stricter), 57.65, "knows what it is, and locks up what is public"),
    "half of the deck": Attempt(_by(sheets.first(12)), 50, "stopped half way"),
    "all right, but for one draft in the open": Attempt(_by(_one_leak), 50, "one leak caps the lab"),
    "three of four right": Attempt(_by(sheets.slips(4)), 52.93, "near misses on the rest"),
    "nine of ten right": Attempt(_by(sheets.slips(10)), 82.9, "a careful reader"),
    "not a table": Attempt(
        b'{"format": 1, "lab": "privilege-triage", "kit": "decisions", "answer": {"decisions": [{"answers": 3}]}}',
        0,
        "broken",
        ungraded=True,
    ),
}
