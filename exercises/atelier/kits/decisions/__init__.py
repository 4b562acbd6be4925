"""The decisions kit: cards decided one by one, judged by what the decisions cost and how well the confidence fits."""

from atelier.kits.base import Kit
from atelier.kits.decisions import scoring
from atelier.kits.decisions.card import card
from atelier.kits.decisions.carry import carry
from atelier.kits.decisions.records import DecisionCase, DecisionSetup, DecisionTable

KIT = Kit(
    name="decisions",
    title="Decisions",
    answer=DecisionTable,
    setup=DecisionSetup,
    case=DecisionCase,
    parts=scoring.PARTS,
    own_parts=scoring.own_parts,
    score=scoring.score,
    form="atelier.kits.decisions.form:DecisionForm",
    problems=scoring.problems,
    carry=carry,
    card=card,
)
