"""Callbacks that call back without end are cut off."""

from __future__ import annotations

HOSTILE = r"""
def each(function, items):
    class Loop(list): pass
    def again(item):
        return function(again)
    return [function(function) and again(again) for item in items] or each(function, items)
def refuse(x):
    return refuse
"""

ANSWERS = {"square": HOSTILE}
