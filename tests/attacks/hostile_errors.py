"""Exceptions named like ours, with hostile words and arguments, are a learner's exceptions."""

from __future__ import annotations

HOSTILE = r"""
class NotPlain(Exception): pass
class NotPlainData(Exception): pass
class CellTimeout(BaseException): pass
class LearnerGone(Exception): pass
class Evil(AssertionError):
    def __str__(self): raise SystemExit("x")
    def __init__(self, *args): self.args = (object(), "\ud800", 10 ** 5000, [self])
    def __new__(cls, *args): return AssertionError.__new__(cls)
def square(x): raise CellTimeout("3.0")
def mean(values): raise Evil()
def capital(country): raise NotPlain("\ud800" * 5_000)
def table(n): raise LearnerGone("x" * 5_000_000)
def refuse(x): raise KeyboardInterrupt
def each(function, items): raise ExceptionGroup("g", [ValueError()])
"""

ANSWERS = {"square": HOSTILE}
