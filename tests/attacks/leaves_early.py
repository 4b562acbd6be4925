"""A process that ends itself keeps what was earned before, and earns nothing after."""

from __future__ import annotations

HOSTILE = r"""
import os
os._exit(0)
"""

ANSWERS = {
    "square": r"""
def square(x):
    return x * x
""",
    "mean": r"""
import os
def mean(values):
    os._exit(0)
""",
    "capital": r"""
def capital(country):
    return {'France': 'Paris', 'Peru': 'Lima'}.get(country, '')
""",
}
EARNS = {"t-square": 2.0}
