"""Records of the decisions kit: cards to decide on, the table of decisions, and what each decision costs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. `confidence` is in per cent, 50 (a guess) to 100 (certain); None where it was not given.

    `answers` are what was picked on each of the setup's `questions`, by the question's id.
    """

    case: str
    choice: str = ""
    confidence: int | None = None
    reason: str = ""
    owner: str = ""
    answers: dict[str, tuple[str, ...]] = field(default_factory=dict)


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
class Question:
    """One of several questions on every card. What it earns is a part of its own, named by its `id`.

    id        name of the part
    asks      the question
    choices   on offer on every card; empty where each card brings its own (`Card.offers`)
    prices    cost per unit of stake; a wrong pair that is not listed costs 1
    picks     how many of the choices to pick
    """

    id: str
    asks: str
    choices: tuple[Option, ...] = ()
    prices: tuple[Price, ...] = ()
    picks: int = 1


@dataclass(frozen=True, slots=True)
class DecisionSetup:
    """What a lab fixes: one `question` for all cards, or several `questions` on each.

    question        asked on every card
    choices         the decisions on offer; `reasons` and `owners` may be empty, then they are not asked
    prices          cost per unit of stake; pairs that are not listed cost nothing
    unit            of a stake, such as "€"
    unacceptable    (choice, truth) pairs that cap the lab at 50
    confidence      whether each decision asks for a confidence
    clock           seconds per card that the soft clock shows; 0 for none
    cards           name of the file in `data/` that holds the graded cards, without their truth
    questions       asked on every card in place of `question`; each is a part of the score
    """

    question: str = ""
    choices: tuple[Option, ...] = ()
    prices: tuple[Price, ...] = ()
    unit: str = "€"
    reasons: tuple[Option, ...] = ()
    owners: tuple[Option, ...] = ()
    unacceptable: tuple[tuple[str, str], ...] = ()
    confidence: bool = False
    clock: int = 0
    cards: str = "cards.json"
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart: a value per label."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A small line chart; `unit` is that of its values."""

    title: str
    unit: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """What a learner sees of a case.

    source, output   the paper, and what the model made of it (may be empty)
    table, charts    figures under the paper; the table's first row is its head
    offers           this card's own choices, by the question's id
    """

    id: str
    title: str
    workflow: str
    source: str
    output: str = ""
    table: tuple[tuple[str, ...], ...] = ()
    charts: tuple[Chart, ...] = ()
    offers: dict[str, tuple[Option, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is right on one question of one card.

    choices   ids that are right: any of them where one is picked, all of them where several are
    why       the reason, shown on practice cards
    lure      what makes the question treacherous here
    costs     of this card's choices, per unit of stake, in place of the question's prices
    never     choices that nobody may take: one of them caps the lab at 50
    """

    choices: tuple[str, ...]
    why: str = ""
    lure: str = ""
    costs: dict[str, float] = field(default_factory=dict)
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionCase:
    """A card with its truth. `lure` names what makes it treacherous; `stake` is in the setup's unit.

    `truths` are those of the setup's `questions`, by the question's id; `truth` is the one of its `question`.
    """

    card: Card
    truth: str = ""
    why: str = ""
    lure: str = ""
    stake: float = 1.0
    reason: str = ""
    owner: str = ""
    truths: dict[str, Truth] = field(default_factory=dict)
