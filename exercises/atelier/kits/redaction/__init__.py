"""The data-handling kit: what leaves a table, judged by leaks, use, a linkage attack and consistency."""

from atelier.kits.base import Kit
from atelier.kits.redaction import scoring
from atelier.kits.redaction.card import card
from atelier.kits.redaction.records import RedactionCase, RedactionPlan, RedactionSetup

KIT = Kit(
    name="redaction",
    title="Data handling",
    answer=RedactionPlan,
    setup=RedactionSetup,
    case=RedactionCase,
    parts=scoring.PARTS,
    score=scoring.score,
    form="atelier.kits.redaction.form:LeakLens",
    problems=scoring.problems,
    card=card,
)
