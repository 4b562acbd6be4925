"""Numbers that are too long, or too large to be calculated with, are refused."""

from __future__ import annotations

HOSTILE = r"""
from decimal import Decimal
from fractions import Fraction
square = lambda x: 10 ** 200000
mean = lambda values: Decimal("1E+999999999")
capital = lambda country: Fraction(1, 10 ** 100000)
table = lambda n: range(10 ** 18)
"""

ANSWERS = {"square": HOSTILE}
