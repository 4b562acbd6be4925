"""Tables of decisions, from careless to careful, with what each must earn of 100."""

from __future__ import annotations

from pathlib import Path
from random import Random

from atelier.kits.decisions.records import Decision, DecisionCase, DecisionTable
from grader import catalog, labcheck
from grader.model import Attempt

_LAB = catalog.lab_at(Path(__file__).parent)
_CASES: tuple[DecisionCase, ...] = catalog.hidden_cases(_LAB, labcheck.SECRET)
_OTHERS: tuple[DecisionCase, ...] = catalog.hidden_cases(_LAB, "last cohort")
_FLIP = {"send": "hold", "hold": "send"}


def _careful(error: float, sure: int, seed: int = 1) -> DecisionTable:
    """Decide rightly but for a share `error` of the cards, always `sure` per cent confident."""
    rng = Random(seed)
    wrong = {c.card.id for c in rng.sample(_CASES, round(error * len(_CASES)))}
    return DecisionTable(
        tuple(Decision(c.card.id, _FLIP[c.truth] if c.card.id in wrong else c.truth, sure) for c in _CASES)
    )


def _all(choice: str, sure: int | None) -> DecisionTable:
    return DecisionTable(tuple(Decision(c.card.id, choice, sure) for c in _CASES))


REFERENCE = _careful(0, 100)
_random = Random(7)

ATTEMPTS = {
    "nothing decided": Attempt(DecisionTable(), 0, "an empty table"),
    "send everything": Attempt(_all("send", 75), 0, "trust"),
    "hold everything": Attempt(_all("hold", 75), 0, "distrust"),
    "hold everything, quite sure": Attempt(_all("hold", 100), 0, "distrust with conviction"),
    "alternate": Attempt(
        DecisionTable(tuple(Decision(c.card.id, ("send", "hold")[i % 2], 60) for i, c in enumerate(_CASES))),
        0,
        "a pattern",
    ),
    "toss a coin": Attempt(
        DecisionTable(tuple(Decision(c.card.id, _random.choice(("send", "hold")), 50) for c in _CASES)), 3.75, "chance"
    ),
    "last cohort's deck": Attempt(
        DecisionTable(tuple(Decision(c.card.id, c.truth, 100) for c in _OTHERS)), 0, "answers from a friend"
    ),
    "unknown choice": Attempt(_all("maybe", 100), 0, "a choice that is not on offer"),
    "send first, correct later": Attempt(
        DecisionTable((*_all("send", 100).decisions, *REFERENCE.decisions)),
        0,
        "two decisions per card; the first counts",
    ),
    "everything the wrong way round": Attempt(_careful(1, 100), 0, "all wrong, all sure"),
    "a careful reader": Attempt(_careful(0.1, 90), 79.52, "nine of ten right, and says so"),
    "a fair reader, too sure": Attempt(_careful(0.2, 100), 57.64, "eight of ten right, certain of all"),
    "right, never sure": Attempt(_careful(0, 50), 70, "all right, and no idea of it"),
    "half the deck": Attempt(DecisionTable(REFERENCE.decisions[:20]), 60.05, "stopped half way; open cards cost"),
    "not a table": Attempt(
        b'{"format": 1, "lab": "send-or-hold", "kit": "decisions", "answer": {"decisions": "all"}}',
        0,
        "broken",
        ungraded=True,
    ),
}
