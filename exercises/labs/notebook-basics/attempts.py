"""What can go wrong on a page where nothing can go wrong."""

from __future__ import annotations

from atelier.kits.decisions.records import Decision, DecisionTable
from grader.model import Attempt

_RIGHT = {"c-save": "leave", "c-wrong": "change", "c-data": "ask"}


def _table(**given: str) -> DecisionTable:
    return DecisionTable(tuple(Decision(f"c-{name}", choice) for name, choice in given.items()))


REFERENCE = DecisionTable(tuple(Decision(card, choice) for card, choice in _RIGHT.items()))

ATTEMPTS = {
    "nothing decided": Attempt(DecisionTable(), 0, "an empty table"),
    "all wrong": Attempt(_table(save="ask", wrong="leave", data="change"), 0, "three wrong ones"),
    "always the first": Attempt(
        _table(save="leave", wrong="leave", data="leave"), 0, "one choice for all is no decision"
    ),
    "always ask": Attempt(_table(save="ask", wrong="ask", data="ask"), 0, "one choice for all is no decision"),
    "unknown cards": Attempt(
        DecisionTable((Decision("c-none", "leave"), Decision("", "ask"))), 0, "cards that do not exist"
    ),
    "only the warm-up": Attempt(DecisionTable((Decision("w-hello", "leave"),)), 0, "the deck is untouched"),
    "an empty file": Attempt(b"", 0, "nothing in it", ungraded=True),
    "half a file": Attempt(b'{"format": 1, "lab": "notebook-ba', 0, "cut off", ungraded=True),
    "a list": Attempt([1, 2, 3], 0, "JSON, but no answer", ungraded=True),
    "another lab's answers": Attempt(
        {"format": 1, "lab": "send-or-hold", "kit": "decisions"}, 0, "the wrong file", ungraded=True
    ),
    "a megabyte": Attempt(b" " * 1_000_000, 0, "too large", ungraded=True),
    "one decided": Attempt(_table(save="leave"), 0, "one right, two open"),
    "two right": Attempt(_table(save="leave", wrong="change", data="leave"), 50, "two right, and one that hurts"),
    "two right, one open": Attempt(_table(save="leave", wrong="change"), 50, "stopped before the last card"),
}
