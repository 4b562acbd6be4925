"""The same way of deciding on another deck: how an author learns whether a lab scores it alike in every cohort. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from atelier.kits.decisions import scoring
from atelier.kits.decisions.records import Decision, DecisionCase, DecisionTable


def carry(table: DecisionTable, cases: Sequence[DecisionCase], others: Sequence[DecisionCase]) -> DecisionTable:
    """Return the decisions on `others` of somebody who decided `table` on `cases`.

    Every new card stands for the old card with the same truth and the same rank by stake, and is decided as that one was: as
    many decisions are right, on as dear cards as the new deck has. So a difference in score is the deck's, not the learner's
    luck with it. Reasons and owners that were right stay right.
    """
    taken = scoring.decided(table, cases)
    found = []
    for truth in dict.fromkeys(case.truth for case in others):
        new, old = (_dearest_first(c for c in deck if c.truth == truth) for deck in (others, cases))
        for place, case in enumerate(new if old else ()):
            like = old[place * len(old) // len(new)]
            if like.card.id in taken:
                found.append(_again(taken[like.card.id], like, case))
    return DecisionTable(tuple(found))


def _dearest_first(cases: Iterable[DecisionCase]) -> list[DecisionCase]:
    return sorted(cases, key=lambda case: (-case.stake, case.lure))


def _again(decision: Decision, like: DecisionCase, case: DecisionCase) -> Decision:
    return replace(
        decision,
        case=case.card.id,
        reason=case.reason if decision.reason == like.reason else decision.reason,
        owner=case.owner if decision.owner == like.owner else decision.owner,
    )
