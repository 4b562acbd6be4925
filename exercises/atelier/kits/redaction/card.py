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
_TOLD: Mapping[str, str] = {
    "keep": "leave it",
    "mask": "take the words out",
    "drop": "drop the whole sentence",
}
FOUND: Mapping[str, str] = {"keep": "leave it", "mask": "take it out", "pseudonymise": "replace by a token"}
# Kinds of finds whose name does not say by itself what is looked for.
KINDS: Mapping[str, str] = {
    "first names with a capital": "first names with a capital letter",
    "names after a title": "names after M., Mme, Dr, Mr, Ms",
    "signatures": "from “Cordialement” to the end",
    "long numbers": "numbers of five digits or more",
    "words in capitals": "words in CAPITALS",
}


def actions(column: Column) -> Mapping[str, str]:
    """Return what can be done with a column or a told fact, beside making it coarser."""
    return _TOLD if column.told else ACTIONS


def card(plan: RedactionPlan, cases: Sequence[RedactionCase], setup: RedactionSetup) -> tuple[Passage, ...]:
    """Return what happens to each column and to each kind of find, and what the reader must still be able to do."""
    rules = {rule.column: rule for rule in plan.columns}
    finds = {rule.detector: rule.action for rule in plan.detectors}
    said = {
        column: f"{column.label}: {_says(column, rules.get(column.name, ColumnRule(column.name)))}"
        for column in setup.columns
    }
    columns = tuple(line for column, line in said.items() if not column.told)
    told = tuple(line for column, line in said.items() if column.told)
    text = tuple(f"{KINDS.get(kind, kind)}: {FOUND[finds.get(kind, 'keep')]}" for kind in setup.detectors)
    task = (f"The reader still needs: {setup.task}", f"Nobody may be narrowed down to fewer than {setup.k} people.")
    return (
        Passage("My plan, column by column", columns),
        *((Passage("What writers tell of themselves", told),) if told else ()),
        *((Passage("In free text", text),) if text else ()),
        Passage("It is good enough when", task),
    )


def _says(column: Column, rule: ColumnRule) -> str:
    if rule.action == "generalise":
        return next((step.label for step in column.steps if step.id == rule.step), "keep as it is")
    return actions(column).get(rule.action, ACTIONS[rule.action])
