"""Scoring of decisions: what they cost, how well the confidence fits, and the reasons and owners given. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean

from atelier.kits.base import Cap, Part, Replies, Verdict, for_the_same, percent, wilson
from atelier.kits.decisions.records import Decision, DecisionCase, DecisionSetup, DecisionTable, Option, Question, Truth

PARTS = ("cost", "calibration", "reasons", "owners")
CAP = 50
_GUESS = 0.25  # Brier score of saying 50 % to everything


def cost(choice: str, case: DecisionCase, setup: DecisionSetup) -> float:
    """Return what `choice` costs on `case`, in the setup's unit. A choice that is not on offer costs as the worst one."""
    known = {(p.choice, p.truth): p.cost for p in setup.prices}
    each = {option.id: known.get((option.id, case.truth), 0.0) for option in setup.choices}
    return each.get(choice, max(each.values(), default=0.0)) * case.stake


def amount(value: float, setup: DecisionSetup) -> str:
    """Return an amount in the setup's unit as people write it: "€ 1,200", "3 minutes"."""
    return f"{value:,.0f} {setup.unit}" if setup.unit[:1].isalpha() else f"{setup.unit} {value:,.0f}"


@for_the_same
def habit(cases: Sequence[DecisionCase], setup: DecisionSetup) -> tuple[str, float]:
    """Return the best way not to think, and its cost: the one choice for every card that costs least in all."""
    costs = {option.id: sum(cost(option.id, case, setup) for case in cases) for option in setup.choices}
    best = min(costs, key=lambda choice: costs[choice])
    return best, costs[best]


def decided(table: DecisionTable | None, cases: Sequence[DecisionCase]) -> dict[str, Decision]:
    """Return the decisions on `cases` by card id. Unknown cards are left out; the first of two counts."""
    known = {case.card.id for case in cases}
    found: dict[str, Decision] = {}
    for decision in table.decisions if table else ():
        if decision.case in known:
            found.setdefault(decision.case, decision)
    return found


def spent(taken: Mapping[str, Decision], cases: Sequence[DecisionCase], setup: DecisionSetup) -> float:
    """Return what all decisions cost together. An open card costs what the habit costs there: nobody thought about it."""
    default, _ = habit(cases, setup)
    return sum(cost(taken[c.card.id].choice if c.card.id in taken else default, c, setup) for c in cases)


def savings(taken: Mapping[str, Decision], cases: Sequence[DecisionCase], setup: DecisionSetup) -> float:
    """Return 1 - cost / cost of the habit, clipped to 0..1: taking one choice throughout earns nothing."""
    _, trivial = habit(cases, setup)
    if trivial > 0:
        return min(max(1 - spent(taken, cases, setup) / trivial, 0.0), 1.0)
    # One choice is right on every card, as on a single one for practice: nothing to save, only to get right.
    return fmean(c.card.id in taken and cost(taken[c.card.id].choice, c, setup) == 0 for c in cases)


def brier(taken: Mapping[str, Decision], cases: Sequence[DecisionCase]) -> float | None:
    """Return the mean squared error of the stated confidence, 0 to 1; None if none was stated.

    Brier (1950), for the event "this decision is right"; always saying 50 % gives 0.25.
    """
    errors = []
    for case in cases:
        decision = taken.get(case.card.id)
        if decision is not None and decision.confidence is not None:
            said = min(max(decision.confidence, 50), 100) / 100
            errors.append((said - (decision.choice == case.truth)) ** 2)
    return fmean(errors) if errors else None


def calibration(taken: Mapping[str, Decision], cases: Sequence[DecisionCase]) -> tuple[tuple[int, int, int], ...]:
    """Return (confidence in per cent, cards decided with it, those of them that are right), least sure first."""
    said, right = Counter[int](), Counter[int]()
    for case in cases:
        decision = taken.get(case.card.id)
        if decision is not None and decision.confidence is not None:
            said[decision.confidence] += 1
            right[decision.confidence] += decision.choice == case.truth
    return tuple((share, said[share], right[share]) for share in sorted(said))


def score(
    table: DecisionTable | None, cases: Sequence[DecisionCase], setup: DecisionSetup, replies: Replies
) -> Verdict:
    """Judge a table of decisions on `cases`; total for any table, the empty one earns 0."""
    taken = decided(table, cases)
    if not taken or not cases:
        return Verdict(tuple(Part(name, 0.0, "No card is decided yet.") for name in (*PARTS, *own_parts(setup))))
    if setup.questions:
        return _questions(taken, cases, setup)
    parts = (
        _cost(taken, cases, setup),
        _calibration(taken, cases, setup),
        _named("reasons", {c.card.id: c.reason for c in cases}, {i: d.reason for i, d in taken.items()}, taken, cases),
        _named("owners", {c.card.id: c.owner for c in cases}, {i: d.owner for i, d in taken.items()}, taken, cases),
    )
    grave = [c for c in cases if c.card.id in taken and (taken[c.card.id].choice, c.truth) in setup.unacceptable]
    if not grave:
        return Verdict(parts)
    label = {option.id: option.label for option in setup.choices}
    what = f"“{label.get(taken[grave[0].card.id].choice, '')}” where it must be “{label.get(grave[0].truth, '')}”"
    return Verdict(
        parts, Cap(CAP, f"{len(grave)} decision(s) that nobody may take, such as {what}. The lab is capped at {CAP}.")
    )


def _cost(taken: Mapping[str, Decision], cases: Sequence[DecisionCase], setup: DecisionSetup) -> Part:
    right = sum(c.card.id in taken and taken[c.card.id].choice == c.truth for c in cases)
    open_ = len(cases) - len(taken)
    fooled = Counter(c.lure for c in cases if c.lure and c.card.id in taken and taken[c.card.id].choice != c.truth)
    lost = spent(taken, cases, setup)
    says = f"{right} of {len(cases)} right" + (f"; the others cost {amount(lost, setup)}." if lost else ".")
    if open_:
        says += f" {open_} card(s) are still open: decide them."
    elif fooled:
        says += f" Look again for: {fooled.most_common(1)[0][0]}."
    kinds = tuple(name for name, _ in fooled.most_common())
    return Part("cost", savings(taken, cases, setup), says, kinds, len(cases), wilson(right, len(cases)))


def _calibration(taken: Mapping[str, Decision], cases: Sequence[DecisionCase], setup: DecisionSetup) -> Part:
    found = brier(taken, cases)
    if found is None:
        return Part("calibration", 0.0, "No confidence was stated; say how sure you are on each card.")
    stated = [d for d in taken.values() if d.confidence is not None]
    # Being sure of decisions that are no better than one choice for all is not knowledge, and few cards prove little.
    share = max(0.0, 1 - found / _GUESS) * min(1.0, savings(taken, cases, setup) * 2) * len(stated) / len(cases)
    said = fmean((d.confidence or 50) for d in stated)
    truths = {c.card.id: c.truth for c in cases}
    right = 100 * fmean(d.choice == truths[d.case] for d in stated)
    advice = (
        "You know what you know."
        if abs(said - right) <= 10
        else (
            "You were surer than right: lower your confidence, or hold more."
            if said > right
            else "Trust yourself more where the source is clear."
        )
    )
    says = f"On average you said {percent(said / 100)}, and were right on {percent(right / 100)}. {advice} Brier score {found:.2f}; guessing gives 0.25."
    return Part("calibration", share, says, n=len(stated))


def _named(
    name: str,
    gold: Mapping[str, str],
    given: Mapping[str, str],
    taken: Mapping[str, Decision],
    cases: Sequence[DecisionCase],
) -> Part:
    """Score reasons or owners: only where the decision itself is right, and only where the case has one."""
    asked = [c for c in cases if gold[c.card.id]]
    if not asked:
        return Part(name, 0.0, f"This lab asks for no {name}.")
    right = sum(
        c.card.id in taken and taken[c.card.id].choice == c.truth and given.get(c.card.id) == gold[c.card.id]
        for c in asked
    )
    return Part(
        name,
        right / len(asked),
        f"{right} of {len(asked)} {name} fit a right decision.",
        n=len(asked),
        interval=wilson(right, len(asked)),
    )


def own_parts(setup: DecisionSetup) -> tuple[str, ...]:
    """Return the parts that a lab's own questions make."""
    return tuple(question.id for question in setup.questions)


def offered(question: Question, case: DecisionCase) -> tuple[Option, ...]:
    """Return the choices of `question` on a case's card: its own, or those for all cards."""
    return case.card.offers.get(question.id) or question.choices


def loss(picked: Sequence[str], question: Question, case: DecisionCase) -> float:
    """Return what `picked` costs on `question` of `case`, in the setup's unit. Nothing picked costs as the worst choice.

    Of several picks each right one that is missing costs an equal share; no more than `picks` of them count.
    """
    truth = case.truths[question.id]
    if question.picks > 1:
        found = set(picked[: question.picks]) & set(truth.choices)
        return case.stake * (1 - len(found) / len(truth.choices))
    each = {option.id: _price(option.id, question, truth) for option in offered(question, case)}
    return case.stake * each.get(picked[0] if picked else "", max(each.values(), default=0.0))


def _price(choice: str, question: Question, truth: Truth) -> float:
    if choice in truth.choices:
        return 0.0
    listed = {p.choice: p.cost for p in question.prices if p.truth in truth.choices}
    return truth.costs.get(choice, listed.get(choice, 1.0))


def pattern(question: Question, cases: Sequence[DecisionCase]) -> tuple[str, ...]:
    """Return the best way not to think about `question`: the same picks on every card that cost least in all."""
    ids = dict.fromkeys(option.id for case in cases for option in offered(question, case))
    if question.picks == 1:
        return min(((name,) for name in ids), key=lambda pick: _total(pick, question, cases), default=())
    often = Counter(dict.fromkeys(ids, 0))
    often.update(choice for case in cases for choice in case.truths[question.id].choices)
    return tuple(name for name, _ in often.most_common(question.picks))


def _total(picked: Sequence[str], question: Question, cases: Sequence[DecisionCase]) -> float:
    return sum(loss(picked, question, case) for case in cases)


def _questions(taken: Mapping[str, Decision], cases: Sequence[DecisionCase], setup: DecisionSetup) -> Verdict:
    unasked = tuple(Part(name, 0.0, f"This lab asks for no {name}.") for name in PARTS)
    verdict = Verdict((*unasked, *(_question(question, taken, cases) for question in setup.questions)))
    grave = [
        truth.lure or question.asks
        for case in cases
        for question in setup.questions
        if (truth := case.truths[question.id])
        and set(truth.never).intersection(_picked(taken.get(case.card.id), question))
    ]
    if not grave:
        return verdict
    worst = Counter(grave).most_common(1)[0][0]
    why = f"{len(grave)} decision(s) that nobody may take. Look again for: {worst}. The lab is capped at {CAP}."
    return Verdict(verdict.parts, Cap(CAP, why))


def _picked(decision: Decision | None, question: Question) -> tuple[str, ...]:
    return decision.answers.get(question.id, ()) if decision else ()


def _question(question: Question, taken: Mapping[str, Decision], cases: Sequence[DecisionCase]) -> Part:
    """Score one question: 1 - cost / cost of the pattern, clipped to 0..1. What is open costs the pattern's mean."""
    trivial = _total(pattern(question, cases), question, cases)
    mean = trivial / sum(case.stake for case in cases)
    picks = {case.card.id: _picked(taken.get(case.card.id), question) for case in cases}
    open_ = sum(not picked for picked in picks.values())
    lost = [loss(picked, question, case) if (picked := picks[case.card.id]) else mean * case.stake for case in cases]
    right = sum(bool(picks[case.card.id]) and cost == 0 for case, cost in zip(cases, lost, strict=True))
    fooled = Counter(
        case.truths[question.id].lure
        for case, cost in zip(cases, lost, strict=True)
        if cost and picks[case.card.id] and case.truths[question.id].lure
    )
    share = min(max(1 - sum(lost) / trivial, 0.0), 1.0) if trivial else right / len(cases)
    says = f"{right} of {len(cases)} right."
    if open_:
        says += f" {open_} still open: decide them."
    elif fooled:
        says += f" Look again for: {fooled.most_common(1)[0][0]}."
    return Part(
        question.id, share, says, tuple(k for k, _ in fooled.most_common()), len(cases), wilson(right, len(cases))
    )


def problems(setup: DecisionSetup, cases: Sequence[DecisionCase]) -> list[str]:
    """Return what is wrong with a lab's setup: ids that do not exist, cards that occur twice, a deck without a choice."""
    found = ["two cards have the same id"] if len({c.card.id for c in cases}) < len(cases) else []
    if bool(setup.question) == bool(setup.questions):
        found.append("asks both one question and several, or none; keep `question` or `questions`")
    if not setup.questions:
        return [*found, *_problems_of_one(setup, cases)]
    for question in setup.questions:
        found += _problems_of(question, cases)
    return found


def _problems_of(question: Question, cases: Sequence[DecisionCase]) -> list[str]:
    found = []
    for case in cases:
        where = f"card {case.card.id}, {question.id}"
        truth, choices = case.truths.get(question.id), {option.id for option in offered(question, case)}
        if truth is None:
            found.append(f"{where}: no truth")
            continue
        if len(choices) < 2:
            found.append(f"{where}: fewer than two choices")
        if strange := {*truth.choices, *truth.costs, *truth.never} - choices:
            found.append(f"{where}: {', '.join(sorted(strange))} is no choice")
        if not truth.choices or (question.picks > 1 and len(truth.choices) != question.picks):
            found.append(f"{where}: {len(truth.choices)} right choices for {question.picks} picks")
        if wrong := [name for name in truth.choices if name in truth.never or truth.costs.get(name)]:
            found.append(f"{where}: {wrong[0]} is right, and costs or caps")
    if cases and not found and _total(pattern(question, cases), question, cases) == 0:
        found.append(f"{question.id}: the same picks cost nothing on any card, so they would earn everything")
    return found


def _problems_of_one(setup: DecisionSetup, cases: Sequence[DecisionCase]) -> list[str]:
    choices = {option.id for option in setup.choices}
    reasons, owners = {o.id for o in setup.reasons}, {o.id for o in setup.owners}
    found = [
        f'price for "{p.choice}"/"{p.truth}" names no choice'
        for p in setup.prices
        if not {p.choice, p.truth} <= choices
    ]
    found += [f'card {c.card.id}: the truth "{c.truth}" is no choice' for c in cases if c.truth not in choices]
    found += [f'card {c.card.id}: no reason "{c.reason}"' for c in cases if c.reason and c.reason not in reasons]
    found += [f'card {c.card.id}: no owner "{c.owner}"' for c in cases if c.owner and c.owner not in owners]
    if cases and setup.choices and habit(cases, setup)[1] == 0:
        found.append("one choice costs nothing on any card, so taking it throughout would earn everything")
    return found
