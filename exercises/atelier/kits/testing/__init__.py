"""The testing kit: a suite of tests, judged by the faulty assistants it stops and the honest one it lets through."""

from atelier.kits.base import Kit
from atelier.kits.testing import scoring
from atelier.kits.testing.card import card
from atelier.kits.testing.records import Bot, TestSetup, TestSuite

KIT = Kit(
    name="testing",
    title="Testing",
    answer=TestSuite,
    setup=TestSetup,
    case=Bot,
    parts=scoring.PARTS,
    score=scoring.score,
    form="atelier.kits.testing.form:SuiteForm",
    problems=scoring.problems,
    card=card,
)
