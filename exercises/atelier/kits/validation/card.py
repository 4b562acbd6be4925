"""The check plan in words, or the function as it was written, for the "take to work" card."""

from __future__ import annotations

from collections.abc import Sequence

from atelier.kits.base import Passage
from atelier.kits.source import written
from atelier.kits.validation import scoring
from atelier.kits.validation.code import Validator
from atelier.kits.validation.records import CheckCase, CheckPlan, CheckSetup
from atelier.kits.validation.rules import reads


def card(plan: CheckPlan | Validator, cases: Sequence[CheckCase], setup: CheckSetup) -> tuple[Passage, ...]:
    """Return the rules as sentences; fields of which the same is asked share one. Of a code lab, the code and what it does."""
    if isinstance(plan, Validator):
        does = scoring.tally(scoring.matrix(plan, cases, setup), setup.things)
        return (
            Passage(
                "My control, between the record and what follows",
                (f"On the practice cases: {does}",),
                written(plan.rules),
            ),
        )
    if not plan.rules:
        return ()
    label = {field.name: field.label for field in setup.fields}
    asked: dict[str, list[str]] = {}
    for rule in plan.rules:
        sentence, subject = reads(rule, setup), label.get(rule.field, rule.field)
        # The lines of a document, or a phrase in it, are the subject of some rules: those stand for themselves.
        alone = not sentence.startswith(f"{subject} ")
        asked.setdefault(sentence if alone else sentence.removeprefix(subject), []).append("" if alone else subject)
    lines = tuple(f"{_and(subjects)}{rest}" for rest, subjects in asked.items())
    return (Passage("My checks: if one of them fails, hold it", lines),)


def _and(subjects: Sequence[str]) -> str:
    subjects = tuple(dict.fromkeys(subjects))
    return " and ".join(filter(None, (", ".join(subjects[:-1]), subjects[-1])))
