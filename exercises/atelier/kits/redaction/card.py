"""The redaction plan in words, for the "take to work" card and the form. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from atelier.kits.base import Passage
from atelier.kits.redaction.records import Column, ColumnRule, RedactionCase, RedactionPlan, RedactionSetup

ACTIONS: Mapping[str, str] = {
    "keep": "keep as it is",
    "pseudonymise": "replace by a token",
    "mask": "blank it out",
    "drop": "drop the column",
}
FOUND: Mapping[str, str] = {"keep": "leave it", "mask": "take it out", "pseudonymise": "replace by a token"}


def card(plan: RedactionPlan, cases: Sequence[RedactionCase], setup: RedactionSetup) -> tuple[Passage, ...]:
    """Return what happens to each column and to each kind of find, and what the reader must still be able to do."""
    rules = {rule.column: rule for rule in plan.columns}
    finds = {rule.detector: rule.action for rule in plan.detectors}
    columns = tuple(
        f"{column.label}: {_says(column, rules.get(column.name, ColumnRule(column.name)))}" for column in setup.columns
    )
    text = tuple(f"{kind}: {FOUND[finds.get(kind, 'keep')]}" for kind in setup.detectors)
    task = (f"The reader still needs: {setup.task}", f"Nobody may be narrowed down to fewer than {setup.k} people.")
    return (
        Passage("My plan, column by column", columns),
        *((Passage("In free text", text),) if text else ()),
        Passage("It is good enough when", task),
    )


def _says(column: Column, rule: ColumnRule) -> str:
    if rule.action == "generalise":
        return next((step.label for step in column.steps if step.id == rule.step), "keep as it is")
    return ACTIONS[rule.action]
