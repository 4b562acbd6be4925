"""Text that takes a check's code for ever is given up, and the rest is graded."""

from __future__ import annotations

HOSTILE = r"""
capital = lambda country: "P" + "a" * 1_000_000
mean = lambda values: range(10 ** 15)
square = lambda x: {"a": [[["x"] * 1000] * 100] * 10}
"""

ANSWERS = {"square": HOSTILE}
