"""Scoring of a test suite: faulty assistants stopped minus the honest one rejected, steadiness, and the sample size. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import fmean

from atelier.kits.base import Part, Replies, Verdict, for_the_same, percent, wilson
from atelier.kits.testing.bots import LANGUAGE, NOTHING, Desk, complete
from atelier.kits.testing.records import Bot, TestSetup, TestSuite, Trial

PARTS = ("separates", "steady", "sample")
MUTANTS = 8
DAYS = 7  # the whole suite is run so often, with other customers each day
# The honest assistant is run on more days: its rejection counts as much as all faults together.
HONEST_DAYS = 28
_ROUND_UP = 1.12  # a sample may exceed the smallest one by so much: rounding to a handy number costs nothing
_WASTE = 4.0  # at so many times the smallest sample, the answer is worth nothing
_NOTHING_YET = "There is no test yet. Build the first one."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one test found on one assistant: in how many of `n` conversations all of it held, and whether that is enough."""

    held: int
    n: int
    passes: bool


def affordable(suite: TestSuite, setup: TestSetup) -> tuple[Trial, ...]:
    """Return the tests that the lab's limits leave, in order; the last one may lose repeats."""
    left, found = setup.most_conversations, []
    for trial in suite.tests[: setup.most_tests]:
        repeats = min(max(trial.repeats, 1), left)
        if repeats <= 0:
            break
        found.append(replace(trial, repeats=repeats))
        left -= repeats
    return tuple(found)


def run(desk: Desk, bot: Bot, trial: Trial, day: int = 0) -> Outcome:
    """Run one test on one assistant."""
    talks = desk.talks(bot, trial.parts, max(trial.repeats, 1), day)
    good = sum(desk.kept(trial.expects, talks, bot))
    return Outcome(good, len(talks), good * 100 >= trial.threshold * len(talks))


def rejected(desk: Desk, bot: Bot, trials: Sequence[Trial], day: int) -> bool:
    """Return whether any of the tests rejects `bot` on `day`."""
    return any(not run(desk, bot, trial, day).passes for trial in trials)


def verdicts(desk: Desk, trials: Sequence[Trial], bots: Sequence[Bot]) -> list[tuple[Bot, list[bool]]]:
    """Return, for each assistant, whether the tests reject it on each of its days."""
    return [
        (bot, [rejected(desk, bot, trials, day) for day in range(DAYS if bot.kind else HONEST_DAYS)]) for bot in bots
    ]


def smallest_sample(margin: float) -> int:
    """Return the smallest n whose 95 % Wilson interval (Wilson 1927) is at most `margin` to either side, whatever the share.

    The widest case is a share of one half. The textbook formula 1.96² · 0.25 / margin² asks for four more.
    """
    n = 1
    while (bounds := wilson(n / 2, n))[1] - bounds[0] > 2 * margin:
        n += 1
    return n


def untried(trials: Sequence[Trial], setup: TestSetup) -> list[str]:
    """Return the labels of what no test uses yet, in the setup's order."""
    used = {item for trial in trials for item in complete(trial.parts, setup).items()}
    return [option.label for part in setup.parts for option in part.options if (part.id, option.id) not in used]


def pairs(trials: Sequence[Trial], setup: TestSetup) -> tuple[int, int]:
    """Return how many pairs of options of different parts some test tries together, and how many there are."""
    met = {pair for trial in trials for pair in combinations(complete(trial.parts, setup).items(), 2)}
    return len(met), sum(len(a.options) * len(b.options) for a, b in combinations(setup.parts, 2))


@for_the_same
def _desk(setup: TestSetup, _cases: Sequence[Bot]) -> Desk:
    """Return the desk of some assistants: what they said to one suite, they say to the next."""
    return Desk(setup)


def score(suite: TestSuite | None, cases: Sequence[Bot], setup: TestSetup, replies: Replies) -> Verdict:
    """Judge `suite` on assistants; total for any suite, the empty one earns 0."""
    sample = _sample(suite, setup)
    trials = affordable(suite, setup) if suite else ()
    if not trials:
        return Verdict((Part("separates", 0.0, _NOTHING_YET), Part("steady", 0.0, _NOTHING_YET), sample))
    found = verdicts(_desk(setup, cases), trials, cases)
    parted = separates(found)
    return Verdict((parted, _steady(found, parted.fraction or 0.0), sample))


def separates(found: Sequence[tuple[Bot, list[bool]]]) -> Part:
    """Score kill rate, averaged over kinds of fault, minus the false rejection of the honest assistant; never under 0."""
    kinds: dict[str, list[float]] = {}
    for bot, days in found:
        kinds.setdefault(bot.kind, []).append(fmean(days))
    shares = {kind: fmean(found) for kind, found in kinds.items() if kind}
    false = fmean(kinds.get("", [0.0]))
    kill = fmean(shares.values()) if shares else 0.0
    faulty = sum(bool(bot.kind) for bot, _ in found)
    missed = tuple(kind for kind, share in sorted(shares.items(), key=lambda item: item[1]) if share < 1)
    alarm = ("false rejection: the honest assistant",) if false else ()
    says = f"Stops {percent(kill)} of the faulty assistants and rejects the honest one in {percent(false)} of the runs."
    if false >= kill:
        says += " A suite that rejects whoever comes is no test: expect what the policy says, and allow the slips that it allows."
    elif false > 0.05:
        says += " Read the conversations in which the honest one fails: is the expectation wrong, or only too strict?"
    elif missed:
        says += f" Gets through most: {missed[0]}."
    return Part("separates", max(0.0, kill - false), says, missed + alarm, len(found), wilson(kill * faulty, faulty))


def _steady(found: Sequence[tuple[Bot, list[bool]]], j: float) -> Part:
    """Score whether the verdict depends on the day: worth something as far as the suite tells good from faulty."""
    same = sum(len(set(days[:DAYS])) == 1 for _, days in found)
    n = len(found)
    wavering = dict.fromkeys(bot.kind or "the honest assistant" for bot, days in found if len(set(days[:DAYS])) > 1)
    says = f"Run on {DAYS} days, the suite says the same of {same} of {n} assistants every day."
    if wavering:
        says += " More conversations make a verdict steadier, and so does a threshold away from what the assistant really does."
    elif j < 0.8:
        says += " That counts in full once the suite tells faulty from honest."
    return Part("steady", same / n * min(1.0, 1.25 * j), says, tuple(wavering), n, wilson(same, n))


def _sample(suite: TestSuite | None, setup: TestSetup) -> Part:
    n = suite.sample if suite else 0
    if n <= 0:
        return Part("sample", 0.0, "The question on the number of conversations is still open.")
    need = smallest_sample(setup.margin)
    low, high = wilson(n / 2, n)
    says = f"With {n} conversations, a share of one half is known to within ±{50 * (high - low):.0f} points at 95 %."
    if n < need:
        # The share earned falls with the width, to nothing at twice the margin.
        share = max(0.0, 2 - (high - low) / (2 * setup.margin))
        return Part("sample", share, f"{says} More are needed for ±{100 * setup.margin:.0f}.", n=n)
    if n <= need * _ROUND_UP:
        return Part("sample", 1.0, f"{says} That is enough, and hardly more than needed.", n=n)
    share = max(0.0, (_WASTE - n / need) / (_WASTE - _ROUND_UP))
    return Part(
        "sample", share, f"{says} Fewer are enough for ±{100 * setup.margin:.0f}: conversations cost reading time.", n=n
    )


def problems(setup: TestSetup, cases: Sequence[Bot]) -> list[str]:
    """Return what is wrong with a lab's setup or assistants."""
    parts = {part.id: {option.id for option in part.options} for part in setup.parts}
    columns = {column.id for column in setup.columns}
    languages = {language.id for language in setup.languages}
    found = []
    if parts.get(LANGUAGE) != languages:
        found.append('the options of the part "language" are not the languages')
    if setup.customer not in columns:
        found.append(f'no column "{setup.customer}" for the customer')
    found += [f'move "{m.id}": no text in "{name}"' for m in setup.moves for name in languages - set(m.text)]
    conditions = [(f'move "{m.id}"', m.when) for m in setup.moves]
    conditions += [(f"{bot.name}, a quirk", quirk.when) for bot in cases for quirk in bot.quirks]
    found += [
        f'{where}: no option "{option}" of "{part}"'
        for where, when in conditions
        for part, options in when.items()
        for option in options
        if option not in parts.get(part, ())
    ]
    found += [
        f'offer "{o.id}": no column "{c.value}"'
        for o in setup.offers
        if o.kind == "amount"
        for c in o.choices
        if c.value not in {*columns, NOTHING}
    ]
    found += [f"{bot.name}: an order has not {len(columns)} cells" for bot in cases if _ragged(bot, len(columns))]
    if len({bot.kind for bot in cases} - {""}) != MUTANTS:
        found.append(f"not {MUTANTS} kinds of faulty assistants among the hidden ones")
    if not any(not bot.kind for bot in cases):
        found.append("no honest assistant among the hidden ones")
    return found


def _ragged(bot: Bot, width: int) -> bool:
    return len(bot.orders) < 2 or any(len(row) != width for row in bot.orders)
