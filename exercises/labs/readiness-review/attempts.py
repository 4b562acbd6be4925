"""Reviews, from applause to care, with what each must earn of 100."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from random import Random

from atelier.kits.decisions.records import Decision, DecisionCase, DecisionTable, Question
from grader import catalog, labcheck, sheets
from grader.model import Attempt

_LAB = catalog.lab_at(Path(__file__).parent)
_CASES: tuple[DecisionCase, ...] = catalog.hidden_cases(_LAB, labcheck.SECRET)
_OTHERS: tuple[DecisionCase, ...] = catalog.hidden_cases(_LAB, "last cohort")
_by = partial(sheets.table, _CASES, _LAB.setup)
_random = Random(7)
_CHOICES = {q.id: [option.id for option in q.choices] for q in _LAB.setup.questions}


def _same(phase: str, decision: str, *proofs: str) -> DecisionTable:
    return _by(lambda question, _c, _p: {"phase": (phase,), "decision": (decision,), "proofs": proofs}[question.id])


def _enthusiast(question: Question, case: DecisionCase, place: int) -> tuple[str, ...]:
    """Read the proofs, and extend everything all the same."""
    return ("go",) if question.id == "decision" else tuple(sheets.right(question, case, place))


def _cautious(question: Question, case: DecisionCase, place: int) -> tuple[str, ...]:
    """Read everything rightly, and hold whatever is not stopped."""
    right = tuple(sheets.right(question, case, place))
    return ("hold",) if right == ("go",) else right


REFERENCE = _by(sheets.right)

ATTEMPTS = {
    "nothing decided": Attempt(DecisionTable(), 0, "an empty table"),
    "extend everything": Attempt(_same("embedded", "go", "groups", "guardrail", "exit"), 0, "applause"),
    "hold everything": Attempt(_same("scattered", "hold", "owner", "baseline", "tests"), 0, "caution as a habit"),
    "stop everything": Attempt(_same("pilots", "stop", "list", "owner", "moved"), 0, "no"),
    "toss a die": Attempt(_by(lambda q, _c, _p: tuple(_random.sample(_CHOICES[q.id], q.picks))), 0, "chance"),
    "walk down the list": Attempt(_by(lambda q, _c, p: tuple((_CHOICES[q.id] * 3)[p : p + q.picks])), 0, "a pattern"),
    "tick all nine proofs": Attempt(_by(lambda q, _c, _p: tuple(_CHOICES[q.id])), 0, "only the first three count"),
    "last cohort's review": Attempt(sheets.table(_OTHERS, _LAB.setup, sheets.right), 0, "answers from a friend"),
    "phases of one's own": Attempt(_by(lambda _q, _c, _p: ("phase 5",)), 0, "choices that are not on offer"),
    "wrong first, right later": Attempt(
        DecisionTable((*_by(sheets.worst).decisions, *REFERENCE.decisions)), 0, "two per dossier; the first counts"
    ),
    "a flood of dossiers": Attempt(
        DecisionTable(tuple(Decision(f"c{i:02d}", answers={"decision": ("stop",)}) for i in range(400))),
        0,
        "guessing ids",
    ),
    "the worst of everything": Attempt(_by(sheets.worst), 0, "all wrong"),
    "reads the proofs, extends all the same": Attempt(_by(_enthusiast), 50, "extending what harms caps the lab"),
    "reads well, dares nothing": Attempt(_by(_cautious), 82.86, "holds what is proved"),
    "one slip in three": Attempt(_by(sheets.slips(3)), 62.57, "near misses"),
    "one slip in six": Attempt(_by(sheets.slips(6)), 80.57, "one near miss a question"),
    "decisions only": Attempt(_by(sheets.only(["decision"])), 40, "no phase, no proof named"),
    "three dossiers": Attempt(_by(sheets.first(3)), 50, "stopped half way"),
    "not a table": Attempt(
        b'{"format": 1, "lab": "readiness-review", "kit": "decisions", "answer": {"decisions": {"c01": "go"}}}',
        0,
        "broken",
        ungraded=True,
    ),
}
