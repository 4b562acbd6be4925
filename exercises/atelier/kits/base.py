"""What every kit has in common: parts, verdicts, and the requests a scorer may need from a model.

A kit turns an *answer* (a frozen record that a learner made in a form) and a list of *cases* into a
`Verdict`. The same pure functions serve "Check my work" on the practice cases and the grader on the hidden
ones, so a learner practises against the very measure that counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar

from atelier import records

Role = Literal["system", "user", "assistant"]
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """A chat that a scorer wants answered. `prefix` turns are shared by all cases of one answer."""

    messages: tuple[Message, ...]

    @property
    def key(self) -> str:
        """Name of the request among recorded replies: sha256 over its messages, in hex."""
        turns = [[m.role, m.content] for m in self.messages]
        return hashlib.sha256(json.dumps(turns, ensure_ascii=False).encode()).hexdigest()


def for_the_same(make: Callable[P, T]) -> Callable[P, T]:
    """Remember what `make` returned for the very objects it got last: all submissions of a cohort meet the same cases."""
    last: list[tuple[tuple[object, ...], T]] = []

    @wraps(make)
    def made(*args: P.args, **named: P.kwargs) -> T:
        given = (*args, *named.values())
        if not last or len(given) != len(last[0][0]) or any(a is not b for a, b in zip(given, last[0][0], strict=True)):
            last[:] = [(given, make(*args, **named))]
        return last[0][1]

    return made


def percent(share: float) -> str:
    """Write a share of 0 to 1 as "62 %" (the space does not break)."""
    return f"{share * 100:.0f}\N{NO-BREAK SPACE}%"


# Request key -> the model's text. A scorer that misses a reply says so; it never guesses.
Replies = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """One measured part of an answer; a check of the lab gives points for it.

    fraction   share of the points earned, 0 to 1; None where it could not be evaluated (never a zero)
    says       the result and the next step, written for the learner; names kinds of faults, never a case
    survived   the kinds of fault, leak or lure that got through, most frequent first
    n          number of cases behind the fraction
    interval   95 % interval of the fraction (or of the accuracy behind it), where one is defined
    """

    name: str
    fraction: float | None
    says: str
    survived: tuple[str, ...] = ()
    n: int = 0
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """An outcome that limits the whole lab, such as a document that leaked: points of 100, and why."""

    points: float
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All parts of an answer, in the kit's order, and the cap if one applies."""

    parts: tuple[Part, ...]
    cap: Cap | None = None

    def part(self, name: str) -> Part:
        """Return the part called `name`; KeyError if the kit has none of that name."""
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of the "take to work" card: what a learner built, in words. Everything is plain text.

    lines   one sentence or entry each
    text    what is copied as it stands, such as a prompt; may be empty
    """

    title: str
    lines: tuple[str, ...] = ()
    text: str = ""


def _no_requests(answer: Any, cases: Sequence[Any], setup: Any) -> tuple[Request, ...]:  # the protocol's names
    return ()


def _no_parts(setup: Any) -> tuple[str, ...]:  # the protocol's names
    return ()


@dataclass(frozen=True, slots=True)
class Kit:
    """A kit: its records and its pure functions.

    answer, setup, case   frozen dataclasses; JSON in files is checked against them
    parts                 names of the parts that `score` returns, in order
    own_parts             (setup) -> names of parts that a lab's own setup adds to them
    score                 (answer, cases, setup, replies) -> Verdict
    requests              (answer, cases, setup) -> model requests that `score` will look up in `replies`
    form                  dotted path "module:Class" of the widget form, imported only in a notebook
    problems              (setup, cases) -> faults of a lab's own setup, for `atelier check`
    carry                 (answer, its cases, other cases, setup) -> the same way of answering on the other cases; most answers
                          name no case and stay as they are
    card                  (answer, practice cases, setup) -> what was built, in words, for the "take to work" card
    code                  functions of a code lab by part -> the answer that `score` judges; None if the kit has forms only
    explain               (answer, practice cases, setup, part) -> for a code lab, what to look at next: call, got, expected
    example               (practice case, setup) -> for a code lab, the case as plain data, as its functions get it
    grid                  (answer, practice cases, setup) -> for a code lab, rows of text, the first a head: what each rule costs
    """

    name: str
    title: str
    answer: type
    setup: type
    case: type
    parts: tuple[str, ...]
    score: Callable[[Any, Sequence[Any], Any, Replies], Verdict]
    form: str
    requests: Callable[[Any, Sequence[Any], Any], tuple[Request, ...]] = _no_requests
    own_parts: Callable[[Any], tuple[str, ...]] = _no_parts
    problems: Callable[[Any, Sequence[Any]], list[str]] = field(default=lambda _setup, _cases: [])
    carry: Callable[[Any, Sequence[Any], Sequence[Any], Any], Any] = field(
        default=lambda answer, _cases, _others, _setup: answer
    )
    card: Callable[[Any, Sequence[Any], Any], tuple[Passage, ...]] = field(default=lambda _answer, _cases, _setup: ())
    code: Callable[[Mapping[str, Callable[..., Any]]], Any] | None = None
    explain: Callable[[Any, Sequence[Any], Any, str], tuple[str, ...]] = field(default=lambda *_given: ())
    example: Callable[[Any, Any], dict[str, Any]] = field(default=lambda case, _setup: records.dump(case))
    grid: Callable[[Any, Sequence[Any], Any], tuple[tuple[str, ...], ...]] = field(
        default=lambda _answer, _cases, _setup: ()
    )


def cut(value: object, most: int = 120) -> str:
    """Return `value` as Python writes it, ending in "…" where it is longer than `most` characters."""
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001  # a learner's own class may raise anything
        text = f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    if str(type(value).__module__).partition(".")[0] == "pandas":  # its repr does not say what it is
        text = f"a {type(value).__name__}: {' '.join(text.split())}"
    return text if len(text) <= most else f"{text[: most - 1]}…"


def raised(error: BaseException) -> str:
    """Say for its author that a function raised `error`."""
    if isinstance(error, NotImplementedError):
        return "is not written yet: replace raise NotImplementedError() and run the cell"
    try:
        says = str(error)
    except Exception:  # noqa: BLE001  # a learner's own class may raise anything
        says = ""
    return f"raised {type(error).__name__}" + (f": {says:.120}" if says else "")


def wilson(successes: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion (Wilson 1927), by default at 95 %.

    `successes` may be fractional (a macro average times n). n = 0 gives (0, 1): nothing is known.
    """
    if n <= 0:
        return 0.0, 1.0
    p = min(max(successes / n, 0.0), 1.0)
    centre = p + z * z / (2 * n)
    spread = z * ((p * (1 - p) + z * z / (4 * n)) / n) ** 0.5
    scale = 1 + z * z / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
