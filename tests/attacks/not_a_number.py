"""NaN and infinity earn nothing where they are points, and equal nothing."""

from __future__ import annotations

HOSTILE = r"""
square = lambda x: float("nan")
mean = lambda values: float("inf")
"""

ANSWERS = {"square": HOSTILE}
