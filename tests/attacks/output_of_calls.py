"""Output of calls is kept apart from the results, however much it is."""

from __future__ import annotations

HOSTILE = r"""
def square(x):
    print("earned 3.0" * 20_000)
    return x + 1
"""

ANSWERS = {"square": HOSTILE}
