"""What to remember of one's decisions, for the "take to work" card. Pure.

The truth of the graded cards is not on the learner's side, so lures come from the practice cards.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from atelier.kits.base import Passage, percent
from atelier.kits.decisions import scoring
from atelier.kits.decisions.records import DecisionCase, DecisionSetup, DecisionTable


def card(table: DecisionTable, cases: Sequence[DecisionCase], setup: DecisionSetup) -> tuple[Passage, ...]:
    """Return the lures met, the learner's own habits, what a wrong decision costs, and what nobody may decide."""
    if not table.decisions:
        return ()
    passages = (
        Passage("Ask of each case", tuple(question.asks for question in setup.questions)),
        Passage("Watch out for", _lures(table, cases, setup)),
        Passage("My own habits", _habits(table, cases, setup)),
        Passage("What a wrong decision costs", _prices(setup)),
        Passage("Never", _never(setup)),
    )
    return tuple(passage for passage in passages if passage.lines)


def _lures(table: DecisionTable, cases: Sequence[DecisionCase], setup: DecisionSetup) -> tuple[str, ...]:
    taken = scoring.decided(table, cases)
    fooled = {c.lure for c in cases if c.card.id in taken and not c.truths and taken[c.card.id].choice != c.truth}
    fooled |= {
        case.truths[question.id].lure
        for case in cases
        for question in setup.questions
        if case.card.id in taken and scoring.loss(taken[case.card.id].answers.get(question.id, ()), question, case) > 0
    }
    found = [lure for case in cases for lure in (case.lure, *(truth.lure for truth in case.truths.values()))]
    lures = dict.fromkeys(lure for lure in found if lure)
    return tuple(
        f"{lure}{' (it got past me)' if lure in fooled else ''}"
        for lure in sorted(lures, key=lambda n: n not in fooled)
    )


def _habits(table: DecisionTable, cases: Sequence[DecisionCase], setup: DecisionSetup) -> tuple[str, ...]:
    practice = {case.card.id for case in cases}
    graded = [decision for decision in table.decisions if decision.case not in practice]
    lines = []
    if graded:
        counts = ((option.label, sum(d.choice == option.id for d in graded)) for option in setup.choices)
        said = ", ".join(f"“{label}” {n}" for label, n in counts if n)
        if said:
            lines.append(f"Cards decided: {len(graded)}. {said}.")
    sure = [d.confidence for d in table.decisions if d.confidence is not None]
    if sure:
        lines.append(f"On average I was {percent(fmean(sure) / 100)} sure. My feedback says how often I was right.")
    return tuple(lines)


def _prices(setup: DecisionSetup) -> tuple[str, ...]:
    label = {option.id: option.label for option in setup.choices}
    costly = sorted((p for p in setup.prices if p.cost > 0), key=lambda p: -p.cost)
    if len({p.cost for p in setup.prices}) == 1:
        return ()  # every mistake costs the same: nothing to remember
    return tuple(
        f"“{label.get(p.choice, p.choice)}” where “{label.get(p.truth, p.truth)}” is right: {p.cost:g} × what is at stake"
        for p in costly[:6]
    )


def _never(setup: DecisionSetup) -> tuple[str, ...]:
    label = {option.id: option.label for option in setup.choices}
    return tuple(
        f"“{label.get(choice, choice)}” where “{label.get(truth, truth)}” is right"
        for choice, truth in setup.unacceptable
    )
