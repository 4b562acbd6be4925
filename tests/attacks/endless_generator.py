"""A generator without end is not gone through to its end."""

from __future__ import annotations

HOSTILE = r"""
def each(function, items):
    while True:
        yield 2
def table(n):
    class T:
        def __iter__(self):
            while True:
                yield "n"
        columns = property(lambda self: self)
    return T()
"""

ANSWERS = {"square": HOSTILE}
