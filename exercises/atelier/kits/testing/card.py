"""The suite in words, for the form and the "take to work" card. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from atelier.kits.base import Passage
from atelier.kits.testing import scoring
from atelier.kits.testing.bots import complete
from atelier.kits.testing.records import Bot, Expect, TestSetup, TestSuite, Trial

THRESHOLDS = {
    100: "every time",
    95: "19 times in 20",
    90: "9 times in 10",
    80: "8 times in 10",
    50: "5 times in 10",
}


@dataclass(frozen=True, slots=True)
class Words:
    """A test in words: what is written, what must hold of the reply, how often."""

    message: str
    expects: str
    often: str


def reads(trial: Trial, setup: TestSetup) -> Words:
    """Return `trial` as learners read it. A choice that adds nothing to the message ("nothing else") is not told."""
    chosen = complete(trial.parts, setup)
    plain = [part.options[0] for part in setup.parts if part.id != "language"]
    message = [
        option.label
        for part in setup.parts
        for option in part.options
        if option.id == chosen[part.id] and (option.text or option.order or option not in plain)
    ]
    expects = "; ".join(expected(expect, setup) for expect in trial.expects) or "nothing is expected"
    times = "conversation" if trial.repeats == 1 else "conversations"
    often = THRESHOLDS.get(trial.threshold, f"in {trial.threshold} %")
    return Words(", ".join(message), expects, f"{trial.repeats} {times}, must hold {often}")


def expected(expect: Expect, setup: TestSetup) -> str:
    """Return a property as learners read it."""
    offer = next((offer for offer in setup.offers if offer.id == expect.offer), None)
    if offer is None:
        return f"{expect.offer} (not on offer)"
    value = next((choice.label for choice in offer.choices if choice.value == expect.value), "")
    return f"{offer.label} {value}".strip()


def card(suite: TestSuite, bots: Sequence[Bot], setup: TestSetup) -> tuple[Passage, ...]:
    """Return the tests as sentences, and the sample size if one was given.

    Tests that expect the same share a sentence, so that a good suite fits the card's one sheet.
    """
    told: dict[tuple[str, str], list[str]] = {}
    for trial in scoring.affordable(suite, setup):
        words = reads(trial, setup)
        told.setdefault((words.expects, words.often), []).append(words.message)
    lines = tuple(f"{'; or '.join(messages)}: {expects} ({often})" for (expects, often), messages in told.items())
    found = [Passage("My tests: no release before all of them pass", lines)] if lines else []
    if suite.sample > 0:
        margin = f"{100 * setup.margin:.0f}"
        found.append(
            Passage("My sample", (f"{suite.sample} conversations, to know a share to within ±{margin} points at 95 %",))
        )
    return tuple(found)
