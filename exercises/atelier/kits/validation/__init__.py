"""The validation kit: rules that stop wrong records, judged by faults caught minus false alarms."""

from atelier.kits.base import Kit
from atelier.kits.validation import code, scoring
from atelier.kits.validation.card import card
from atelier.kits.validation.records import CheckCase, CheckPlan, CheckSetup

KIT = Kit(
    name="validation",
    title="Validation",
    answer=CheckPlan,
    setup=CheckSetup,
    case=CheckCase,
    parts=scoring.PARTS,
    score=scoring.score,
    form="atelier.kits.validation.form:FaultMatrix",
    problems=scoring.problems,
    card=card,
    code=code.answer,
    explain=scoring.explain,
    example=code.example,
    grid=code.grid,
)
