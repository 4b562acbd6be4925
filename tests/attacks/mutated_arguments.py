"""A function may change a list of the check in place, as in Python; it earns nothing by it."""

from __future__ import annotations

HOSTILE = r"""
def mean(values):
    values[:] = [2, 2, 2]
    return 2
def each(function, items):
    items.clear()
    return items
"""

ANSWERS = {"square": HOSTILE}
