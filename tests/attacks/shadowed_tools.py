"""What the release imports and defines means in checks what it means in the release."""

from __future__ import annotations

HOSTILE = r"""
class close:
    def __new__(cls, *args): return True
def isclose(*args, **named): return True
class pd:
    DataFrame = lambda *args: 0
    Series = DataFrame
class math:
    isclose = lambda *args: True
right, total, seen, expected = 10, 14, [1, 2], 0
mean = lambda values: 99
"""

ANSWERS = {"square": HOSTILE}
