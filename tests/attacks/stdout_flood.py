"""Output without end is cut; the rest is graded."""

from __future__ import annotations

HOSTILE = r"""
def square(x):
    return x * x
for number in range(3000):
    print("x" * 10_000)
import sys, os
os.write(1, b"x" * 100_000)
sys.__stdout__ and sys.__stdout__.write("y" * 100_000)
"""

ANSWERS = {"square": HOSTILE}
EARNS = {"t-square": 2.0, "t-share": 3.0}
