"""The same way of deciding on another deck: how an author learns whether a lab scores it alike in every cohort. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from atelier.kits.decisions import scoring
from atelier.kits.decisions.records import Decision, DecisionCase, DecisionSetup, DecisionTable, Question


def carry(
    table: DecisionTable, cases: Sequence[DecisionCase], others: Sequence[DecisionCase], setup: DecisionSetup
) -> DecisionTable:
    """Return the decisions on `others` of somebody who decided `table` on `cases`.

    Every new card stands for the old card with the same truth and the same rank by stake, and is decided as that one was: as
    many decisions are right, on as dear cards as the new deck has. So a difference in score is the deck's, not the learner's
    luck with it. Reasons and owners that were right stay right. Of several questions each is carried over by itself.
    """
    taken = scoring.decided(table, cases)
    if setup.questions:
        return _carry_questions(taken, cases, others, setup)
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


def _carry_questions(
    taken: Mapping[str, Decision],
    cases: Sequence[DecisionCase],
    others: Sequence[DecisionCase],
    setup: DecisionSetup,
) -> DecisionTable:
    answers: dict[str, dict[str, tuple[str, ...]]] = {case.card.id: {} for case in others} if taken else {}
    for question in setup.questions if taken else ():
        for case, like in _alike(question, cases, others):
            picked = taken[like.card.id].answers.get(question.id, ()) if like.card.id in taken else ()
            if picked:
                answers[case.card.id][question.id] = _same(picked, question, like, case)
    return DecisionTable(tuple(Decision(name, answers=given) for name, given in answers.items() if given))


def _alike(
    question: Question, cases: Sequence[DecisionCase], others: Sequence[DecisionCase]
) -> list[tuple[DecisionCase, DecisionCase]]:
    """Return each of `others` with the old case that it stands for: same prices of wrong choices, same place among those."""
    found = []
    for prices in dict.fromkeys(_prices(question, case) for case in others):
        new = [case for case in others if _prices(question, case) == prices]
        old = [case for case in cases if _prices(question, case) == prices] or list(cases)
        found += [(case, old[place * len(old) // len(new)]) for place, case in enumerate(new)]
    return found


def _prices(question: Question, case: DecisionCase) -> tuple[tuple[float, bool], ...]:
    return tuple((price, grave) for price, grave, _ in _ranked(question, case))


def _ranked(question: Question, case: DecisionCase) -> list[tuple[float, bool, str]]:
    """Return the choices as (price, whether nobody may take it, id), the best first."""
    truth = case.truths[question.id]
    ids = [option.id for option in scoring.offered(question, case)]
    priced = ((scoring.loss((name,), question, case), name in truth.never, name) for name in ids)
    return sorted(priced, key=lambda found: (found[0], found[1], found[2] not in truth.choices))


def _same(picked: tuple[str, ...], question: Question, like: DecisionCase, case: DecisionCase) -> tuple[str, ...]:
    """Return the choices of `case` that stand where `picked` stood among those of `like`; unknown ones stay unknown."""
    places = {name: place for place, (_, _, name) in enumerate(_ranked(question, like))}
    now = [name for _, _, name in _ranked(question, case)]
    return tuple(now[min(places[name], len(now) - 1)] if name in places else name for name in picked)
