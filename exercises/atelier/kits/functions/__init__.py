"""The functions kit: Python functions over plain data, judged by how many cases they get right, kind by kind."""

from atelier.kits.base import Kit
from atelier.kits.functions import scoring
from atelier.kits.functions.card import card
from atelier.kits.functions.records import FunctionCase, Functions, FunctionSetup

KIT = Kit(
    name="functions",
    title="Functions",
    answer=Functions,
    setup=FunctionSetup,
    case=FunctionCase,
    parts=(),
    score=scoring.score,
    form="",
    problems=scoring.problems,
    card=card,
    code=scoring.answer,
    explain=scoring.explain,
    own_parts=lambda setup: tuple(function.name for function in setup.functions),
)
