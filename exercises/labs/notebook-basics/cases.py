"""Three decisions that nobody gets wrong twice, and one to practise on. They are about this page itself."""

from __future__ import annotations

from dataclasses import asdict
from random import Random
from typing import Any

from atelier.kits.decisions.records import Card, DecisionCase

_GRADED = (
    ("save", "Friday, 16:58", "You have to leave in the middle of a lab. What do you do first?",
     "Labs save by themselves after every change. The line under the form says when.", "leave", "It is saved already: close the page."),
    ("wrong", "A wrong entry", "You clicked the wrong answer in a lab. What now?",
     "Every form has an Undo button, and you may change anything until, and after, you hand in. The newest hand-in counts.", "change", "Undo it or choose again."),
    ("data", "A tempting shortcut", "A lab asks you to try a prompt. May you paste last month's real customer list to see what happens?",
     "Labs bring their own invented data. Real data stays out of exercises.", "ask", "Real data does not belong into an exercise; if in doubt, ask."),
)  # fmt: skip
_WARM_UP = (
    "hello",
    "Hello",
    "This card is for practice. The right answer is “Just carry on”.",
    "So choose it, and see what happens.",
    "leave",
    "Well done.",
)


def _case(row: tuple[str, str, str, str, str, str], prefix: str) -> DecisionCase:
    name, title, question, help_text, truth, why = row
    return DecisionCase(Card(f"{prefix}-{name}", title, "This page", question, help_text), truth, why, "", 1.0)


def cases(rng: Random, n: int, *, public: bool = False) -> list[DecisionCase]:
    """Return the first `n` cards in an order drawn by `rng`; the warm-up card for practice."""
    deck = [_case(_WARM_UP, "w")] if public else [_case(row, "c") for row in _GRADED]
    rng.shuffle(deck)
    return deck[:n]


def released(rng: Random) -> dict[str, Any]:
    """Return the graded cards as learners see them."""
    return {"cards.json": [asdict(case.card) for case in cases(rng, len(_GRADED))]}
