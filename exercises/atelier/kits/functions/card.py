"""The functions as they were written, for the "take to work" card."""

from __future__ import annotations

from collections.abc import Sequence

from atelier.kits.base import Passage
from atelier.kits.functions import scoring
from atelier.kits.functions.records import FunctionCase, Functions, FunctionSetup
from atelier.kits.source import written


def card(given: Functions, cases: Sequence[FunctionCase], setup: FunctionSetup) -> tuple[Passage, ...]:
    """Return the functions' code in the lab's order, and how many practice calls they get right."""
    functions = [given.found[function.name] for function in setup.functions if function.name in given.found]
    if not functions:
        return ()
    right, n = scoring.tally(given, cases, setup)
    line = f"On the practice cases, {right} of {n} calls return what they must."
    return (Passage("My functions", (line,), written(functions)),)
