"""Readings of the logs, from the slide's to a careful one, with what each must earn of 100."""

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


def _slide(question: Question, case: DecisionCase, _place: int) -> tuple[str, ...]:
    """Believe the slide: faster, by the tool's clock, as the supplier promises, and thirty or so cases."""
    if question.id == "verdict":
        return ("better",)
    return sheets.saying(question, case, "timed by the tool", "supplier", "Satisfaction", "1,000")


def _fluent(question: Question, case: DecisionCase, _place: int) -> tuple[str, ...]:
    """Call every log a gain, and get everything else right."""
    return ("better",) if question.id == "verdict" else tuple(sheets.right(question, case))


def _doubter(question: Question, case: DecisionCase, _place: int) -> tuple[str, ...]:
    """Doubt whatever is a gain, and get everything else right."""
    right = tuple(sheets.right(question, case))
    return ("few",) if right == ("better",) else right


def _average(question: Question, case: DecisionCase, _place: int) -> tuple[str, ...]:
    """Steer by one average over all kinds, in the first month, as long as it includes checking."""
    if question.id in ("kpi", "target"):
        return sheets.saying(question, case, "as one average", "on average, in the first month")
    return tuple(sheets.right(question, case))


def _length(question: Question, case: DecisionCase, longest: bool) -> tuple[str, ...]:
    offers = case.card.offers.get(question.id) or question.choices
    return (sorted(offers, key=lambda option: len(option.label))[-1 if longest else 0].id,)


REFERENCE = _by(sheets.right)

ATTEMPTS = {
    "nothing decided": Attempt(DecisionTable(), 0, "an empty table"),
    "always the first": Attempt(_by(sheets.position(lambda _place: 0)), 0, "a habit"),
    "walk down the list": Attempt(_by(sheets.position(lambda place: place)), 14.81, "a pattern"),
    "toss a die": Attempt(_by(sheets.die()), 0, "chance"),
    "the longest answer": Attempt(_by(lambda q, c, _p: _length(q, c, True)), 0, "length is no reason"),
    "the shortest answer": Attempt(_by(lambda q, c, _p: _length(q, c, False)), 0, "nor is brevity"),
    "believe the slide": Attempt(_by(_slide), 0, "applause"),
    "last cohort's answers": Attempt(sheets.table(_OTHERS, _LAB.setup, sheets.right), 0, "answers from a friend"),
    "words of one's own": Attempt(_by(lambda _q, _c, _p: ("faster",)), 0, "choices that are not on offer"),
    "the worst of everything": Attempt(_by(sheets.worst), 0, "all wrong"),
    "wrong first, right later": Attempt(
        DecisionTable((*_by(sheets.worst).decisions, *REFERENCE.decisions)), 0, "two per log; the first counts"
    ),
    "a flood of logs": Attempt(
        DecisionTable(tuple(Decision(f"c{i:02d}", answers={"verdict": ("mix",)}) for i in range(400))),
        0,
        "guessing ids",
    ),
    "one formula": Attempt(_by(sheets.only(["sample"])), 15, "only the number of cases"),
    "good figures, every log a gain": Attempt(_by(_fluent), 50, "reads no log"),
    "doubts every gain": Attempt(_by(_doubter), 86, "caution where the proof is there"),
    "one average, first month": Attempt(_by(_average), 74.90, "checking included, kinds mixed"),
    "reads the logs only": Attempt(_by(sheets.only(["verdict"])), 35, "no figure, no target"),
    "one slip in three": Attempt(_by(sheets.slips(3)), 66.09, "near misses"),
    "one slip in six": Attempt(_by(sheets.slips(6)), 83.48, "one near miss a question"),
    "three logs": Attempt(_by(sheets.first(3)), 50, "stopped half way"),
    "not a table": Attempt(
        b'{"format": 1, "lab": "kpi-baseline", "kit": "decisions", "answer": {"decisions": ["c01"]}}',
        0,
        "broken",
        ungraded=True,
    ),
}
