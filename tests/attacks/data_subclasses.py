"""Subclasses of dict, list and DataFrame that agree with everything earn nothing."""

from __future__ import annotations

HOSTILE = r"""
import pandas as pd
class L(list):
    def __eq__(self, other): return True
    __hash__ = None
class T(pd.DataFrame):
    def equals(self, other): return True
    columns = ["n", "square"]
each = lambda f, items: [f(item) for item in items] and L([0])
table = lambda n: T()
square = type("D", (dict,), {"__eq__": lambda s, o: True})
"""

ANSWERS = {"square": HOSTILE}
