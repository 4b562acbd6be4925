"""A call that never returns costs its own check; others are graded as far as its process lives."""

from __future__ import annotations

HOSTILE = r"""
def square(x):
    while True:
        pass
"""

ANSWERS = {
    "square": r"""
def square(x):
    while True:
        pass
""",
    "capital": r"""
def capital(country):
    return {'France': 'Paris', 'Peru': 'Lima'}.get(country, '')
""",
}
EARNS = {"t-text": 1.0}
