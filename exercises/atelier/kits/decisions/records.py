"""Records of the decisions kit: cards to decide on, the table of decisions, and what each decision costs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. `confidence` is in per cent, 50 (a guess) to 100 (certain); None where it was not given."""

    case: str
    choice: str
    confidence: int | None = None
    reason: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """All decisions of a learner. If a case occurs twice, its first decision counts."""

    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: a decision, a reason or an owner. `id` is stored, `label` is shown."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Price:
    """What choosing `choice` costs when `truth` would have been right, per unit of a case's stake."""

    choice: str
    truth: str
    cost: float


@dataclass(frozen=True, slots=True)
class DecisionSetup:
    """What a lab fixes.

    question        asked on every card
    choices         the decisions on offer; `reasons` and `owners` may be empty, then they are not asked
    prices          cost per unit of stake; pairs that are not listed cost nothing
    unit            of a stake, such as "€"
    unacceptable    (choice, truth) pairs that cap the lab at 50
    confidence      whether each decision asks for a confidence
    clock           seconds per card that the soft clock shows; 0 for none
    cards           name of the file in `data/` that holds the graded cards, without their truth
    """

    question: str
    choices: tuple[Option, ...]
    prices: tuple[Price, ...]
    unit: str = "€"
    reasons: tuple[Option, ...] = ()
    owners: tuple[Option, ...] = ()
    unacceptable: tuple[tuple[str, str], ...] = ()
    confidence: bool = False
    clock: int = 0
    cards: str = "cards.json"


@dataclass(frozen=True, slots=True)
class Card:
    """What a learner sees of a case: the source, and what the model made of it (may be empty)."""

    id: str
    title: str
    workflow: str
    source: str
    output: str = ""


@dataclass(frozen=True, slots=True)
class DecisionCase:
    """A card with its truth. `lure` names what makes it treacherous; `stake` is in the setup's unit."""

    card: Card
    truth: str
    why: str
    lure: str = ""
    stake: float = 1.0
    reason: str = ""
    owner: str = ""
