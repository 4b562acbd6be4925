"""A process that takes all memory is ended; what it earned before stays."""

from __future__ import annotations

HOSTILE = r"""
def square(x):
    return x * x
def mean(values):
    taken = []
    while True:
        taken.append(bytearray(32 << 20))
"""

ANSWERS = {
    "square": r"""
def square(x):
    return x * x
""",
    "mean": r"""
taken = []
def mean(values):
    while True:
        try:
            taken.append(bytes(4096) * 256)
        except MemoryError:
            pass
""",
}
EARNS = {"t-square": 2.0}
