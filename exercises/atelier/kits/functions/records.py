"""Records of the functions kit: what learners are to write, and calls with what they must return."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Function:
    """A function that learners write.

    call        how it is called, such as "sample_size(share, width)"
    says        what it returns, in one sentence
    tolerance   how far a number may be off, absolutely or as a share of the expected one, whichever is more
    """

    name: str
    call: str
    says: str
    tolerance: float = 1e-6


@dataclass(frozen=True, slots=True)
class FunctionSetup:
    """What a lab fixes."""

    functions: tuple[Function, ...]


@dataclass(frozen=True, slots=True)
class FunctionCase:
    """One call and what it must return. `kind` names what makes it treacherous; "" is the ordinary case."""

    id: str
    function: str
    args: tuple[Any, ...]
    expected: Any
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Functions:
    """The learner's functions by name. Data cannot hold them, so `answers.json` never does."""

    found: dict[str, Callable[..., Any]] = field(default_factory=dict)
