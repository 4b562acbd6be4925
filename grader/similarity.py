"""Which answers of different learners are more alike than chance: advice on whom to talk with, never a verdict.

The measure is simple, so that a trainer can explain it. An answer is taken apart into *features*: for code, runs of
five tokens with all names and constants made alike (k-grams, as in Schleimer, Wilkerson & Aiken, "Winnowing", 2003, here
without the sampling), for forms each entry, longer texts as runs of five words. A feature is *rare* if few learners have it; what
was released to all, and what most found, counts for nothing. Two answers are alike by the share of rare features of the one that has
fewer that stand in the other as well. Whoever worked in a pair, or from one hint, will show up too: ask first.
"""

from __future__ import annotations

import io
import keyword
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

RUN = 5  # tokens or words in a feature
FEWEST = 6  # learners; among fewer everything is rare
SHARED = 6  # rare features that two answers must share to be named
SHARE = 0.6  # of the rare features of the one that has fewer
_COMMON = 0.1  # share of learners up to which a feature is rare
_CROWD = 40  # learners that may share a feature and still be paired by it


@dataclass(frozen=True, slots=True)
class Alike:
    """Two answers to one lab: how much they share of what few others have.

    shared   rare features in both
    of       rare features of the answer that has fewer
    """

    lab: str
    one: str
    other: str
    shared: int
    of: int

    @property
    def share(self) -> float:
        """Return shared / of, 0 to 1."""
        return self.shared / self.of if self.of else 0.0


def alike(lab: str, answers: Mapping[str, frozenset[str]], released: frozenset[str] = frozenset()) -> tuple[Alike, ...]:
    """Return pairs of learners whose answers (learner -> features) share most of what few others have, most alike first.

    `released` are features that everybody was given. Among fewer than FEWEST learners nothing is said.
    """
    if len(answers) < FEWEST:
        return ()
    own = {learner: features - released for learner, features in answers.items()}
    counts = Counter(feature for features in own.values() for feature in features)
    most = max(2, int(len(answers) * _COMMON))
    rare = {learner: frozenset(f for f in features if counts[f] <= most) for learner, features in own.items()}
    holders: dict[str, list[str]] = defaultdict(list)
    for learner, features in sorted(rare.items()):
        for feature in features:
            holders[feature].append(learner)
    shared = Counter(pair for found in holders.values() if len(found) <= _CROWD for pair in combinations(found, 2))
    pairs = (Alike(lab, a, b, n, min(len(rare[a]), len(rare[b]))) for (a, b), n in shared.items() if n >= SHARED)
    return tuple(sorted((p for p in pairs if p.share >= SHARE), key=lambda p: (-p.share, -p.shared, p.one, p.other)))


def code(source: str) -> frozenset[str]:
    """Return the features of Python code: runs of tokens, names and constants made alike. Broken code gives what it can."""
    return frozenset(_runs(list(_tokens(source))))


def _tokens(source: str) -> Iterator[str]:
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING)
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in skipped or token.type == tokenize.ENDMARKER:
                continue
            alike = {tokenize.NAME: _name(token.string), tokenize.NUMBER: "0", tokenize.STRING: "''"}
            yield alike.get(token.type, token.string)
    except (tokenize.TokenError, SyntaxError):
        return


def _name(text: str) -> str:
    return text if keyword.iskeyword(text) else "n"


def _runs(parts: list[str]) -> Iterator[str]:
    for start in range(len(parts) - RUN + 1):
        yield " ".join(parts[start : start + RUN])


def form(answer: Any) -> frozenset[str]:
    """Return the features of a form's answer (plain data): each entry, and longer texts as runs of words."""
    return frozenset(_entries(answer, ""))


def _entries(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        # A row of a list is one entry as a whole: a rule is its parameters together.
        yield f"{path}{{{', '.join(f'{k}={v!r:.80}' for k, v in sorted(value.items()) if not isinstance(v, Mapping | list))}}}"
        for key, item in value.items():
            if isinstance(item, Mapping | list) or (isinstance(item, str) and len(item.split()) > RUN):
                yield from _entries(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _entries(item, f"{path}[]")
    elif isinstance(value, str):
        words = value.casefold().split()
        yield from (f"{path}: {run}" for run in _runs(words)) if len(words) > RUN else (f"{path}: {' '.join(words)}",)
    else:
        yield f"{path}: {value!r:.80}"
