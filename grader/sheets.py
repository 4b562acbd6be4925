"""Tables of decisions made by a rule, for the attempts of labs that ask several questions a card.

A rule is (question, case, place of the card in the deck) -> what is picked; an empty pick leaves the question open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from atelier.kits.decisions import scoring
from atelier.kits.decisions.records import Decision, DecisionCase, DecisionSetup, DecisionTable, Question

Rule = Callable[[Question, DecisionCase, int], Sequence[str]]


def table(cases: Sequence[DecisionCase], setup: DecisionSetup, rule: Rule) -> DecisionTable:
    """Return the table of somebody who answers every question of every card by `rule`."""
    return DecisionTable(
        tuple(
            Decision(
                case.card.id,
                answers={q.id: tuple(picks) for q in setup.questions if (picks := rule(q, case, place))},
            )
            for place, case in enumerate(cases)
        )
    )


def right(question: Question, case: DecisionCase, _place: int = 0) -> Sequence[str]:
    """Pick what is right."""
    return case.truths[question.id].choices[: question.picks]


def near(question: Question, case: DecisionCase, _place: int = 0) -> Sequence[str]:
    """Miss narrowly: the wrong choice that costs least, or one wrong pick among right ones."""
    return _wrong(question, case)[0]


def worst(question: Question, case: DecisionCase, _place: int = 0) -> Sequence[str]:
    """Pick what costs most."""
    return _wrong(question, case)[-1]


def _wrong(question: Question, case: DecisionCase) -> list[tuple[str, ...]]:
    truth = case.truths[question.id].choices
    strange = [option.id for option in scoring.offered(question, case) if option.id not in truth]
    if question.picks > 1:
        return [(*truth[1:], *strange[:1]), tuple(strange[: question.picks])]
    return sorted(((name,) for name in strange), key=lambda pick: scoring.loss(pick, question, case))


def slips(every: int, slip: Rule = near) -> Rule:
    """Be right but for one answer in `every`, spread evenly over cards and questions."""
    seen: dict[str, int] = {}

    def rule(question: Question, case: DecisionCase, place: int) -> Sequence[str]:
        start = seen.setdefault(question.id, len(seen))
        return (slip if (place + start) % every == 0 else right)(question, case, place)

    return rule


def only(questions: Sequence[str], rule: Rule = right) -> Rule:
    """Answer some questions by `rule` and leave the others open."""
    return lambda question, case, place: rule(question, case, place) if question.id in questions else ()


def position(place_of: Callable[[int], int]) -> Rule:
    """Pick by place in the list alone: `place_of` a card's place in the deck."""

    def rule(question: Question, case: DecisionCase, place: int) -> Sequence[str]:
        ids = [option.id for option in scoring.offered(question, case)]
        first = place_of(place)
        return [ids[(first + i) % len(ids)] for i in range(question.picks)]

    return rule


def first(cards: int) -> Rule:
    """Be right on the first `cards` of the deck, and stop there."""
    return lambda question, case, place: right(question, case, place) if place < cards else ()


def die(seed: int = 7) -> Rule:
    """Pick one choice by chance."""
    rng = Random(seed)
    return lambda question, case, _place: (rng.choice(scoring.offered(question, case)).id,)


def saying(question: Question, case: DecisionCase, *words: str) -> tuple[str, ...]:
    """Return the first choice with one of `words` in it, in the order of `words`; without any, the first of all."""
    offers = scoring.offered(question, case)
    return (next((o.id for word in words for o in offers if word in o.label), offers[0].id),)
