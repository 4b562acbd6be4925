"""Records of the prompting kit: the prompt a learner composes, what a lab offers for it, and a case.

Everything is plain data: strings, whole numbers, true and false, and tuples and dicts of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Format = Literal["text", "amount", "date", "reference"]
Boundary = Literal["none", "quotes", "fence", "tags"]
Collision = Literal["leave", "replace", "stop"]
Missing = Literal["blank", "say", "stop"]
Abstain = Literal["", "null", "guess"]
Use = Literal["required", "allowed", "unneeded"]


@dataclass(frozen=True, slots=True)
class Output:
    """A field of the reply: its key, how its value is written, and whether it may be null."""

    name: str
    format: Format = "text"
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A document of the lab's bank with the reply that the learner wants for it.

    case     id of the document in `PromptSetup.bank`
    output   field -> value as the model should write it; None where it should abstain
    """

    case: str
    output: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class PromptSpec:
    """A prompt as data. `render` turns it and a case into chat turns.

    inputs      names of the case's fields that go into the prompt
    boundary    what marks where untrusted text begins and ends
    collision   what happens when that mark occurs inside the text
    missing     what happens when a field that should go in is absent
    abstain     what the model is told about a value that the text does not give; "" tells it nothing
    budget      most characters of untrusted text that are sent; 0 is no limit
    """

    task: str = ""
    rules: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    boundary: Boundary = "none"
    collision: Collision = "leave"
    missing: Missing = "blank"
    abstain: Abstain = ""
    budget: int = 0
    outputs: tuple[Output, ...] = ()
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """A field that the cases of a lab carry. `untrusted` text was written by somebody outside."""

    name: str
    label: str
    says: str
    use: Use
    untrusted: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A field that the task must deliver, with the format and emptiness that are right for it."""

    name: str
    label: str
    says: str
    format: Format
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class BankItem:
    """A document that learners may use as an example. They supply the right reply themselves."""

    id: str
    title: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class PromptSetup:
    """What a lab fixes.

    task_hint             an example of how to say the task, shown grey in the empty box
    max_examples          most examples that a prompt may carry
    longest               most characters that a whole prompt may have, examples included
    shortest              characters of untrusted text that a prompt must be able to carry uncut
    baseline, reference   accuracy (0 to 1) of the lab's bad and good reference prompts on the engine in use
    qualified             whether that engine passed the lab's gate; None while nobody measured
    """

    inputs: tuple[Input, ...]
    targets: tuple[Target, ...]
    bank: tuple[BankItem, ...]
    task_hint: str = ""
    max_examples: int = 6
    longest: int = 6000
    shortest: int = 600
    baseline: float | None = None
    reference: float | None = None
    qualified: bool | None = None


@dataclass(frozen=True, slots=True)
class PromptCase:
    """One document with everything the mailroom knows about it, and the right record.

    fields   input field -> text; an absent or empty one is missing
    gold     target field -> value as `normalise` writes it, or None where the prompt must abstain
    lure     what makes the document treacherous, in words that a trainer can use
    """

    id: str
    fields: dict[str, str]
    gold: dict[str, str | None]
    lure: str
