"""Cases of validation labs: half of them right, half wrong, part of both really made by the practice model."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from atelier.kits.validation.records import CheckCase

Output = dict[str, Any]
Entry = dict[str, Any]

OWN_ERROR = "the practice model's own error"


def copied(entry: Entry) -> tuple[Output, tuple[str, ...]]:
    """Return the record whose fields in "made" are the model's own, and which of them differ from the gold."""
    gold, output = entry["gold"], entry["gold"] | entry["made"]
    return output, tuple(name for name, value in gold.items() if output[name] != value)


def recorded(file: Path, odd: str, read: Callable[[Entry], tuple[Output, tuple[str, ...]]] = copied) -> list[CheckCase]:
    """Return what the practice model really made, kept in `file`, as cases; a right one is marked `odd`.

    `read` takes an entry of the file and returns the record and its wrong fields.
    """
    raw = json.loads(file.read_text(encoding="utf-8"))
    found = []
    for place, entry in enumerate(raw["cases"]):
        output, wrong = read(entry)
        tables = {name: tuple(map(tuple, rows)) for name, rows in entry.get("tables", {}).items()}
        found.append(
            CheckCase(
                id=f"m{place:02d}",
                source=entry["source"],
                output=output,
                operator=OWN_ERROR if wrong else "",
                fields=wrong,
                odd="" if wrong else odd,
                tables=tables or None,
                made_by=raw["model"],
            )
        )
    return found


def drawn(
    rng: Random,
    n: int,
    made: Sequence[CheckCase],
    faults: Sequence[str],
    odds: Sequence[str],
    draw: Callable[[int, str, str, int], CheckCase],
) -> list[CheckCase]:
    """Return `n` cases in random order, half of them right: those in `made`, and others for which kinds take turns.

    `draw` is given the place of the case, its fault ("" if it is right), its oddity ("" if it is wrong), and how often
    that kind came up before.
    """
    wrong = max(0, n // 2 - sum(bool(case.operator) for case in made))
    found = []
    for place in range(n - len(made)):
        if place < wrong:
            turn, kind = divmod(place, len(faults))
            found.append(draw(place, faults[kind], "", turn))
        else:
            turn, kind = divmod(place - wrong, len(odds))
            found.append(draw(place, "", odds[kind], turn))
    found += made
    rng.shuffle(found)
    return found
