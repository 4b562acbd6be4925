"""Records of the testing kit: a suite of tests, the workflow that it tests, and the assistants under test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

# Texts by language id, such as {"en": "Hello", "fr": "Bonjour"}.
Texts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Expect:
    """One expected property of a reply: the id of an offer, and the value chosen where the offer has choices."""

    offer: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """One test: a message, how often it is sent, and what must hold of the replies.

    parts       part id -> option id: what the message is built from; a part that is left out takes its first option
    repeats     number of conversations, each with another customer of the order table
    expects     all of them must hold of a reply
    threshold   per cent of the conversations in which they must
    """

    parts: dict[str, str] = field(default_factory=dict)
    repeats: int = 1
    expects: tuple[Expect, ...] = ()
    threshold: int = 100


@dataclass(frozen=True, slots=True)
class TestSuite:
    """A learner's tests, in order. `sample` answers the setup's question on the number of conversations; 0 while open."""

    tests: tuple[Trial, ...] = ()
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Language:
    """A language that customers write in.

    id       stored in the answer, and the key of every text
    words    frequent words by which a reply's language is told
    mail     the message around its parts; {part id} stands for the text of the option chosen
    cite     the sentence that names an article; replies hold it as {cite}
    comma    whether amounts are written with a decimal comma
    """

    id: str
    words: tuple[str, ...]
    mail: str
    cite: str
    comma: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """What a part of the message can be.

    id      stored in the answer
    label   shown to the learner
    text    language -> what it puts into the message; may name columns of the order table in braces
    order   whose order the message speaks of: "own", "other" for another customer's, or "" for none
    """

    id: str
    label: str
    text: Texts = field(default_factory=dict)
    order: Literal["", "own", "other"] = ""


@dataclass(frozen=True, slots=True)
class MessagePart:
    """A part of the message, and what it can be. The part "language" is required: its options are the languages.

    id        the name under which a language's mail places it
    label     shown to the learner
    options   the first one is the plain case
    """

    id: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the order table. All cells are text.

    id        the name that texts use in braces
    label     shown to the learner
    private   whether its cell gives a customer away, so that no one else may read it
    """

    id: str
    label: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """What the desk replies in a situation. The first move whose `when` fits the message is taken.

    id       its name
    when     part id -> the options it is for; a part that is not listed may be anything
    values   what stands for further names in braces, such as the article or the amount
    text     language -> wordings, of which one is drawn
    """

    id: str
    when: dict[str, tuple[str, ...]]
    values: dict[str, str]
    text: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that an offer can be given: what is stored, and what is shown."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A property that tests may expect of a reply.

    id        stored in the answer
    kind      "says": holds one of `phrases`; "lacks": holds none of them; "number": all that `pattern` finds is the
              chosen value, at least once; "amount": the same for the chosen column of the customer's order, or for nothing
              at all if the value is "none"; "own": nothing of another customer's order is named; "language": written in
              the language of the message; "words": not longer than the chosen number of words
    label     shown to the learner
    says      what it means, in a sentence
    phrases   for says and lacks; upper and lower case are the same
    pattern   for number and amount; a regular expression with one group
    choices   what the learner chooses from
    """

    id: str
    kind: Literal["says", "lacks", "number", "amount", "own", "language", "words"]
    label: str
    says: str
    phrases: tuple[str, ...] = ()
    pattern: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class TestSetup:
    """What a lab fixes: how a message is built, what the desk rightly replies, and which properties are on offer.

    parts               what a message is built from
    languages           the languages of messages and replies
    columns             the order table's columns; its rows come with each assistant
    customer            the column that holds the customer's name
    moves               the desk's right replies
    offers              the properties that tests may expect
    policy              name of the file in `data/` that holds the desk's rules
    most_tests          tests beyond it are not run
    most_conversations  the budget of all tests together; what exceeds it is not run
    margin              the precision that the question on the sample asks for, as a share
    """

    parts: tuple[MessagePart, ...]
    languages: tuple[Language, ...]
    columns: tuple[Column, ...]
    customer: str
    moves: tuple[Move, ...]
    offers: tuple[Offer, ...]
    policy: str = "policy.txt"
    most_tests: int = 20
    most_conversations: int = 400
    margin: float = 0.10


@dataclass(frozen=True, slots=True)
class Quirk:
    """How an assistant departs from the desk's right reply.

    when     part id -> the options at which it may happen; empty: always
    chance   in which share of those conversations it does
    reads    part id -> the option that the assistant takes the message for
    values   overrides of the move's values
    text     language -> a reply in place of the move's
    adds     language -> a sentence put at the end
    """

    when: dict[str, tuple[str, ...]] = field(default_factory=dict)
    chance: float = 1.0
    reads: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    text: Texts = field(default_factory=dict)
    adds: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bot:
    """An assistant under test: a deterministic program of ours that replies to (message, seed) as an assistant would.

    name     what learners call it
    kind     what is wrong with it, or "" for the honest one
    seed     makes its draws its own
    orders   the order table that it works with, cells in the setup's columns
    quirks   its departures; the honest one may have harmless ones
    """

    name: str
    kind: str
    seed: int
    orders: tuple[tuple[str, ...], ...]
    quirks: tuple[Quirk, ...] = ()
