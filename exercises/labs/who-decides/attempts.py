"""Answers to who decides, from an empty chair to a good one, with what each must earn of 100."""

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


def _committee(question: Question, case: DecisionCase, _place: int) -> tuple[str, ...]:
    return sheets.saying(question, case, "circle", "None of these", "second model")


def _pilot(question: Question, case: DecisionCase, place: int) -> tuple[str, ...]:
    if question.id == "owner":
        return sheets.saying(question, case, "only a pilot")
    return tuple(sheets.right(question, case, place))


def _alone(question: Question, case: DecisionCase, place: int) -> tuple[str, ...]:
    if question.id == "validation":
        return sheets.saying(question, case, "looks through")
    return tuple(sheets.right(question, case, place))


def _longest(question: Question, case: DecisionCase, _place: int) -> tuple[str, ...]:
    return (max(case.card.offers[question.id], key=lambda option: len(option.label)).id,)


REFERENCE = _by(sheets.right)

ATTEMPTS = {
    "nothing decided": Attempt(DecisionTable(), 0, "an empty table"),
    "always the first": Attempt(_by(sheets.position(lambda _place: 0)), 0, "a habit"),
    "walk down the list": Attempt(_by(sheets.position(lambda place: place)), 0, "a pattern"),
    "toss a die": Attempt(_by(sheets.die()), 0, "chance"),
    "the longest answer": Attempt(_by(_longest), 0, "length is no reason"),
    "last cohort's answers": Attempt(sheets.table(_OTHERS, _LAB.setup, sheets.right), 0, "answers from a friend"),
    "leave it to committees and machines": Attempt(_by(_committee), 0, "nobody in particular"),
    "names of one's own": Attempt(_by(lambda _q, _c, _p: ("the boss",)), 0, "choices that are not on offer"),
    "the worst of everything": Attempt(_by(sheets.worst), 0, "all wrong"),
    "wrong first, right later": Attempt(
        DecisionTable((*_by(sheets.worst).decisions, *REFERENCE.decisions)), 0, "two per card; the first counts"
    ),
    "a flood of cards": Attempt(
        DecisionTable(tuple(Decision(f"c{i:02d}", answers={"owner": ("a",)}) for i in range(500))), 0, "guessing ids"
    ),
    "only the data": Attempt(_by(sheets.only(["data"])), 20, "one question of four"),
    "nobody owns it": Attempt(_by(_pilot), 50, "all else right, and no owner: capped"),
    "all right, and everybody checks their own": Attempt(_by(_alone), 50, "self-approval where two must sign: capped"),
    "two of three right": Attempt(_by(sheets.slips(3)), 65.44, "near misses on the rest"),
    "seven of eight right": Attempt(_by(sheets.slips(8)), 83.77, "one slip a question"),
    "owner and check only": Attempt(_by(sheets.only(["owner", "validation"])), 60, "left the rest open"),
    "four cards": Attempt(_by(sheets.first(4)), 50, "stopped half way"),
    "not a table": Attempt(
        b'{"format": 1, "lab": "who-decides", "kit": "decisions", "answer": {"decisions": [[]]}}',
        0,
        "broken",
        ungraded=True,
    ),
}
