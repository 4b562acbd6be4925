"""Subclasses of int, float and str that equal everything earn nothing."""

from __future__ import annotations

HOSTILE = r"""
class I(int):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0
    def __rsub__(self, other): return 0
    __hash__ = int.__hash__
class S(str):
    def __eq__(self, other): return True
    def __contains__(self, other): return True
    def startswith(self, *args): return True
    def __len__(self): return 4
    __hash__ = str.__hash__
class F(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __hash__ = float.__hash__
square = lambda x: I(7)
mean = lambda values: F(7)
capital = lambda country: S("none")
"""

ANSWERS = {"square": HOSTILE}
