"""A check's own function that comes back as the answer is a function, not the answer."""

from __future__ import annotations

HOSTILE = r"""
def each(function, items):
    return function
"""

ANSWERS = {"square": HOSTILE}
