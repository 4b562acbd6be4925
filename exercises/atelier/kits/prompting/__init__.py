"""The prompting kit: a prompt as data, judged by what a real model does with it on documents nobody has seen."""

from atelier.kits.base import Kit
from atelier.kits.prompting import scoring
from atelier.kits.prompting.card import card
from atelier.kits.prompting.records import PromptCase, PromptSetup, PromptSpec

KIT = Kit(
    name="prompting",
    title="Prompting",
    answer=PromptSpec,
    setup=PromptSetup,
    case=PromptCase,
    parts=scoring.PARTS,
    score=scoring.score,
    form="atelier.kits.prompting.form:PromptBench",
    requests=scoring.requests,
    problems=scoring.problems,
    card=card,
)
